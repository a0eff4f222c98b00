import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** The fingerprint of the master key that the servers of this database have; undefined: none was started so far that says so. */
export async function readMasterKey(db: Queryable): Promise<string | undefined> {
  return (await select.run(db, {}))[0]?.fingerprint;
}

const select = statement<{ fingerprint: string }>(
  "select_master_key",
  "unspread",
  sql`select fingerprint from running.master_key`,
);

/** Writes down which it is, unless that was done before: then only `instead` of that. The one that is there now. */
export async function noteMasterKey(tx: Queryable, fingerprint: string, instead: boolean): Promise<string> {
  const [noted] = await note.run(tx, { fingerprint, instead });
  return noted?.fingerprint ?? fingerprint;
}

/** Of two servers that are the first, the second waits for the one before it, and is told of that. */
const note = statement<{ fingerprint: string }, { fingerprint: string; instead: boolean }>(
  "note_master_key",
  "unspread",
  ($) => sql`insert into running.master_key as noted (fingerprint) values (${$.fingerprint}::text)
      on conflict (is_one) do update
        set fingerprint = case when ${$.instead}::boolean then excluded.fingerprint else noted.fingerprint end
      returning fingerprint`,
);

/** Forgets it where a database is filled that held nothing: what comes in is keyed by its own. An older schema has no place for it. */
export async function forgetMasterKey(tx: Queryable): Promise<void> {
  const [found] = await tx.execute<{ has: boolean }>(
    sql`select to_regclass('running.master_key') is not null as has`,
  );
  if (found?.has === true) await tx.execute(sql`delete from running.master_key`);
}
