import { afterAll, afterEach, beforeAll, beforeEach, describe } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import type { Database } from "#database/database.ts";
import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { allStatements } from "#database/migrate.ts";
import { pgliteModules } from "#database/pglite/pglite-files.ts";
import { makeTemplate } from "#database/pglite/template.ts";
import pglitePackage from "../../node_modules/@electric-sql/pglite/package.json" with { type: "json" };
import { atEnd } from "./at-end.ts";
import { CITUS_URL, spreadCitusDatabase } from "./citus.ts";
import { closeUsersOf, countUsers } from "./closing.ts";
import { makeEmptyingFunction, makeTriggersGiveWay } from "./emptying.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";

/** What a test works on: a database with nothing but its schema. */
export interface World {
  readonly kind: Database["kind"];
  readonly database: Database;
  /** How to open the same database once more. */
  readonly settings: DatabaseSettings;
}

/** A database that stays as its tests leave it until one of them empties it. */
export interface KeptWorld extends World {
  /** Stops whoever works on it, and leaves nothing in it but its schema. */
  clear(): Promise<void>;
}

/** Runs the tests that `body` declares twice: on the embedded database and on Postgres. Each test finds it empty. */
export function onBothDatabases(title: string, body: (world: World) => void): void {
  eachDatabase(title, (world) => {
    let usersOfAllTests = 0;
    beforeEach(async () => {
      usersOfAllTests = countUsers(world.database);
      await world.empty();
    });
    body(world);
    // Bun does these in the order of the file: after what `body` puts away, such as the buyers whom servers still wait for.
    afterEach(() => closeUsersOf(world.database, usersOfAllTests));
  });
}

/** The same for tests that share what is in the database; the first one finds it empty. */
export function onBothKeptDatabases(title: string, body: (world: KeptWorld) => void): void {
  eachDatabase(title, (world) => {
    const kept = world as OpenWorld & KeptWorld;
    kept.clear = async () => {
      await closeUsersOf(world.database);
      await world.empty();
    };
    beforeAll(() => kept.clear());
    body(kept);
  });
}

function eachDatabase(title: string, body: (world: OpenWorld) => void): void {
  describe.each(PLACES)(`${title} (%s)`, (place) => {
    const world = { kind: place === "embedded" ? "embedded" : "postgres" } as OpenWorld;
    beforeAll(async () => {
      Object.assign(world, await sharedWorld(place));
    }, 120_000);
    body(world);
    afterAll(async () => {
      await closeUsersOf(world.database);
      await expectNobodyLeft(world);
    });
  });
}

/** Where there is a cluster of Citus, what is run on databases is run on it alone: see tests/citus/left-out.ts. */
const PLACES = CITUS_URL === undefined ? (["embedded", "postgres"] as const) : (["citus"] as const);

type Place = "embedded" | "postgres" | "citus";

interface OpenWorld extends World {
  /** Leaves nothing in it but its schema. */
  empty(): Promise<unknown>;
}

const shared: Partial<Record<Place, Promise<OpenWorld>>> = {};

/**
 * One of each kind for all files of this process. To open an embedded one takes two CPU seconds, and it takes as many until its code is
 * compiled; connections to Postgres take a quarter of a second each until they have planned their statements.
 */
async function sharedWorld(place: Place): Promise<OpenWorld> {
  const known = await shared[place];
  if (known !== undefined && (await isAnswered(known.database.ping()))) return known;
  const opened = OPENED[place]();
  shared[place] = opened;
  return await opened;
}

const OPENED: Record<Place, () => Promise<OpenWorld>> = {
  embedded: openOnEmbedded,
  postgres: openOnPostgres,
  citus: openOnCitus,
};

async function openOnPostgres(): Promise<OpenWorld> {
  const settings = await postgresSettings();
  const url = new URL(settings.databaseUrl ?? "");
  url.searchParams.set("application_name", SHARED);
  const database = await openFresh({ ...settings, databaseUrl: url.href });
  for (const text of made) await database.write((tx) => tx.execute(text));
  const client = postgres(url.href, { max: 1, onnotice: () => undefined });
  atEnd(async () => {
    await client.end();
    await database.close();
    await discard(settings);
  });
  return { kind: "postgres", settings, database, empty: () => client`select tests.empty()` };
}

const made = [makeTriggersGiveWay, makeEmptyingFunction("one database")];

/** On a node that has the campaigns of tests. */
async function openOnCitus(): Promise<OpenWorld> {
  const citus = await spreadCitusDatabase();
  const url = new URL(citus.nodes[0] ?? "");
  url.searchParams.set("application_name", SHARED);
  const settings = { ...common, dataDir: "unused", databaseUrl: url.href };
  const database = await openDatabase(settings);
  const client = postgres(url.href, {
    max: 1,
    onnotice: () => undefined,
    connection: { "citus.multi_shard_modify_mode": "sequential" },
  });
  atEnd(async () => {
    await client.end();
    await database.close();
    await citus.drop();
  });
  const own = { ...settings, databaseUrl: citus.nodes[0] };
  return { kind: "postgres", settings: own, database, empty: () => client`select tests.empty()` };
}

/** By what name the connections go that a process's files share. */
const SHARED = "shared by tests";

async function openOnEmbedded(): Promise<OpenWorld> {
  const settings = await embeddedSettings();
  const database = await openFresh(settings);
  for (const text of made) await database.write((tx) => tx.execute(text));
  atEnd(async () => {
    await database.close();
    await discard(settings);
  });
  return {
    kind: "embedded",
    settings,
    database,
    empty: () => database.write((tx) => tx.execute("select tests.empty()")),
  };
}

/** Whoever connected to a file's database by itself has gone when the file is through. */
async function expectNobodyLeft({ settings: { databaseUrl } }: World): Promise<void> {
  if (databaseUrl === undefined) return;
  const open = await untilLeft(databaseUrl);
  if (open > 0) throw new Error(`${open} connections to the tests' database were left open`);
}

async function isAnswered(question: Promise<void>): Promise<boolean> {
  return await question.then(
    () => true,
    () => false,
  );
}

/** Opens a database the way the program does, but from an archive that has the schema, instead of running initdb and the migrations. */
export async function openFresh(
  settings: DatabaseSettings,
  onProblem?: (sentence: string) => void,
): Promise<Database> {
  return await openDatabase(settings, {
    template: await migratedTemplate(),
    ...(onProblem === undefined ? {} : { onProblem }),
  });
}

/** An embedded database in a directory of its own, which `discard` removes. */
export async function embeddedSettings(changes: Partial<DatabaseSettings> = {}): Promise<DatabaseSettings> {
  return { ...common, dataDir: await mkdtemp(join(tmpdir(), "leadgate-embedded-")), ...changes };
}

/** A blank database of its own on the Postgres that serves the whole run. */
export async function postgresSettings(changes: Partial<DatabaseSettings> = {}): Promise<DatabaseSettings> {
  const url = new URL(await sharedPostgres());
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  await administer(url.href, `create database ${name}`);
  url.pathname = `/${name}`;
  return { ...common, dataDir: "unused", databaseUrl: url.href, ...changes };
}

/** Removes what `embeddedSettings` or `postgresSettings` made; the database must have been closed. */
export async function discard({ databaseUrl, dataDir }: DatabaseSettings): Promise<void> {
  if (databaseUrl === undefined) return await rm(dataDir, { recursive: true, force: true });
  const open = await untilLeft(databaseUrl);
  await administer(await serverOf(databaseUrl), `drop database ${nameOf(databaseUrl)} with (force)`);
  if (open > 0) throw new Error(`${open} connections to the test's database were left open`);
}

/** Waits for the end of all connections to a database but the shared ones, and answers how many are open even so. */
async function untilLeft(databaseUrl: string): Promise<number> {
  const count = `select count(*)::int as open from pg_stat_activity where datname = '${nameOf(databaseUrl)}'
    and application_name <> '${SHARED}' and application_name not like 'citus%' and backend_type = 'client backend'`;
  // A backend goes on for a moment after its connection was closed.
  const until = performance.now() + LEAVING_MS;
  const client = postgres(await serverOf(databaseUrl), { max: 1, onnotice: () => undefined });
  try {
    for (;;) {
      const [row] = await client.unsafe(count);
      const open = Number(row?.["open"]);
      if (open === 0 || performance.now() > until) return open;
      await Bun.sleep(5);
    }
  } finally {
    await client.end({ timeout: 1 });
  }
}

/** Only what was left open runs into it. */
const LEAVING_MS = 60_000;

function nameOf(databaseUrl: string): string {
  return new URL(databaseUrl).pathname.slice(1);
}

/**
 * The error that a promise is rejected with. Inside a transaction use this: `await expect(…).rejects` keeps bun from hearing the
 * database's answer until the deadline.
 */
export async function failureOf(promise: PromiseLike<unknown>): Promise<unknown> {
  return await promise.then(
    () => {
      throw new Error("nothing failed");
    },
    (error: unknown) => error,
  );
}

/** So long that only what stands still for good runs into it: how fast a machine is says nothing of the code. */
const DEADLINE_MS = 60_000;

const common = { connections: 4, writers: 4, deadlineMs: DEADLINE_MS };

/** Where a database is administered from. */
async function serverOf(databaseUrl: string): Promise<string> {
  const shared = new URL(await sharedPostgres());
  const own = new URL(databaseUrl);
  if (own.host === shared.host) return shared.href;
  own.pathname = "/postgres";
  own.search = "";
  return own.href;
}

async function administer(url: string, statement: string) {
  const client = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await client.unsafe(statement);
  } finally {
    await client.end({ timeout: 1 });
  }
}

let started: Promise<PostgresServer> | undefined;

/** The server given by TEST_DATABASE_URL, or one that lives as long as this process. */
async function sharedPostgres(): Promise<string> {
  const given = process.env["TEST_DATABASE_URL"];
  if (given !== undefined) return given;
  started ??= startPostgres();
  return (await started).url;
}

/** An embedded database without a schema, as an archive. Made once for each version of PGlite, and kept: it takes seconds. */
export async function template(): Promise<string> {
  return await kept(`pglite-${pglitePackage.version}.tar.gz`, async () =>
    makeTemplate(await pgliteModules()),
  );
}

/** One with the newest schema, as executables have it. */
export async function migratedTemplate(): Promise<string> {
  const made = Bun.hash(`${makeTemplate}${allStatements().join()}`).toString(36);
  return await kept(`pglite-${pglitePackage.version}-${made}.tar`, async () =>
    makeTemplate(await pgliteModules(), allStatements(), "none"),
  );
}

/** The path of a file that is made when it is first wanted, and kept for later runs. */
async function kept(name: string, make: () => Promise<Uint8Array>): Promise<string> {
  const folder = join(import.meta.dir, "../../node_modules/.cache/leadgate");
  const path = join(folder, name);
  if (!existsSync(path)) {
    await mkdir(folder, { recursive: true });
    const mine = `${path}.${process.pid}`;
    await Bun.write(mine, await make());
    await rename(mine, path);
  }
  return path;
}
