import type { BuyersAnswer } from "#handover/outbox.ts";
import type { ParsedLead, Reading } from "#intake/decide/reading.ts";
import type { LaneResult } from "#intake/lane/batch.ts";
import { type Lanes, NotTakenIn } from "#intake/lane/lane.ts";
import { type SupplierReply, unavailable } from "#intake/reply/reply.ts";
import type { Arrived, Reopened } from "#leads/candidate.ts";
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

/** Takes a lead in and, while a buyer has to be asked about it, asks; resolves with how it ended for good. */
export async function takeInAndConfirm(
  { lead, reading }: ParsedLead<Arrived>,
  parts: ConfirmParts,
): Promise<SupplierReply> {
  return askUntilDecided(await parts.lanes.takeIn(lead, reading), parts);
}

/**
 * Asks the buyers that a lead is reserved for, one after another and within the campaign's budget for all of them together. Nothing is
 * locked meanwhile: the lead is on record as pending, its caps and money are taken, and each answer settles that in the lane.
 */
export async function askUntilDecided(outcome: LaneResult, parts: ConfirmParts): Promise<SupplierReply> {
  const refusedBy = new Set("pending" in outcome ? outcome.pending.prior?.refusedBy : []);
  let until: number | undefined;
  let current = outcome;
  while ("pending" in current) {
    const { pending, budgetMs } = current;
    until ??= parts.clock.elapsedMs() + budgetMs;
    const cause = await current.ask(until - parts.clock.elapsedMs());
    for (const { buyerId } of reservedIn(pending)) refusedBy.add(buyerId);
    const outOfTime = until - parts.clock.elapsedMs() < LEAST_TO_ASK_MS;
    const lead = reopenPending(pending, cause, refusedBy, outOfTime);
    current = await decideByAnswer(lead, pending.reading, parts);
  }
  return current.answer;
}

function reservedIn({ sales }: DecidedLead): readonly Sale[] {
  return sales.filter((sale) => sale.status === "reserved");
}

/** A pending lead, to be decided by what its buyer answered. */
function reopenPending(
  pending: DecidedLead,
  cause: BuyersAnswer,
  refusedBy: ReadonlySet<string>,
  outOfTime: boolean,
): Reopened {
  const { lead, status, sales, former, isTest, decidedAt, firstDecidedAt, duplicateOf } = pending;
  const { id, requestId, campaignId, supplierId, body, trace, idempotency } = lead;
  const quote = lead.ping?.quote;
  return {
    kind: "reopened",
    id,
    requestId,
    campaignId,
    supplierId,
    body,
    trace,
    idempotency,
    ping: quote === undefined ? null : { quote, wants: lead.ping?.wants ?? null },
    prior: {
      cause,
      status,
      sales,
      undone: cause === "confirmed" ? [] : reservedIn(pending),
      former,
      keeps: { payout: false, cap: false },
      refusal: null,
      isErased: false,
      duplicateOf,
      isTest,
      decidedAt,
      firstDecidedAt,
      by: null,
      refusedBy: new Set(refusedBy),
      outOfTime,
    },
  };
}

async function decideByAnswer(
  lead: Reopened,
  reading: Reading,
  { lanes, clock }: ConfirmParts,
): Promise<LaneResult> {
  const until = clock.elapsedMs() + DECIDE_WITHIN_MS;
  for (;;) {
    try {
      return await lanes.takeIn(lead, reading);
    } catch (error) {
      if (!(error instanceof NotTakenIn)) throw error;
      if (clock.elapsedMs() >= until) return { answer: unavailable(error, lead) };
      await Bun.sleep(TRY_AGAIN_MS);
    }
  }
}
