import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";

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
