import type { CampaignCheck } from "#campaigns/campaign.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import type { EarlierLead } from "#leads/candidate.ts";
import type { Sale, SaleTerms } from "#leads/sale.ts";
import type { LeadReason, RecordStatus } from "#leads/status.ts";
import type { PassedOver, TraceLine } from "#leads/trace.ts";
import type { FilterFailure } from "#rules/filter.ts";
import type { Measure, Shortage } from "./caps.ts";
import type { Contender } from "./contender.ts";

/** Every way in which a check can end a lead. */
export type Ending =
  | { kind: "unauthorized" }
  | { kind: "not_linked" }
  | { kind: "campaign_gone" }
  | { kind: "inactive"; who: "campaign" | "supplier" | "link" }
  | { kind: "invalid"; errors: readonly ReplyFieldError[] }
  | ({ kind: "filtered" } & TurnedAway)
  /** Put aside for a person. */
  | ({ kind: "held" } & TurnedAway)
  /** Nothing is decided: these have to be asked about it first. */
  | { kind: "unchecked"; checks: readonly CampaignCheck[] }
  | { kind: "suppressed"; hits: readonly SuppressionHit[] }
  | { kind: "duplicate"; of: EarlierLead; why: "rejects_duplicates" | PassedOver }
  /** Sold, where a lead may be sold several times to several buyers, in the order in which they were chosen. */
  | ({ kind: "accepted" } & Sold)
  /** Held for its buyers, of which one or more want to be asked first. */
  | ({ kind: "pending" } & Sold)
  /** The buyer that was asked may have taken it, but did not say so: nobody else may get it. */
  | { kind: "unconfirmed" }
  | { kind: "unmatched" }
  /** Its buyer refused it after it had been sold, and nobody else can take it. */
  | { kind: "refused" }
  /** Its last buyer gave it back. */
  | { kind: "returned" };

/** What turned a lead away: rules of filters, or checks by others. */
export interface TurnedAway {
  by: "supplier" | "campaign" | "check";
  failures: readonly FailedRule[];
}

export interface FailedRule extends Omit<FilterFailure, "code"> {
  code: FilterFailure["code"] | "check_rejected" | "check_failed";
}

interface Sold {
  /** What this decision sells, or reserves. */
  sales: readonly SaleTerms[];
  /** The sales of a lead on record that stand. */
  standing: readonly Sale[];
  duplicateOf: EarlierLead | null;
}

/** The endings at the door, and of who has to be asked about first: such a lead was never taken in, and leaves no record. */
export type DoorRefusal = Extract<
  Ending,
  { kind: "unauthorized" | "not_linked" | "campaign_gone" | "inactive" | "invalid" | "unchecked" }
>;

/** The endings that leave the lead on record. */
export type RecordedEnding = Exclude<Ending, DoorRefusal>;

/** The endings that the supplier can be told at once. */
export type Final = Exclude<Ending, { kind: "pending" }>;

export interface SuppressionHit {
  list: string;
  field: string;
}

/** What was decided of one lead. */
export interface Decision {
  ending: Ending;
  trace: readonly TraceLine[];
  /** For an accepted lead, the contracts that could have taken it: the weights share over them. */
  contenders: readonly Contender[];
  /**
   * Where tables are spread over nodes: what of buyers' limits the campaign would have to be given before it is known whether they can take
   * the lead. While there is any, the rest was decided as if nobody had it to give.
   */
  lacks?: readonly Lack[] | undefined;
}

/** What a campaign's share of a buyer's limit is short of for one lead. */
export interface Lack extends Pick<Shortage, "units"> {
  buyerId: string;
  measure: Measure;
}

/** What an ending sells, or reserves for a sale. */
export function salesOf(ending: Ending): readonly SaleTerms[] {
  return ending.kind === "accepted" || ending.kind === "pending" ? ending.sales : [];
}

/** The sales of before that stand with an ending. */
export function standingOf(ending: Ending): readonly Sale[] {
  return ending.kind === "accepted" || ending.kind === "pending" ? ending.standing : [];
}

/** Whether the lead was never taken in. */
export function isDoorRefusal(ending: Ending): ending is DoorRefusal {
  return recordStatusOf(ending) === null;
}

/** The status under which an ending is on record; null when it leaves no record. */
export function recordStatusOf(ending: RecordedEnding): RecordStatus;
export function recordStatusOf(ending: Ending): RecordStatus | null;
export function recordStatusOf(ending: Ending): RecordStatus | null {
  switch (ending.kind) {
    case "accepted":
      return "ACCEPTED";
    case "pending":
      return "PENDING";
    case "unmatched":
    case "unconfirmed":
    case "refused":
      return "UNMATCHED";
    case "returned":
      return "RETURNED";
    case "duplicate":
      return "DUPLICATE";
    case "filtered":
    case "suppressed":
      return "REJECTED";
    case "held":
      return "HELD";
    case "unchecked":
    case "unauthorized":
    case "not_linked":
    case "campaign_gone":
    case "inactive":
    case "invalid":
      return null;
  }
}

/** The one word for why the lead ended as it did; null for a lead that was simply accepted. */
export function reasonOf(ending: Ending): LeadReason | DoorRefusal["kind"] | null {
  switch (ending.kind) {
    case "accepted":
    case "pending":
      return ending.duplicateOf === null ? null : "routed_to_original";
    case "duplicate":
      return ending.why === "rejects_duplicates" ? ending.why : ending.why.reason;
    case "unmatched":
      return "no_buyer";
    case "held":
      return ending.by === "check" ? "check_failed" : "filtered";
    case "unchecked":
    case "unconfirmed":
    case "refused":
    case "returned":
    case "filtered":
    case "suppressed":
    case "unauthorized":
    case "not_linked":
    case "campaign_gone":
    case "inactive":
    case "invalid":
      return ending.kind;
  }
}
