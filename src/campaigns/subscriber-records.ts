import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { ALERT_EVENTS } from "#endpoints/webhook-endpoint.ts";
import type { AlertsEntry } from "./document.ts";

/** Who hears of what happens beside leads. */
export interface Subscribers {
  webhooks: readonly SubscribedWebhook[];
  /** Addresses, and the events that they hear of. */
  mail: { to: readonly string[]; events: readonly string[] };
}

interface SubscribedWebhook {
  id: string;
  events: readonly string[];
  /** Null: all. */
  campaigns: readonly string[] | null;
  giveUpAfterSeconds: number;
}

/** The operators' webhooks that are active, and whom the document in force has told by e-mail. */
export async function readSubscribers(db: Queryable): Promise<Subscribers> {
  const [webhooks, [newest]] = await Promise.all([selectWebhooks.run(db, {}), selectAlerts.run(db, {})]);
  const { email = [], events = [...ALERT_EVENTS] }: AlertsEntry = JSON.parse(newest?.alerts ?? "{}");
  return {
    webhooks: webhooks.map(({ definition }) => {
      const { id, events, campaigns, give_up_after_seconds } = JSON.parse(definition);
      return { id, events, campaigns, giveUpAfterSeconds: give_up_after_seconds };
    }),
    mail: { to: email, events },
  };
}

const selectWebhooks = statement<{ definition: string }, Record<string, never>>(
  "select_subscribed_webhooks",
  "unspread",
  sql`select definition::text as definition from webhooks
      where archived_at is null and definition ->> 'status' = 'active' order by id`,
);

const selectAlerts = statement<{ alerts: string | null }, Record<string, never>>(
  "select_alerts_setting",
  "unspread",
  sql`select (document::json -> 'alerts')::text as alerts from configurations order by revision desc limit 1`,
);
