/** Lets what suppliers have sent be read in turn, a request of each, so that one's cost is not another's wait. */
export interface Turns {
  /** Resolves when it is this supplier's turn to have so many bytes read. */
  take(supplierId: string, bytes: number): Promise<void>;
}

/** What is read before others' requests are heard again: some 60 leads of the usual size, or one of the largest. */
const BYTES_A_ROUND = 64 * 1024;

interface Waiting {
  readonly bytes: number;
  readonly go: () => void;
}

/**
 * Rounds of turns, one each time that the event loop comes by: `nextRound` calls what it is given then. Who waits for nobody does not
 * wait. Those who do are let go one of each supplier after the other, in the order in which each supplier sent them. A supplier with a
 * hundred large requests waiting delays another's next one by one of them.
 */
export function openTurns(nextRound: (begin: () => void) => void = setImmediate): Turns {
  /** In the order of whose turn it is; whoever had one goes to the end. */
  const waiting = new Map<string, Waiting[]>();
  let left = BYTES_A_ROUND;
  let isAnotherRound = false;

  function planRound(): void {
    if (isAnotherRound) return;
    isAnotherRound = true;
    nextRound(() => {
      isAnotherRound = false;
      left = BYTES_A_ROUND;
      letGo();
      if (waiting.size > 0) planRound();
    });
  }

  function letGo(): void {
    while (left > 0) {
      const [next] = waiting;
      if (next === undefined) return;
      const [supplier, queue] = next;
      const first = queue.shift();
      waiting.delete(supplier);
      if (queue.length > 0) waiting.set(supplier, queue);
      left -= first?.bytes ?? 0;
      first?.go();
    }
  }

  return {
    take(supplierId, bytes) {
      planRound();
      if (waiting.size === 0 && left > 0) {
        left -= bytes;
        return AT_ONCE;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      const queue = waiting.get(supplierId);
      if (queue === undefined) waiting.set(supplierId, [{ bytes, go: resolve }]);
      else queue.push({ bytes, go: resolve });
      return promise;
    },
  };
}

const AT_ONCE: Promise<void> = Promise.resolve();
