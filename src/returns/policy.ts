import type { ReturnsDefinition } from "#campaigns/definition.ts";
import { DAY_MS, HOUR_MS } from "#time/durations.ts";

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
  const { terms, reason } = facts;
  const why = whyNotAtAll(facts);
  if (why !== undefined || terms === null) return why;
  if (!terms.reasons.some((each) => each === reason)) {
    return `This buyer may not return leads for this reason; it may for ${terms.reasons.join(", ")}.`;
  }
  if (isOver(facts, terms, now)) return sentenceOfWindow(terms);
  return isShareUsedUp(terms, facts) ? sentenceOfShare(terms, facts.share) : undefined;
}

/**
 * Why a lead cannot be given back for whatever reason, as a sentence; undefined: it can. How much of its share the buyer has used is
 * counted when it asks.
 */
export function whyNotReturnable(
  facts: Omit<ReturnFacts, "reason" | "share">,
  now: number,
): string | undefined {
  const why = whyNotAtAll(facts);
  if (why !== undefined || facts.terms === null) return why;
  return isOver(facts, facts.terms, now) ? sentenceOfWindow(facts.terms) : undefined;
}

/** When the last moment to give a lead back is over, in ms since 1970. */
export function returnableUntil(soldAt: number, { window_days: days }: ReturnsDefinition): number {
  return soldAt + days * DAY_MS;
}

function isOver({ soldAt }: Pick<ReturnFacts, "soldAt">, terms: ReturnsDefinition, now: number): boolean {
  return now >= returnableUntil(soldAt, terms);
}

function sentenceOfWindow({ window_days: days }: ReturnsDefinition): string {
  return `The lead could be returned for ${days === 1 ? "a day" : `${days} days`} after its sale.`;
}

function whyNotAtAll(facts: Pick<ReturnFacts, "terms" | "status" | "asked">): string | undefined {
  const { terms, status } = facts;
  if (status === "returned" || facts.asked === "accepted") return "This sale was returned already.";
  if (status === "refused") return "The buyer refused this lead, so that it was not billed.";
  if (facts.asked === "pending")
    return "The return of this sale was asked for already, and is to be decided.";
  if (facts.asked === "rejected") return "The return of this sale was rejected.";
  return terms?.allowed === true ? undefined : "This buyer may not return leads of this campaign.";
}

/** Test leads are in no share: nothing was paid for them. */
function isShareUsedUp({ max_percent: percent }: ReturnsDefinition, { isTest, share }: ReturnFacts): boolean {
  return !isTest && share.returns + 1 > Math.max(1, wholePart(share.sales, percent));
}

/** As decimal text, since in doubles 0.57 % of 10,000 are a hair less than 57. */
function wholePart(count: number, percent: number): number {
  return Math.floor(Number(((count * percent) / 100).toFixed(6)));
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
  return terms.auto_accept_hours === 0 ? null : now + terms.auto_accept_hours * HOUR_MS;
}
