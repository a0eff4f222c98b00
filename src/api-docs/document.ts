import { operatorOperations } from "#api-docs/operations/operators.ts";
import { buyerOperations } from "#api-docs/operations/own-endpoint.ts";
import type { Route } from "#http/route.ts";
import type { JsonSchema } from "#http/schema.ts";
import { schemasReferredTo } from "./components.ts";
import {
  type Body,
  type Call,
  type Example,
  errorExample,
  type OperationDescription,
  type Parameter,
  type Reply,
  schemaNamed,
} from "./description.ts";
import type { GeneratedOperation, GeneratedPaths } from "./generated.ts";
import { type Operation, operationOf } from "./operation.ts";
import { schemas } from "./schemas.ts";
import { webhookEvents } from "./webhook-events.ts";

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

/** Every operation that is described, by its id. A test compares it with the routes. */
export const operations: Readonly<Record<string, OperationDescription>> = {
  ...buyerOperations,
  ...operatorOperations,
};

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
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, methods]) => [path, describedMethods(methods)] as const),
    ),
    webhooks: webhookEvents(),
    components: { ...components(), schemas: { ...schemas(), ...schemasReferredTo(documented) } },
  };
}

const INTRODUCTION = `Suppliers post leads, and each lead goes to at most one buyer, or to as many as its campaign allows. For some campaigns they ask for the
price first.

Suppliers authenticate with \`x-api-key\`, operators with \`Authorization: Bearer …\`. An operator's key has
a role: \`read\` may look, \`operate\` may also do the daily work, \`admin\` everything; each operation names the least that it needs. Times are RFC 3339 in UTC, money is decimal text
with an ISO 4217 currency beside it, ids are opaque. Whatever fails has one shape of body, \`Error\`; each answer carries
\`x-request-id\`. What a campaign asks for is on its own page, \`/docs/campaigns/{id}\`; how buyers verify what they receive is on
\`/docs/webhooks\`.`;

const TAGS = [
  { name: "Suppliers", description: "Send leads, and ask what became of them." },
  { name: "Operators", description: "Configure, watch, and put right." },
  { name: "Webhooks", description: "What is sent to buyers and operators." },
  { name: "Health", description: "For load balancers and monitoring." },
];

/** What all documents have in common beside their operations. */
export function components(): OpenApiDocument["components"] {
  return {
    headers: HEADERS,
    securitySchemes: {
      supplierKey: { type: "apiKey", in: "header", name: "x-api-key", description: "A supplier's key" },
      operatorKey: { type: "http", scheme: "bearer", description: "An operator's key" },
    },
  };
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

function describedMethods(methods: Record<string, GeneratedOperation>): Record<string, Operation> {
  return Object.fromEntries(
    Object.entries(methods).map(([method, generated]) => [method, describedHere(generated)]),
  );
}

/** Routes that say all of themselves are as they are generated. */
function describedHere(generated: GeneratedOperation): Operation {
  const described = operations[generated.operationId];
  return described === undefined
    ? (generated as unknown as Operation)
    : describedOperation(generated, described);
}

/** One operation; `generated` is what its route says. */
function describedOperation(generated: GeneratedOperation, described: OperationDescription): Operation {
  const parameters = parametersOf(generated, described);
  return {
    operationId: generated.operationId,
    summary: generated.summary ?? generated.operationId,
    description: described.description + roleInWords(generated["x-role"]),
    ...(generated["x-role"] !== undefined && { "x-role": generated["x-role"] }),
    tags: generated.tags ?? [],
    security: SECURITY[described.caller],
    ...(parameters.length > 0 && { parameters }),
    ...(described.body !== undefined && {
      requestBody: requestBodyOf(described.body, described.calls ?? {}),
    }),
    responses: responsesOf(described),
  };
}

function roleInWords(role: string | undefined): string {
  return role === undefined ? "" : `\n\nNeeds an operator key with the role \`${role}\`.`;
}

const SECURITY = {
  supplier: [{ supplierKey: [] }],
  operator: [{ operatorKey: [] }],
  anybody: [],
} satisfies Record<OperationDescription["caller"], Record<string, never[]>[]>;

/** Those of the path are the route's; what is known of them besides is described. */
function parametersOf(
  { parameters = [] }: GeneratedOperation,
  { parameters: described = [] }: OperationDescription,
): JsonSchema[] {
  const inPath = parameters
    .filter(({ name }) => !described.some((each) => each.name === name && each.in === "path"))
    .map(({ name }) => parameter({ name, in: "path", description: "" }));
  return [...inPath, ...described.map(parameter)];
}

function parameter({ name, in: place, description, schema, example }: Parameter): JsonSchema {
  return {
    name,
    in: place,
    ...(place === "path" && { required: true }),
    ...(description !== "" && { description }),
    schema: schema ?? { type: "string" },
    ...(example !== undefined && { example }),
  };
}

function requestBodyOf(body: Body, calls: Readonly<Record<string, Call>>): JsonSchema {
  const examples = Object.fromEntries(
    Object.entries(calls)
      .filter(([, call]) => call.body !== undefined)
      .map(([name, { summary, body: value }]) => [name, { summary, value }]),
  );
  const content = Object.fromEntries(
    (body.mediaTypes ?? ["application/json"]).map((mediaType) => [
      mediaType,
      { schema: body.schema, ...(Object.keys(examples).length > 0 && { examples }) },
    ]),
  );
  return {
    required: body.optional !== true,
    ...(body.description !== undefined && { description: body.description }),
    content: { ...content, ...body.instead },
  };
}

/** What the operation answers, what its calls get, and what any operation of its caller may answer. */
function responsesOf(described: OperationDescription): Record<string, JsonSchema> {
  const replies: Record<string, Reply> = { ...usualReplies(described), ...described.replies };
  return Object.fromEntries(
    Object.entries(replies).map(([status, reply]) => [
      status,
      response(reply, described.caller, examplesFor(Number(status), reply, described.calls ?? {})),
    ]),
  );
}

function examplesFor(
  status: number,
  { examples = {} }: Reply,
  calls: Readonly<Record<string, Call>>,
): Record<string, Example> {
  const answered = Object.entries(calls)
    .filter(([, { answer }]) => answer.status === status && answer.body !== undefined)
    .map(([name, { summary, answer }]) => [name, { summary, value: answer.body }] as const);
  return { ...Object.fromEntries(answered), ...examples };
}

function response(
  { description, schema, headers = [] }: Reply,
  caller: OperationDescription["caller"],
  examples: Record<string, Example>,
): JsonSchema {
  const names = [...(caller === "anybody" ? [] : ["x-request-id"]), ...headers];
  return {
    description,
    ...(names.length > 0 && {
      headers: Object.fromEntries(
        names.map((name) => [name, { $ref: `#/components/headers/${name}` }] as const),
      ),
    }),
    ...(schema !== undefined && {
      content: {
        "application/json": { schema, ...(Object.keys(examples).length > 0 && { examples }) },
      },
    }),
  };
}

const ERROR = schemaNamed("Error");

/** What every operation of a caller may answer beside its own. */
function usualReplies({ caller, body }: OperationDescription): Record<string, Reply> {
  if (caller === "anybody") return {};
  return {
    ...(body !== undefined && BODY_REPLIES),
    401: {
      description:
        "The key is missing or not valid: unknown, malformed, revoked and expired are answered alike.",
      schema: ERROR,
      examples: { unauthorized: { summary: "No key", value: UNAUTHORIZED[caller] } },
    },
    ...(caller === "operator" && OPERATOR_REPLIES),
    500: { description: "Something went wrong here; the server's log has the details.", schema: ERROR },
    503: {
      description: "The database is not available; nothing was changed.",
      schema: ERROR,
      headers: ["retry-after"],
    },
  };
}

const OPERATOR_REPLIES: Record<string, Reply> = {
  403: {
    description: "The key is valid, but its role is not enough; the message names the one that is needed.",
    schema: ERROR,
  },
  429: {
    description: "The key is not known to be good, and too many from this address were not.",
    schema: ERROR,
    headers: ["retry-after"],
  },
};

const UNAUTHORIZED: Readonly<Record<"supplier" | "operator", unknown>> = {
  supplier: errorExample("unauthorized", "The API key is missing or not valid."),
  operator: errorExample("unauthorized", "Send the operator key as Authorization: Bearer …"),
};

const BODY_REPLIES: Record<string, Reply> = {
  400: { description: "The body could not be read, or a field of it is not valid.", schema: ERROR },
  413: { description: "The body is too large.", schema: ERROR },
  415: { description: "The body is of another media type.", schema: ERROR },
};
