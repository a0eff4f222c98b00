import type { Campaign } from "#campaigns/campaign.ts";
import type { PostedPing, Quote } from "#leads/quote.ts";

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
