import type { Database } from "#database/database.ts";
import {
  type Recovery,
  readDelivery,
  recover,
  redeliver,
  resume,
} from "#delivery/outbox/delivery-records.ts";
import { insertDeliveries } from "#delivery/outbox/outbox-records.ts";
import type { DeliverySettings } from "#endpoints/delivery-settings.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import { NO_CAMPAIGN, testDelivery } from "./test-delivery.ts";

/** What operators do by hand to what a recipient is sent. */
export interface ByHand {
  database: Database;
  /** Says that deliveries of a campaign to these recipients were made due. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void;
  now(): Date;
}

/** What is said of a delivery whose body was erased. */
export const NOTHING_LEFT_TO_SEND =
  "What was sent told who the person is, and was erased: there is nothing left to send.";

/**
 * Has one delivery (a UUID) sent again, whatever became of it. `to`: the recipient that asks, for whom the deliveries of others are as if
 * there were none; null: an operator does.
 */
export async function redeliverOne(
  id: string,
  to: Recipient | null,
  { database, now, wake }: ByHand,
): Promise<"due" | "no_such_delivery" | "not_its_lead" | "erased"> {
  const due = await database.write(async (tx) => {
    const found = to === null ? undefined : await readDelivery(tx, id);
    if (to !== null && found?.delivery.recipient !== to) return "no_such_delivery";
    return await redeliver(tx, id, now().toISOString());
  });
  if (typeof due === "string") return due;
  wake(due.campaignId, [due.recipient]);
  return "due";
}

/** A stretch of time, ISO 8601. */
export interface WrittenBetween {
  since: string;
  until: string | null;
}

const MOST_RECOVERED = 10_000;
const RECOVERED_AT_ONCE = 1_000;

/**
 * Makes due again what was written for a recipient in a stretch of time and did not arrive, 10,000 deliveries at most. `complete` is
 * false when there may be more than could be recovered at once.
 */
export async function recoverDeliveries(
  recipient: Recipient,
  { since, until }: WrittenBetween,
  { database, now, wake }: ByHand,
): Promise<{ recovered: number; complete: boolean }> {
  const at = now().toISOString();
  let recovered = 0;
  let after: string | null = null;
  while (recovered < MOST_RECOVERED) {
    const recovery: Recovery = { recipient, since, until, after };
    const batch = await database.write((tx) => recover(tx, recovery, at, RECOVERED_AT_ONCE));
    for (const campaignId of new Set(batch.map((each) => each.campaignId))) wake(campaignId, [recipient]);
    recovered += batch.length;
    if (batch.length < RECOVERED_AT_ONCE) return { recovered, complete: true };
    after = batch.at(-1)?.id ?? null;
  }
  return { recovered, complete: false };
}

/** Sends `webhook.test` to a recipient, by the same way as leads; answers the delivery's UUID. */
export async function sendTest(
  recipient: Recipient,
  settings: DeliverySettings,
  { database, now, wake }: ByHand,
): Promise<string> {
  const at = now();
  const test = testDelivery(recipient, settings, at);
  await database.write((tx) => insertDeliveries(tx, [{ ...test, campaign: NO_CAMPAIGN }], at.toISOString()));
  wake(NO_CAMPAIGN, [recipient]);
  return test.id;
}

/** Sends to a recipient again that answered 410 Gone; answers how many deliveries that were held back are due at once. */
export async function resumeDeliveries(
  recipient: Recipient,
  { database, now, wake }: ByHand,
): Promise<number> {
  const at = now().toISOString();
  const campaigns = await database.write((tx) => resume(tx, recipient, at));
  for (const campaignId of new Set(campaigns)) wake(campaignId, [recipient]);
  return campaigns.length;
}
