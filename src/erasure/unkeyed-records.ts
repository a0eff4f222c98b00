import { and, isNull, sql } from "drizzle-orm";
import { builderOn } from "#database/builder.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";
import { leads } from "#database/tables.ts";

/** A lead that the first release wrote, which did not key them by person. */
export interface UnkeyedLead {
  id: string;
  phone: string | null;
  email: string | null;
}

/** As the index says it that has only these leads. Planned each time: while there are few leads, no index is worth its while. */
const unkeyed = and(isNull(leads.phoneKey), isNull(leads.emailKey), isNull(leads.erasedAt));

export async function hasUnkeyed(db: Queryable): Promise<boolean> {
  const found = await builderOn(db).select({ id: leads.id }).from(leads).where(unkeyed).limit(1);
  return found.length > 0;
}

/** Locks up to `limit` of them; those that another server is at are left to it. */
export async function lockUnkeyed(tx: Queryable, limit: number): Promise<UnkeyedLead[]> {
  return builderOn(tx)
    .select({
      id: leads.id,
      phone: sql<string | null>`${leads.fields} ->> 'phone'`,
      email: sql<string | null>`${leads.fields} ->> 'email'`,
    })
    .from(leads)
    .where(unkeyed)
    .limit(limit)
    .for("update", { skipLocked: true });
}

/** Keys leads. Of one that has neither a phone nor an e-mail, the nil UUID says that it was looked at. */
export async function writeKeys(
  tx: Queryable,
  keyed: readonly { id: string; phone: string | null; email: string | null }[],
): Promise<void> {
  const rows = keyed.map(({ id, phone, email }) => ({
    id,
    phone: phone ?? (email === null ? NIL : null),
    email,
  }));
  await write.run(tx, { rows: JSON.stringify(rows), ids: arrayText(rows.map((row) => row.id)) });
}

const NIL = "00000000-0000-0000-0000-000000000000";

const write = statement<unknown, { rows: string; ids: string }>(
  "write_person_keys",
  "all campaigns",
  ($) => sql`update leads l set phone_key = row.phone, email_key = row.email
      from json_to_recordset(${$.rows}::text::json) as row (id uuid, phone uuid, email uuid)
      where l.id = row.id and l.id = any(${$.ids}::text::uuid[])`,
);
