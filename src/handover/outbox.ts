import type { Campaign } from "#campaigns/campaign.ts";
import type { Queryable } from "#database/database.ts";
import type { BuyersAnswers } from "#leads/candidate.ts";
import type { DecidedLead } from "#leads/decided-lead.ts";
import type { Feedback, ReportedLead } from "#leads/feedback.ts";
import type { TellIn } from "./alert.ts";

/** A lead (UUID) that its buyer refused after it had been sold to it, by the answer to its delivery. */
export interface RefusedLead {
  campaignId: string;
  leadId: string;
  buyerId: string;
  verdict: "rejected" | "duplicate";
  /** The delivery that it was refused by, a UUID. */
  deliveryId: string;
}

/**
 * Where intake leaves what is to be sent. Intake knows no more of delivery than this: rows in its own transaction, and a word
 * when they are committed.
 */
export interface Outbox {
  /** Writes, in the batch's transaction, whatever has to be sent because of its leads, and that refusals are dealt with by them. */
  write(db: Queryable, batch: readonly DecidedLeads[], now: Date): Promise<Handover>;
  /** Writes, in its transaction, what has to be sent of what a supplier reported. Resolves with what to call once it is committed. */
  report(
    db: Queryable,
    campaign: Campaign,
    lead: ReportedLead,
    feedback: Feedback,
    now: Date,
  ): Promise<() => void>;
  /** The leads that have been pending since before `before` and whose buyers have answered, and what they answered. */
  answeredPending(before: Date): Promise<{ leadId: string; answers: BuyersAnswers }[]>;
  /** Of leads (UUIDs) of a campaign: to which buyers each could not be delivered, or by which it was refused afterwards. */
  undelivered(
    db: Queryable,
    campaignId: string,
    leads: readonly string[],
  ): Promise<{ leadId: string; buyerId: string }[]>;
  /** The buyers that the lead (UUID) was ever meant for. */
  meantFor(leadId: string): Promise<string[]>;
  /** Refusals of what had been sold about which nothing was done yet: the oldest first, behind that of a delivery, `limit` at most. */
  unsettledRefusals(after: string | undefined, limit: number): Promise<RefusedLead[]>;
  /** Nothing is to be done about it: the sale is undone already. */
  dismissRefusal(refused: RefusedLead): Promise<void>;
  /** Calls `listener` whenever this server has recorded such a refusal; there is one listener. */
  onRefusal(listener: () => void): void;
  /** Calls `listener` whenever this server has recorded an answer to what another server asked, which died; there is one listener. */
  onAnswer(listener: () => void): void;
  /** Tells operators of what a batch of leads brings about beside them. */
  tellIn: TellIn;
  /** Whether the buyer's leads should go to others, because nothing can be sent to it now. */
  isDown(buyerId: string): boolean;
}

/** The leads of a batch that are of one campaign. */
export interface DecidedLeads {
  campaign: Campaign;
  leads: readonly DecidedLead[];
}

/** What a batch of leads left in the outbox. Nothing of it may be sent before the batch is committed. */
export interface Handover {
  /** It is committed: what is due can be sent. */
  committed(): void;
  /** Asks those of a pending lead's (UUID) buyers that want to be asked, all at once and for at most `withinMs`; it is committed. */
  ask(leadId: string, withinMs: number): Promise<BuyersAnswers>;
}
