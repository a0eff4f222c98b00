/** Keeps long work from holding up what else the thread has to do. */
export interface Pace {
  /** Whether it is time to rest. */
  isDue(): boolean;
  /** Lets everybody else go on; longer where others have something to do. */
  rest(): Promise<void>;
}

/** Work goes on for so long, in ms, before others have their turn. */
const SLICE_MS = 2;
/** Others have something to do where their turn takes longer than this, in ms. */
const IDLE_MS = 0.3;
/** They are left so many times as long then as the work went on: leads come first. */
const REST_FOR_WORK = 3;

export function startPace(): Pace {
  let began = performance.now();
  return {
    isDue: () => performance.now() - began >= SLICE_MS,
    async rest() {
      const ended = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      const isBusy = performance.now() - ended > IDLE_MS;
      if (isBusy) await Bun.sleep(Math.max(1, (ended - began) * REST_FOR_WORK));
      began = performance.now();
    },
  };
}
