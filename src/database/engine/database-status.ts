import { existsSync } from "node:fs";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import type { Database, Queryable } from "#database/database.ts";
import { newestStep } from "#database/migrate.ts";
import { type DatabaseSettings, requireOwnConnections } from "./connect.ts";
import { openEmbedded } from "./embedded.ts";
import { openPostgres } from "./postgres.ts";

/** How a database is, for whoever looks after it. */
export interface DatabaseStatus {
  readonly kind: Database["kind"];
  /** As PostgreSQL names its own. */
  readonly version: string;
  /** Whether what is committed is on the disk. */
  readonly isDurable: boolean;
  /** Takes no writes, because it follows another one. */
  readonly isStandby: boolean;
  /** Of the schema's steps, those to be done at the next start, or those that a newer program has done. */
  readonly schema: "up to date" | "older" | "newer";
  /** How far its clock is ahead of this machine's. */
  readonly aheadMs: number;
  readonly bytes: number;
}

/** @throws DatabaseUnavailable, StatementRefused */
export async function readDatabaseStatus({
  kind,
  read,
}: Pick<Database, "kind" | "read">): Promise<DatabaseStatus> {
  return await read(async (db) => {
    const asked = Date.now();
    const [found] = await db.execute<{
      version: string;
      standby: boolean;
      durable: boolean;
      now_ms: number;
      bytes: number;
    }>(sql`
      select current_setting('server_version') as version, pg_is_in_recovery() as standby,
        current_setting('fsync') = 'on' and current_setting('full_page_writes') = 'on'
          and current_setting('synchronous_commit') <> 'off' as durable,
        (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms,
        pg_database_size(current_database())::float8 as bytes`);
    const answered = Date.now();
    if (found === undefined) throw new Error("a row was to come");
    return {
      kind,
      version: found.version,
      isDurable: found.durable,
      isStandby: found.standby,
      schema: standing(await lastStep(db)),
      aheadMs: Math.round(found.now_ms - (asked + answered) / 2),
      bytes: found.bytes,
    };
  });
}

/**
 * The condition of a database that no server of this machine has open, changing nothing in it; undefined when the embedded one was never
 * begun. `connectMs`: how long Postgres is waited for.
 *
 * @throws DatabaseUnavailable, and DatabaseRefused when a server has it after all.
 */
export async function inspectDatabase(
  { databaseUrl: url, ...settings }: DatabaseSettings,
  connectMs?: number,
): Promise<DatabaseStatus | undefined> {
  const onProblem = () => undefined;
  if (url === undefined && !existsSync(join(settings.dataDir, "database", "PG_VERSION"))) return undefined;
  if (url !== undefined) await requireOwnConnections(url, connectMs);
  const database =
    url === undefined
      ? await openEmbedded({ ...settings, template: undefined, onProblem }, async () => {})
      : openPostgres({ ...settings, url, onProblem });
  try {
    return await readDatabaseStatus(database);
  } finally {
    await database.close();
  }
}

function standing(step: number): DatabaseStatus["schema"] {
  if (step === newestStep()) return "up to date";
  return step < newestStep() ? "older" : "newer";
}

/** The newest step that was done, as `when` of a Migration; 0 when none was. */
async function lastStep(db: Queryable): Promise<number> {
  const [known] = await db.execute<{ there: boolean }>(
    sql`select to_regclass('drizzle.__drizzle_migrations') is not null as there`,
  );
  if (known?.there !== true) return 0;
  const [last] = await db.execute<{ step: string | null }>(
    sql`select max(created_at)::text as step from drizzle.__drizzle_migrations`,
  );
  return Number(last?.step ?? 0);
}
