import type { NoBid } from "#leads/bid.ts";
import type { DeliveryState } from "#leads/delivery-state.ts";
import type { RecordStatus } from "#leads/status.ts";
import type { Running } from "#time/running.ts";

/**
 * What the parts of the server tell those who watch it: a closed set, with nothing personal in it. Each is called while a lead waits
 * for its answer, so it must cost next to nothing.
 */
export interface Observer {
  /** `route` as it is declared, `/api/v1/admin/leads/:lead`; undefined: there is none at that address. */
  requestAnswered(method: string, route: string | undefined, status: number, durationMs: number): void;
  /** A supplier was told to come back later. */
  rateLimited(supplierId: string): void;
  /** The leads of a batch are committed and about to be answered. */
  batchCommitted(batch: ObservedBatch): void;
  /** A ping was answered. `bids`: how the buyers that were asked live have answered. */
  pinged(campaignId: string, outcome: PingOutcome, bids: Iterable<BidOutcome>, durationMs: number): void;
  /** A lead was handed to the server whose campaign it is: it answered, or this server took it after all. */
  leadForwarded(outcome: "answered" | "taken_here"): void;
  databaseWritten(outcome: WriteOutcome, durationMs: number): void;
  attemptEnded(recipient: "buyer" | "webhook" | "conversion" | "alert", attempt: ObservedAttempt): void;
}

/** What follows a lead through the parts of the server; absent unless traces are collected. */
export interface Tracing extends Running {
  /** Follows a request; undefined for one that is of no interest. */
  openRequest(request: Request): TracedRequest | undefined;
  /** Follows the transaction of a batch. */
  ofBatch<T>(leads: readonly TracedLead[], work: () => Promise<T>): Promise<T>;
  /** Follows a transaction that writes: under the batch that it is of, or not at all. */
  ofWrite<T>(work: () => Promise<T>): Promise<T>;
  /** Follows an attempt to deliver, which is handed the `traceparent` that the recipient is to hear. */
  ofAttempt<T extends { result: ObservedAttempt }>(
    delivery: { id: string; campaignId: string; recipient: string; trace: string | null },
    work: (traceparent: string) => Promise<T>,
  ): Promise<T>;
}

export interface TracedRequest {
  /** The W3C `traceparent` under which what comes of the request is found. */
  readonly traceparent: string;
  /** The caller's key was good: from here on the request is part of the trace that the caller names, and sampled as that is. */
  callerKnown(): void;
  answered(route: string | undefined, status: number): void;
}

/** `since`: ms of the clock that never runs backwards. */
export interface TracedLead {
  lead: { id: string; campaignId: string; trace?: string | undefined };
  since: number;
}

/** Times are ms of the clock that never runs backwards. */
export interface ObservedBatch {
  campaignId: string;
  leads: readonly { since: number }[];
  endedAt: number;
  /** Those that went on record, or were decided once more. */
  onRecord: readonly { status: RecordStatus; isTest: boolean; prior: object | null }[];
}

/** Refused: the database would not have a value. Unavailable: it could not be reached, or was too slow. */
export type WriteOutcome = "committed" | "refused" | "unavailable" | "failed";

/** Refused: the ping was not valid, or not this supplier's to make. */
export type PingOutcome =
  | "accepted"
  | "filtered"
  | "suppressed"
  | "duplicate"
  | "no_buyer"
  | "inactive"
  | "refused";

export type BidOutcome = "bid" | NoBid;

export interface ObservedAttempt {
  /** How it left the delivery; `pending`: it will be tried again. */
  state: DeliveryState;
  /** Its name by src/delivery/transport/failure.ts. */
  failure: string | null;
  httpStatus: number | null;
  durationMs: number;
}
