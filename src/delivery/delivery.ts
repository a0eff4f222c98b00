import type { Campaign } from "#catalog/campaign.ts";
import type { Clock } from "#clock.ts";
import type { Cidr } from "#config.ts";
import type { Database, Queryable } from "#database/database.ts";
import type { Log } from "#log.ts";
import { openDispatch } from "./dispatch.ts";
import { createMailer } from "./email.ts";
import { insertDeliveries, type Recipient } from "./outbox.ts";
import { deliveriesFor, type RecordedLead } from "./prepare.ts";
import { openRecipients } from "./recipients.ts";
import { createSender, type SenderParts } from "./send.ts";

export interface DeliveryParts {
  database: Database;
  clock: Clock;
  log: Log;
  /** What signing secrets are sealed under. */
  secretKey: Uint8Array;
  /** Private networks that webhooks may reach. */
  allowedCidrs: readonly Cidr[];
  /** The mail server and the sender's address; null: e-mail cannot be sent. */
  mail: { url: string; from: string } | null;
  userAgent: string;
  /** From 0 up to 1, for jitter. */
  random(): number;
  /** How names are looked up, and whom TLS trusts; the system's ways when absent. */
  dialling?: Pick<SenderParts, "resolve" | "authorities">;
}

/** Delivery as the rest of the server sees it: the outbox that leads leave their deliveries in, and what sends them. */
export interface Delivery {
  write(db: Queryable, campaign: Campaign, leads: readonly RecordedLead[], now: Date): Promise<void>;
  committed(campaign: Campaign, leads: readonly RecordedLead[]): void;
  isDown(buyerId: string): boolean;
  /** Something is due for these recipients of a campaign. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void;
  close(): Promise<void>;
}

export function openDelivery(parts: DeliveryParts): Delivery {
  const { database, clock, mail } = parts;
  const recipients = openRecipients(database, clock, parts.secretKey);
  const sender = createSender({ clock, allowedCidrs: parts.allowedCidrs, ...parts.dialling });
  const mailer = mail === null ? null : createMailer({ clock, ...mail });
  const dispatch = openDispatch({ ...parts, recipients, sender, mailer });
  return {
    async write(db, campaign, leads, now) {
      const deliveries = leads.flatMap((lead) => deliveriesFor(lead, campaign, now));
      await insertDeliveries(db, campaign.id, deliveries, now.toISOString());
    },
    committed(campaign, leads) {
      dispatch.wake(campaign.id, recipientsOf(campaign, leads));
    },
    isDown: recipients.isDown,
    wake: dispatch.wake,
    async close() {
      await dispatch.close();
      sender.close();
    },
  };
}

function recipientsOf(campaign: Campaign, leads: readonly RecordedLead[]): Set<Recipient> {
  const buyers = leads.flatMap(({ sale }): Recipient[] => (sale === null ? [] : [`buyer:${sale.buyerId}`]));
  const webhooks = campaign.definition.webhooks.map(({ id }): Recipient => `webhook:${id}`);
  return new Set(leads.length === 0 ? [] : [...buyers, ...webhooks]);
}
