import { sql } from "drizzle-orm";
import type { Queryable } from "./database.ts";
import { statement } from "./statement.ts";

/**
 * Deletes up to `limit` rows of transactions that began a day ago, by the database's clock; how many. `before`: the lowest UUIDv7 of that
 * time. Nobody asks any more how one of them came out.
 */
export async function deleteOutcomes(tx: Queryable, before: string, limit: number): Promise<number> {
  return (await deleteOld.run(tx, { before, limit })).length;
}

const deleteOld = statement<{ id: string }, { before: string; limit: number }>(
  "delete_old_outcomes",
  "unspread",
  ($) => sql`with old as (
        select id from running.outcomes
        where id < ${$.before}::text::uuid and began_at < now() - interval '1 day'
        order by id limit ${$.limit}::text::integer for update skip locked
      )
      delete from running.outcomes where id = any(array(select id from old)) returning id::text as id`,
);
