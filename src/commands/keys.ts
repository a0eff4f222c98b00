import { isMapping } from "#problem.ts";
import { type CommandContext, exitCodeOf, fileText, WrongUse } from "./command.ts";
import { call, dataOf } from "./server-call.ts";

const USE = `leadgate keys create SUPPLIER [NAME]
       leadgate keys list SUPPLIER
       leadgate keys revoke SUPPLIER KEY_ID
       leadgate keys import SUPPLIER FILE    (a file that holds the key: the command line is kept in histories)`;

/** `leadgate keys create|list|revoke|import`: a supplier's keys. */
export async function keys(args: string[], context: CommandContext): Promise<number> {
  return exitCodeOf(context, async () => {
    const [verb, supplier, detail, ...more] = args;
    if (supplier === undefined || more.length > 0) throw new WrongUse(USE);
    const path = `/suppliers/${encodeURIComponent(supplier)}/keys`;
    switch (verb ?? "") {
      case "create":
        return create(path, detail === undefined ? {} : { name: detail }, context);
      case "list":
        if (detail !== undefined) throw new WrongUse(USE);
        return list(path, context);
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
  const body: unknown = await (await call(context, { method: "GET", path })).json();
  const rows = isMapping(body) && Array.isArray(body.data) ? body.data.filter(isMapping) : [];
  for (const { id, prefix, status, name } of rows) {
    context.write(
      `${String(id)}  ${String(prefix)}…  ${String(status)}  ${typeof name === "string" ? name : ""}\n`,
    );
  }
}

async function revoke(path: string, keyId: string, context: CommandContext): Promise<void> {
  await call(context, { method: "DELETE", path: `${path}/${encodeURIComponent(keyId)}` });
  context.write(`${keyId} revoked\n`);
}
