import type { OpenApiDocument } from "#api-docs/openapi/document.ts";
import type { Operation } from "#api-docs/openapi/operation.ts";
import { YOUR_PING_ID } from "./example-lead.ts";

/**
 * The document's operations as a Postman collection (format 2.1.0) that runs from top to bottom once its variable `key` is set. The
 * supplier's id is asked of the campaign's own document, by the key; `dry_run` set to false sends the lead for good.
 */
export function postmanCollection(
  document: OpenApiDocument,
  { server, campaignId, now }: { server: string; campaignId: string; now: Date },
) {
  const isPinged = Object.values(document.paths).some((methods) => Object.values(methods).some(isPing));
  return {
    info: {
      name: document.info.title,
      description: document.info.description,
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    variable: [
      { key: "server", value: server },
      { key: "key", value: "" },
      { key: "supplier", value: supplierIn(document) ?? "" },
      { key: "dry_run", value: "true" },
      { key: "month", value: now.toISOString().slice(0, 7) },
      { key: "lead_id", value: "" },
      ...(isPinged ? [{ key: "ping_id", value: "" }] : []),
    ],
    auth: {
      type: "apikey",
      apikey: [
        { key: "key", value: "x-api-key" },
        { key: "value", value: "{{key}}" },
        { key: "in", value: "header" },
      ],
    },
    event: [script("prerequest", asksForSupplier(campaignId))],
    item: Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => requests(path, method, operation)),
    ),
  };
}

/** Whom the document was made for. */
function supplierIn({ components }: OpenApiDocument): string | undefined {
  const lead = components["schemas"]?.["Lead"] as
    | { properties?: Record<string, { const?: string }> }
    | undefined;
  return lead?.properties?.["flo_supplier_id"]?.const;
}

function script(listen: "prerequest" | "test", exec: readonly string[]) {
  return { listen, script: { type: "text/javascript", exec } };
}

function asksForSupplier(campaignId: string): string[] {
  const document = `/docs/campaigns/${encodeURIComponent(campaignId)}/openapi.json`;
  return [
    'if (!pm.collectionVariables.get("supplier")) {',
    `  const url = pm.collectionVariables.get("server") + "${document}";`,
    '  const header = { "x-api-key": pm.collectionVariables.get("key") };',
    "  pm.sendRequest({ url, header }, (error, answer) => {",
    "    const lead = error ? undefined : answer.json().components?.schemas.Lead;",
    '    if (lead) pm.collectionVariables.set("supplier", lead.properties.flo_supplier_id.const ?? "");',
    "  });",
    "}",
  ];
}

/** One request for each example of a body, else one. */
function requests(path: string, method: string, operation: Operation) {
  const examples = Object.entries(bodyExamples(operation));
  if (examples.length === 0) {
    const event = [script("test", isLookUp(operation) ? LOOKS_UP : expects("is answered", "200"))];
    return [{ name: operation.summary, request: request(path, method, operation), event }];
  }
  return examples.map(([name, { summary, value }]) => ({
    name: `${operation.summary}: ${summary}`,
    request: {
      ...request(path, method, operation),
      header: [{ key: "content-type", value: "application/json" }],
      body: {
        mode: "raw",
        raw: JSON.stringify({ ...(value as object), flo_supplier_id: "{{supplier}}" }, null, 2).replace(
          YOUR_PING_ID,
          "{{ping_id}}",
        ),
        options: { raw: { language: "json" } },
      },
    },
    event: [script("test", testOf(name, operation))],
  }));
}

function isPing({ operationId }: Operation): boolean {
  return operationId === "pingLead";
}

function isLookUp({ operationId }: Operation): boolean {
  return operationId === "getLead";
}

function testOf(example: string, operation: Operation): string[] {
  if (example === "not_valid") return expects("names the field that is wrong", "400");
  return isPing(operation) ? KEEPS_THE_TOKEN : KEEPS_THE_ID;
}

function expects(what: string, statuses: string): string[] {
  return [`pm.test(${JSON.stringify(what)}, () => pm.expect([${statuses}]).to.include(pm.response.code));`];
}

/** The lead that is sent next is sold by it. */
const KEEPS_THE_TOKEN = [
  ...expects("is answered", "200"),
  "const { ping_id } = pm.response.json();",
  'if (ping_id) pm.collectionVariables.set("ping_id", ping_id);',
];

/** The look-up asks for it. */
const KEEPS_THE_ID = [
  ...expects("is taken", "200, 201"),
  "const { data } = pm.response.json();",
  'if (data) pm.collectionVariables.set("lead_id", data.id);',
];

const LOOKS_UP = [
  'const isDry = pm.collectionVariables.get("dry_run") === "true";',
  'pm.test(isDry ? "finds nothing, since nothing was recorded" : "finds the lead", () =>',
  "  pm.expect(pm.response.code).to.equal(isDry ? 404 : 200));",
];

/**
 * What is sent unless somebody changes it is what the document gives as usual: of a campaign's leads, that nothing is recorded. Of a ping
 * nothing ever is, and a dry run would have no token for the lead after it.
 */
function request(path: string, method: string, operation: Operation) {
  const query = (operation.parameters ?? []).flatMap(({ name, in: place, description, schema }) => {
    const { default: usual } = schema as { default?: string };
    const value = isPing(operation) && name === "dry_run" ? "false" : (VARIABLES[String(name)] ?? usual);
    return place === "query" && value !== undefined ? [{ key: name, value, description }] : [];
  });
  const search = query.length > 0 ? `?${query.map(({ key, value }) => `${key}=${value}`).join("&")}` : "";
  const parts = path
    .slice(1)
    .split("/")
    .map((part) => part.replace(/^\{id\}$/, "{{lead_id}}"));
  return {
    method: method.toUpperCase(),
    url: {
      raw: `{{server}}/${parts.join("/")}${search}`,
      host: ["{{server}}"],
      path: parts,
      ...(query.length > 0 && { query }),
    },
  };
}

/** Settings of queries that are variables of the collection. */
const VARIABLES: Readonly<Record<string, string>> = { dry_run: "{{dry_run}}", month: "{{month}}" };

function bodyExamples({ requestBody }: Operation): Record<string, { summary: string; value: unknown }> {
  const { content = {} } = (requestBody ?? {}) as {
    content?: Record<string, { examples?: Record<string, { summary: string; value: unknown }> }>;
  };
  return content["application/json"]?.examples ?? {};
}
