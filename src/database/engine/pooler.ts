import type { Sql } from "postgres";
import { DatabaseRefused } from "#database/database.ts";

/**
 * Refuses a pooler that gives the connection away between transactions, as PgBouncer does with `pool_mode = transaction` and many hosts'
 * second port. What is set for a connection, the deadlines among them, would then hold for whoever has it next, and prepared statements
 * would be another's. `first` and `second` are clients of one connection each, both open: they talk to two backends unless something
 * between them shares one.
 *
 * @throws DatabaseRefused in a sentence that says what to set.
 */
export async function refuseSharedConnections(
  first: ConnectedClient,
  second: ConnectedClient,
): Promise<void> {
  const own = await backendOf(first);
  const others = new Set<number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    others.add(await backendOf(second));
    if ((await backendOf(first)) !== own) throw new DatabaseRefused(SHARED);
  }
  if (others.size > 1 || others.has(own)) throw new DatabaseRefused(SHARED);
}

/** A client of one connection. */
export type ConnectedClient = Pick<Sql, "unsafe">;

/** A pooler that hands its connections out in turn may give the same one again by chance. */
const ROUNDS = 3;

const SHARED =
  "DATABASE_URL leads through a pooler that shares connections between transactions (PgBouncer: pool_mode = transaction). Leadgate " +
  "prepares statements and sets limits on each connection: use pool_mode = session, or the address of the database itself.";

async function backendOf(client: ConnectedClient): Promise<number> {
  const [row] = await client.unsafe<{ pid: number }[]>("select pg_backend_pid() as pid");
  return row?.pid ?? 0;
}

/** What it means that a connection was refused, as a sentence with the server's own code; undefined: nothing in particular. */
export function connectionRefusal(error: unknown): DatabaseRefused | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code !== "string" || typeof message !== "string") return undefined;
  const says = sentenceFor(code, message);
  return says === undefined ? undefined : new DatabaseRefused(`${says} (SQLSTATE ${code})`);
}

function sentenceFor(code: string, message: string): string | undefined {
  const [, parameter] = /unsupported startup parameter(?: in options)?: "?([\w.]{1,64})/i.exec(message) ?? [];
  if (parameter !== undefined) {
    return (
      `The pooler that DATABASE_URL leads to takes no ${parameter}: remove it from DATABASE_URL, or name it in the ` +
      "pooler's ignore_startup_parameters."
    );
  }
  switch (code) {
    case "28P01":
    case "28000":
      return (
        "The database does not let this user in: check user and password in DATABASE_URL, and whether it asks for TLS " +
        "(?sslmode=require)."
      );
    case "3D000":
      return "There is no database of the name in DATABASE_URL: create it (createdb), or name another.";
    case "42501":
      return "The database's user may not make tables: grant it create on the database and on its schema public.";
    default:
      return undefined;
  }
}
