import type { Campaign } from "#campaigns/campaign.ts";
import type { Queryable } from "#database/database.ts";
import type { Lead } from "./lead.ts";
import type { EarlierLead, RecordStatus, Sale } from "./outcome.ts";
import type { LeadUpdate, ReportedLead } from "./update-records.ts";

/** A lead that goes on record, and what was sold of it. */
export interface HandedOver {
  lead: Lead;
  status: RecordStatus;
  /** Also of a lead that is held; of several sales the first. */
  sale: Sale | null;
  /** The sales beside the first. */
  further: readonly Sale[];
  isTest: boolean;
  duplicateOf: EarlierLead | null;
  /** ms since 1970. */
  decidedAt: number;
  /** What was understood of it, unmapped values included. */
  fields: Readonly<Record<string, unknown>>;
}

/** What a supplier reported of a lead (a UUID) on record. */
export interface Report {
  leadId: string;
  lead: ReportedLead;
  update: LeadUpdate;
}

/** Unclear: it may have taken the lead, but has not said so. */
export type BuyersAnswer = "confirmed" | "refused" | "unclear";

/**
 * Where intake leaves what is to be sent. Intake knows no more of delivery than this: rows in its own transaction, and a word
 * when they are committed.
 */
export interface Outbox {
  /** Writes, in the batch's transaction, whatever has to be sent because of these leads. */
  write(db: Queryable, campaign: Campaign, leads: readonly HandedOver[], now: Date): Promise<void>;
  /** They are committed. */
  committed(campaign: Campaign, leads: readonly HandedOver[]): void;
  /** Writes, in the transaction of a supplier's report, what has to be sent because of it. Resolves with what to call once it is committed. */
  report(db: Queryable, campaign: Campaign, report: Report, now: Date): Promise<() => void>;
  /** Asks the buyer of a lead that is committed as held, for at most `withinMs`. */
  ask(lead: HandedOver, withinMs: number): Promise<BuyersAnswer>;
  /** The leads held since before `before` whose buyers have answered, and what they answered. */
  leftHeld(before: Date): Promise<{ leadId: string; answer: BuyersAnswer }[]>;
  /** Whether the lead (UUID) could not be delivered to the buyer, or was refused by it afterwards. */
  isUndelivered(leadId: string, buyerId: string): Promise<boolean>;
  /** The buyers that the lead (UUID) was ever meant for. */
  meantFor(leadId: string): Promise<string[]>;
  /** Whether the buyer's leads should go to others, because nothing can be sent to it now. */
  isDown(buyerId: string): boolean;
}
