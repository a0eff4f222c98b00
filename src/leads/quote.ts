import type { Amount } from "#money/amount.ts";
import type { NoBid } from "./bid.ts";

/** Who would take a pinged lead, at which price. */
export interface PromisedBids {
  /** UUIDv7 of the ping. */
  id: string;
  /** Best first. */
  bids: readonly QuotedBid[];
  /** Why buyers that were asked live made no bid, by buyer; absent when all made one. */
  noBids?: Readonly<Record<string, NoBid>> | undefined;
}

/** What a ping promised its supplier, and for which lead. */
export interface Quote extends PromisedBids {
  campaignId: string;
  supplierId: string;
  /** Absent in what releases before it promised. */
  terms?: QuoteTerms | undefined;
  /** ms since 1970. */
  expiresAt: number;
  /** What was pinged, by field: a digest of each value, by which the post is compared. */
  pinged: Readonly<Record<string, string>>;
}

/** What prices were promised in, and whether for a test, which buyers were told. */
export interface QuoteTerms {
  /** ISO 4217. */
  currency: string;
  isTest: boolean;
}

/** One buyer's price, and what the supplier is paid for it: alone, or as a further sale of the same lead. */
export interface QuotedBid {
  buyerId: string;
  price: Amount;
  payout: Amount;
  furtherPayout: Amount;
  /** The buyer's own name for its bid, which the post may repeat. */
  reference: string | null;
}

/** What a post said of its ping: the quote is undefined for a text that no ping was ever answered with. */
export interface PostedPing {
  quote: Quote | undefined;
  /** The bid that the supplier chose. */
  wants: string | null;
}
