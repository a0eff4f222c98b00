import { type CommandContext, exitCodeOf, sorted, WrongUse } from "./command.ts";
import { keyInColumns, listed } from "./keys.ts";
import { call, dataOf } from "./server-call.ts";

const USE = `leadgate operator-keys create NAME --role read|operate|admin [--expires TIME]
       leadgate operator-keys list
       leadgate operator-keys revoke KEY_ID`;

/** `leadgate operator-keys create|list|revoke`: the keys of operators, each with a role. */
export async function operatorKeys(args: string[], context: CommandContext): Promise<number> {
  return exitCodeOf(context, async () => {
    const { values, positionals } = sorted(args, USE, {
      role: { type: "string" },
      expires: { type: "string" },
    });
    const [verb, detail, ...more] = positionals;
    const isCreating = verb === "create";
    if (more.length > 0 || (!isCreating && Object.keys(values).length > 0)) throw new WrongUse(USE);
    if (isCreating && detail !== undefined && values.role !== undefined) {
      return create({ name: detail, role: values.role, expires_at: values.expires ?? null }, context);
    }
    if (verb === "list" && detail === undefined) return list(context);
    if (verb === "revoke" && detail !== undefined) return revoke(detail, context);
    throw new WrongUse(USE);
  });
}

async function create(key: Readonly<Record<string, string | null>>, context: CommandContext): Promise<void> {
  const response = await call(context, {
    method: "POST",
    path: "/operator-keys",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(key),
  });
  context.write(`${String((await dataOf(response)).key)}\n`);
}

async function list(context: CommandContext): Promise<void> {
  const keys = await listed("/operator-keys", context);
  for (const key of keys) context.write(keyInColumns(key, String(key.role).padEnd(7)));
}

async function revoke(keyId: string, context: CommandContext): Promise<void> {
  await call(context, { method: "DELETE", path: `/operator-keys/${encodeURIComponent(keyId)}` });
  context.write(`${keyId} revoked\n`);
}
