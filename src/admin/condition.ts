import { Elysia } from "elysia";
import { type DatabaseStatus, readDatabaseStatus } from "#database/engine/database-status.ts";
import { jsonResponse, requestIdOf } from "#http/reply.ts";
import { version } from "../../package.json" with { type: "json" };
import { describedAs } from "./described.ts";
import type { AdminContext } from "./operator.ts";

/** How the installation is, as the server that has the database open sees it. */
export function conditionRoutes({ database }: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/condition" }).get(
    "",
    async ({ request }) =>
      jsonResponse(
        200,
        { data: { version, database: inJson(await readDatabaseStatus(database)) } },
        { "x-request-id": requestIdOf(request) },
      ),
    describedAs("getCondition", "The condition of the database, for leadgate doctor", "read"),
  );
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
