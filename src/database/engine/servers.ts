import postgres from "postgres";
import { DatabaseRefused, DatabaseUnavailable } from "#database/database.ts";
import { meaningOf } from "#database/refusal.ts";
import { type Connection, endAtOnce, openConnection, within } from "./connection.ts";
import { hostsIn, openPicking } from "./hosts.ts";

/** The servers at one address. They are tried one after another, first the one that was good last. */
export interface Servers {
  /** Connects to one that serves, and sets it up by `parameters`. */
  connect(parameters: Readonly<Record<string, string | number>>): Promise<Connection>;
  /** The address of one that serves; of the only one without asking. */
  serving(): Promise<string>;
  /** A client that keeps one connection by itself. */
  client(): postgres.Sql;
}

/**
 * @param connectMs how long connecting may take, over all servers.
 * @param ofMany which of several is meant where `url` does not say so.
 * @throws DatabaseRefused when `url` is no address of servers.
 */
export function serversAt(url: string, connectMs: number, ofMany?: "read-write" | "any"): Servers {
  const hosts = hostsIn(url, ofMany);
  if (hosts === undefined) throw new DatabaseRefused(NO_ADDRESS);
  const { urls, mustWrite, together } = hosts;
  const picking = openPicking(hosts, (error) => meaningOf(error) === "unavailable");
  // None may take the time of those behind it: a machine that is off answers nothing at all.
  const eachMs = connectMs / urls.length;
  return {
    connect(parameters) {
      // Set once it is connected: poolers refuse what they do not know when it comes with the connection's first message.
      const settings = Object.entries(parameters).map(([name, value]) => `set ${name} = '${value}'`);
      return picking.first((one) =>
        openConnection(
          (onclose) => postgresClient(one, eachMs, onclose),
          async (client) => {
            if (mustWrite) await requireWriting(client);
            await client.unsafe(settings.join("; "));
          },
          eachMs,
        ),
      );
    },
    async serving() {
      if (!mustWrite) return urls[0] ?? "";
      return await picking.first(async (one) => {
        const client = postgresClient(one, eachMs, () => undefined);
        try {
          await within(eachMs, [client], requireWriting(client));
          return one;
        } finally {
          await client.end({ timeout: 0 });
        }
      });
    },
    client: () => postgres(together, options(connectMs)),
  };
}

const NO_ADDRESS =
  "The address of the database must be postgres://user:password@host:5432/name, with several hosts behind commas, and " +
  "target_session_attrs read-write or any.";

/** @throws DatabaseUnavailable when the server only follows another one. */
async function requireWriting(client: postgres.Sql): Promise<void> {
  const [server] = await client.unsafe<{ follows: boolean }[]>(
    "select pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on' as follows",
  );
  if (server?.follows !== false) throw new DatabaseUnavailable("The server takes no writes now");
}

/**
 * A client with one connection, set up the same way everywhere. It is ended when it has none within `connectMs`: to what takes
 * connections and hangs up, as a balancer with nothing behind it does, postgres.js connects again for ever, and at once.
 */
export function postgresClient(url: string, connectMs: number, onclose: () => void): postgres.Sql {
  const client = postgres(url, { ...options(connectMs), onclose, onparameter: () => clearTimeout(timer) });
  const timer = setTimeout(() => endAtOnce(client), connectMs);
  timer.unref();
  return client;
}

function options(connectMs: number) {
  return {
    max: 1,
    connect_timeout: Math.min(5, connectMs / 1000),
    max_lifetime: null,
    keep_alive: 15,
    // Saves a question per connection; arrays come back as text, which Drizzle's array columns understand.
    fetch_types: false,
    onnotice: () => undefined,
    connection: { application_name: "leadgate" },
  };
}
