import type { Campaign } from "#campaigns/campaign.ts";
import type { PostedPing, Quote } from "#leads/quote.ts";
import { type Ending, statusOf } from "./decision.ts";
import type { Lead } from "./reading.ts";

/** What a ping promised of this lead; a campaign that takes leads directly knows no pings. */
export function quoteFor({
  lead,
  campaign,
}: {
  lead: { ping?: PostedPing };
  campaign: Campaign;
}): Quote | undefined {
  return campaign.mode === "ping_post" ? lead.ping?.quote : undefined;
}

/** The digest under which a pinged value is bound; it travels encrypted, so it need not be keyed. */
export function pingedDigest(field: string, value: string | number | boolean): string {
  return Bun.SHA256.hash(`${field}\0${value}`, "hex").slice(0, DIGEST_LENGTH);
}

/** Hexadecimal: 96 bits. */
const DIGEST_LENGTH = 24;

/** The quote that a lead has used up by how it ended; whatever ended it before its token was looked at leaves that good. */
export function redeemedBy(lead: Lead, ending: Ending, campaign: Campaign): Quote | undefined {
  const quote = lead.prior === undefined ? quoteFor({ lead, campaign }) : undefined;
  const status = statusOf(ending);
  return status === "ACCEPTED" || status === "PENDING" || status === "UNMATCHED" ? quote : undefined;
}
