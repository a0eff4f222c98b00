import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Sql } from "postgres";
import { readCoordinator } from "#database/by-campaign-records.ts";
import { DatabaseRefused, type Queryable } from "#database/database.ts";
import { migrate, newestStep, stepsUpTo } from "#database/migrate.ts";
import { syncDirectory } from "#database/pglite/data-directory.ts";
import { lockDirectory } from "#database/pglite/directory-lock.ts";
import { engineClient, startEngine } from "#database/pglite/engine.ts";
import { withoutValues } from "#database/refusal.ts";
import { type Connection, openConnection } from "./connection.ts";
import { openEmbedded } from "./embedded.ts";
import { openPostgres } from "./postgres.ts";
import { postgresClient, serversAt } from "./servers.ts";

/** Runs `work` in a transaction. On Postgres it is always the same one. */
export type Within = <T>(work: (tx: Queryable) => Promise<T>) => Promise<T>;

export interface EmptyDatabaseSettings {
  /** Absent: the embedded database. */
  readonly databaseUrl?: string | undefined;
  readonly dataDir: string;
  /** An archive by `makeTemplate`, from which a new embedded database is unpacked. */
  readonly template?: string;
}

/** Filling may take long; it ends with the process, or with the connection. */
const LONGEST_FILL_MS = 24 * 60 * 60 * 1000;
const LONGEST_CHUNK_MS = 60_000;

/**
 * Fills a database that holds nothing, all or nothing: on Postgres in one transaction; the embedded one in a folder beside its own,
 * which is put in place at the end. Whoever is killed on the way leaves a database that holds nothing, as before.
 *
 * @param step version of the schema to fill, as `when` of a Migration; the next start of a server brings it up to date.
 * @throws DatabaseRefused when the database is not empty, in use, or of another version than `step`.
 * @throws DatabaseUnavailable, StatementRefused, and whatever `fill` throws; nothing is in the database then.
 */
export async function fillEmptyDatabase(
  settings: EmptyDatabaseSettings,
  step: number,
  fill: (within: Within) => Promise<void>,
): Promise<void> {
  if (stepsUpTo(step) === undefined) {
    throw new DatabaseRefused(
      "This was made by a newer version of Leadgate. Use that version or a later one.",
    );
  }
  if (settings.databaseUrl === undefined) await fillEmbedded(settings, step, fill);
  else await fillPostgres(settings.databaseUrl, step, fill);
}

async function fillPostgres(
  url: string,
  step: number,
  fill: (within: Within) => Promise<void>,
): Promise<void> {
  const client = postgresClient(await servingAt(url), LONGEST_CHUNK_MS, () => undefined);
  try {
    const found = await stepOf(client);
    if (found === 0) await migrate(client, stepsUpTo(step));
    else if (found !== step) throw new DatabaseRefused(OTHER_VERSION);
    if ((await readCoordinator(client)) !== undefined) throw new DatabaseRefused(SPREAD);
  } catch (error) {
    throw withoutValues(error);
  } finally {
    await client.end({ timeout: 0 });
  }
  const limits = { connections: 1, writers: 1, deadlineMs: LONGEST_FILL_MS, onProblem: () => undefined };
  const database = openPostgres({ url, ...limits, leavesOutcomes: false });
  try {
    await database.write(async (tx) => {
      // A server may be running on it: nothing may come in once it was found empty.
      for (const table of await tablesOf((text) => tx.execute<TableRow>(text))) {
        await tx.execute(`lock table ${table} in exclusive mode`);
        refuseUnlessEmpty(await tx.execute(`select 1 from ${table} limit 1`));
      }
      // What writers are told for the sake of leads is wrong for whole tables.
      await tx.execute("set local enable_seqscan = on");
      await fill((work) => work(tx));
      for (const table of await tablesOf((text) => tx.execute<TableRow>(text))) {
        await tx.execute(`analyze ${table}`);
      }
    });
  } finally {
    await database.close();
  }
}

const SPREAD =
  "The tables of this database are spread over nodes of Citus. Fill one whose are not, and spread them then: leadgate help database.";

async function servingAt(url: string): Promise<string> {
  return await serversAt(url, LONGEST_CHUNK_MS)
    .serving()
    .catch((error: unknown) => {
      throw withoutValues(error);
    });
}

async function fillEmbedded(
  settings: EmptyDatabaseSettings,
  step: number,
  fill: (within: Within) => Promise<void>,
): Promise<void> {
  const directory = join(settings.dataDir, "database");
  const place = join(settings.dataDir, "filling");
  await mkdir(settings.dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockDirectory(directory, new Date());
  try {
    if (existsSync(join(directory, "PG_VERSION"))) await refuseUnlessEmptyDirectory(directory);
    await rm(place, { recursive: true, force: true });
    await mkdir(place, { recursive: true, mode: 0o700 });
    const { template } = settings;
    const options = {
      deadlineMs: LONGEST_CHUNK_MS,
      template,
      onProblem: () => undefined,
      leavesOutcomes: false,
    };
    const database = await openEmbedded({ dataDir: place, ...options }, async (client) => {
      if (step !== newestStep()) await client.unsafe(dropSchema);
      await migrate(client, stepsUpTo(step));
    });
    try {
      await fill((work) => database.write(work));
    } finally {
      await database.close();
    }
    if (existsSync(directory)) await rename(directory, join(place, "blank"));
    await rename(join(place, "database"), directory);
    syncDirectory(settings.dataDir);
  } finally {
    await rm(place, { recursive: true, force: true });
    unlock();
  }
}

/** The archive that a new database is unpacked from has the newest schema; an older one is made from nothing. */
const dropSchema = `do $$ declare gone text; begin
  for gone in
    select format('drop table %s cascade', oid::regclass) from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
    union all select format('drop function %s', oid::regprocedure) from pg_proc where pronamespace = 'public'::regnamespace
    union all select format('drop schema %I cascade', nspname) from pg_namespace
      where nspname !~ '^pg_' and nspname not in ('public', 'information_schema')
  loop execute gone; end loop;
end $$`;

async function refuseUnlessEmptyDirectory(directory: string): Promise<void> {
  const engine = await startEngine(directory, undefined);
  let connection: Connection | undefined;
  try {
    connection = await openConnection((onclose) => engineClient(engine, onclose));
    const { sql } = connection;
    for (const table of await tablesOf((text) => sql.unsafe<TableRow[]>(text))) {
      refuseUnlessEmpty(await sql.unsafe(`select 1 from ${table} limit 1`));
    }
  } finally {
    await engine.kill();
  }
}

function refuseUnlessEmpty(rows: Iterable<unknown>): void {
  for (const _ of rows) throw new DatabaseRefused(NOT_EMPTY);
}

const NOT_EMPTY =
  "The database to be filled is not empty, and is left as it is. Name one that holds nothing: another DATA_DIR or DATABASE_URL.";
const OTHER_VERSION =
  "The database to be filled has the tables of another version of Leadgate already. Use one that has none, as created by createdb.";

interface TableRow {
  name: string;
}

/** Every table of the program's schema, ready to stand in a statement. */
async function tablesOf(ask: (text: string) => PromiseLike<Iterable<TableRow>>): Promise<string[]> {
  const rows = await ask(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'public' order by 1",
  );
  return Array.from(rows, ({ name }) => name);
}

/** The newest step of the schema that a database has; 0 when it has none. */
async function stepOf(client: Sql): Promise<number> {
  const [known] = await client<{ there: boolean }[]>`
    select to_regclass('drizzle.__drizzle_migrations') is not null as there`;
  if (known?.there !== true) return 0;
  const [last] = await client<{ when: string | null }[]>`
    select max(created_at) as "when" from drizzle.__drizzle_migrations`;
  return Number(last?.when ?? 0);
}
