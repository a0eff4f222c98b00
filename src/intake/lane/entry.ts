import {
  type Decision,
  type RecordedEnding,
  reasonOf,
  recordStatusOf,
  salesOf,
} from "#intake/decide/decision.ts";
import { pingIdIn, redeemedBy } from "#intake/decide/quote.ts";
import type { ParsedLead, Reading } from "#intake/decide/reading.ts";
import { replyTo, type SupplierReply } from "#intake/reply/reply.ts";
import type { Arrived, EarlierLead, PriorDecision, Reopened } from "#leads/candidate.ts";
import type { LeadToWrite } from "#leads/lead-write-records.ts";
import type { PromisedBids } from "#leads/quote.ts";
import type { Sale } from "#leads/sale.ts";
import { newUuid } from "#text/ids.ts";

/** A lead that goes on record, with all that is written of it. */
export interface LeadEntry extends LeadToWrite {
  reading: Reading;
  /** The ping's promise that it has used up. */
  redeemed: PromisedBids | null;
  /** The answer that its idempotency key is to remember; null without a key, and while its buyer is being asked. */
  answer: SupplierReply | null;
}

/** The entry of a lead that was decided. */
export function entryFor(
  parsed: ParsedLead<Arrived | Reopened>,
  decision: Decision,
  ending: RecordedEnding,
  now: Date,
): LeadEntry {
  const { lead, reading } = parsed;
  const prior = lead.kind === "reopened" ? lead.prior : null;
  const hasAnswer = lead.idempotency !== null && ending.kind !== "pending";
  return {
    lead,
    reading,
    reason: reasonOf(ending),
    trace: decision.trace,
    answer: hasAnswer ? replyTo(ending, lead, reading) : null,
    status: recordStatusOf(ending),
    sales: salesFrom(ending, prior),
    redeemed: redeemedBy(parsed, ending) ?? null,
    duplicateOf: duplicateOf(ending),
    isTest: reading.isTest,
    decidedAt: prior?.cause === "confirmed" ? prior.decidedAt : now.getTime(),
    firstDecidedAt: prior?.firstDecidedAt ?? now.getTime(),
    fields: reading.kept,
    prior,
    pingId: pingIdIn(lead) ?? null,
  };
}

/** What a buyer confirms is the sale that was reserved for it; any other sale is new. */
function salesFrom(ending: RecordedEnding, prior: PriorDecision | null): readonly Sale[] {
  if (prior?.cause === "confirmed") return prior.sales;
  return salesOf(ending).map((terms, index) => ({ ...terms, id: newUuid(), place: index + 1 }));
}

/** What a buyer confirms was counted and remembered when it was reserved. */
export function wasCounted({ prior }: Pick<LeadEntry, "prior">): boolean {
  return prior?.cause === "confirmed";
}

function duplicateOf(ending: RecordedEnding): EarlierLead | null {
  switch (ending.kind) {
    case "duplicate":
      return ending.of;
    case "accepted":
    case "pending":
      return ending.duplicateOf;
    case "filtered":
    case "suppressed":
    case "unconfirmed":
    case "unmatched":
      return null;
  }
}
