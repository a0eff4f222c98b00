import type { Route } from "#http/route.ts";
import type { JsonSchema } from "#http/schema.ts";
import { schemasReferredTo } from "./components.ts";
import type { GeneratedPaths } from "./generated.ts";
import { type Operation, operationOf } from "./operation.ts";
import { EVENT_SCHEMAS, webhookEvents } from "./webhook-events.ts";

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  openapi: "3.1.0";
  info: { title: string; version: string; summary?: string; description: string };
  servers: { url: string; description?: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  webhooks?: Record<string, unknown>;
  components: Record<string, Readonly<Record<string, unknown>>>;
}

/** The document of the whole API: what the routes say of themselves, made whole by what is described here. */
export function apiDocument(
  paths: GeneratedPaths,
  routes: readonly Route[],
  version: string,
): OpenApiDocument {
  const documented = routes.flatMap(({ words, ...route }) =>
    words ? [operationOf({ ...route, words })] : [],
  );
  return {
    openapi: "3.1.0",
    info: { title: "Leadgate", version, summary: "Lead distribution", description: INTRODUCTION },
    servers: [{ url: "/", description: "The server that this document came from" }],
    tags: TAGS,
    paths,
    webhooks: webhookEvents(),
    components: { ...components(), schemas: schemasReferredTo(documented, EVENT_SCHEMAS) },
  };
}

/** What concerns some of the readers alone: their operations, and the schemas and keys of these. */
export function documentFor(
  readers: "suppliers" | "buyers" | "operators",
  whole: OpenApiDocument,
): OpenApiDocument {
  const sections = SECTIONS[readers];
  const paths = Object.fromEntries(
    Object.entries(whole.paths).flatMap(([path, methods]) => {
      const own = Object.entries(methods).filter(([, { tags }]) =>
        tags.some((tag) => sections.includes(tag)),
      );
      return own.length === 0 ? [] : [[path, Object.fromEntries(own)] as const];
    }),
  );
  const { webhooks, ...rest } = whole;
  const isTold = sections.includes("Webhooks");
  const used = schemasNamedIn({ paths, ...(isTold && { webhooks }) }, whole.components["schemas"] ?? {});
  return {
    ...rest,
    info: { ...whole.info, description: INTRODUCTIONS[readers] },
    tags: whole.tags.filter(({ name }) => sections.includes(name)),
    paths,
    ...(isTold && webhooks !== undefined && { webhooks }),
    components: { ...components([KEYS[readers]]), schemas: used },
  };
}

const SECTIONS: Readonly<Record<"suppliers" | "buyers" | "operators", readonly string[]>> = {
  suppliers: ["Suppliers"],
  buyers: ["Buyers", "Webhooks"],
  operators: ["Operators", "Health", "Webhooks"],
};

const COMMON = `Times are RFC 3339 in UTC, money is decimal text with an ISO 4217 currency beside it, ids are opaque. Whatever
fails has one shape of body, \`Error\`; each answer carries \`x-request-id\`.`;

const INTRODUCTIONS: Readonly<Record<"suppliers" | "buyers" | "operators", string>> = {
  suppliers: `Send your key as \`x-api-key\`. What each campaign asks for is on its own page, \`/docs/campaigns/{id}\`. ${COMMON}`,
  buyers: `Send your key as \`x-api-key\`. How to verify what you receive is on \`/docs/webhooks\`. ${COMMON}`,
  operators: `Send an operator's key as \`Authorization: Bearer …\`. Each operation names the least role that it needs. ${COMMON}`,
};

const KEYS = { suppliers: "supplierKey", buyers: "buyerKey", operators: "operatorKey" } as const;

/** Those that are referred to, and those that these refer to. */
function schemasNamedIn(
  value: unknown,
  all: Readonly<Record<string, unknown>>,
  found: Record<string, unknown> = {},
): Record<string, unknown> {
  for (const [, name = ""] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    if (name in found || !(name in all)) continue;
    found[name] = all[name];
    schemasNamedIn(all[name], all, found);
  }
  return found;
}

const INTRODUCTION = `Suppliers post leads, and each lead goes to at most one buyer, or to as many as its campaign
allows. For some campaigns they ask for the price first.

Suppliers and buyers authenticate with \`x-api-key\`, operators with \`Authorization: Bearer …\`. An operator's key has a role:
\`read\` may look, \`operate\` may also do the daily work, \`admin\` everything; each operation names the least that it
needs. Times are RFC 3339 in UTC, money is decimal text with an ISO 4217 currency beside it, ids are opaque. Whatever
fails has one shape of body, \`Error\`; each answer carries \`x-request-id\`. What a campaign asks for is on its own
page, \`/docs/campaigns/{id}\`; how buyers verify what they receive is on \`/docs/webhooks\`.`;

const TAGS = [
  { name: "Suppliers", description: "Send leads, and ask what became of them." },
  { name: "Buyers", description: "See what was bought, and what it costs." },
  { name: "Operators", description: "Configure, watch, and put right." },
  { name: "Webhooks", description: "What is sent to buyers and operators." },
  { name: "Health", description: "For load balancers and monitoring." },
];

const SCHEMES = {
  supplierKey: { type: "apiKey", in: "header", name: "x-api-key", description: "A supplier's key" },
  buyerKey: { type: "apiKey", in: "header", name: "x-api-key", description: "A buyer's key" },
  operatorKey: { type: "http", scheme: "bearer", description: "An operator's key" },
};

/** What all documents have in common beside their operations; of the kinds of keys, only those that its readers may have. */
export function components(
  keys: readonly (keyof typeof SCHEMES)[] = ["supplierKey", "buyerKey", "operatorKey"],
): OpenApiDocument["components"] {
  return { headers: HEADERS, securitySchemes: Object.fromEntries(keys.map((key) => [key, SCHEMES[key]])) };
}

const HEADERS: Readonly<Record<string, { description: string; schema: JsonSchema }>> = {
  "x-request-id": {
    description: "The client's own when it matches ^[A-Za-z0-9._-]{1,64}$, else a new one.",
    schema: { type: "string" },
  },
  "idempotent-replayed": {
    description: "true when this is the first answer to the same Idempotency-Key, given again.",
    schema: { type: "string", enum: ["true"] },
  },
  "ratelimit-policy": {
    description: "The limits in force (draft-ietf-httpapi-ratelimit-headers-10).",
    schema: { type: "string" },
  },
  ratelimit: { description: "What is left of them.", schema: { type: "string" } },
  "retry-after": { description: "Seconds after which to come back.", schema: { type: "integer" } },
  etag: { description: "The revision, in quotes, for If-Match.", schema: { type: "string" } },
};
