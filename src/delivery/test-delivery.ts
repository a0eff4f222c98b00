import type { NewDelivery } from "#delivery/outbox/outbox-records.ts";
import { type Composed, eventBody } from "#endpoints/compose.ts";
import type { DeliverySettings } from "#endpoints/delivery-settings.ts";
import { parseRecipient, type Recipient } from "#endpoints/recipient.ts";
import { newUuid } from "#text/ids.ts";

/** What a test is written under, in place of a campaign's id. */
export const NO_CAMPAIGN = "";

/** A delivery that says nothing but that it came, for whoever sets an endpoint up. It is tried and given up as a lead is. */
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

/** Always in the default form: a template has nothing to be filled with. */
function testBody(recipient: Recipient, { method }: DeliverySettings, now: Date): Composed {
  switch (method) {
    case "webhook":
      return eventBody("webhook.test", now.toISOString(), recipientId(recipient));
    case "email":
      return {
        contentType: "text/plain; charset=utf-8",
        body: "This is a test. Leads will arrive at this address.\n",
        subject: "Test of lead delivery",
      };
  }
}

function recipientId(recipient: Recipient): Readonly<Record<string, string>> {
  const { kind, id } = parseRecipient(recipient);
  return { [`${kind}_id`]: id };
}
