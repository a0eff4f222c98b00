import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { KeyUse } from "./key-uses.ts";

/** Writes down when keys were last used; one that another server saw later keeps that. */
export const writePartyKeyUses = usesOf("party_keys");
export const writeOperatorKeyUses = usesOf("operator_keys");

/** The rows are locked in one order, or two servers could wait for each other's. */
function usesOf(table: "party_keys" | "operator_keys") {
  const keys = sql.raw(table);
  const update = statement<unknown, { uses: string }>(
    `update_uses_of_${table}`,
    "unspread",
    ($) => sql`
      with used as (select id, at from json_to_recordset(${$.uses}::text::json) as used (id text, at timestamptz)),
          locked as (select id from ${keys} where id = any (array(select id from used)) order by id for no key update)
        update ${keys} as k set last_used_at = greatest(k.last_used_at, used.at)
        from used join locked using (id)
        where k.id = used.id`,
  );
  return async (db: Queryable, uses: readonly KeyUse[]): Promise<void> => {
    await update.run(db, { uses: JSON.stringify(uses) });
  };
}
