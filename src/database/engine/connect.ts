import type { Sql } from "postgres";
import { readCoordinator } from "#database/by-campaign-records.ts";
import type { Database, OnProblem } from "#database/database.ts";
import { migrate } from "#database/migrate.ts";
import { meaningOf, withoutValues } from "#database/refusal.ts";
import { within } from "./connection.ts";
import { openEmbedded } from "./embedded.ts";
import { connectionRefusal, refuseSharedConnections } from "./pooler.ts";
import { openPostgres, type StandbySettings } from "./postgres.ts";
import { postgresClient, serversAt } from "./servers.ts";

export interface DatabaseSettings {
  /** `postgres://…`; absent: the embedded database. */
  readonly databaseUrl?: string | undefined;
  /** A standby of it for lists, exports and reports. */
  readonly standby?: StandbySettings | undefined;
  /** Where the embedded database keeps its files. */
  readonly dataDir: string;
  /** Most connections for reading. */
  readonly connections: number;
  /** Most transactions at a time. */
  readonly writers: number;
  /** No call takes longer, in milliseconds. */
  readonly deadlineMs: number;
}

export interface OpenOptions {
  readonly onProblem?: OnProblem;
  /** An archive by `makeTemplate`, from which a new embedded database is unpacked. */
  readonly template?: string;
}

/** How long a server that is still starting is waited for, in milliseconds. */
const PATIENCE_MS = 15_000;

/**
 * Opens the database and brings its schema up to date.
 *
 * @throws DatabaseUnavailable when Postgres can't be reached.
 * @throws DatabaseRefused with a sentence for the operator.
 */
export async function openDatabase(
  { databaseUrl: url, ...settings }: DatabaseSettings,
  { onProblem = () => undefined, template }: OpenOptions = {},
): Promise<Database> {
  if (url === undefined) return await openEmbedded({ ...settings, template, onProblem }, migrate);
  const coordinator = await migratePostgres(url, onProblem);
  return openPostgres({ ...settings, url, onProblem, coordinator });
}

/**
 * Connects twice to the one server that serves, to see that each connection has a backend to itself.
 *
 * @throws DatabaseRefused with a sentence when it has not, or the database or a pooler before it does not let this program in;
 * DatabaseUnavailable.
 */
export async function requireOwnConnections(url: string, patienceMs = PATIENCE_MS): Promise<void> {
  let clients: Sql[] = [];
  try {
    const serving = await serversAt(url, patienceMs).serving();
    clients = [1, 2].map(() => postgresClient(serving, patienceMs, () => undefined));
    const [first, second] = clients as [Sql, Sql];
    await within(patienceMs, clients, refuseSharedConnections(first, second));
  } catch (error) {
    throw connectionRefusal(error) ?? withoutValues(error);
  } finally {
    await Promise.all(clients.map((client) => client.end({ timeout: 0 })));
  }
}

/** Answers with the coordinator's address where tables are spread over nodes of Citus. */
async function migratePostgres(url: string, onProblem: OnProblem): Promise<string | undefined> {
  const giveUp = performance.now() + PATIENCE_MS;
  for (let attempt = 1; ; attempt++) {
    let client: Sql | undefined;
    try {
      await requireOwnConnections(url);
      const serving = await serversAt(url, PATIENCE_MS).serving();
      client = postgresClient(serving, PATIENCE_MS, () => undefined);
      await migrate(client);
      const coordinator = await readCoordinator(client);
      return coordinator && addressAt(serving, coordinator);
    } catch (error) {
      const refusal = connectionRefusal(error);
      if (refusal !== undefined) throw refusal;
      if (meaningOf(error) !== "unavailable" || performance.now() > giveUp) throw withoutValues(error);
      if (attempt === 1) onProblem("The database can't be reached yet; trying again", withoutValues(error));
      await Bun.sleep(500);
    } finally {
      await client?.end({ timeout: 0 });
    }
  }
}

/** The same address at another host. */
function addressAt(url: string, { host, port }: { host: string; port: number }): string {
  const address = new URL(url);
  [address.hostname, address.port] = [host, String(port)];
  return address.href;
}
