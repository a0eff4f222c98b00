import type { Campaign } from "#campaigns/campaign.ts";
import type { BidAnswers } from "#leads/bid.ts";
import type { PriorDecision } from "#leads/candidate.ts";
import type { TraceLine } from "#leads/trace.ts";
import { checkAccess } from "./access.ts";
import { chooseBuyers } from "./buyers.ts";
import type { AdmissionInput, Check, CheckResult, DecisionInput } from "./check.ts";
import type { Decision, Ending, Refusal } from "./decision.ts";
import { checkDuplicates } from "./duplicates.ts";
import { checkFields } from "./fields.ts";
import { checkFilters } from "./filters.ts";
import { checkPing } from "./ping.ts";
import { isTestLead, type Lead, readLead } from "./reading.ts";
import type { BatchState } from "./state.ts";
import { checkSuppression } from "./suppression.ts";

/** The order of the checks. The first two ask only the campaign, so a lead that fails them never waits in a lane. */
const AT_THE_DOOR: readonly Check<AdmissionInput, Refusal>[] = [checkAccess, checkFields];
const IN_THE_LANE: readonly Check<DecisionInput>[] = [
  checkFilters,
  checkSuppression,
  checkDuplicates,
  chooseBuyers,
];
const AFTER_A_PING: readonly Check<DecisionInput>[] = [
  checkFilters,
  checkSuppression,
  checkDuplicates,
  checkPing,
  chooseBuyers,
];

/** How the lead ends at the door; undefined when it may go on to its campaign's lane. */
export function refusalOf(lead: Lead, campaign: Campaign, now: Date): Refusal | undefined {
  return firstEnding(AT_THE_DOOR, { lead, campaign, now }).ending;
}

/**
 * Decides one lead against the state of its batch; `state` already holds what the leads before it in this batch changed. It reads
 * no clock and asks no database: whoever has the same facts gets the same decision. For a ping, `live` is what the buyers that were
 * asked have bid; the contenders are then all who would take the lead, best first.
 */
export function decide(lead: Lead, state: BatchState, now: Date, live: BidAnswers | null = null): Decision {
  const { campaign } = state;
  const answered = lead.prior && endingByAnswer(lead.prior);
  if (answered !== undefined) return { ...answered, contenders: [] };
  // A lead on record came through the door when it arrived, by the keys and links of that day.
  const door = firstEnding(lead.prior === undefined ? AT_THE_DOOR : [checkFields], { lead, campaign, now });
  const link = campaign.suppliers.get(lead.supplierId);
  const isClosed = link === undefined || campaign.status !== "active";
  if (lead.prior !== undefined && (door.ending !== undefined || isClosed)) {
    // It was taken in once and cannot be turned away any more, but by the configuration of now nobody may have it.
    return {
      ending: { kind: "unmatched" },
      trace: [...priorLines(lead.prior), ...door.trace],
      contenders: [],
    };
  }
  if (door.ending !== undefined) return { ending: door.ending, trace: door.trace, contenders: [] };
  if (link === undefined) return { ending: { kind: "not_linked" }, trace: door.trace, contenders: [] };
  const isTest = isTestLead(lead, campaign);
  const reading = readLead(lead, campaign);
  const followsPing = campaign.mode === "ping_post" && !lead.isPing;
  const checks = followsPing ? AFTER_A_PING : IN_THE_LANE;
  const lane = firstEnding(checks, { lead, campaign, now, link, reading, state, isTest, live });
  return {
    ending: lane.ending ?? { kind: "unmatched" },
    trace: [...(lead.prior ? priorLines(lead.prior) : []), ...door.trace, ...lane.trace],
    contenders: lane.contenders,
  };
}

function firstEnding<Facts, Ends extends Ending>(checks: readonly Check<Facts, Ends>[], facts: Facts) {
  const trace: TraceLine[] = [];
  let found: CheckResult<Ends> | undefined;
  for (const check of checks) {
    found = check(facts);
    trace.push(found.line);
    if (found.ending !== undefined) break;
  }
  return { trace, ending: found?.ending, contenders: found?.contenders ?? [] };
}

/** How a lead ends by its buyer's answer alone; undefined when it has to be decided anew. */
function endingByAnswer(prior: PriorDecision): { ending: Ending; trace: TraceLine[] } | undefined {
  const { sales, duplicateOf } = prior;
  switch (prior.cause) {
    case "confirmed":
      return sales.length === 0
        ? undefined
        : { ending: { kind: "accepted", sales, duplicateOf }, trace: priorLines(prior) };
    case "unclear":
      return { ending: { kind: "unconfirmed" }, trace: priorLines(prior) };
    case "refused":
    case "by_hand":
      return undefined;
  }
}

/** What the trace says of why the lead is decided once more. */
function priorLines({ cause, sales }: PriorDecision): TraceLine[] {
  const result = cause === "confirmed" ? "passed" : "ended";
  return sales.map(({ buyerId }) => ({ check: "confirmation", result, buyer_id: buyerId, answer: cause }));
}
