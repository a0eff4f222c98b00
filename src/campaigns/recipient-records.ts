import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { CompleteMeta } from "#endpoints/conversion/conversion-definition.ts";
import { compileDataset, type DatasetSettings } from "#endpoints/conversion/conversion-settings.ts";
import { SecretNotOpened } from "#endpoints/credentials/sealed-secret.ts";
import { openText, type StoredText, shownText } from "#endpoints/credentials/stored-text.ts";
import type { CompleteDelivery } from "#endpoints/delivery-definition.ts";
import { compileDelivery, type DeliverySettings } from "#endpoints/delivery-settings.ts";
import { parseRecipient, type Recipient } from "#endpoints/recipient.ts";

/** How a recipient is sent to, whatever it is. */
export type RecipientSettings = DeliverySettings | DatasetSettings;

/** A buyer, an operator's webhook or a dataset of Meta's, and how it is sent to. */
export interface StoredRecipient {
  recipient: Recipient;
  /** Null: a buyer that is sent nothing. */
  delivery: RecipientSettings | null;
  /** What is sealed in its URLs and headers does not open: `delivery` has `***` in its place. */
  isLocked: boolean;
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
  return (await selectRecipients.run(db, {})).map((row) => {
    try {
      return recipientOf(row, open);
    } catch (error) {
      if (!(error instanceof SecretNotOpened)) throw error;
      return { ...recipientOf(row, shownText), isLocked: true };
    }
  });
}

/** One that is configured now, its secrets hidden; undefined when there is no such recipient, or it is archived. */
export async function readRecipient(
  db: Queryable,
  recipient: Recipient,
): Promise<StoredRecipient | undefined> {
  const [row] = await selectRecipient.run(db, { recipient });
  return row && recipientOf(row, shownText);
}

/** Those that are configured now and are sent deliveries, in the order of their names. */
export async function readRecipientIds(db: Queryable): Promise<Recipient[]> {
  return (await selectRecipientIds.run(db, {})).map(({ recipient }) => recipient);
}

interface RecipientRow {
  recipient: Recipient;
  delivery: string | null;
}

function recipientOf({ recipient, delivery }: RecipientRow, open: OpenTexts): StoredRecipient {
  const settings = delivery === null ? null : compileSettings(recipient, JSON.parse(delivery), open);
  return { recipient, delivery: settings, isLocked: false };
}

function compileSettings(recipient: Recipient, definition: unknown, open: OpenTexts): RecipientSettings {
  return parseRecipient(recipient).kind === "conversion"
    ? compileDataset(definition as CompleteMeta)
    : compileDelivery(definition as CompleteDelivery, (text) => open(text, recipient));
}

const recipients = sql`select 'buyer:' || id as recipient, nullif(definition -> 'delivery', 'null')::text as delivery, archived_at
      from buyers
      union all
      select 'webhook:' || id, definition::text, archived_at from webhooks
      union all
      select 'conversion:' || id, definition::text, archived_at from conversions`;

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

const selectRecipientIds = statement<{ recipient: Recipient }, Record<string, never>>(
  "select_recipient_ids",
  "unspread",
  sql`select recipient from (${recipients}) as configured
      where delivery is not null and archived_at is null order by recipient collate "C"`,
);

/** The active buyers that are sent e-mail, in the order of their ids. */
export async function readMailedBuyers(db: Queryable): Promise<string[]> {
  return (await selectMailedBuyers.run(db, {})).map(({ id }) => id);
}

const selectMailedBuyers = statement<{ id: string }, Record<string, never>>(
  "select_mailed_buyers",
  "unspread",
  sql`select id from buyers
      where archived_at is null and definition ->> 'status' = 'active' and definition #>> '{delivery,method}' = 'email' order by id`,
);
