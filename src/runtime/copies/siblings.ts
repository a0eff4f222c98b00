import { type Count, openSharedCounts, type SharedCounts } from "#access/shared-counts.ts";
import type { Clock } from "#time/clock.ts";

/** What the copies of a server say to each other. */
export type Word =
  | { kind: "counts"; counts: readonly Count[] }
  | { kind: "figures wanted"; id: string }
  | { kind: "figures"; id: string; figures: readonly object[] };

/** What a copy says to the process that started it, which hands it on. */
export type FromCopy = { ready: true } | { to: number | "others"; said: Word };

/** What a copy is told by it: by whom, and how many others there are. */
export type ToCopy = { from: number; others: number; said: Word } | { others: number };

/** The channel to the process that started this copy. */
export interface Channel {
  send(message: FromCopy): void;
  hear(listener: (message: ToCopy) => void): void;
}

/** The other copies of this server on its machine. */
export interface Siblings {
  counts: SharedCounts;
  /** Has the others asked for their figures answered with `own`. */
  tellFigures(own: () => Promise<readonly object[]>): void;
  /** The figures of all others that answer in time. */
  askFigures(): Promise<(readonly object[])[]>;
}

/** A copy that is too busy to answer for so long is left out, in ms. */
const PATIENCE_MS = 1_000;

export function openSiblings(channel: Channel, clock: Clock): Siblings {
  let others = 0;
  let own: () => Promise<readonly object[]> = async () => [];
  const asked = new Map<string, (figures: readonly object[]) => void>();
  const counts = openSharedCounts((told) => say("others", { kind: "counts", counts: told }), clock);

  function say(to: number | "others", said: Word): void {
    channel.send({ to, said });
  }

  channel.hear((message) => {
    others = message.others;
    if (!("said" in message)) return;
    const { said, from } = message;
    switch (said.kind) {
      case "counts":
        return counts.receive(said.counts);
      case "figures wanted":
        return void own().then((figures) => say(from, { kind: "figures", id: said.id, figures }));
      case "figures":
        return asked.get(said.id)?.(said.figures);
    }
  });

  return {
    counts,
    tellFigures(figures) {
      own = figures;
    },
    askFigures() {
      const { promise, resolve } = Promise.withResolvers<(readonly object[])[]>();
      const answers: (readonly object[])[] = [];
      const wanted = others;
      const id = crypto.randomUUID();
      const finish = () => {
        asked.delete(id);
        cancel();
        resolve(answers);
      };
      const cancel = clock.after(PATIENCE_MS, finish);
      asked.set(id, (figures) => {
        answers.push(figures);
        if (answers.length === wanted) finish();
      });
      if (wanted === 0) finish();
      else say("others", { kind: "figures wanted", id });
      return promise;
    },
  };
}
