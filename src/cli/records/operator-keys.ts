import { asks, JSON_OPTION, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";
import { KEY_COLUMNS, revoked, theKey } from "./keys.ts";

/** The keys of operators, each with a role. */
export const operatorKeys = command({
  name: "operator-keys",
  purpose: "create, list or revoke the keys of operators",
  example: "leadgate operator-keys create dashboard --role read",
  options: {
    "--role ROLE": "with create: read may look, operate may do the daily work, admin everything",
    "--expires TIME": "with create: when it ends, such as 2030-01-31T00:00:00Z; never unless said",
    ...JSON_OPTION,
  },
  forms: {
    "create NAME --role read|operate|admin [--expires TIME]": asks(
      "POST /operator-keys",
      "make one, shown this once",
      theKey,
      { names: { expires: "expires_at" } },
    ),
    list: asks("GET /operator-keys", "list them", table("id", "role", ...KEY_COLUMNS.slice(1))),
    "revoke KEY_ID": asks("DELETE /operator-keys/KEY_ID", "end one", revoked),
  },
});
