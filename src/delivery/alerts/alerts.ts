import { readSubscribers } from "#campaigns/subscriber-records.ts";
import { type Database, DatabaseUnavailable, type Queryable } from "#database/database.ts";
import { insertBesideCampaigns, type NewDelivery, NO_CAMPAIGN } from "#delivery/outbox/outbox-records.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { Alert, Tell, TellIn } from "#handover/alert.ts";
import type { Log, LogFields } from "#telemetry/log.ts";
import type { Clock } from "#time/clock.ts";
import { DAY_MS } from "#time/durations.ts";
import type { Running } from "#time/running.ts";
import { alertMails, alertWebhooks, isHeard, mailKey } from "./alert-deliveries.ts";
import { forgetAlerts, insertAlerts } from "./alert-records.ts";
import { ALERT_WORDS } from "./alert-words.ts";

/** Alerts written in one transaction. */
const MOST_WRITTEN = 100;
/** Alerts that wait to be written while the database is away; more are in the log alone. */
const MOST_WAITING = 10_000;
const AGAIN_MS = 5_000;
/** How long it is remembered that something was told, in ms. */
const REMEMBERED_MS = 400 * DAY_MS;

export interface AlertParts {
  database: Database;
  clock: Clock;
  log: Log;
  mailIsSetUp: boolean;
  /** Says that something is due for these recipients of a campaign. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void;
}

/** Tells operators what happens beside leads: in the log at once, and through the outbox to whoever has subscribed. */
export interface Alerts extends Running {
  tell: Tell;
  tellIn: TellIn;
}

export function openAlerts({ database, clock, log, mailIsSetUp, wake }: AlertParts): Alerts {
  const waiting = new Map<string, Alert>();
  let writing: Promise<void> | undefined;
  let cancelAgain: (() => void) | undefined;
  let isStopping = false;

  function tell(alert: Alert): void {
    warnOf(alert, log);
    if (waiting.size >= MOST_WAITING) {
      log.warn("an alert is told in the log alone: too many wait for the database", { reason: alert.event });
      return;
    }
    waiting.set(alert.key, alert);
    if (cancelAgain === undefined) writeSoon();
  }

  function writeSoon(): void {
    writing ??= writeWaiting();
  }

  async function writeWaiting(): Promise<void> {
    // What is told at the same moment is written together.
    await Promise.resolve();
    try {
      while (waiting.size > 0) {
        const alerts = [...waiting.values()].slice(0, MOST_WRITTEN);
        await writeTogether(alerts, writeAlerts, log);
        for (const { key } of alerts) waiting.delete(key);
      }
    } catch (error) {
      log.warn("alerts cannot be written", { count: waiting.size, error });
      if (!isStopping) cancelAgain = clock.after(AGAIN_MS, tryAgain);
    } finally {
      // In the same step as the look at what waits: one told in between would wait for the next.
      writing = undefined;
    }
  }

  function tryAgain(): void {
    cancelAgain = undefined;
    writeSoon();
  }

  async function writeAlerts(alerts: readonly Alert[]): Promise<void> {
    const now = clock.now();
    send(await database.write((tx) => deliver(tx, alerts, now)));
  }

  function send(deliveries: readonly NewDelivery[]): void {
    if (deliveries.length > 0) wake(NO_CAMPAIGN, new Set(deliveries.map(({ recipient }) => recipient)));
  }

  async function deliver(tx: Queryable, alerts: readonly Alert[], now: Date): Promise<NewDelivery[]> {
    const at = now.toISOString();
    const subscribers = await readSubscribers(tx);
    const heard = alerts.filter((alert) => isHeard(alert, subscribers));
    if (heard.length === 0) return [];
    const keys = heard.flatMap((alert) => [alert.key, mailKey(alert, now) ?? alert.key]);
    const fresh = await insertAlerts(tx, keys, at);
    const mailed = new Set<string>();
    const deliveries = heard
      .filter(({ key }) => fresh.has(key))
      .flatMap((alert) => {
        const key = mailKey(alert, now) ?? alert.key;
        const isMailed = mailIsSetUp && fresh.has(key) && !mailed.has(key);
        mailed.add(key);
        return [
          ...alertWebhooks(alert, subscribers, now),
          ...(isMailed ? alertMails(alert, subscribers, now) : []),
        ];
      });
    await insertBesideCampaigns(tx, deliveries, at);
    return deliveries;
  }

  return {
    tell,
    async tellIn(tx, noticed) {
      if (noticed.length === 0) return () => {};
      // Two campaigns of a batch may notice the same of their buyer.
      const alerts = [...new Map(noticed.map((alert) => [alert.key, alert])).values()];
      const deliveries = await deliver(tx, alerts, clock.now());
      return () => {
        for (const alert of alerts) warnOf(alert, log);
        send(deliveries);
      };
    },
    start() {
      const before = new Date(clock.now().getTime() - REMEMBERED_MS).toISOString();
      void database.write((tx) => forgetAlerts(tx, before)).catch(() => undefined);
    },
    async stop() {
      isStopping = true;
      cancelAgain?.();
      writeSoon();
      await writing;
    },
  };
}

/** One that the database refuses is in the log alone: written with others, it would hold them up for ever. */
async function writeTogether(
  alerts: readonly Alert[],
  write: (alerts: readonly Alert[]) => Promise<void>,
  log: Pick<Log, "warn">,
): Promise<void> {
  try {
    await write(alerts);
  } catch (error) {
    if (error instanceof DatabaseUnavailable) throw error;
    if (alerts.length > 1) for (const alert of alerts) await writeTogether([alert], write, log);
    else
      log.warn("an alert cannot be written, and is told in the log alone", {
        reason: alerts[0]?.event,
        error,
      });
  }
}

/** What was asked for, or is noticed every hour anew, is in the log of nobody. */
const QUIET: ReadonlySet<string> = new Set([
  "import.done",
  "cap.reached",
  "supplier.silent",
  "invoice.overdue",
  "records.dropped",
]);

function warnOf({ event, data }: Alert, log: Pick<Log, "warn">): void {
  if (!QUIET.has(event)) log.warn(ALERT_WORDS[event].says, logFields(data));
}

function logFields(data: Alert["data"]): LogFields {
  const text = (name: string) => (typeof data[name] === "string" ? data[name] : undefined);
  return {
    campaign_id: text("campaign_id"),
    supplier_id: text("supplier_id"),
    buyer_id: text("buyer_id"),
    webhook_id: text("webhook_id"),
    conversion_id: text("conversion_id"),
    delivery_id: text("delivery_id"),
    lead_id: text("lead_id"),
    reason: text("reason"),
  };
}
