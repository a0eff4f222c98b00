import postgres, { type Sql } from "postgres";
import { DatabaseRefused } from "./database.ts";
import { migrations } from "./migrations.ts" with { type: "macro" };
import { keepMonths, type Transact } from "./month-records.ts";

/** One step of the schema: when it was made (milliseconds, rising), a hash of its text, its statements. */
export interface Migration {
  readonly when: number;
  readonly hash: string;
  readonly statements: readonly string[];
}

const STEPS: readonly Migration[] = migrations();

const OLDEST_SERVER = 150_000;

/** Any number, the same in every version: whoever migrates holds it. */
const LOCK = 7_239_041;

/** The newest step that this program knows: its schema's version, as `when` of a Migration. */
export function newestStep(): number {
  return STEPS.at(-1)?.when ?? 0;
}

/** The steps up to the one made at `when`; undefined when this program does not know that one. */
export function stepsUpTo(when: number): readonly Migration[] | undefined {
  return STEPS.some((step) => step.when === when) ? STEPS.filter((step) => step.when <= when) : undefined;
}

/** The statements of all steps, with what puts them on record: a database that holds nothing has the newest schema after them. */
export function allStatements(): string[] {
  return [RECORD, ...STEPS.flatMap(statementsOf)];
}

const RECORD = `create schema if not exists drizzle;
  create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`;

function statementsOf({ statements, hash, when }: Migration): string[] {
  const onRecord = `insert into drizzle.__drizzle_migrations (hash, created_at) values ('${hash}', ${when})`;
  return [...statements, onRecord];
}

/**
 * Brings the schema up to date, in one transaction, on a client of `max: 1`. When several start at once, one does it and the others
 * wait for it. What was done is kept in the table that drizzle-kit uses.
 *
 * @throws DatabaseRefused when the database has steps that this program doesn't know.
 */
export async function migrate(client: Sql, known: readonly Migration[] = STEPS): Promise<void> {
  const [server] = await client<{ version: number; name: string }[]>`
    select current_setting('server_version_num')::int as version, current_setting('server_version') as name`;
  if (server !== undefined && server.version < OLDEST_SERVER) {
    throw new DatabaseRefused(`This database is PostgreSQL ${server.name}; version 15 or later is needed.`);
  }
  await client.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${LOCK})`;
    const [record] = await tx<{ there: boolean }[]>`
      select to_regclass('drizzle.__drizzle_migrations') is not null as there`;
    // Not even what is there may be asked for again on a node of Citus that is not its coordinator.
    if (record?.there !== true) await tx.unsafe(RECORD);
    const [last] = await tx<{ when: string | null }[]>`
      select max(created_at) as "when" from drizzle.__drizzle_migrations`;
    const done = Number(last?.when ?? 0);
    if (done > (known.at(-1)?.when ?? 0)) {
      throw new DatabaseRefused(
        "This database was last used by a newer version of Leadgate. " +
          "Start that version or a later one, or restore the backup made before the upgrade.",
      );
    }
    for (const step of known.filter(({ when }) => when > done)) {
      for (const statement of statementsOf(step)) await tx.unsafe(statement);
    }
  });
  await makeFirstMonths(client);
}

/** What cannot be had now is made by a job, which says so when it cannot either: no row has to wait for its month. */
async function makeFirstMonths(client: Sql): Promise<void> {
  const transact: Transact = async (work) =>
    (await client.begin((tx) => work((text) => tx.unsafe(text)))) as Awaited<ReturnType<typeof work>>;
  try {
    await keepMonths(transact, new Date());
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
  }
}
