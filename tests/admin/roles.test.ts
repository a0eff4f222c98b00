import { beforeEach, describe, expect, test } from "bun:test";
import { covers, isRole, ROLES, type Role } from "#access/role.ts";
import type { OpenApiDocument } from "#api-docs/openapi/document.ts";
import type { Operation } from "#api-docs/openapi/operation.ts";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, type Leadgate, OPERATOR_KEY, openLeadgate } from "../support/leadgate.ts";

interface Route {
  method: string;
  path: string;
  operation: Operation;
}

const CONFIGURED =
  /\/admin\/(config|(campaigns|suppliers|buyers|webhooks|suppression-lists)(\/\{\w+\})?$)|\/(keys|links|secret|erasures)(\/|$)/;

/** They say what would change, and change nothing. */
const PLANS = ["planConfiguration", "planRollback"];

onBothDatabases("roles", (world) => {
  let leadgate: Leadgate;
  let routes: Route[];
  beforeEach(async () => {
    leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument());
    const document: OpenApiDocument = (await leadgate.call("GET", "/docs/openapi.json")).body;
    routes = Object.entries(document.paths)
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({
          method: method.toUpperCase(),
          path,
          operation,
        })),
      )
      .filter(({ path, operation }) => path.startsWith("/api/v1/admin") || operation["x-role"] !== undefined);
    expect(routes.length).toBeGreaterThan(30);
  });

  /** Its status and error, with nothing valid in the request but the key. */
  async function answerTo({ method, path }: Route, key: string | undefined): Promise<[number, unknown]> {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const address = `http://localhost${path.replaceAll(/\{\w+\}/g, "x")}`;
    const response = await leadgate.server.handle(new Request(address, { method, headers }));
    const isError = response.status >= 400;
    const body = isError ? ((await response.json()) as { error: unknown }) : undefined;
    // An answer may go on and on: a backup, or leads as they come.
    if (!isError) await response.body?.cancel();
    return [response.status, body?.error];
  }

  /** The routes that answered otherwise than they should. */
  async function strayed(key: string | undefined, isAllowed: (needed: Role) => boolean) {
    const found: unknown[] = [];
    for (const route of routes) {
      const needed = route.operation["x-role"];
      // It copies the whole embedded database, which takes seconds; to roles it makes no difference which database there is.
      const isCopy = route.operation.operationId === "backUp" && world.kind === "embedded";
      if (isCopy && key !== undefined && isRole(needed) && isAllowed(needed)) continue;
      const [status, error] = await answerTo(route, key);
      const expected = key === undefined ? 401 : isRole(needed) && isAllowed(needed) ? "let in" : 403;
      const got = status === 401 || (status === 403 && error === "forbidden") ? status : "let in";
      if (got !== expected) found.push({ method: route.method, path: route.path, needed, status, error });
    }
    return found;
  }

  async function keyOf(role: Role): Promise<string> {
    const made = await leadgate.admin("POST", "/operator-keys", { name: `a key to ${role}`, role });
    expect(made.status).toBe(201);
    return made.body.data.key;
  }

  test("every route of the operator API says its role, and what changes something needs more than read", () => {
    for (const { method, path, operation } of routes) {
      expect([path, isRole(operation["x-role"])]).toEqual([path, true]);
      expect(operation.description).toContain(`the role \`${operation["x-role"]}\``);
      const onlyLooks =
        method === "GET" ||
        [...PLANS, "simulateLead", "openSession", "endSession"].includes(String(operation.operationId));
      if (!onlyLooks) expect([method, path, operation["x-role"]]).not.toEqual([method, path, "read"]);
    }
  });

  test("the operator API needs admin for changes of the configuration, keys and secrets, erasure and backups", () => {
    const sensitive = routes.filter(
      ({ method, path }) =>
        (method !== "GET" && CONFIGURED.test(path)) || /\/(operator-keys|backup)/.test(path),
    );
    expect(sensitive.length).toBeGreaterThan(10);
    for (const { method, path, operation } of sensitive) {
      if (PLANS.includes(String(operation.operationId))) continue;
      expect([method, path, operation["x-role"]]).toEqual([method, path, "admin"]);
    }
  });

  test("every route of the operator API without a key is 401", async () =>
    expect(await strayed(undefined, () => true)).toEqual([]));

  test("every route of the operator API lets the key of the settings in", async () =>
    expect(await strayed(OPERATOR_KEY, () => true)).toEqual([]));

  describe.each(ROLES)("to a key with the role %s", (role) => {
    test("every route of the operator API is open or 403, by the role of the key", async () => {
      const key = await keyOf(role);
      expect(await strayed(key, (needed) => covers(role, needed))).toEqual([]);
    });
  });

  test("every route of the operator API is 401 with a key that was revoked", async () => {
    const { id, key } = (await leadgate.admin("POST", "/operator-keys", { name: "old", role: "admin" })).body
      .data;
    expect((await leadgate.admin("DELETE", `/operator-keys/${id}`)).status).toBe(204);
    for (const route of routes)
      expect([route.path, ...(await answerTo(route, key))]).toEqual([route.path, 401, "unauthorized"]);
  });
});

describe("a role", () => {
  test("a role may do all that the ones before it may", () => {
    const table = ROLES.map((held) => ROLES.map((needed) => covers(held, needed)));
    expect(table).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
  });
});
