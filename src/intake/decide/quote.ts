import type { Campaign } from "#campaigns/campaign.ts";
import type { Candidate } from "#leads/candidate.ts";
import type { PromisedBids } from "#leads/quote.ts";
import type { RecordStatus } from "#leads/status.ts";
import { type Ending, recordStatusOf } from "./decision.ts";
import type { ParsedLead } from "./reading.ts";

/** What a ping promised of this lead; a campaign that takes leads directly knows no pings. */
export function quoteFor({ lead, campaign }: QuotedLead): PromisedBids | undefined {
  if (campaign.mode !== "ping_post" || lead.kind === "pinged") return undefined;
  return lead.ping?.quote;
}

/** The bid that the supplier chose of those that its ping was promised; null: it left that to the campaign. */
export function wantedBuyer({ lead }: Pick<QuotedLead, "lead">): string | null {
  return lead.kind === "pinged" ? null : (lead.ping?.wants ?? null);
}

/** UUID of the ping that a lead was posted after. */
export function pingIdIn(lead: Candidate): string | undefined {
  return lead.kind === "pinged" ? undefined : lead.ping?.quote?.id;
}

interface QuotedLead {
  lead: Candidate;
  campaign: Campaign;
}

/** The digest under which a pinged value is bound; it travels encrypted, so it need not be keyed. */
export function pingedDigest(field: string, value: string | number | boolean): string {
  return Bun.SHA256.hash(`${field}\0${value}`, "hex").slice(0, DIGEST_LENGTH);
}

/** Hexadecimal: 96 bits. */
const DIGEST_LENGTH = 24;

/** What was put aside keeps what it was promised. */
const USES_UP: readonly RecordStatus[] = ["ACCEPTED", "PENDING", "UNMATCHED", "HELD"];

/** What a lead has used up by how it ended; whatever ended it before its token was looked at leaves that good. */
export function redeemedBy(
  { lead, reading: { campaign } }: ParsedLead,
  ending: Ending,
): PromisedBids | undefined {
  if (lead.kind !== "arrived") return undefined;
  const status = recordStatusOf(ending);
  const isUsed = status !== null && USES_UP.includes(status);
  return isUsed ? quoteFor({ lead, campaign }) : undefined;
}
