import type { Campaign } from "#campaigns/campaign.ts";
import { type Answer, answerTo } from "./answer.ts";
import type { HandedOver } from "./hand-over.ts";
import { isTestLead, type Lead, readLead } from "./lead.ts";
import {
  type Decision,
  type EarlierLead,
  furtherSalesOf,
  type RecordedEnding,
  saleOf,
  statusOf,
} from "./outcome.ts";
import type { Quote } from "./quote.ts";
import { redeemedBy } from "./redeemed.ts";

/** A lead that goes on record, with what was decided of it and what its supplier is told. */
export interface Taken extends HandedOver {
  decision: Decision;
  /** The ping's quote that it has used up. */
  redeemed: Quote | null;
  /** The answer that its idempotency key is to remember; null without a key, and while its buyer is being asked. */
  answer: Answer | null;
}

/** The lead as it goes on record. */
export function takenIn(
  lead: Lead,
  decision: Decision,
  ending: RecordedEnding,
  campaign: Campaign,
  now: Date,
): Taken {
  return {
    lead,
    decision,
    answer: lead.idempotency === null || ending.kind === "held" ? null : answerTo(ending, lead, campaign),
    status: statusOf(ending),
    sale: saleOf(ending),
    further: furtherSalesOf(ending),
    redeemed: redeemedBy(lead, ending, campaign) ?? null,
    duplicateOf: duplicateOf(ending),
    isTest: isTestLead(lead, campaign),
    decidedAt: wasCounted(lead) ? (lead.again?.was.decidedAt ?? 0) : now.getTime(),
    fields: readLead(lead, campaign).kept,
  };
}

/** What a buyer confirms was counted and remembered when it was held. */
export function wasCounted(lead: Lead): boolean {
  return lead.again?.because === "confirmed";
}

function duplicateOf(ending: RecordedEnding): EarlierLead | null {
  switch (ending.kind) {
    case "duplicate":
      return ending.of;
    case "accepted":
    case "held":
      return ending.duplicateOf;
    case "filtered":
    case "suppressed":
    case "unconfirmed":
    case "unmatched":
      return null;
  }
}
