import type { Campaign } from "#catalog/campaign.ts";
import type { Queryable } from "#database/database.ts";
import type { Lead } from "./lead.ts";
import type { EarlierLead, RecordStatus, Sale } from "./outcome.ts";

/** A lead that goes on record, and what was sold of it. */
export interface HandedOver {
  lead: Lead;
  status: RecordStatus;
  /** Also of a lead that is held. */
  sale: Sale | null;
  isTest: boolean;
  duplicateOf: EarlierLead | null;
  /** ms since 1970. */
  decidedAt: number;
  /** What was understood of it, unmapped values included. */
  fields: Readonly<Record<string, unknown>>;
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
