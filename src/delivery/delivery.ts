import type { Campaign } from "#campaigns/campaign.ts";
import type { Database } from "#database/database.ts";
import type { AttemptVerdict } from "#delivery/outbox/attempt.ts";
import { Dispatcher, LEASE_MS } from "#delivery/outbox/dispatcher.ts";
import { endSettled, isUndelivered, leftHeld, meantFor } from "#delivery/outbox/lead-deliveries-records.ts";
import {
  type Claimed,
  insertDeliveries,
  type NewDelivery,
  type Result,
} from "#delivery/outbox/outbox-records.ts";
import { readOutboxState } from "#delivery/outbox/outbox-state-records.ts";
import { openOutboxStore } from "#delivery/outbox/outbox-store.ts";
import type { Leased } from "#delivery/outbox/recipient-queue.ts";
import { openRecipients, type Recipients } from "#delivery/recipients/recipients.ts";
import { mayHaveArrived } from "#delivery/transport/failure.ts";
import { createMailer } from "#delivery/transport/mail.ts";
import { createSender, type SenderParts } from "#delivery/transport/send.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { Bidders } from "#handover/bidders.ts";
import type { BuyersAnswer, Outbox } from "#handover/outbox.ts";
import type { OutboxState } from "#leads/delivery-state.ts";
import type { Log } from "#telemetry/log.ts";
import type { Observer, Tracing } from "#telemetry/observer.ts";
import type { Cidr } from "#text/cidr.ts";
import { newUuid } from "#text/ids.ts";
import type { Clock } from "#time/clock.ts";
import { openBidding } from "./bid.ts";
import { settledBy, toItsBuyers, toWebhooks } from "./prepare.ts";
import { reportDeliveries } from "./report.ts";
import { NO_CAMPAIGN, testDelivery } from "./test-delivery.ts";

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
  observer: Observer;
  tracing?: Tracing | undefined;
  /** How names are looked up, and whom TLS trusts; the system's ways when absent. */
  dialling?: Pick<SenderParts, "resolve" | "authorities">;
}

/** Delivery as the rest of the server sees it: the outbox that intake leaves its deliveries in, the bidders that pings ask, and what sends. */
export interface Delivery extends Outbox, Bidders {
  /** Sends a buyer one `webhook.test` at once and never again, whatever is known against its endpoint; resolves with what came of it. */
  test(buyerId: string): Promise<Result | "no_delivery" | "stopping">;
  /** Attempts of this server that are on their way. */
  inFlight(): number;
  /** How the endpoints stand of those who are sent deliveries; `paused`: one answered 410. */
  endpoints: Recipients["endpoints"];
  /** What the outbox of all servers holds. Throws DatabaseUnavailable. */
  outboxState(): Promise<OutboxState>;
  /** Something is due for these recipients of a campaign. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void;
  close(): Promise<void>;
}

export function openDelivery(parts: DeliveryParts): Delivery {
  const { database, clock, mail } = parts;
  const recipients = openRecipients(database, clock, parts.secretKey);
  const sender = createSender({ clock, allowedCidrs: parts.allowedCidrs, ...parts.dialling });
  const mailer = mail === null ? null : createMailer({ clock, ...mail });
  const dispatcher = new Dispatcher({
    ...parts,
    outbox: openOutboxStore(database),
    recipients,
    sender,
    mailer,
  });
  dispatcher.start();
  const bidding = openBidding({ ...parts, recipients, sender });
  let newestRevision = 0;

  /** Marks as held, of one batch after the other, what this server can send as soon as it is committed. */
  function holding(now: Date): (delivery: NewDelivery) => NewDelivery {
    const held = { lease: newUuid(), until: new Date(now.getTime() + LEASE_MS).toISOString() };
    const room = new Map<Recipient, number>();
    return (delivery) => {
      if (delivery.asks !== undefined) return delivery;
      const left = room.get(delivery.recipient) ?? dispatcher.spareLeases(delivery.recipient);
      room.set(delivery.recipient, left - 1);
      return left > 0 ? { ...delivery, held } : delivery;
    };
  }

  function sendCommitted(campaign: Campaign, deliveries: readonly NewDelivery[]): void {
    // A configuration is in force for the very next lead, and so is where its buyer wants it.
    if (campaign.revision > newestRevision) recipients.outdated();
    newestRevision = Math.max(newestRevision, campaign.revision);
    dispatcher.send(deliveries.flatMap((delivery) => heldFrom(delivery, campaign.id)));
    const due = deliveries.filter(({ held, asks }) => held === undefined && asks === undefined);
    dispatcher.wake(campaign.id, new Set(due.map(({ recipient }) => recipient)));
  }

  async function ask(
    campaignId: string,
    leadId: string,
    deliveries: readonly NewDelivery[],
    withinMs: number,
  ): Promise<BuyersAnswer> {
    const asking = deliveries.find(({ lead, asks }) => lead === leadId && asks !== undefined);
    if (asking?.asks === undefined) throw new Error("there is nothing to ask with: the lead is not pending");
    const verdict = await dispatcher.ask(claimed(asking, campaignId), asking.asks.lease, withinMs);
    return verdict === "not_asked" ? "refused" : meaningOf(verdict);
  }

  return {
    async write(db, campaign, leads, now) {
      const hold = holding(now);
      const deliveries = leads
        .flatMap((lead) => [...toItsBuyers(lead, campaign, now), ...toWebhooks(lead, campaign, now)])
        .map(hold);
      const at = now.toISOString();
      await endSettled(db, campaign.id, leads.flatMap(settledBy), at);
      await insertDeliveries(db, campaign.id, deliveries, at);
      return {
        committed: () => sendCommitted(campaign, deliveries),
        ask: (leadId, withinMs) => ask(campaign.id, leadId, deliveries, withinMs),
      };
    },
    async report(db, campaign, lead, feedback, now) {
      const toSend = reportDeliveries(lead, feedback, campaign, now);
      await insertDeliveries(db, campaign.id, toSend, now.toISOString());
      return () => dispatcher.wake(campaign.id, new Set(toSend.map(({ recipient }) => recipient)));
    },
    async answeredPending(before) {
      const left = await database.read((db) => leftHeld(db, before.toISOString()));
      return left.map(({ leadId, verdict, failure }) => ({ leadId, answer: storedAnswer(verdict, failure) }));
    },
    askForBids: bidding.askForBids,
    isUndelivered: (leadId, buyerId) => database.read((db) => isUndelivered(db, leadId, buyerId)),
    meantFor: (leadId) => database.read((db) => meantFor(db, leadId)),
    isDown: recipients.isDown,
    async test(buyerId) {
      const recipient: Recipient = `buyer:${buyerId}`;
      recipients.outdated();
      await recipients.upToDate();
      const { delivery } = recipients.find(recipient);
      if (delivery === null) return "no_delivery";
      const now = clock.now();
      // As one that asks, it is attempted once: whoever waits for it is not told what a later attempt comes to.
      const asks = { lease: newUuid(), until: new Date(now.getTime() + LEASE_MS).toISOString() };
      const test = { ...testDelivery(recipient, delivery, now), asks };
      await database.write((db) => insertDeliveries(db, NO_CAMPAIGN, [test], now.toISOString()));
      return (await dispatcher.tryOut(claimed(test, NO_CAMPAIGN), asks.lease)) ?? "stopping";
    },
    inFlight: () => dispatcher.inFlight(),
    endpoints: recipients.endpoints,
    outboxState: () => database.read((db) => readOutboxState(db, clock.now().toISOString())),
    wake(campaignId, woken) {
      recipients.outdated();
      dispatcher.wake(campaignId, woken);
    },
    async close() {
      await dispatcher.close();
      sender.close();
    },
  };
}

/** A delivery as if it had been claimed: whoever writes it to send it holds it from the start. */
function claimed(delivery: NewDelivery, campaignId: string): Claimed {
  const { id, recipient, event, contentType, body, subject, trace = null, asks, giveUpAt } = delivery;
  const shape = { id, campaignId, recipient, event, contentType, body, subject, trace };
  return { ...shape, attempt: 1, byHand: false, asks: asks !== undefined, giveUpAt: Date.parse(giveUpAt) };
}

function heldFrom(delivery: NewDelivery, campaignId: string): Leased[] {
  const { held } = delivery;
  if (held === undefined) return [];
  const lease = { id: held.lease, endsAt: Date.parse(held.until) };
  return [{ delivery: claimed(delivery, campaignId), lease }];
}

function meaningOf(verdict: AttemptVerdict): BuyersAnswer {
  return storedAnswer(verdict.outcome, verdict.outcome === "error" ? verdict.failure.kind : null);
}

function storedAnswer(outcome: string | null, failure: string | null): BuyersAnswer {
  if (outcome === "accepted") return "confirmed";
  if (outcome === "rejected" || outcome === "duplicate") return "refused";
  return failure === null || mayHaveArrived(failure) ? "unclear" : "refused";
}
