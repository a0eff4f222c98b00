import { command } from "#cli/command/command.ts";
import { callServer, dataIn, listIn } from "#cli/command/remote.ts";
import { describeKey } from "./keys.ts";

/** The keys of operators, each with a role. */
export const operatorKeys = command({
  name: "operator-keys",
  purpose: "create, list or revoke the keys of operators",
  example: "leadgate operator-keys create dashboard --role read",
  options: {
    "--role ROLE": "with create: read may look, operate may do the daily work, admin everything",
    "--expires TIME": "with create: when it ends, such as 2030-01-31T00:00:00Z; never unless said",
  },
  forms: {
    async "create NAME --role read|operate|admin [--expires TIME]"({ NAME, role, expires }, context) {
      const response = await callServer(context, {
        method: "POST",
        path: "/operator-keys",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: NAME, role, expires_at: expires ?? null }),
      });
      context.write(`${String((await dataIn(response)).key)}\n`);
    },
    async list(_, context) {
      const keys = await listIn(await callServer(context, { method: "GET", path: "/operator-keys" }));
      for (const key of keys) context.write(describeKey(key, String(key.role).padEnd(7)));
    },
    async "revoke KEY_ID"({ KEY_ID }, context) {
      await callServer(context, { method: "DELETE", path: `/operator-keys/${encodeURIComponent(KEY_ID)}` });
      context.write(`${KEY_ID} revoked\n`);
    },
  },
});
