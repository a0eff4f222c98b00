import { type Failure, isShut } from "#delivery/transport/failure.ts";

const JITTER = 0.2;
/** After a 429 or a timeout: an endpoint that is overwhelmed is not helped by a second request five seconds later. */
const OVERWHELMED_SECONDS = 60;

export interface FailedAttempt {
  /** How many attempts there have been, this one included: 1 after the first. */
  readonly attempt: number;
  readonly failure: Failure;
  /** From the answer's Retry-After; null when there was none. */
  readonly retryAfterSeconds: number | null;
  /** The buyer's own; its last entry goes on until the delivery is given up, and an empty one means never again. */
  readonly schedule: readonly number[];
  readonly giveUpAt: Date;
  readonly now: Date;
  /** From 0 up to 1. */
  readonly random: number;
}

export type NextAttempt =
  | { readonly kind: "again"; readonly at: Date }
  /** It is listed, and only an operator sends it again. */
  | { readonly kind: "dead"; readonly why: "given_up" | "unclear_answer" | "mail_refused" | "too_old" }
  /** The endpoint said that it is gone, or lets nobody in: nothing more goes there until an operator says so; this delivery waits. */
  | { readonly kind: "paused" };

/** Decides what becomes of a delivery after an attempt that failed. */
export function nextAttempt(failed: FailedAttempt): NextAttempt {
  const { failure, schedule, giveUpAt, now } = failed;
  if (failure.kind === "mail_refused") return { kind: "dead", why: "mail_refused" };
  // A 2xx says that the request was taken and dealt with, so the same lead again may be sold twice. An operator who wants it
  // repeated adds a last rule that calls such an answer an error.
  if (failure.kind === "no_rule_matched") return { kind: "dead", why: "unclear_answer" };
  if (failure.kind === "too_old") return { kind: "dead", why: "too_old" };
  if (isShut(failure)) return { kind: "paused" };
  if (failure.kind === "interrupted") return againAt(now, giveUpAt);
  const base = schedule[Math.min(failed.attempt, schedule.length) - 1];
  if (base === undefined) return { kind: "dead", why: "given_up" };
  return againAt(new Date(now.getTime() + Math.round(secondsToWait(base, failed) * 1000)), giveUpAt);
}

function againAt(at: Date, giveUpAt: Date): NextAttempt {
  return at > giveUpAt ? { kind: "dead", why: "given_up" } : { kind: "again", at };
}

/**
 * The scheduled wait give or take a fifth, so that what failed together does not come back together. Retry-After can lengthen it up
 * to twice the scheduled wait: more would let an endpoint park a lead, less would let it defeat the schedule.
 */
function secondsToWait(base: number, { failure, retryAfterSeconds, random }: FailedAttempt): number {
  const jittered = base * (1 + JITTER * (2 * random - 1));
  const asked = retryAfterSeconds === null ? 0 : Math.min(Math.max(retryAfterSeconds, base), 2 * base);
  const least = isOverwhelmed(failure) ? OVERWHELMED_SECONDS : 0;
  return Math.max(jittered, asked, least);
}

function isOverwhelmed(failure: Failure): boolean {
  return (
    failure.kind === "timeout" ||
    failure.kind === "rate_limited" ||
    ("status" in failure && failure.status === 429)
  );
}
