import type { Campaign } from "#campaigns/campaign.ts";
import { type Decision, type RecordedEnding, reasonOf, salesOf, statusOf } from "#intake/decide/decision.ts";
import { redeemedBy } from "#intake/decide/quote.ts";
import { isTestLead, type Lead, type Reading, readLead } from "#intake/decide/reading.ts";
import { type Answer, answerTo } from "#intake/reply/reply.ts";
import type { EarlierLead } from "#leads/candidate.ts";
import type { LeadToWrite } from "#leads/lead-write-records.ts";
import type { Quote } from "#leads/quote.ts";
import type { Sale } from "#leads/sale.ts";
import { newUuid } from "#text/ids.ts";

/** A lead that goes on record, with what was decided of it and what its supplier is told. */
export interface LeadEntry extends LeadToWrite {
  lead: Lead;
  reading: Reading;
  /** The ping's quote that it has used up. */
  redeemed: Quote | null;
  /** The answer that its idempotency key is to applyDecision; null without a key, and while its buyer is being asked. */
  answer: Answer | null;
}

/** The lead as it goes on record. */
export function entryFor(
  lead: Lead,
  decision: Decision,
  ending: RecordedEnding,
  campaign: Campaign,
  now: Date,
): LeadEntry {
  const reading = readLead(lead, campaign);
  return {
    lead,
    reading,
    reason: reasonOf(ending),
    trace: decision.trace,
    answer: lead.idempotency === null || ending.kind === "pending" ? null : answerTo(ending, lead, campaign),
    status: statusOf(ending),
    sales: salesFrom(ending, lead),
    redeemed: redeemedBy(lead, ending, campaign) ?? null,
    duplicateOf: duplicateOf(ending),
    isTest: isTestLead(lead, campaign),
    decidedAt: wasCounted(lead) ? (lead.prior?.decidedAt ?? 0) : now.getTime(),
    fields: reading.kept,
    prior: lead.prior ?? null,
    pingId: lead.ping?.quote?.id ?? null,
  };
}

/** What a buyer confirms is the sale that was reserved for it; any other sale is new. */
function salesFrom(ending: RecordedEnding, lead: Lead): readonly Sale[] {
  if (lead.prior?.cause === "confirmed") return lead.prior.sales;
  return salesOf(ending).map((terms, index) => ({ ...terms, id: newUuid(), place: index + 1 }));
}

/** What a buyer confirms was counted and remembered when it was held. */
export function wasCounted(lead: Lead): boolean {
  return lead.prior?.cause === "confirmed";
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
