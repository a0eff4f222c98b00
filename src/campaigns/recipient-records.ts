import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { openText, type StoredText, shownText } from "#endpoints/credentials/stored-text.ts";
import type { CompleteDelivery } from "#endpoints/delivery-definition.ts";
import { compileDelivery, type DeliverySettings } from "#endpoints/delivery-settings.ts";
import type { Recipient } from "#endpoints/recipient.ts";

/** A buyer or an operator's webhook, and how it is sent to. */
export interface StoredRecipient {
  recipient: Recipient;
  /** Null: a buyer that is sent nothing. */
  delivery: DeliverySettings | null;
}

/** Opens what is stored of a recipient's URLs and headers. */
export type OpenTexts = (text: StoredText, recipient: Recipient) => string;

/** Opens with `key`; what was open at the last reading is not opened anew, for recipients are read every second. */
export function rememberOpened(key: Uint8Array): () => OpenTexts {
  let last = new Map<string, string>();
  return () => {
    const [before, now] = [last, new Map<string, string>()];
    last = now;
    return (text, recipient) => {
      if (typeof text === "string") return text;
      const name = `${recipient} ${text.sealed}`;
      const opened = before.get(name) ?? openText(text, recipient, key);
      now.set(name, opened);
      return opened;
    };
  };
}

/** Every recipient, archived ones too: they still get what was written for them. */
export async function readRecipients(db: Queryable, open: OpenTexts): Promise<StoredRecipient[]> {
  return (await selectRecipients.run(db, {})).map((row) => recipientOf(row, open));
}

/** One that is configured now, its secrets hidden; undefined when there is no such recipient, or it is archived. */
export async function readRecipient(
  db: Queryable,
  recipient: Recipient,
): Promise<StoredRecipient | undefined> {
  const [row] = await selectRecipient.run(db, { recipient });
  return row && recipientOf(row, shownText);
}

interface RecipientRow {
  recipient: Recipient;
  delivery: string | null;
}

function recipientOf({ recipient, delivery }: RecipientRow, open: OpenTexts): StoredRecipient {
  if (delivery === null) return { recipient, delivery: null };
  const complete = JSON.parse(delivery) as CompleteDelivery;
  return { recipient, delivery: compileDelivery(complete, (text) => open(text, recipient)) };
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
