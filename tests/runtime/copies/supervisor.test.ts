import { describe, expect, test } from "bun:test";
import type { FromCopy, ToCopy } from "#runtime/copies/siblings.ts";
import { openSupervisor, pauseAfter } from "#runtime/copies/supervisor.ts";

/** Copies that do what the test says, by a clock that it moves. */
function world(copies: number) {
  const started: Pretended[] = [];
  const timers: { at: number; run: () => void }[] = [];
  const logged: string[] = [];
  let now = 0;
  const log = (message: string) => void logged.push(message);
  const supervisor = openSupervisor({
    copies,
    start(copy, hear) {
      const exit = Promise.withResolvers<number>();
      const pretended: Pretended = { copy, hear, exit: exit.resolve, told: [], ended: [] };
      started.push(pretended);
      return {
        send: (message) => void pretended.told.push(message),
        end: (how) => void pretended.ended.push(how),
        exited: exit.promise,
      };
    },
    clock: {
      now: () => new Date(now),
      elapsedMs: () => now,
      after(ms, run) {
        timers.push({ at: now + ms, run });
        return () => undefined;
      },
    },
    log: { debug: log, info: log, warn: log, error: log },
  });
  return {
    supervisor,
    started,
    logged,
    numbers: () => started.map(({ copy }) => copy),
    /** Lets go on what waits for a copy's end. */
    settle: () => Bun.sleep(0),
    pass(ms: number) {
      now += ms;
      for (const due of timers.splice(0)) {
        if (due.at <= now) due.run();
        else timers.push(due);
      }
    },
  };
}

interface Pretended {
  copy: number;
  hear(message: FromCopy): void;
  exit(code: number): void;
  told: ToCopy[];
  ended: string[];
}

describe("a supervisor", () => {
  test("says nothing to copies that are told to stop, of which one may have ended its side already", async () => {
    const { supervisor, started, settle } = world(2);
    const run = supervisor.run();
    for (const place of [0, 1]) started[place]?.hear({ ready: true });
    const before = started.map(({ told }) => told.length);
    supervisor.stop();
    started[1]?.exit(0);
    await settle();
    expect(started.map(({ told }) => told.length)).toEqual(before);
    started[0]?.exit(0);
    expect(await run).toBe(0);
  });

  test("starts the others when the first copy is ready, and hands on what they say to each other", () => {
    const { supervisor, started, numbers } = world(3);
    void supervisor.run();
    expect(numbers()).toEqual([1]);
    started[0]?.hear({ ready: true });
    expect(numbers()).toEqual([1, 2, 3]);
    for (const copy of started.slice(1)) copy.hear({ ready: true });
    const said = { kind: "counts", counts: [] } as const;
    started[1]?.hear({ to: "others", said });
    started[2]?.hear({ to: 2, said });
    expect(started.map(({ told }) => told.filter((message) => "said" in message))).toEqual([
      [{ from: 2, others: 2, said }],
      [{ from: 3, others: 2, said }],
      [{ from: 2, others: 2, said }],
    ]);
  });

  test("ends with the code of a first copy that never was ready", async () => {
    const { supervisor, started, numbers } = world(2);
    const ended = supervisor.run();
    started[0]?.exit(1);
    expect(await ended).toBe(1);
    expect(numbers()).toEqual([1]);
  });

  test("starts a copy that died again, later each time while it dies soon, and at once when it had lived", async () => {
    const { supervisor, started, numbers, pass, settle } = world(2);
    void supervisor.run();
    started[0]?.hear({ ready: true });
    started[1]?.exit(137);
    await settle();
    pass(pauseAfter(0) - 1);
    expect(numbers()).toEqual([1, 2]);
    pass(1);
    expect(numbers()).toEqual([1, 2, 2]);
    started[2]?.exit(1);
    await settle();
    pass(pauseAfter(0));
    expect(numbers()).toEqual([1, 2, 2]);
    pass(pauseAfter(1));
    expect(numbers()).toEqual([1, 2, 2, 2]);
    pass(120_000);
    started[3]?.exit(1);
    await settle();
    pass(pauseAfter(0));
    expect(numbers()).toEqual([1, 2, 2, 2, 2]);
  });

  test("tells those that serve how many they are, whenever one begins or dies, and nothing to one that is starting", async () => {
    const { supervisor, started, settle } = world(2);
    void supervisor.run();
    started[0]?.hear({ ready: true });
    started[0]?.hear({ to: "others", said: { kind: "counts", counts: [] } });
    expect(started[1]?.told).toEqual([]);
    started[1]?.hear({ ready: true });
    started[1]?.exit(137);
    await settle();
    expect(started[0]?.told).toEqual([{ others: 0 }, { others: 1 }, { others: 0 }]);
  });

  test("waits at most a quarter of a minute before it starts a copy again", () => {
    expect([0, 1, 2, 30].map(pauseAfter)).toEqual([250, 500, 1_000, 15_000]);
  });

  test("ends its copies when it is told to, at once the second time, and starts none any more", async () => {
    const { supervisor, started, numbers, pass } = world(2);
    const ended = supervisor.run();
    started[0]?.hear({ ready: true });
    supervisor.stop();
    supervisor.stop();
    expect(started.map((each) => each.ended)).toEqual([
      ["gracefully", "at once"],
      ["gracefully", "at once"],
    ]);
    started[0]?.exit(0);
    started[1]?.exit(0);
    expect(await ended).toBe(0);
    pass(60_000);
    expect(numbers()).toEqual([1, 2]);
  });
});
