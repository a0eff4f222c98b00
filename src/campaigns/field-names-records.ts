import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { withSystemFields } from "#fields/system.ts";
import type { FieldDefinition } from "#fields/types/definition.ts";

/** The names of the fields of a campaign, archived or not, in their order; of none when there is no such campaign. */
export async function readFieldNames(db: Queryable, campaignId: string): Promise<string[]> {
  const [row] = await selectFields.run(db, { id: campaignId });
  if (row === undefined) return [];
  return withSystemFields(JSON.parse(row.fields) as FieldDefinition[]).map(({ name }) => name);
}

const selectFields = statement<{ fields: string }, { id: string }>(
  "select_fields_of_campaign",
  "one campaign",
  ($) =>
    sql`select coalesce(definition -> 'fields', '[]')::text as fields from campaigns where id = ${$.id}::text`,
);
