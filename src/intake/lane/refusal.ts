import type { Campaign } from "#campaigns/campaign.ts";
import type { PriorDecision, Reopened } from "#leads/candidate.ts";
import type { RefusalCourse } from "#leads/trace.ts";
import { MINUTE_MS } from "#time/durations.ts";

/** A lead that its buyer refused after it had been sold, with what the contract says that follows; any other lead as it is. */
export function followRefusal(lead: Reopened, campaign: Campaign, now: Date): Reopened {
  const { prior } = lead;
  const { refusal } = prior;
  if (refusal === null) return lead;
  const course = courseOf(prior, refusal.buyerId, campaign, now);
  const undone = course === "keep" ? [] : prior.undone;
  return { ...lead, prior: { ...prior, undone, refusal: { ...refusal, course } } };
}

/** A buyer whose contract has ended refuses as one of which nothing was said. */
function courseOf(prior: PriorDecision, buyerId: string, campaign: Campaign, now: Date): RefusalCourse {
  const contract = campaign.contracts.find((each) => each.buyerId === buyerId);
  const { onRefusal, refusalMinutes } = contract ?? USUAL;
  if (onRefusal !== "next_buyer") return onRefusal;
  if (prior.isErased) return "reverse";
  const soldFirst = Math.min(...[...prior.sales, ...prior.former].map(({ soldAt }) => soldAt));
  return now.getTime() < soldFirst + refusalMinutes * MINUTE_MS ? "next_buyer" : "too_late";
}

const USUAL = { onRefusal: "next_buyer", refusalMinutes: 60 } as const;
