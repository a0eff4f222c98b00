import type { Database, Queryable } from "#database/database.ts";
import {
  hurryFailed,
  type NotSentAgain,
  type Recovery,
  readDelivery,
  recover,
  redeliver,
  releasePaused,
} from "#delivery/outbox/delivery-records.ts";
import { insertBesideCampaigns, NO_CAMPAIGN } from "#delivery/outbox/outbox-records.ts";
import { dueNow } from "#delivery/recipients/breaker.ts";
import { openEndpoint } from "#delivery/recipients/endpoint-records.ts";
import type { DeliverySettings } from "#endpoints/delivery-settings.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { TellIn } from "#handover/alert.ts";
import { endpointAlert } from "./recipients/endpoint-alert.ts";
import { testDelivery } from "./test-delivery.ts";

/**
 * What operators do by hand to what a recipient is sent. Who asks for it knows better than the breaker: it is tried at once, one delivery
 * first where the endpoint was down, and the others as soon as that has arrived. A paused endpoint is resumed.
 */
export interface ByHand {
  database: Database;
  /** Says that deliveries of a campaign to these recipients were made due. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void;
  tellIn: TellIn;
  now(): Date;
}

/** What is said of a delivery that its buyer has refused, as long as nothing was done about that. */
export const BEING_SETTLED =
  "The buyer has refused this lead, which is just being dealt with. Look at the lead in a moment.";

/** What is said of a delivery whose body was erased. */
export const NOTHING_LEFT_TO_SEND =
  "What was sent told who the person is, and was erased: there is nothing left to send.";

/**
 * Has one delivery (a UUID) sent again, whatever became of it; answers when. `to`: the recipient that asks, for whom the deliveries of
 * others are as if there were none; null: an operator does.
 */
export async function redeliverOne(
  id: string,
  to: Recipient | null,
  parts: ByHand,
): Promise<Date | NotSentAgain> {
  const { database, now } = parts;
  const at = now();
  const due = await database.write(async (tx) => {
    const found = to === null ? undefined : await readDelivery(tx, id);
    if (to !== null && found?.delivery.recipient !== to) return "no_such_delivery";
    const again = await redeliver(tx, id, at.toISOString());
    if (typeof again === "string") return again;
    return { ...again, ...(await open(tx, again.recipient, at, parts)) };
  });
  if (typeof due === "string") return due;
  due.told();
  const { recipient, campaignId, released } = due;
  const rest = released.length < DUE_AT_ONCE ? [] : await inParts(releasePaused, recipient, at, parts);
  wakeAll(recipient, [campaignId, ...released, ...rest], parts);
  return new Date(due.nextAt);
}

/** Deliveries that one transaction makes due: 100,000 took it longer than any may, and held up leads that were decided meanwhile. */
const DUE_AT_ONCE = 1_000;

/** Makes deliveries of a recipient due until there are no more. Says for which campaigns, once for each. */
async function inParts(
  makeDue: typeof releasePaused,
  recipient: Recipient,
  at: Date,
  { database }: Pick<ByHand, "database">,
): Promise<string[]> {
  const campaigns: string[] = [];
  for (;;) {
    const due = await database.write((tx) => makeDue(tx, recipient, at.toISOString(), DUE_AT_ONCE));
    campaigns.push(...due);
    if (due.length < DUE_AT_ONCE) return campaigns;
  }
}

/** What follows once an endpoint may be tried. */
interface Opened {
  /** The campaigns of which something was held back, once for each delivery. */
  released: string[];
  /** To be called when it is committed. */
  told(): void;
}

/** Lets a recipient's endpoint be tried at once, and makes due what is held back by it, or a first part of that. */
async function open(
  tx: Queryable,
  recipient: Recipient,
  now: Date,
  { tellIn }: Pick<ByHand, "tellIn">,
): Promise<Opened> {
  const before = await openEndpoint(tx, recipient, now);
  const released = await releasePaused(tx, recipient, now.toISOString(), DUE_AT_ONCE);
  const alert =
    before &&
    endpointAlert(recipient, before, { breaker: dueNow(before.breaker, now), paused: false, pausedAt: null });
  return { released, told: await tellIn(tx, alert === undefined ? [] : [alert]) };
}

function wakeAll(recipient: Recipient, campaigns: readonly string[], { wake }: ByHand): void {
  for (const campaignId of new Set(campaigns)) wake(campaignId, [recipient]);
}

/** A stretch of time, ISO 8601. */
export interface WrittenBetween {
  since: string;
  until: string | null;
}

const MOST_RECOVERED = 10_000;
const RECOVERED_AT_ONCE = 1_000;

/** What was done by hand; `nextTryAt`: when it is tried, null when nothing waits. */
interface Sent {
  nextTryAt: Date | null;
}

/**
 * Makes due again what was written for a recipient in a stretch of time and did not arrive, 10,000 deliveries at most. `complete` is
 * false when there may be more than could be recovered at once.
 */
export async function recoverDeliveries(
  recipient: Recipient,
  { since, until }: WrittenBetween,
  parts: ByHand,
): Promise<Sent & { recovered: number; complete: boolean }> {
  const { database, now, wake } = parts;
  const at = now();
  const held = await inParts(releasePaused, recipient, at, parts);
  const { released, told } = await database.write((tx) => open(tx, recipient, at, parts));
  told();
  const due = [...held, ...released];
  wakeAll(recipient, due, parts);
  let recovered = 0;
  let after: string | null = null;
  const done = (complete: boolean) => ({
    recovered,
    complete,
    nextTryAt: recovered + due.length > 0 ? at : null,
  });
  while (recovered < MOST_RECOVERED) {
    const recovery: Recovery = { recipient, since, until, after };
    const batch = await database.write((tx) => recover(tx, recovery, at.toISOString(), RECOVERED_AT_ONCE));
    for (const campaignId of new Set(batch.deliveries.map((each) => each.campaignId)))
      wake(campaignId, [recipient]);
    recovered += batch.deliveries.length;
    if (batch.last === null) return done(true);
    after = batch.last;
  }
  return done(false);
}

/** Sends `webhook.test` to a recipient, by the same way as leads; answers the delivery's UUID. */
export async function sendTest(
  recipient: Recipient,
  settings: DeliverySettings,
  { database, now, wake }: ByHand,
): Promise<string> {
  const at = now();
  const test = testDelivery(recipient, settings, at);
  await database.write((tx) => insertBesideCampaigns(tx, [test], at.toISOString()));
  wake(NO_CAMPAIGN, [recipient]);
  return test.id;
}

/**
 * Sends to a recipient again whose endpoint is paused or down; answers how many deliveries that were held back, or failed, are due. The
 * endpoint comes last: should this end before, it can be resumed once more.
 */
export async function resumeDeliveries(
  recipient: Recipient,
  parts: ByHand,
): Promise<Sent & { resumed: number }> {
  const { database, now } = parts;
  const at = now();
  const hurried = await inParts(hurryFailed, recipient, at, parts);
  const held = await inParts(releasePaused, recipient, at, parts);
  const { released, told } = await database.write((tx) => open(tx, recipient, at, parts));
  told();
  const due = [...hurried, ...held, ...released];
  wakeAll(recipient, due, parts);
  return { resumed: due.length, nextTryAt: due.length > 0 ? at : null };
}
