import { beforeEach, describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { COUNTED_ALONE } from "#access/shared-counts.ts";
import type { OpenApiDocument } from "#api-docs/openapi/document.ts";
import { WEBHOOK_EVENTS } from "#endpoints/webhook-endpoint.ts";
import { type RouteParts, routeTable } from "#runtime/routes.ts";
import { onBothKeptDatabases } from "../support/database.ts";
import { type Leadgate, OPERATOR_KEY, type Reply } from "../support/leadgate.ts";
import { keepDemo } from "./demo-set-up.ts";
import { operationOf, requestExample, schemaProblems, withoutChance } from "./reading.ts";

/** Parts of routes that are only looked at. */
const UNUSED = {
  suppliers: { sharedCounts: COUNTED_ALONE },
  buyers: { sharedCounts: COUNTED_ALONE },
  admin: { operators: {} },
  portal: {},
  login: {},
  metrics: {},
} as RouteParts;

/** The routes that have words. */
const routes = routeTable(UNUSED).flatMap(({ words }) => (words === undefined ? [] : [{ words }]));

/** It says nothing of what is in a database, and takes a while to be made. */
let document: OpenApiDocument;

onBothKeptDatabases("the API's document", (world) => {
  const demo = keepDemo(world);
  const { look } = demo;
  let leadgate: Leadgate;
  beforeEach(async () => {
    leadgate = demo.leadgate;
    document ??= (await leadgate.call("GET", "/docs/openapi.json")).body;
  });

  look("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document) as never)).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  look("is made once, and not sent again to a reader that has it", async () => {
    const { headers, status } = await leadgate.call("GET", "/docs/openapi.json");
    const tag = headers.get("etag") ?? "";
    expect([status, headers.get("cache-control")]).toEqual([200, "no-cache"]);
    const again = await leadgate.call("GET", "/docs/openapi.json", { headers: { "if-none-match": tag } });
    expect([again.status, again.body, again.headers.get("etag")]).toEqual([304, "", tag]);
  });

  look("describes every route, and nothing else", () => {
    const described = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const ids = described.map((operation) => operation.operationId).sort();
    expect(ids).toEqual(routes.map(({ words }) => words.operation).sort());
    for (const { description, summary, tags } of described) {
      expect(description).not.toBe("");
      expect(summary).not.toBe("");
      expect(["Suppliers", "Buyers", "Operators", "Webhooks", "Health"]).toContain(tags.join());
    }
  });

  look("has every status that a lead can be answered with", () => {
    const { operation } = operationOf(document, "ingestLead");
    const statuses = [200, 201, 202, 400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503];
    expect(Object.keys(operation.responses)).toEqual(statuses.map(String));
    for (const status of statuses) {
      expect(operation.responses[status]?.content?.["application/json"]?.schema).toBeDefined();
    }
  });

  look("has every status that a ping can be answered with", () => {
    const { operation } = operationOf(document, "pingLead");
    const statuses = [200, 400, 401, 403, 404, 413, 415, 429, 500, 503];
    expect(Object.keys(operation.responses)).toEqual(statuses.map(String));
  });

  look("shows what is sent to buyers and operators", () => {
    expect(Object.keys(document.webhooks ?? {})).toEqual([...WEBHOOK_EVENTS, "webhook.test"]);
  });

  describe("has examples that get the documented answer:", () => {
    const calls = routes.flatMap(({ words: { operation, calls = {} } }) =>
      Object.entries(calls).map(
        ([name, { summary, answer }]) => [operation, summary, name, answer.status] as const,
      ),
    );

    test.each(calls)("%s, %s", async (id, _, name, status) => {
      const { path, method, operation } = operationOf(document, id);
      const documented = operation.responses[status];
      const schema = documented?.content?.["application/json"]?.schema;
      const example = documented?.content?.["application/json"]?.examples?.[name]?.value;
      const answer = await send(leadgate, method, path, operation, requestExample(operation, name));
      expect(answer.status).toBe(status);
      for (const header of Object.keys(documented?.headers ?? {})) {
        if (header !== "idempotent-replayed")
          expect([header, answer.headers.has(header)]).toEqual([header, true]);
      }
      if (method === "get" || status >= 400) demo.isAsItWas();
      if (schema === undefined) return expect(answer.body).toBe("");
      expect(withoutChance(answer.body)).toEqual(withoutChance(example));
      expect(schemaProblems(document, schema, answer.body)).toEqual([]);
    });
  });

  look("has no example that its own schema refuses", () => {
    let seen = 0;
    for (const { operationId } of Object.values(document.paths).flatMap((each) => Object.values(each))) {
      const { operation } = operationOf(document, operationId);
      for (const [status, reply] of Object.entries(operation.responses)) {
        const { schema, examples = {} } = reply.content?.["application/json"] ?? {};
        for (const [name, { value }] of Object.entries(examples)) {
          seen += 1;
          const problems = schema === undefined ? ["no schema"] : schemaProblems(document, schema, value);
          expect({ operationId, status, name, problems }).toEqual({
            operationId,
            status,
            name,
            problems: [],
          });
        }
      }
    }
    expect(seen).toBeGreaterThan(40);
  });

  test("says what the same lead gets when it comes again", async () => {
    const { operation } = operationOf(document, "ingestLead");
    const lead = requestExample(operation, "accepted") as Record<string, unknown>;
    await leadgate.ingest("acme-media", lead);
    const again = await leadgate.ingest("acme-media", lead);
    const documented = operation.responses[200]?.content?.["application/json"]?.examples?.duplicate?.value;
    expect(again.status).toBe(200);
    expect(withoutChance(again.body)).toEqual(withoutChance(documented));
  });

  test("says what a dry run answers", async () => {
    const { operation } = operationOf(document, "ingestLead");
    for (const [name, status] of [
      ["accepted", 201],
      ["not_valid", 400],
      ["filtered", 422],
    ] as const) {
      const answer = await leadgate.call("POST", "/api/v1/ingest?dry_run=true", {
        headers: { "x-api-key": leadgate.keyOf("acme-media"), "content-type": "application/json" },
        body: JSON.stringify(requestExample(operation, name)),
      });
      const schema = operation.responses[status]?.content?.["application/json"]?.schema ?? {};
      expect(answer.status).toBe(status);
      expect(answer.body.trace.length).toBeGreaterThan(1);
      expect(schemaProblems(document, schema, answer.body)).toEqual([]);
    }
  });

  test("says what a lead gets after a ping, and when the ping is not good for it", async () => {
    const { operation } = operationOf(document, "ingestLead");
    const asked = requestExample(operationOf(document, "pingLead").operation, "accepted") as object;
    const lead = { ...(requestExample(operation, "not_pinged") as object), phone: "(305) 555-0147" };
    const call = (route: string, body: object) =>
      leadgate.call("POST", `/api/v1/${route}`, {
        headers: { "x-api-key": leadgate.keyOf("acme-media"), "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const tokenOf = async () => (await call("ping", asked)).body.ping_id as string;
    const flo_ping_id = await tokenOf();
    const answers = {
      ping_invalid: await call("ingest", { ...lead, flo_ping_id: flo_ping_id.slice(1) }),
      ping_mismatch: await call("ingest", { ...lead, flo_ping_id, state: "TX" }),
      after_a_ping: await call("ingest", { ...lead, flo_ping_id }),
      ping_replayed: await call("ingest", { ...lead, flo_ping_id, phone: "305 555 0147" }),
    };
    const late = { ...lead, flo_ping_id: await tokenOf() };
    leadgate.clock.pass(30 * 60_000);
    for (const [name, answer] of Object.entries({
      ...answers,
      ping_expired: await call("ingest", late),
    })) {
      const documented = operation.responses[answer.status]?.content?.["application/json"];
      expect([name, withoutChance(answer.body)]).toEqual([
        name,
        withoutChance(documented?.examples?.[name]?.value),
      ]);
      expect(schemaProblems(document, documented?.schema ?? {}, answer.body)).toEqual([]);
    }
  });

  test("says what a dry run of a ping answers", async () => {
    const { operation } = operationOf(document, "pingLead");
    for (const [name, status] of [
      ["accepted", 200],
      ["filtered", 200],
      ["suppressed", 200],
      ["not_valid", 400],
    ] as const) {
      const answer = await leadgate.call("POST", "/api/v1/ping?dry_run=true", {
        headers: { "x-api-key": leadgate.keyOf("acme-media"), "content-type": "application/json" },
        body: JSON.stringify(requestExample(operation, name)),
      });
      const schema = operation.responses[status]?.content?.["application/json"]?.schema ?? {};
      expect(answer.status).toBe(status);
      expect(answer.body.trace.length).toBeGreaterThan(1);
      expect(answer.body.ping_id ?? null).toBeNull();
      expect(schemaProblems(document, schema, answer.body)).toEqual([]);
    }
  });

  look("says what is answered without a key", async () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { operationId }] of Object.entries(methods)) {
        const { operation } = operationOf(document, operationId);
        if (operation.security?.length === 0) continue;
        const answer = await leadgate.call(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, "x"));
        const documented = operation.responses[401]?.content?.["application/json"];
        expect(answer.status).toBe(401);
        expect(withoutChance(answer.body)).toEqual(withoutChance(documented?.examples?.unauthorized?.value));
      }
    }
  });
});

/** Sends what the document says of an operation, with the keys that its security asks for. */
async function send(
  leadgate: Leadgate,
  method: string,
  path: string,
  operation: ReturnType<typeof operationOf>["operation"],
  body: unknown,
): Promise<Reply> {
  let address = path;
  const query = new URLSearchParams();
  for (const { name, in: place, example } of operation.parameters ?? []) {
    if (example === undefined) continue;
    if (place === "path") address = address.replace(`{${name}}`, encodeURIComponent(String(example)));
    if (place === "query") query.set(name, String(example));
  }
  const key = operation.security?.some((scheme) => "supplierKey" in scheme)
    ? { "x-api-key": leadgate.keyOf("acme-media") }
    : { authorization: `Bearer ${OPERATOR_KEY}` };
  return leadgate.call(method.toUpperCase(), query.size > 0 ? `${address}?${query}` : address, {
    headers: { ...key, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}
