import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";
import { readTrace, type StoredLine, type TraceLine } from "./trace.ts";

export type LeadFields = Readonly<Record<string, unknown>>;

/** What was understood of leads, by their UUIDs. */
export async function readFieldsOf(
  db: Queryable,
  leadIds: readonly string[],
): Promise<Map<string, LeadFields>> {
  const rows = await selectFields.run(db, { ids: arrayText(leadIds) });
  return new Map(rows.map(({ id, fields }) => [id, JSON.parse(fields) as LeadFields]));
}

const selectFields = statement<{ id: string; fields: string }, { ids: string }>(
  "select_fields_of_leads",
  "all campaigns",
  ($) => sql`select id::text as id, fields::text as fields from leads
      where id = any(array(select unnest(${$.ids}::text::uuid[])))`,
);

/** How leads were decided, by their UUIDs. */
export async function readTracesOf(
  db: Queryable,
  leadIds: readonly string[],
): Promise<Map<string, readonly TraceLine[]>> {
  const rows = await selectTraces.run(db, { ids: arrayText(leadIds) });
  return new Map(rows.map(({ id, trace }) => [id, readTrace(JSON.parse(trace) as StoredLine[])]));
}

const selectTraces = statement<{ id: string; trace: string }, { ids: string }>(
  "select_traces_of_leads",
  "all campaigns",
  ($) => sql`select id::text as id, trace::text as trace from leads
      where id = any(array(select unnest(${$.ids}::text::uuid[])))`,
);
