import { beforeEach, expect, test } from "bun:test";
import { covers, isRole, ROLES } from "#access/role.ts";
import type { OpenApiDocument } from "#api-docs/openapi/document.ts";
import type { Operation } from "#api-docs/openapi/operation.ts";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, aLead, type Leadgate, openLeadgate } from "../support/leadgate.ts";

interface Route {
  method: string;
  path: string;
  /** Whose key it asks for, as its document says. */
  asks: "supplierKey" | "buyerKey" | "operatorKey";
  operation: Operation;
}

type Headers = Record<string, string>;

const OWN_PAGE = { "sec-fetch-site": "same-origin" };

/** These take leads in, which a session in a browser may not. */
const KEY_ALONE = /^\/api\/v1\/(ingest|ping|lead-update)/;

/** The API's document says nothing of what is in a database: it is made once. */
let document: OpenApiDocument | undefined;

onBothDatabases("every route and every identity", (world) => {
  let leadgate: Leadgate;
  let routes: Route[];
  let leadId: string;
  beforeEach(async () => {
    leadgate = openLeadgate(world.database);
    await leadgate.configure(
      aDocument({
        campaign: { max_sells: 2 },
        supplier: { name: "Acme Secret" },
        link: { payout: { mode: "fixed", amount: "7.77" } },
        contracts: { first: { price: "31.31" }, second: { price: "47.47" } },
      }),
    );
    leadId = (await leadgate.ingest("acme", aLead())).body.data.id;
    document ??= (await leadgate.call("GET", "/docs/openapi.json")).body as OpenApiDocument;
    routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => {
        const [asks] = Object.keys((operation.security as object[])[0] ?? {});
        if (asks === undefined) return [];
        return [{ method: method.toUpperCase(), path, asks: asks as Route["asks"], operation }];
      }),
    );
    expect(routes.length).toBeGreaterThan(100);
  });

  /** The headers of each way in which a party may come. */
  async function identitiesOf(
    party: "suppliers/acme" | "buyers/first",
  ): Promise<Record<"key" | "session", Headers>> {
    const { key } = (await leadgate.admin("POST", `/${party}/keys`, {})).body.data;
    const { url } = (await leadgate.admin("POST", `/${party}/links`, {})).body.data;
    const opened = await leadgate.call("POST", "/api/v1/portal/session", {
      headers: { "content-type": "application/json", ...OWN_PAGE },
      body: JSON.stringify({ link: String(url).split("#")[1] }),
    });
    return { key: { "x-api-key": key }, session: sessionIn(opened.headers) };
  }
  const sessionIn = (headers: globalThis.Headers): Headers => ({
    cookie: (headers.get("set-cookie") ?? "").split(";")[0] ?? "",
    ...OWN_PAGE,
  });

  /** What a route says to a request with nothing valid in it but who calls; `in` for whatever is neither 401 nor 403. */
  async function verdictOn({ method, path }: Route, headers: Headers): Promise<401 | 403 | "in"> {
    leadgate.clock.pass(1_000);
    const address = `http://localhost${path.replaceAll(/\{\w+\}/g, "x")}`;
    const response = await leadgate.server.handle(new Request(address, { method, headers }));
    await response.body?.cancel();
    return response.status === 401 || response.status === 403 ? response.status : "in";
  }

  async function strayed(headers: Headers, expected: (route: Route) => 401 | 403 | "in"): Promise<unknown[]> {
    const found: unknown[] = [];
    for (const route of routes) {
      // It copies the whole embedded database, which takes seconds; roles.test.ts has it.
      if (route.operation.operationId === "backUp") continue;
      const verdict = await verdictOn(route, headers);
      if (verdict !== expected(route)) found.push([route.method, route.path, verdict]);
    }
    return found;
  }

  test.each([
    ["suppliers/acme", "supplierKey"],
    ["buyers/first", "buyerKey"],
  ] as const)(
    "%s comes in by its key and its session where its key is asked for, and nowhere else",
    async (party, own) => {
      const { key, session } = await identitiesOf(party);
      const elsewhere = (asks: Route["asks"], operators: 401 | 403) =>
        asks === "operatorKey" ? operators : 403;
      expect(await strayed(key, ({ asks }) => (asks === own ? "in" : elsewhere(asks, 401)))).toEqual([]);
      expect(
        await strayed(session, ({ asks, path }) => {
          if (KEY_ALONE.test(path)) return 401;
          return asks === own ? "in" : elsewhere(asks, 403);
        }),
      ).toEqual([]);
    },
  );

  test.each([...ROLES])(
    "the session of an operator who may %s comes in where that role suffices, and to no party's routes",
    async (role) => {
      const { key } = (await leadgate.admin("POST", "/operator-keys", { name: role, role })).body.data;
      const opened = await leadgate.call("POST", "/api/v1/admin/session", {
        headers: { authorization: `Bearer ${key}` },
      });
      const ends = routes.filter(({ operation }) => operation.operationId !== "endSession");
      routes = ends;
      const allowed = await strayed(sessionIn(opened.headers), ({ asks, operation }) => {
        if (asks !== "operatorKey") return 401;
        const needed = operation["x-role"];
        return isRole(needed) && covers(role, needed) ? "in" : 403;
      });
      expect(allowed).toEqual([]);
    },
  );

  test.each([
    ["suppliers/acme", "supplierKey", /Buyer (first|second|third)|31\.31|47\.47|78\.78|price|margin/],
    ["buyers/first", "buyerKey", /Acme|acme|second|third|7\.77|47\.47|78\.78|payout|margin/],
  ] as const)(
    "%s reads by its session nothing of another party, and no price or payout that is not its own",
    async (party, own, others) => {
      const { session } = await identitiesOf(party);
      const numbers = await Promise.all(
        ["first", "second"].map(async (buyer) => {
          const issued = await leadgate.admin("POST", `/buyers/${buyer}/invoices`, { month: "2025-12" });
          return issued.body.data.number;
        }),
      );
      const read: string[] = [];
      for (const { path } of routes.filter(({ method, asks }) => method === "GET" && asks === own)) {
        leadgate.clock.pass(1_000);
        const address = path.replace("{number}", numbers[0]).replaceAll(/\{\w+\}/g, leadId);
        const query = path.endsWith("/statement")
          ? "?month=2026-01&lines=sale"
          : path.endsWith("/lookup")
            ? `?id=${leadId}`
            : "";
        const { status, body } = await leadgate.call("GET", `${address}${query}`, { headers: session });
        expect([path, status]).toEqual([path, 200]);
        read.push(path);
        expect([path, others.exec(JSON.stringify(body))?.[0]]).toEqual([path, undefined]);
      }
      expect(read.length).toBeGreaterThan(4);
      const another = await leadgate.call("GET", `/api/v1/buyer/invoices/${numbers[1]}`, {
        headers: session,
      });
      expect(another.status).toBe(own === "buyerKey" ? 404 : 403);
    },
  );
});
