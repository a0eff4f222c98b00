import type { Campaign, SupplierLink } from "#campaigns/campaign.ts";
import type { BidAnswers } from "#leads/bid.ts";
import type { TraceLine } from "#leads/trace.ts";
import type { Contender } from "./contender.ts";
import type { Ending, Lack } from "./decision.ts";
import type { ParsedLead } from "./reading.ts";
import type { BatchState } from "./state.ts";

/** What a check at the door may look at: the lead and the campaign, nothing stored. */
export interface AdmissionInput extends ParsedLead {
  campaign: Campaign;
  now: Date;
}

/** What a check in the lane may look at. The lead has passed the door, and its supplier is linked. */
export interface DecisionInput extends AdmissionInput {
  link: SupplierLink;
  state: BatchState;
  /** What the buyers that were asked have bid, by buyer; null while nobody was asked. */
  live: BidAnswers | null;
}

/** What a check found: a line for the trace and, when the lead goes no further, how it ended. */
export interface CheckResult<Ends extends Ending = Ending> {
  line: TraceLine;
  ending?: Ends;
  contenders?: readonly Contender[];
  lacks?: readonly Lack[];
}

export type LeadCheck<Facts, Ends extends Ending = Ending> = (input: Facts) => CheckResult<Ends>;
