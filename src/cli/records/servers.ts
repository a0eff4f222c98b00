import { asks, JSON_OPTION, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";

/** The servers of the installation. */
export const servers = command({
  name: "servers",
  purpose: "list the servers that run on this Postgres, and what each does",
  example: "leadgate servers",
  options: JSON_OPTION,
  forms: {
    "": asks(
      "GET /servers",
      "",
      table(
        "host",
        "copy",
        "address",
        "version",
        "started_at",
        "seen_seconds_ago",
        "node",
        "campaigns",
        "queue",
        "leads_per_second",
      ),
      {
        none: "None is listed: on the embedded database there is one server, which is the one that answers.",
      },
    ),
  },
});
