import type { OpenApiDocument, Operation } from "./document.ts";

/** The document's operations as a Postman collection (format 2.1.0), with the server and the key as variables. */
export function postmanCollection(document: OpenApiDocument, server: string) {
  return {
    info: {
      name: document.info.title,
      description: document.info.description,
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    variable: [
      { key: "server", value: server },
      { key: "key", value: "" },
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
  if (examples.length === 0) return [{ name: operation.summary, request: request(path, method) }];
  return examples.map(({ summary, value }) => ({
    name: `${operation.summary}: ${summary}`,
    request: {
      ...request(path, method),
      header: [{ key: "content-type", value: "application/json" }],
      body: {
        mode: "raw",
        raw: JSON.stringify(value, null, 2),
        options: { raw: { language: "json" } },
      },
    },
  }));
}

function request(path: string, method: string) {
  const parts = path
    .slice(1)
    .split("/")
    .map((part) => part.replace(/^\{(.+)\}$/, ":$1"));
  return {
    method: method.toUpperCase(),
    url: { raw: `{{server}}/${parts.join("/")}`, host: ["{{server}}"], path: parts },
  };
}

function bodyExamples({ requestBody }: Operation): Record<string, { summary: string; value: unknown }> {
  const { content = {} } = (requestBody ?? {}) as {
    content?: Record<string, { examples?: Record<string, { summary: string; value: unknown }> }>;
  };
  return content["application/json"]?.examples ?? {};
}
