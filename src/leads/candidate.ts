import type { PostedPing } from "./quote.ts";
import type { Sale } from "./sale.ts";
import type { RecordStatus } from "./status.ts";
import type { ReopenCause } from "./trace.ts";

/** A lead that is to be decided: who sent it, and what was sent. */
export interface Candidate {
  /** UUIDv7, made on arrival. */
  id: string;
  requestId: string;
  campaignId: string;
  supplierId: string;
  keyId: string;
  body: Readonly<Record<string, unknown>>;
  idempotency: Idempotency | null;
  /** The W3C `traceparent` of the request that brought it, while traces are collected. */
  trace?: string | undefined;
  /** Only a price is asked for: there is part of a lead, and nothing goes on record. */
  isPing?: true;
  /** The ping that the lead follows. */
  ping?: PostedPing;
  /** The lead is on record already, and is decided once more. */
  prior?: PriorDecision;
}

/** Why a lead on record is decided once more, and as what it was found: one that changed meanwhile is left as it is. */
export interface PriorDecision {
  cause: ReopenCause;
  status: RecordStatus;
  /** What was sold, or reserved for a sale. */
  sales: readonly Sale[];
  duplicateOf: EarlierLead | null;
  isTest: boolean;
  /** ms since 1970. */
  decidedAt: number;
  /** The buyers that did not take it. */
  refusedBy: ReadonlySet<string>;
  /** No buyer can be asked any more. */
  outOfTime: boolean;
}

/** The lead that a later one repeats. */
export interface EarlierLead {
  leadId: string;
  buyerId: string | null;
}

/** The supplier's `Idempotency-Key`, keyed and hashed, and a hash of the body that came with it; both UUIDs. */
export interface Idempotency {
  key: string;
  requestHash: string;
}
