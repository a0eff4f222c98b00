import type { Subscribers } from "#campaigns/subscriber-records.ts";
import { operatorMail } from "#delivery/outbox/operator-mail.ts";
import type { NewDelivery } from "#delivery/outbox/outbox-records.ts";
import { eventBody } from "#endpoints/compose.ts";
import type { Alert } from "#handover/alert.ts";
import { newUuid } from "#text/ids.ts";
import { oneLine } from "#text/one-line.ts";
import { HOUR_MS } from "#time/durations.ts";
import { ALERT_WORDS } from "./alert-words.ts";

const LONGEST_SUBJECT = 200;

/** Whether anybody is to be told of it. */
export function isHeard(alert: Alert, { webhooks, mail }: Subscribers): boolean {
  return isMailed(alert, mail) || webhooks.some((webhook) => hears(webhook, alert));
}

/**
 * The key under which an e-mail is told once; undefined: it is told with the event. Of what comes in thousands, or comes and goes, as
 * with an endpoint that is up for a minute and down for the next, one e-mail an hour goes out for each recipient.
 */
export function mailKey({ event, data }: Alert, now: Date): string | undefined {
  if (!HOURLY.has(event)) return undefined;
  const hour = Math.floor(now.getTime() / HOUR_MS);
  return `mail:${event}:${data.buyer_id}:${data.webhook_id}:${data.conversion_id}:${hour}`;
}

const HOURLY: ReadonlySet<Alert["event"]> = new Set([
  "endpoint.down",
  "endpoint.up",
  "delivery.dead",
  "balance.low",
  "balance.empty",
]);

/** What is sent to the operators' webhooks that hear of it. */
export function alertWebhooks(alert: Alert, { webhooks }: Subscribers, now: Date): NewDelivery[] {
  return webhooks
    .filter((webhook) => hears(webhook, alert))
    .map(({ id, giveUpAfterSeconds }) => ({
      id: newUuid(),
      lead: null,
      recipient: `webhook:${id}` as const,
      event: alert.event,
      giveUpAt: new Date(now.getTime() + giveUpAfterSeconds * 1000).toISOString(),
      ...eventBody(alert.event, now.toISOString(), alert.data),
    }));
}

/** What is sent to each address that is told by e-mail. */
export function alertMails(alert: Alert, { mail }: Subscribers, now: Date): NewDelivery[] {
  if (!isMailed(alert, mail)) return [];
  const { says, advice } = ALERT_WORDS[alert.event];
  const told = Object.entries(alert.data).filter(([, value]) => value !== null);
  const about = SUBJECTS.map((name) => alert.data[name]).find((id) => typeof id === "string") ?? "";
  const lines = [["event", alert.event], ["at", now.toISOString()], ...told];
  const letter = {
    event: alert.event,
    contentType: "text/plain; charset=utf-8",
    subject: oneLine(`Leadgate: ${says} ${about}`.trim(), LONGEST_SUBJECT),
    body: `${advice}\n\n${lines.map(([name, value]) => `${name}: ${value}\n`).join("")}`,
  };
  return mail.to.map((to) => operatorMail({ to, ...letter }, now));
}

/** Of what an alert is about, the one that its subject names: who it is of, before where it happened. */
const SUBJECTS = ["buyer_id", "supplier_id", "webhook_id", "conversion_id", "list_id", "campaign_id"];

function isMailed({ event }: Alert, { to, events }: Subscribers["mail"]): boolean {
  return to.length > 0 && events.includes(event);
}

function hears(
  { events, campaigns }: Subscribers["webhooks"][number],
  { event, campaignId }: Alert,
): boolean {
  return (
    events.includes(event) && (campaignId === null || campaigns === null || campaigns.includes(campaignId))
  );
}
