import type { OpenApiDocument } from "#api-docs/openapi/document.ts";
import type { Operation } from "#api-docs/openapi/operation.ts";
import { YOUR_PING_ID } from "./example-lead.ts";

/** The document's operations as a Postman collection (format 2.1.0), with the server and the key as variables. */
export function postmanCollection(document: OpenApiDocument, server: string) {
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
    item: Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => requests(path, method, operation)),
    ),
  };
}

/** One request for each example of a body, else one. */
function requests(path: string, method: string, operation: Operation) {
  const examples = Object.values(bodyExamples(operation));
  if (examples.length === 0) return [{ name: operation.summary, request: request(path, method, operation) }];
  return examples.map(({ summary, value }) => ({
    name: `${operation.summary}: ${summary}`,
    request: {
      ...request(path, method, operation),
      header: [{ key: "content-type", value: "application/json" }],
      body: {
        mode: "raw",
        raw: JSON.stringify(value, null, 2).replace(YOUR_PING_ID, "{{ping_id}}"),
        options: { raw: { language: "json" } },
      },
    },
    ...(isPing(operation) && { event: [KEEPS_THE_TOKEN] }),
  }));
}

function isPing({ operationId }: Operation): boolean {
  return operationId === "pingLead";
}

/** The lead that is sent next is sold by it. */
const KEEPS_THE_TOKEN = {
  listen: "test",
  script: {
    type: "text/javascript",
    exec: [
      "const { ping_id } = pm.response.json();",
      'if (ping_id) pm.collectionVariables.set("ping_id", ping_id);',
    ],
  },
};

/**
 * What is sent unless somebody changes it is what the document gives as usual: of a campaign's leads, that nothing is recorded. Of a ping
 * nothing ever is, and a dry run would have no token for the lead after it.
 */
function request(path: string, method: string, operation: Operation) {
  const query = (operation.parameters ?? []).flatMap(({ name, in: place, description, schema }) => {
    const { default: usual } = schema as { default?: string };
    if (place !== "query" || usual === undefined) return [];
    return [{ key: name, value: isPing(operation) ? "false" : usual, description }];
  });
  const search = query.length > 0 ? `?${query.map(({ key, value }) => `${key}=${value}`).join("&")}` : "";
  const parts = path
    .slice(1)
    .split("/")
    .map((part) => part.replace(/^\{(.+)\}$/, ":$1"));
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

function bodyExamples({ requestBody }: Operation): Record<string, { summary: string; value: unknown }> {
  const { content = {} } = (requestBody ?? {}) as {
    content?: Record<string, { examples?: Record<string, { summary: string; value: unknown }> }>;
  };
  return content["application/json"]?.examples ?? {};
}
