import { type SQL, sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** What may hold secrets in clear, of an earlier release; the revisions first. */
export const UNSEALED_PARTS = [
  "configurations",
  "archived_entries",
  "buyers",
  "webhooks",
  "campaigns",
  "history",
] as const;
export type UnsealedPart = (typeof UNSEALED_PARTS)[number];

/** A value of a row, as JSON text; `place` is the row's key as text, by which rows are in order. */
export interface StoredValue {
  place: string;
  value: string;
}

/** The parts that are not sealed yet. */
export async function readUnsealed(db: Queryable): Promise<UnsealedPart[]> {
  return (await selectUnsealed.run(db, {})).map(({ part }) => part);
}

const selectUnsealed = statement<{ part: UnsealedPart }>(
  "select_unsealed",
  "unspread",
  sql`select part from unsealed`,
);

export async function removeUnsealed(tx: Queryable, part: UnsealedPart): Promise<void> {
  await deleteUnsealed.run(tx, { part });
}

const deleteUnsealed = statement<unknown, { part: string }>(
  "delete_unsealed",
  "unspread",
  ($) => sql`delete from unsealed where part = ${$.part}::text`,
);

export async function readNewestDocument(tx: Queryable): Promise<string | undefined> {
  const [row] = await selectNewest.run(tx, {});
  return row?.document;
}

const selectNewest = statement<{ document: string }>(
  "select_newest_document",
  "unspread",
  sql`select document from configurations order by revision desc limit 1`,
);

/** Rows of a part in the order of their places, those after `after`, locked. */
export async function readClear(
  tx: Queryable,
  part: UnsealedPart,
  after: string | null,
  limit: number,
): Promise<StoredValue[]> {
  return PARTS[part].read.run(tx, { after, limit });
}

/** Puts values in the place of those that were read. */
export async function writeSealed(
  tx: Queryable,
  part: UnsealedPart,
  rows: readonly StoredValue[],
): Promise<void> {
  await PARTS[part].write.run(tx, { rows: JSON.stringify(rows) });
}

/** Writes a part's pages anew, for a row that was changed stays in them as it was. */
export async function compact(tx: Queryable, part: UnsealedPart): Promise<void> {
  await tx.execute(`cluster ${part} using ${PARTS[part].index}`);
}

const PARTS = {
  configurations: part(
    "configurations",
    "document",
    sql`lpad(revision::text, 10, '0')`,
    "configurations_pkey",
  ),
  archived_entries: part("archived_entries", "entry", sql`kind || ' ' || id`, "archived_entries_kind_id_pk"),
  buyers: part("buyers", "definition", sql`id`, "buyers_pkey", "jsonb"),
  webhooks: part("webhooks", "definition", sql`id`, "webhooks_pkey", "jsonb"),
  campaigns: part("campaigns", "definition", sql`id`, "campaigns_pkey", "jsonb"),
  history: part("history", "changes", sql`id::text`, "history_pkey"),
} satisfies Record<UnsealedPart, unknown>;

function part(table: string, column: string, place: SQL, index: string, type = "text") {
  const [name, value] = [sql.raw(table), sql.raw(column)];
  return {
    index,
    read: statement<StoredValue, { after: string | null; limit: number }>(
      `select_clear_${table}`,
      "all campaigns",
      ($) => sql`select ${place} as place, ${value}::text as value from ${name}
          where ${$.after}::text is null or ${place} collate "C" > ${$.after}::text
          order by ${place} collate "C" limit ${$.limit}::text::integer for update`,
    ),
    write: statement<unknown, { rows: string }>(
      `update_clear_${table}`,
      "all campaigns",
      ($) => sql`update ${name} set ${value} = row.value::${sql.raw(type)}
          from json_to_recordset(${$.rows}::text::json) as row (place text, value text)
          where ${place} = row.place and ${value}::text <> row.value`,
    ),
  };
}
