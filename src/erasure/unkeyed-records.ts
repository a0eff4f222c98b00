import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";

/** A lead that the first release wrote, which did not key them by person. */
export interface UnkeyedLead {
  id: string;
  phone: string | null;
  email: string | null;
}

export async function hasUnkeyed(db: Queryable): Promise<boolean> {
  return (await selectUnkeyed.run(db, {})).length > 0;
}

const selectUnkeyed = statement<unknown>(
  "select_unkeyed",
  "all campaigns",
  sql`select lead_id from unkeyed_leads limit 1`,
);

/** Locks up to `limit` of them; those that another server is at are left to it. */
export async function lockUnkeyed(tx: Queryable, limit: number): Promise<UnkeyedLead[]> {
  const ids = (await lock.run(tx, { limit })).map(({ id }) => id);
  return ids.length === 0 ? [] : lockLeads.run(tx, { ids: arrayText(ids) });
}

const lock = statement<{ id: string }, { limit: number }>(
  "lock_unkeyed",
  "all campaigns",
  ($) => sql`select lead_id::text as id from unkeyed_leads
      order by lead_id, campaign_id limit ${$.limit}::text::integer for update skip locked`,
);

const lockLeads = statement<UnkeyedLead, { ids: string }>(
  "lock_unkeyed_leads",
  "all campaigns",
  ($) => sql`select id::text as id, fields ->> 'phone' as phone, fields ->> 'email' as email
      from leads where id = any(${$.ids}::text::uuid[]) order by id for update`,
);

/** Keys leads: each by what its person has. */
export async function writeKeys(
  tx: Queryable,
  keyed: readonly { id: string; phone: string | null; email: string | null }[],
): Promise<void> {
  const rows = keyed.flatMap(({ id, phone, email }) =>
    [phone, email].filter((key) => key !== null).map((key) => ({ id, key })),
  );
  const ids = arrayText(keyed.map(({ id }) => id));
  await Promise.all([write.run(tx, { rows: JSON.stringify(rows), ids }), remove.run(tx, { ids })]);
}

const write = statement<unknown, { rows: string; ids: string }>(
  "write_person_keys",
  "all campaigns",
  ($) => sql`insert into lead_keys (key, campaign_id, lead_id, counted_at)
      select row.key, l.campaign_id, l.id, l.decided_at
      from json_to_recordset(${$.rows}::text::json) as row (id uuid, key uuid) join leads l on l.id = row.id
      where l.id = any(${$.ids}::text::uuid[])`,
);

const remove = statement<unknown, { ids: string }>(
  "delete_unkeyed",
  "all campaigns",
  ($) => sql`delete from unkeyed_leads where lead_id = any(${$.ids}::text::uuid[])`,
);
