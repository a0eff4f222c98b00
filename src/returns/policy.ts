import type { ReturnsDefinition } from "#campaigns/definition.ts";

const DAY_MS = 86_400_000;
/** A buyer's share is of what it bought in so many days. */
export const SHARE_DAYS = 30;

/** All that decides whether a lead may be given back. Times in ms since 1970. */
export interface ReturnFacts {
  /** Null: the buyer is on no terms any more. */
  terms: ReturnsDefinition | null;
  reason: string;
  isTest: boolean;
  soldAt: number;
  /** As the sale stands. */
  status: "sold" | "refused" | "returned";
  /** Whether its return was asked for before, and what became of that. */
  asked: "pending" | "accepted" | "rejected" | null;
  /** What the buyer bought and gave back in the last `SHARE_DAYS` days. */
  share: { sales: number; returns: number };
}

/** Why a lead cannot be given back, as a sentence; undefined: it can. */
export function whyNoReturn(facts: ReturnFacts, now: number): string | undefined {
  const { terms, reason, status, soldAt } = facts;
  if (status === "returned" || facts.asked === "accepted") return "This sale was returned already.";
  if (status === "refused") return "The buyer refused this lead, so that it was not billed.";
  if (facts.asked === "pending")
    return "The return of this sale was asked for already, and is to be decided.";
  if (facts.asked === "rejected") return "The return of this sale was rejected.";
  if (terms?.allowed !== true) return "This buyer may not return leads of this campaign.";
  if (!terms.reasons.some((each) => each === reason)) {
    return `This buyer may not return leads for this reason; it may for ${terms.reasons.join(", ")}.`;
  }
  if (now >= soldAt + terms.window_days * DAY_MS) {
    return `The lead could be returned for ${terms.window_days} days after its sale.`;
  }
  return isShareUsedUp(terms, facts) ? sentenceOfShare(terms, facts.share) : undefined;
}

/** Test leads are in no share: nothing was paid for them. */
function isShareUsedUp({ max_percent: percent }: ReturnsDefinition, { isTest, share }: ReturnFacts): boolean {
  return !isTest && share.returns + 1 > Math.max(1, Math.floor((share.sales * percent) / 100));
}

function sentenceOfShare(
  { max_percent: percent }: ReturnsDefinition,
  { sales, returns }: ReturnFacts["share"],
) {
  const share = `${percent} % of the ${sales} leads that it bought in the last ${SHARE_DAYS} days`;
  return `This buyer may return ${share}, and has returned ${returns}.`;
}

/** When a return that nobody decides is accepted, in ms since 1970; null: never. */
export function acceptedAt(terms: ReturnsDefinition, now: number): number | null {
  return terms.auto_accept_hours === 0 ? null : now + terms.auto_accept_hours * 3_600_000;
}
