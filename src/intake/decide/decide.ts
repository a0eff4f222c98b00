import type { Campaign } from "#campaigns/campaign.ts";
import type { BidAnswers } from "#leads/bid.ts";
import type { PriorDecision } from "#leads/candidate.ts";
import { undoSales } from "#leads/decided-lead.ts";
import type { TraceLine } from "#leads/trace.ts";
import { checkAccess } from "./access.ts";
import { chooseBuyers } from "./buyers.ts";
import type { AdmissionInput, CheckResult, DecisionInput, LeadCheck } from "./check.ts";
import { checkByOthers } from "./checks.ts";
import { type Decision, type DoorRefusal, type Ending, salesOf } from "./decision.ts";
import { checkDuplicates } from "./duplicates.ts";
import { checkFields } from "./fields.ts";
import { checkFilters, checkHold, mayBeHeld } from "./filters.ts";
import { checkPing } from "./ping.ts";
import type { ParsedLead } from "./reading.ts";
import type { BatchState } from "./state.ts";
import { checkSuppression } from "./suppression.ts";
import { roomFor } from "./winners.ts";

/** The order of the checks. Those at the door ask only the campaign, so a lead that fails them never waits in a lane. */
const AT_THE_DOOR: readonly LeadCheck<AdmissionInput, DoorRefusal>[] = [checkAccess, checkFields];
const IN_THE_LANE: readonly LeadCheck<DecisionInput>[] = [
  checkFilters,
  checkSuppression,
  checkDuplicates,
  checkPing,
  checkByOthers,
  checkHold,
  chooseBuyers,
];

/** How the lead ends at the door; undefined when it may go on to its campaign's lane. */
export function refusalAtTheDoor({ lead, reading }: ParsedLead, now: Date): DoorRefusal | undefined {
  return firstEnding(AT_THE_DOOR, { lead, reading, campaign: reading.campaign, now }).ending;
}

/**
 * Decides one lead against the state of its batch; `state` already holds what the leads before it in this batch changed. It reads
 * no clock and asks no database: the same state gives the same decision. For a ping, `live` is what the buyers that were
 * asked have bid; the contenders are then all who would take the lead, best first.
 */
export function decide(
  { lead, reading }: ParsedLead,
  state: BatchState,
  now: Date,
  live: BidAnswers | null = null,
): Decision {
  const input = { lead, reading, campaign: state.campaign, state, now, live };
  if (lead.kind === "reopened")
    return endingBefore(lead.prior, state.campaign) ?? decideAgain(lead.prior, input);
  const door = firstEnding(AT_THE_DOOR, input);
  const link = state.campaign.suppliers.get(lead.supplierId);
  if (door.ending !== undefined) return { ending: door.ending, trace: door.trace, contenders: [] };
  if (link === undefined) return { ending: { kind: "not_linked" }, trace: door.trace, contenders: [] };
  return decideInLane({ ...input, link }, door.trace);
}

/** What of it stands, stands whatever is decided now; else a lead that was sold and refused cannot end otherwise than so. */
function decideAgain(prior: PriorDecision, input: Omit<DecisionInput, "link">): Decision {
  const decision = decideAnew(prior, input);
  if (salesOf(decision.ending).length > 0) return decision;
  return { ...decision, ending: whatStands(prior) ?? withoutBuyer(prior, decision.ending) };
}

function withoutBuyer({ refusal, mayHave }: PriorDecision, ending: Ending): Ending {
  if (refusal !== null) return { kind: "refused" };
  return mayHave.size > 0 ? { kind: "unconfirmed" } : ending;
}

/** A lead on record came through the door when it arrived, by the keys and links of that day. */
function decideAnew(prior: PriorDecision, input: Omit<DecisionInput, "link">): Decision {
  const door = firstEnding([checkFields], input);
  const trace = [...priorLines(prior), ...door.trace];
  const link = input.campaign.suppliers.get(input.lead.supplierId);
  if (door.ending === undefined && link !== undefined && input.campaign.status === "active") {
    return decideInLane({ ...input, link }, trace);
  }
  // It was taken in once and cannot be refused any more, but by the configuration of now nobody may have it.
  return { ending: { kind: "unmatched" }, trace, contenders: [] };
}

function decideInLane(input: DecisionInput, before: readonly TraceLine[]): Decision {
  const lane = firstEnding(checksOf(input), input);
  return {
    ending: lane.ending ?? { kind: "unmatched" },
    trace: before.concat(lane.trace),
    contenders: lane.contenders,
    lacks: lane.lacks,
  };
}

const FEWEST = IN_THE_LANE.filter(
  (check) => check !== checkPing && check !== checkByOthers && check !== checkHold,
);
const AFTER_A_PING = IN_THE_LANE.filter((check) => check !== checkByOthers && check !== checkHold);

/** What asks nothing of a lead is not on its trace. */
function checksOf(input: DecisionInput): readonly LeadCheck<DecisionInput>[] {
  const { lead, campaign } = input;
  const followsPing = campaign.mode === "ping_post" && lead.kind !== "pinged";
  const isAsked = lead.kind === "arrived" && campaign.checks.length > 0;
  const isHeld = lead.kind === "arrived" && mayBeHeld(input);
  if (!isAsked && !isHeld) return followsPing ? AFTER_A_PING : FEWEST;
  return IN_THE_LANE.filter(
    (check) =>
      (check !== checkPing || followsPing) &&
      (check !== checkByOthers || isAsked) &&
      (check !== checkHold || isHeld),
  );
}

function firstEnding<Facts, Ends extends Ending>(checks: readonly LeadCheck<Facts, Ends>[], facts: Facts) {
  const trace: TraceLine[] = [];
  let found: CheckResult<Ends> | undefined;
  for (const check of checks) {
    found = check(facts);
    trace.push(found.line);
    if (found.ending !== undefined) break;
  }
  return { trace, ending: found?.ending, contenders: found?.contenders ?? [], lacks: found?.lacks };
}

/** How a lead ends without being offered to anyone; undefined when it has to be decided anew. */
function endingBefore(prior: PriorDecision, campaign: Campaign): Decision | undefined {
  const end = (ending: Ending): Decision => ({ ending, trace: priorLines(prior), contenders: [] });
  switch (prior.cause) {
    case "confirmed": {
      const confirmed = whatStands(prior);
      return confirmed && end(confirmed);
    }
    case "unclear":
      if (roomFor(prior, campaign) > 0) return undefined;
      return end(whatStands(prior) ?? { kind: "unconfirmed" });
    case "returned":
      return end(whatStands(prior) ?? { kind: "returned" });
    case "refused": {
      const { refusal } = prior;
      if (refusal === null || refusal.course === "next_buyer") return undefined;
      return end(whatStands(prior) ?? { kind: "refused" });
    }
    case "by_hand":
    case "released":
      return undefined;
    case "rejected":
      return end({ kind: "filtered", by: "campaign", failures: [] });
  }
}

/** The ending of a lead of which sales stand, and nothing is sold beside. */
function whatStands(prior: PriorDecision): Ending | undefined {
  const { standing } = undoSales(prior);
  if (standing.length === 0) return undefined;
  return { kind: "accepted", sales: [], standing, duplicateOf: prior.duplicateOf };
}

/** What the trace says of why the lead is decided once more. */
function priorLines({ cause, undone, refusal, answers, by, note }: PriorDecision): TraceLine[] {
  if (refusal !== null) {
    const { buyerId: buyer_id, verdict: answer, course } = refusal;
    return [{ check: "refusal", result: "ended", buyer_id, answer, follows: course ?? "reverse" }];
  }
  if (cause === "released" || cause === "rejected") {
    const result = cause === "released" ? "passed" : "ended";
    const reason = note ?? cause;
    return [{ check: "hold", result, detail: by === null ? { reason } : { by, reason } }];
  }
  if (cause === "returned") {
    return undone.map(({ buyerId }) => ({ check: "return", result: "ended", buyer_id: buyerId }));
  }
  if (cause === "by_hand") {
    return undone.map(({ buyerId: buyer_id }) => ({
      check: "confirmation",
      result: "ended",
      buyer_id,
      answer: cause,
    }));
  }
  return [...answers].map(([buyer_id, answer]) => {
    const result = answer === "confirmed" ? "passed" : "ended";
    return { check: "confirmation", result, buyer_id, answer };
  });
}
