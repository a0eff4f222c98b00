import type { Log } from "#telemetry/log.ts";
import type { Clock } from "#time/clock.ts";
import type { FromCopy, ToCopy } from "./siblings.ts";

/** A process that was started as a copy of the server. */
export interface Copy {
  send(message: ToCopy): void;
  end(how: "gracefully" | "at once"): void;
  /** Resolves with its exit code. */
  readonly exited: Promise<number>;
}

export interface SupervisorParts {
  copies: number;
  /** Starts copy number `copy`, from 1, and has told what it says. */
  start(copy: number, hear: (message: FromCopy) => void): Copy;
  clock: Clock;
  log: Log;
}

/** Keeps copies of the server running, and hands on what they say to each other. */
export interface Supervisor {
  /** Resolves with the exit code when all have ended: of the first copy when that ends before it was ready. */
  run(): Promise<number>;
  /** Ends all of them; the second time at once. */
  stop(): void;
}

/** The pause before a copy that died is started again, in ms: it doubles while copies die soon after their start. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;
/** Who lived for so long has not died of its start, in ms. */
const LIVED_MS = 60_000;

/** The pause before the next start, of one that has died `deaths` times in a row soon after it was started. */
export function pauseAfter(deaths: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** deaths);
}

export function openSupervisor({ copies, start, clock, log }: SupervisorParts): Supervisor {
  const running = new Map<number, Copy>();
  /** Those that serve: one that is starting hears nothing yet. */
  const ready = new Set<number>();
  const ended = Promise.withResolvers<number>();
  let isStopping = false;
  let hasServed = false;
  let worst = 0;

  function handOn(from: number, message: FromCopy): void {
    if ("ready" in message) return begun(from);
    const others = ready.size - 1;
    for (const copy of ready) {
      const isMeant = message.to === "others" ? copy !== from : copy === message.to;
      if (isMeant) running.get(copy)?.send({ from, others, said: message.said });
    }
  }

  /** Who asks the others must not wait for one that is not there. */
  function tellHowMany(): void {
    for (const copy of ready) running.get(copy)?.send({ others: ready.size - 1 });
  }

  /** The first copy brings the schema up to date, and finds out whether the settings are right; the others follow it. */
  function begun(copy: number): void {
    ready.add(copy);
    tellHowMany();
    if (hasServed) return;
    hasServed = true;
    log.info("a copy is ready; the others follow", { copy });
    for (let next = 2; next <= copies && !isStopping; next++) launch(next, 0);
  }

  function launch(copy: number, deaths: number): void {
    const began = clock.elapsedMs();
    const process = start(copy, (message) => handOn(copy, message));
    running.set(copy, process);
    void process.exited.then((code) => {
      running.delete(copy);
      const wasReady = ready.delete(copy);
      if (isStopping || !hasServed) return settle(code);
      if (wasReady) tellHowMany();
      const hasLived = clock.elapsedMs() - began >= LIVED_MS;
      const delay_ms = pauseAfter(hasLived ? 0 : deaths);
      log.error("a copy has died and is started again", { copy, status: code, delay_ms });
      clock.after(delay_ms, () => {
        if (!isStopping) launch(copy, hasLived ? 1 : deaths + 1);
      });
    });
  }

  function settle(code: number): void {
    worst = Math.max(worst, code);
    if (running.size === 0) ended.resolve(worst);
  }

  return {
    async run() {
      launch(1, 0);
      return await ended.promise;
    },
    stop() {
      for (const process of running.values()) process.end(isStopping ? "at once" : "gracefully");
      isStopping = true;
      if (running.size === 0) ended.resolve(worst);
    },
  };
}
