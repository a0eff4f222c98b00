import { isMapping, type Mapping } from "#text/problem.ts";
import { type CommandContext, exitCodeOf, fileText, sorted, WrongUse } from "./command.ts";
import { call, dataOf } from "./server-call.ts";

const USE = `leadgate keys create SUPPLIER [NAME]
       leadgate keys list SUPPLIER
       leadgate keys rotate SUPPLIER KEY_ID [--overlap SECONDS]
       leadgate keys revoke SUPPLIER KEY_ID
       leadgate keys import SUPPLIER FILE    (a file that holds the key: the command line is kept in histories)`;

/** `leadgate keys create|list|rotate|revoke|import`: a supplier's keys. */
export async function keys(args: string[], context: CommandContext): Promise<number> {
  return exitCodeOf(context, async () => {
    const { values, positionals } = sorted(args, USE, { overlap: { type: "string" } });
    const [verb, supplier, detail, ...more] = positionals;
    if (supplier === undefined || more.length > 0) throw new WrongUse(USE);
    if (values.overlap !== undefined && verb !== "rotate") throw new WrongUse(USE);
    const path = `/suppliers/${encodeURIComponent(supplier)}/keys`;
    switch (verb ?? "") {
      case "create":
        return create(path, detail === undefined ? {} : { name: detail }, context);
      case "list":
        if (detail !== undefined) throw new WrongUse(USE);
        return list(path, context);
      case "rotate":
        if (detail === undefined) throw new WrongUse(USE);
        return rotate(path, detail, values.overlap, context);
      case "revoke":
        if (detail === undefined) throw new WrongUse(USE);
        return revoke(path, detail, context);
      case "import":
        if (detail === undefined) throw new WrongUse(USE);
        return create(path, { name: "imported", secret: (await fileText(detail, context)).trim() }, context);
      default:
        throw new WrongUse(USE);
    }
  });
}

async function create(
  path: string,
  key: Readonly<Record<string, string>>,
  context: CommandContext,
): Promise<void> {
  const response = await call(context, {
    method: "POST",
    path,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(key),
  });
  const created = await dataOf(response);
  // An imported key is known to whoever holds the file; a made one is seen here and never again.
  context.write(key.secret === undefined ? `${String(created.key)}\n` : `${String(created.id)} imported\n`);
}

async function list(path: string, context: CommandContext): Promise<void> {
  for (const key of await listed(path, context)) context.write(keyInColumns(key));
}

/** The keys at a path. */
export async function listed(path: string, context: CommandContext): Promise<Mapping[]> {
  const body: unknown = await (await call(context, { method: "GET", path })).json();
  return isMapping(body) && Array.isArray(body.data) ? body.data.filter(isMapping) : [];
}

/** A listed key as a line, the last use to the minute. */
export function keyInColumns(key: Mapping, ...more: readonly string[]): string {
  const { id, prefix, status, name, last_used_at: usedAt } = key;
  const used = typeof usedAt === "string" ? `used ${usedAt.slice(0, 16)}Z` : "never used";
  const columns = [String(id), `${String(prefix)}…`, ...more, String(status), used];
  return `${[...columns, typeof name === "string" ? name : ""].join("  ")}\n`;
}

async function rotate(
  path: string,
  keyId: string,
  overlap: string | undefined,
  context: CommandContext,
): Promise<void> {
  if (overlap !== undefined && !/^\d{1,9}$/.test(overlap)) throw new WrongUse(USE);
  const response = await call(context, {
    method: "POST",
    path: `${path}/${encodeURIComponent(keyId)}/rotate`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(overlap === undefined ? {} : { overlap_seconds: Number(overlap) }),
  });
  const { key, replaced } = await dataOf(response);
  context.write(`${String(key)}\n`);
  if (isMapping(replaced))
    context.writeError(`${String(replaced.id)} is good until ${String(replaced.expires_at)}\n`);
}

async function revoke(path: string, keyId: string, context: CommandContext): Promise<void> {
  await call(context, { method: "DELETE", path: `${path}/${encodeURIComponent(keyId)}` });
  context.write(`${keyId} revoked\n`);
}
