import { readRecipient } from "#campaigns/recipient-records.ts";
import type { Database } from "#database/database.ts";
import { type Dispatcher, LEASE_MS } from "#delivery/outbox/dispatcher.ts";
import {
  type AttemptRecord,
  insertBesideCampaigns,
  type NewDelivery,
  NO_CAMPAIGN,
} from "#delivery/outbox/outbox-records.ts";
import { leasedFrom } from "#delivery/outbox/recipient-queue.ts";
import type { Recipients } from "#delivery/recipients/recipients.ts";
import { type Composed, eventBody, withRequest } from "#endpoints/compose.ts";
import type { DeliverySettings } from "#endpoints/delivery-settings.ts";
import type { TemplateValues } from "#endpoints/message/variables.ts";
import { parseRecipient, type Recipient } from "#endpoints/recipient.ts";
import { newUuid } from "#text/ids.ts";
import type { Clock } from "#time/clock.ts";

/**
 * Sends a recipient one test at once and never again, as a delivery that asks: who waits for it is not told what a later attempt comes
 * to. Resolves with what came of it.
 */
export async function deliverTest(
  recipient: Recipient,
  { database, clock, recipients, dispatcher }: TestParts,
): Promise<AttemptRecord | "no_delivery" | "stopping"> {
  recipients.invalidate();
  await recipients.upToDate();
  // Composed with secrets hidden, for it is stored; the attempt puts them in.
  const configured = await database.read((db) => readRecipient(db, recipient));
  const delivery = configured?.delivery ?? null;
  if (delivery === null || delivery.method === "meta") return "no_delivery";
  const now = clock.now();
  const lease = { id: newUuid(), until: new Date(now.getTime() + LEASE_MS).toISOString() };
  const test: NewDelivery = { ...testDelivery(recipient, delivery, now), asks: true, lease };
  await database.write((db) => insertBesideCampaigns(db, [test], now.toISOString()));
  const leased = leasedFrom(test, NO_CAMPAIGN);
  return (leased && (await dispatcher.tryOut(leased))) ?? "stopping";
}

interface TestParts {
  database: Database;
  clock: Clock;
  recipients: Recipients;
  dispatcher: Dispatcher;
}

/** A delivery that says nothing but that it came, for an endpoint that is being set up. It is tried and given up as a lead is. */
export function testDelivery(recipient: Recipient, delivery: DeliverySettings, now: Date): NewDelivery {
  return {
    id: newUuid(),
    lead: null,
    recipient,
    event: "webhook.test",
    giveUpAt: new Date(now.getTime() + delivery.giveUpAfterSeconds * 1000).toISOString(),
    ...testBody(recipient, delivery, now),
  };
}

/** Always in the default form: a template has nothing to be filled with, and neither has a buyer's URL. */
function testBody(recipient: Recipient, delivery: DeliverySettings, now: Date): Composed {
  switch (delivery.method) {
    case "webhook": {
      const composed = eventBody("webhook.test", now.toISOString(), recipientId(recipient));
      return parseRecipient(recipient).kind === "buyer"
        ? withRequest(composed, delivery, NO_VALUES)
        : composed;
    }
    case "email":
      return {
        contentType: "text/plain; charset=utf-8",
        body: "This is a test. Leads will arrive at this address.\n",
        subject: "Test of lead delivery",
      };
  }
}

const NO_VALUES: TemplateValues = { of: () => undefined, timezone: "UTC" };

function recipientId(recipient: Recipient): Readonly<Record<string, string>> {
  const { kind, id } = parseRecipient(recipient);
  return { [`${kind}_id`]: id };
}
