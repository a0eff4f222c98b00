import type { Amount } from "#money/amount.ts";

/** What is offered for bids, the same to every buyer. */
export interface BidRequest {
  /** UUID. Buyers are told it, and it can be repeated to the one that gets the lead. */
  readonly pingId: string;
  /** Of the campaign: its buyers are asked as that revision says, or a later one. */
  readonly revision: number;
  readonly campaignId: string;
  readonly isTest: boolean;
  /** ISO 4217. */
  readonly currency: string;
  /** Of the campaign, IANA. */
  readonly timezone: string;
  /** What was pinged, as it was understood. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a buyer that bids live has answered. */
export type BidAnswer =
  | {
      readonly kind: "bid";
      /** Exact, above 0 and at most 1,000,000; null: the buyer takes the lead at its contract's price. */
      readonly price: Amount | null;
      /** The buyer's own word for its bid, at most 200 characters in one line. */
      readonly reference: string | null;
    }
  | {
      readonly kind: "no_bid";
      readonly why: NoBid;
      /** In the buyer's words, at most 200 characters in one line; null: it did not say. */
      readonly reason: string | null;
    };

/** The answers of the buyers that were asked, by buyer. */
export type BidAnswers = ReadonlyMap<string, BidAnswer>;

/** What came of a ping that was tried out. */
export interface TriedPing {
  /** Of HTTP; null when no answer came. */
  readonly status: number | null;
  readonly durationMs: number;
  /** The beginning of the answer, at most 1,024 characters. */
  readonly body: string;
  /** How it was read. */
  readonly answer: BidAnswer;
}

/** Why asking somebody brought no answer that can be read. */
export type AskFailure = Exclude<NoBid, "rejected" | "duplicate" | "bad_price" | "no_price">;

/** Every reason for which a buyer that bids live ends without a bid. */
export type NoBid =
  /** It said no, or bid 0. */
  | "rejected"
  /** It said that it has this person already. */
  | "duplicate"
  /** Its own time was over before its answer was there. */
  | "timed_out"
  /** The time for all bids was over. */
  | "out_of_budget"
  /** No connection: no address, nobody listening there, or no TLS. */
  | "unreachable"
  /** Its URL leads to an address that may not be called. */
  | "not_allowed"
  /** The connection ended before the whole answer was there. */
  | "broken_off"
  /** A status that is no success, and that no rule explains. */
  | "http_status"
  /** One of its rules says that this answer is an error. */
  | "error_by_rule"
  /** What came back is no HTTP, or nothing that is known as a yes or a no. */
  | "unreadable"
  /** What it bid is no exact amount with at most four decimals, or more than 1,000,000. */
  | "bad_price"
  /** It would take the lead without naming a price, and its contract has none. */
  | "no_price"
  /** So many pings to it failed lately that it is left alone for a while. */
  | "breaker_open"
  /** As many pings are on their way to it as it takes. */
  | "too_many_in_flight"
  /** It has no ping, or none any more. */
  | "not_asked";
