import { type DatabaseStatus, readDatabaseStatus } from "#database/engine/database-status.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, flag, objectOf, wordOf } from "#http/schema.ts";
import { reply } from "#http/words.ts";
import { version } from "../../package.json" with { type: "json" };
import type { AdminParts } from "./parts.ts";

/** How the installation is, as the server that has the database open sees it. */
export function conditionRoute({ database, operators }: AdminParts): Route {
  return route({
    method: "get",
    path: "/api/v1/admin/condition",
    who: operators.read,
    answer: async ({ context }) =>
      context.json(200, { data: { version, database: inJson(await readDatabaseStatus(database)) } }),
    words: {
      operation: "getCondition",
      section: "Operators",
      summary: "The condition of the database, for leadgate doctor",
      description:
        "How the database is: its version, whether what it commits is on the disk, its schema, its clock and its size.",
      replies: {
        200: reply(
          "The condition.",
          dataOf(
            objectOf({
              version: { type: "string", description: "Of the server." },
              database: objectOf({
                kind: wordOf(["postgres", "embedded"]),
                version: { type: "string", description: "Of PostgreSQL." },
                durable: flag,
                standby: flag,
                schema: wordOf(["up to date", "older", "newer"]),
                clock_ahead_ms: { type: "integer", description: "Of the server's clock." },
                size_bytes: { type: "integer" },
              }),
            }),
          ),
        ),
      },
    },
  });
}

function inJson(condition: DatabaseStatus) {
  return {
    kind: condition.kind,
    version: condition.version,
    durable: condition.isDurable,
    standby: condition.isStandby,
    schema: condition.schema,
    clock_ahead_ms: condition.aheadMs,
    size_bytes: condition.bytes,
  };
}
