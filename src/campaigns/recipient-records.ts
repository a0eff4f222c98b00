import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { CompleteDelivery } from "#endpoints/delivery-definition.ts";
import { compileDelivery, type DeliverySettings } from "#endpoints/delivery-settings.ts";
import type { Recipient } from "#endpoints/recipient.ts";

/** A buyer or an operator's webhook, and how it is sent to. */
export interface StoredRecipient {
  recipient: Recipient;
  /** Null: a buyer that is sent nothing. */
  delivery: DeliverySettings | null;
}

/** Every recipient, archived ones too: they still get what was written for them. */
export async function readRecipients(db: Queryable): Promise<StoredRecipient[]> {
  return (await selectRecipients.run(db, {})).map(recipientOf);
}

/** One that is configured now; undefined when there is no such recipient, or it is archived. */
export async function readRecipient(
  db: Queryable,
  recipient: Recipient,
): Promise<StoredRecipient | undefined> {
  const [row] = await selectRecipient.run(db, { recipient });
  return row && recipientOf(row);
}

interface RecipientRow {
  recipient: Recipient;
  delivery: string | null;
}

function recipientOf({ recipient, delivery }: RecipientRow): StoredRecipient {
  return {
    recipient,
    delivery: delivery === null ? null : compileDelivery(JSON.parse(delivery) as CompleteDelivery),
  };
}

const recipients = sql`select 'buyer:' || id as recipient, nullif(definition -> 'delivery', 'null')::text as delivery, archived_at
      from buyers
      union all
      select 'webhook:' || id, definition::text, archived_at from webhooks`;

const selectRecipients = statement<RecipientRow, Record<string, never>>(
  "select_recipients",
  "unspread",
  sql`select recipient, delivery from (${recipients}) as configured`,
);

const selectRecipient = statement<RecipientRow, { recipient: string }>(
  "select_recipient",
  "unspread",
  ($) => sql`select recipient, delivery from (${recipients}) as configured
      where recipient = ${$.recipient}::text and archived_at is null`,
);
