import type { Claimed } from "./outbox-records.ts";

/** A delivery that this server alone may attempt until its lease ends. */
export interface Held {
  readonly delivery: Claimed;
  readonly lease: Lease;
}

interface Lease {
  /** UUID. */
  readonly id: string;
  /** ms since 1970. */
  readonly endsAt: number;
}

/** What this server has to do with one recipient. */
export interface Line {
  /** Requests that are on their way to it, and places taken for those to come. */
  inFlight: number;
  /** Held, and sent as others end. */
  waiting: Held[];
  pace: Pace;
}

/** How many attempts ended within a second of the monotonic clock, and within the one before. */
interface Pace {
  readonly second: number;
  readonly ended: number;
  readonly before: number;
}

/** The most that one server holds for one recipient. */
const MOST_HELD = 500;

export function emptyLine(): Line {
  return { inFlight: 0, waiting: [], pace: { second: 0, ended: 0, before: 0 } };
}

/** The pace after an attempt that ended now; `now` in ms of the monotonic clock. */
export function quickened(pace: Pace, now: number): Pace {
  const second = Math.floor(now / 1000);
  if (second === pace.second) return { ...pace, ended: pace.ended + 1 };
  return { second, ended: 1, before: second === pace.second + 1 ? pace.ended : 0 };
}

/**
 * How many deliveries a server may hold for a recipient that takes `mostInFlight` at once: as many as went out within a second lately. So
 * a fast recipient never waits for the database, and what is held for one that stops answering is little, and given back before long.
 */
export function mostHeld({ pace }: Line, mostInFlight: number, now: number): number {
  const age = Math.floor(now / 1000) - pace.second;
  const lately = age === 0 ? Math.max(pace.ended, pace.before) : age === 1 ? pace.ended : 0;
  return Math.max(mostInFlight, Math.min(lately, MOST_HELD));
}

/** How many deliveries are held. */
export function heldBy({ inFlight, waiting }: Line): number {
  return inFlight + waiting.length;
}
