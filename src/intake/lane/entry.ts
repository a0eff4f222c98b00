import {
  type Decision,
  type RecordedEnding,
  reasonOf,
  recordStatusOf,
  salesOf,
  standingOf,
} from "#intake/decide/decision.ts";
import { pingIdIn, redeemedBy } from "#intake/decide/ping.ts";
import type { ParsedLead, Reading } from "#intake/decide/reading.ts";
import { replyTo, type SupplierReply } from "#intake/reply/reply.ts";
import type { Arrived, EarlierLead, PriorDecision, Reopened } from "#leads/candidate.ts";
import { decidedAt, undoSales } from "#leads/decided-lead.ts";
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
    revision: reading.campaign.revision,
    currency: reading.campaign.currency,
    trace: decision.trace,
    answer: hasAnswer ? replyTo(ending, lead, reading) : null,
    status: recordStatusOf(ending),
    sales: salesFrom(ending, prior, now),
    redeemed: redeemedBy(parsed, ending) ?? null,
    duplicateOf: duplicateOf(ending),
    isTest: reading.isTest,
    decidedAt: decidedAt(lead, now),
    firstDecidedAt: prior?.firstDecidedAt ?? now.getTime(),
    former: formerAfter(prior),
    fields: reading.kept,
    prior,
    pingId: pingIdIn(lead) ?? null,
  };
}

/** What stands, and the new sales in places behind all that there are; what was held and not sold leaves its place to others. */
function salesFrom(ending: RecordedEnding, prior: PriorDecision | null, now: Date): readonly Sale[] {
  const place = prior === null ? 0 : lastPlace([...standingOf(ending), ...prior.former, ...prior.undone]);
  const status = ending.kind === "pending" ? "reserved" : "sold";
  const made = salesOf(ending).map(
    (terms, index) =>
      ({
        ...terms,
        id: newUuid(),
        place: place + index + 1,
        status,
        soldAt: now.getTime(),
        keepsPayout: false,
        keepsCap: false,
      }) as const,
  );
  return [...standingOf(ending), ...made];
}

function lastPlace(known: readonly Sale[]): number {
  return Math.max(0, ...known.filter(({ status }) => status !== "reserved").map((each) => each.place));
}

/** What was sold of the lead and is undone. */
function formerAfter(prior: PriorDecision | null): readonly Sale[] {
  if (prior === null) return [];
  const { undone, former } = undoSales(prior);
  return [...former, ...undone.filter(({ status }) => status !== "declined")];
}

function duplicateOf(ending: RecordedEnding): EarlierLead | null {
  switch (ending.kind) {
    case "duplicate":
      return ending.of;
    case "accepted":
    case "pending":
      return ending.duplicateOf;
    case "filtered":
    case "held":
    case "suppressed":
    case "refused":
    case "returned":
    case "unconfirmed":
    case "unmatched":
      return null;
  }
}
