import type { Reading } from "#intake/decide/reading.ts";
import { type LaneResult, wasDecidedMeanwhile } from "#intake/lane/batch.ts";
import { type Lanes, NotTakenIn } from "#intake/lane/lane.ts";
import { type SupplierReply, unavailable } from "#intake/reply/reply.ts";
import type { BuyersAnswers, PriorDecision, Reopened } from "#leads/candidate.ts";
import type { DecidedLead } from "#leads/decided-lead.ts";
import type { Sale } from "#leads/sale.ts";
import type { Clock } from "#time/clock.ts";

export interface ConfirmParts {
  lanes: Pick<Lanes, "takeIn">;
  clock: Clock;
}

/** A decision that cannot be written is tried again for this long, in ms; what is not decided by then, `recover.ts` decides later. */
const DECIDE_WITHIN_MS = 10_000;
const TRY_AGAIN_MS = 250;
/** A buyer that is given less time, in ms, would only leave in doubt whether it has the lead. */
const LEAST_TO_ASK_MS = 100;

/**
 * Asks the buyers that a lead is held for, all at once, and those that follow who refused, within the campaign's budget for all of them
 * together. Nothing is locked meanwhile: the lead is on record as pending, its caps and money are taken, and the answers settle that in the
 * lane.
 */
export async function askUntilDecided(outcome: LaneResult, parts: ConfirmParts): Promise<SupplierReply> {
  let [until, current] = [Number.NaN, outcome];
  while ("pending" in current) {
    const { pending, budgetMs } = current;
    if (Number.isNaN(until)) until = parts.clock.elapsedMs() + budgetMs;
    const answers = await current.ask(until - parts.clock.elapsedMs());
    const outOfTime = until - parts.clock.elapsedMs() < LEAST_TO_ASK_MS;
    current = await decideByAnswer(reopenPending(pending, answers, outOfTime), pending.reading, parts);
  }
  return current.answer;
}

/** What follows of answers for the sales that a pending lead is held for. */
export interface Answered extends Pick<PriorDecision, "cause" | "undone" | "answers" | "mayHave"> {
  /** The buyers that were asked and have not confirmed. */
  lost: readonly string[];
}

/**
 * Who confirms keeps the lead, and so does who need not be asked when all the others do. Else those that were not asked are chosen anew
 * with whoever follows. `mayHave`: those of earlier answers.
 */
export function readAnswers(
  sales: readonly Sale[],
  answers: BuyersAnswers,
  mayHave: ReadonlySet<string>,
): Answered {
  const unclear = [...answers].filter(([, answer]) => answer === "unclear").map(([buyerId]) => buyerId);
  const lost = [...answers].filter(([, answer]) => answer !== "confirmed").map(([buyerId]) => buyerId);
  const held = sales.filter(({ status }) => status === "reserved");
  const undone = lost.length === 0 ? [] : held.filter(({ buyerId }) => answers.get(buyerId) !== "confirmed");
  const cause = lost.length === 0 ? "confirmed" : unclear.length > 0 ? "unclear" : "refused";
  return { cause, undone, answers, mayHave: new Set([...mayHave, ...unclear]), lost };
}

/** A pending lead, to be decided by what its buyers answered. */
function reopenPending(pending: DecidedLead, answers: BuyersAnswers, outOfTime: boolean): Reopened {
  const { lead, status, sales, former, isTest, decidedAt, firstDecidedAt, duplicateOf, prior } = pending;
  const { id, requestId, campaignId, supplierId, body, checks, trace, idempotency } = lead;
  const quote = lead.ping?.quote;
  const { lost, ...answered } = readAnswers(sales, answers, prior?.mayHave ?? new Set());
  return {
    kind: "reopened",
    id,
    requestId,
    campaignId,
    supplierId,
    body,
    checks,
    trace,
    idempotency,
    ping: quote === undefined ? null : { quote, wants: lead.ping?.wants ?? null },
    prior: {
      ...answered,
      status,
      sales,
      former,
      keeps: { payout: false, cap: false },
      returnId: null,
      refusal: null,
      isErased: false,
      duplicateOf,
      isTest,
      decidedAt,
      firstDecidedAt,
      by: null,
      refusedBy: new Set([...(prior?.refusedBy ?? []), ...lost]),
      outOfTime,
    },
  };
}

/**
 * Until it is written. Where it was decided meanwhile, by a COMMIT whose answer was lost or by somebody else, the supplier is told how it
 * stands on record.
 */
async function decideByAnswer(
  lead: Reopened,
  reading: Reading,
  { lanes, clock }: ConfirmParts,
): Promise<LaneResult> {
  const until = clock.elapsedMs() + DECIDE_WITHIN_MS;
  for (;;) {
    try {
      const result = await lanes.takeIn(lead, reading);
      if (!wasDecidedMeanwhile(result)) return result;
      return await lanes.takeIn({ ...lead, isAnsweredByRecord: true }, reading);
    } catch (error) {
      if (!(error instanceof NotTakenIn)) throw error;
      if (clock.elapsedMs() >= until) return { answer: unavailable(error, lead) };
      await Bun.sleep(TRY_AGAIN_MS);
    }
  }
}
