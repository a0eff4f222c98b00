import { type CommandContext, command, fileText, WrongUse } from "#cli/command/command.ts";
import { callServer, dataIn, listIn } from "#cli/command/remote.ts";
import { isMapping, type Mapping } from "#text/problem.ts";

/** The keys of a supplier, or of a buyer. One is imported from a file that holds it: the command line is kept in histories. */
export const keys = command({
  name: "keys",
  purpose: "create, list, rotate, revoke or import the keys of a supplier or a buyer",
  example: "leadgate keys create acme-media",
  options: {
    "--buyer": "the id is a buyer's; without this, a supplier's",
    "--overlap SECONDS": "with rotate: how long the old key stays good; a day unless said otherwise",
  },
  forms: {
    "create ID [NAME]": ({ NAME, ...of }, context) =>
      create(pathOf(of), NAME === undefined ? {} : { name: NAME }, context),
    "list ID": (of, context) => list(pathOf(of), context),
    "rotate ID KEY_ID [--overlap SECONDS]": ({ KEY_ID, overlap, ...of }, context) =>
      rotate(pathOf(of), KEY_ID, overlap, context),
    "revoke ID KEY_ID": ({ KEY_ID, ...of }, context) => revoke(pathOf(of), KEY_ID, context),
    "import ID FILE": async ({ FILE, ...of }, context) => {
      const secret = (await fileText(FILE, context)).trim();
      return create(pathOf(of), { name: "imported", secret }, context);
    },
  },
});

function pathOf({ ID, buyer }: { ID: string; buyer: boolean }): string {
  return `/${buyer ? "buyers" : "suppliers"}/${encodeURIComponent(ID)}/keys`;
}

async function create(
  path: string,
  key: Readonly<Record<string, string>>,
  context: CommandContext,
): Promise<void> {
  const response = await callServer(context, {
    method: "POST",
    path,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(key),
  });
  const created = await dataIn(response);
  // An imported key is in its file; a made one is seen here and never again.
  context.write(key.secret === undefined ? `${String(created.key)}\n` : `${String(created.id)} imported\n`);
}

async function list(path: string, context: CommandContext): Promise<void> {
  for (const key of await listIn(await callServer(context, { method: "GET", path })))
    context.write(describeKey(key));
}

/** A listed key as a line, the last use to the minute. */
export function describeKey(key: Mapping, ...more: readonly string[]): string {
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
  if (overlap !== undefined && !/^\d{1,9}$/.test(overlap)) throw new WrongUse();
  const response = await callServer(context, {
    method: "POST",
    path: `${path}/${encodeURIComponent(keyId)}/rotate`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(overlap === undefined ? {} : { overlap_seconds: Number(overlap) }),
  });
  const { key, replaced } = await dataIn(response);
  context.write(`${String(key)}\n`);
  if (isMapping(replaced))
    context.writeError(`${String(replaced.id)} is good until ${String(replaced.expires_at)}\n`);
}

async function revoke(path: string, keyId: string, context: CommandContext): Promise<void> {
  await callServer(context, { method: "DELETE", path: `${path}/${encodeURIComponent(keyId)}` });
  context.write(`${keyId} revoked\n`);
}
