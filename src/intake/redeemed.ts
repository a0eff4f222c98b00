import type { Campaign } from "#campaigns/campaign.ts";
import type { Quote } from "#leads/quote.ts";
import type { Lead } from "./lead.ts";
import { type Ending, statusOf } from "./outcome.ts";
import { quoteFor } from "./quote.ts";

/** The quote that a lead has used up by how it ended; whatever ended it before its token was looked at leaves that good. */
export function redeemedBy(lead: Lead, ending: Ending, campaign: Campaign): Quote | undefined {
  const quote = lead.prior === undefined ? quoteFor({ lead, campaign }) : undefined;
  const status = statusOf(ending);
  return status === "ACCEPTED" || status === "PENDING" || status === "UNMATCHED" ? quote : undefined;
}
