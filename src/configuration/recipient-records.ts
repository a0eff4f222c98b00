import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { CompleteDelivery } from "#endpoints/delivery-definition.ts";
import { compileDelivery, type DeliverySettings } from "#endpoints/delivery-settings.ts";
import type { Recipient } from "#endpoints/recipient.ts";

/** A buyer or an operator's webhook that is configured now; `delivery` is null for a buyer that is sent nothing. */
export interface ConfiguredRecipient {
  delivery: DeliverySettings | null;
}

/** Undefined when there is no such recipient, or it is archived. */
export async function readRecipient(
  db: Queryable,
  recipient: Recipient,
): Promise<ConfiguredRecipient | undefined> {
  const [row] = await selectRecipient.run(db, { recipient });
  if (row === undefined) return undefined;
  return {
    delivery: row.delivery === null ? null : compileDelivery(JSON.parse(row.delivery) as CompleteDelivery),
  };
}

const selectRecipient = statement<{ delivery: string | null }, { recipient: string }>(
  "select_recipient",
  "unspread",
  ($) => sql`select nullif(definition -> 'delivery', 'null')::text as delivery from buyers
      where 'buyer:' || id = ${$.recipient}::text and archived_at is null
      union all
      select definition::text from webhooks
      where 'webhook:' || id = ${$.recipient}::text and archived_at is null`,
);
