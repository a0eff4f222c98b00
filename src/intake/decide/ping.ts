import type { Campaign } from "#campaigns/campaign.ts";
import { hashedFields } from "#fields/system.ts";
import { usualHashesOf } from "#fields/usual-hashes.ts";
import type { ReplyFieldCode, ReplyFieldError } from "#http/reply.ts";
import type { Candidate } from "#leads/candidate.ts";
import type { PromisedBids, Quote, QuoteTerms } from "#leads/quote.ts";
import type { RecordStatus } from "#leads/status.ts";
import { pingIdOf } from "#text/ids.ts";
import type { CheckResult, DecisionInput } from "./check.ts";
import { type Ending, recordStatusOf } from "./decision.ts";
import type { ParsedLead, Reading } from "./reading.ts";

/** Does the lead come with a ping's token that is good for it? A lead on record has redeemed its own. */
export function checkPing(input: DecisionInput): CheckResult {
  const flaw = input.lead.kind === "reopened" ? undefined : findFlaw(input);
  const id = pingIdIn(input.lead);
  const detail = id === undefined ? {} : { ping_id: pingIdOf(id) };
  if (flaw === undefined) return { line: { check: "ping", result: "passed", detail } };
  return {
    line: { check: "ping", result: "ended", detail: { ...detail, reason: flaw.code } },
    ending: { kind: "invalid", errors: [flaw] },
  };
}

function findFlaw(input: DecisionInput): ReplyFieldError | undefined {
  const { lead, state, now } = input;
  const posted = lead.kind === "arrived" ? lead.ping : null;
  const quote = posted?.quote;
  const wants = posted?.wants ?? null;
  if (quote === undefined) return pingFlaw("invalid", "flo_ping_id is not the ping_id of a ping's answer");
  if (quote.campaignId !== lead.campaignId) return pingFlaw("mismatch", "the ping was for another campaign");
  if (quote.supplierId !== lead.supplierId) return pingFlaw("mismatch", "the ping was another supplier's");
  if (quote.expiresAt <= now.getTime()) return pingFlaw("expired", "the ping has expired; ping again");
  if (!isOnSameTerms(quote, input)) {
    return pingFlaw(
      "mismatch",
      "the ping was in another currency, or only one of ping and lead is a test; ping again",
    );
  }
  const changed = changedSince(quote, input);
  if (changed.length > 0) return pingFlaw("mismatch", `not as it was pinged: ${changed.join(", ")}`);
  if (state.redeemed.has(quote.id))
    return pingFlaw("replayed", "the ping has bought its lead already; ping again");
  if (wants !== null && quote.bids.every((bid) => bid.buyerId !== wants)) {
    return {
      field: "flo_buyer_id",
      code: "not_allowed",
      message: "flo_buyer_id must be one of the ping's bids",
    };
  }
  return undefined;
}

function pingFlaw(code: ReplyFieldCode, message: string): ReplyFieldError {
  return { field: "flo_ping_id", code, message };
}

/** The operator may have changed either since the ping. */
function isOnSameTerms({ terms }: Quote, { reading }: DecisionInput): boolean {
  const { currency, isTest } = termsOf(reading);
  return terms === undefined || (terms.currency === currency && terms.isTest === isTest);
}

/** On what terms prices are promised now. */
export function termsOf({ campaign, isTest }: Pick<Reading, "campaign" | "isTest">): QuoteTerms {
  return { currency: campaign.currency, isTest };
}

/**
 * The mapped fields whose values are not those that were pinged. Where a hash was pinged, the value must be what was hashed; a ZIP code
 * is bound by its first five digits.
 */
function changedSince(quote: Quote, { reading, campaign }: DecisionInput): string[] {
  const candidatesFor = (field: string) => {
    const hashed = hashedFields.find(({ name }) => name === field);
    const value = reading.values[hashed?.of ?? field];
    if (value === undefined) return [];
    if (hashed !== undefined) return usualHashesOf(hashed.name, String(value));
    return [value, campaign.mapping.spellings.whole(field, value)];
  };
  const bound = boundFields(campaign);
  return Object.entries(quote.pinged)
    .filter(([field]) => bound.has(field))
    .filter(([field, digest]) => candidatesFor(field).every((each) => pingedDigest(field, each) !== digest))
    .map(([field]) => field);
}

/** What the mapping doesn't know, such as a sender's own time stamp, may differ from the ping to the post. */
export function boundFields({ mapping }: Campaign): ReadonlySet<string> {
  return new Set([...mapping.fields, ...hashedFields].map(({ name }) => name));
}

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
