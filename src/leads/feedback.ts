import type { Amount } from "#money/amount.ts";
import type { RecordStatus } from "./status.ts";

/** What a supplier reported of a lead. Ids are UUIDs, `createdAt` ms since 1970. */
export interface Feedback {
  id: string;
  outcome: string;
  revenue: Amount | null;
  salesRep: string | null;
  speedToLeadSeconds: number | null;
  callDurationSeconds: number | null;
  note: string | null;
  createdAt: number;
}

/** A lead on record, as far as what is reported of it is concerned. */
export interface ReportedLead {
  /** UUID. */
  id: string;
  campaignId: string;
  supplierId: string;
  status: RecordStatus;
  currency: string;
  isTest: boolean;
  isErased: boolean;
  /** The buyers that it was sold to, in order. */
  buyerIds: readonly string[];
  /** What those pay for it together. */
  price: Amount;
  /** What was understood of it. */
  fields: Readonly<Record<string, unknown>>;
}
