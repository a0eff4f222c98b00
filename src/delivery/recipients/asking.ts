import type { Clock } from "#time/clock.ts";
import { afterAttempt, type Breaker, mayTry, probing } from "./breaker.ts";

/** What this server knows of somebody who is asked past the outbox, and how many questions are on their way there. */
export interface AskedParty {
  inFlight: number;
  breaker: Breaker;
}

/** The end of a question. `outcome`: what it says of the endpoint; undefined: nothing, it may not even have been sent. */
export interface QuestionEnd<Answer> {
  answer: Answer;
  outcome: "ok" | "failed" | undefined;
}

/** For how long may be asked. */
export interface Budget {
  /** Aborted when it is over. */
  readonly signal: AbortSignal;
  /** Does something unless the budget is over; `over`: that was before it was done. */
  within<Done>(work: () => Promise<Done>): Promise<Done | "over">;
}

/** Gives a time, in ms, to all that is asked in it. */
export async function withBudget<Done>(ms: number, ask: (budget: Budget) => Promise<Done>): Promise<Done> {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), Math.max(0, ms));
  const isOver = new Promise<"over">((over) => {
    ending.signal.addEventListener("abort", () => over("over"));
  });
  const within = async <Part>(work: () => Promise<Part>) =>
    ms <= 0 ? "over" : await Promise.race([work(), isOver]);
  try {
    return await ask({ signal: ending.signal, within });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Asks somebody, unless `most` questions are on their way already or its breaker is open, and learns from how that ended. An open
 * breaker's one probe is the next one's again when this one says nothing of the endpoint.
 */
export async function askParty<Answer>(
  party: AskedParty,
  { most, clock }: { most: number; clock: Pick<Clock, "now"> },
  ask: () => Promise<QuestionEnd<Answer>>,
): Promise<{ answer: Answer } | { refused: "too_many_in_flight" | "breaker_open" }> {
  if (party.inFlight >= most) return { refused: "too_many_in_flight" };
  const before = party.breaker;
  const may = mayTry(before, clock.now());
  if (may === "no") return { refused: "breaker_open" };
  if (may === "probe") party.breaker = probing(before, clock.now());
  const during = party.breaker;
  party.inFlight += 1;
  let outcome: QuestionEnd<Answer>["outcome"];
  try {
    const end = await ask();
    outcome = end.outcome;
    return { answer: end.answer };
  } finally {
    party.inFlight -= 1;
    if (outcome !== undefined) party.breaker = afterAttempt(party.breaker, outcome, clock.now());
    else if (party.breaker === during) party.breaker = before;
  }
}
