import { KindGuard } from "@sinclair/typebox";
import { publicSchema } from "#http/public-schema.ts";
import type { RouteWords } from "#http/route.ts";
import type { JsonSchema } from "#http/schema.ts";
import {
  type Example,
  type ExampleCall,
  errorExample,
  type Parameter,
  type Reply,
  refusalWords,
  type Words,
} from "#http/words.ts";

/** One operation of an OpenAPI document. */
export interface Operation {
  operationId: string;
  summary: string;
  description: string;
  /** Of an operator's operation: the least role that may call it. */
  "x-role"?: string;
  tags: string[];
  security: Record<string, never[]>[];
  parameters?: readonly JsonSchema[];
  requestBody?: JsonSchema;
  responses: Record<string, JsonSchema>;
}

/** A route that the document has. */
export interface Documented extends RouteWords {
  words: Words;
}

/** A route as its document shows it. Schemas with names are referred to by these. */
export function operationOf(route: Documented): Operation {
  const { who, words } = route;
  const parameters = parametersOf(route);
  return {
    operationId: words.operation,
    summary: words.summary,
    description: words.description + roleInWords(who.role),
    ...(who.role !== undefined && { "x-role": who.role }),
    tags: [words.section],
    security: SECURITY[who.asks],
    ...(parameters.length > 0 && { parameters }),
    ...(route.body !== undefined && { requestBody: requestBodyOf(route.body, words.calls ?? {}) }),
    responses: responsesOf(route),
  };
}

function roleInWords(role: string | undefined): string {
  return role === undefined ? "" : `\n\nNeeds an operator key with the role \`${role}\`.`;
}

const SECURITY = {
  supplier: [{ supplierKey: [] }],
  buyer: [{ buyerKey: [] }],
  operator: [{ operatorKey: [] }],
  anybody: [],
} satisfies Record<RouteWords["who"]["asks"], Record<string, never[]>[]>;

function parametersOf({ words, settings }: Documented): JsonSchema[] {
  const { params = {}, headers = {} } = words;
  const places = { path: params, query: settings, header: headers };
  return Object.entries(places).flatMap(([place, parameters]) =>
    Object.entries(parameters).map(([name, parameter]) => parameterIn(place, name, parameter)),
  );
}

function parameterIn(
  place: string,
  name: string,
  { description, schema = { type: "string" }, example }: Parameter,
): JsonSchema {
  return {
    name,
    in: place,
    ...(place === "path" && { required: true }),
    description,
    schema,
    ...(example !== undefined && { example }),
  };
}

function requestBodyOf(
  body: NonNullable<RouteWords["body"]>,
  calls: Readonly<Record<string, ExampleCall>>,
): JsonSchema {
  const examples = Object.fromEntries(
    Object.entries(calls)
      .filter(([, call]) => call.body !== undefined)
      .map(([name, { summary, body: value }]) => [name, { summary, value }]),
  );
  // What TypeBox made tells more than others can use.
  const schema = KindGuard.IsSchema(body.schema) ? publicSchema(body.schema) : body.schema;
  const content = Object.fromEntries(
    (body.mediaTypes ?? ["application/json"]).map((mediaType) => [
      mediaType,
      { schema, ...(Object.keys(examples).length > 0 && { examples }) },
    ]),
  );
  return {
    required: body.optional !== true,
    ...(body.description !== undefined && { description: body.description }),
    content: { ...content, ...body.instead },
  };
}

/** What the route may answer, by status: its own answers, and those of any route like it. */
export function repliesOf(route: Documented): Record<string, Reply> {
  return { ...usualReplies(route), ...route.words.replies };
}

function responsesOf(route: Documented): Record<string, JsonSchema> {
  const { who, words } = route;
  return Object.fromEntries(
    Object.entries(repliesOf(route)).map(([status, reply]) => [
      status,
      response(reply, who.asks, examplesFor(Number(status), reply, words.calls ?? {})),
    ]),
  );
}

function examplesFor(
  status: number,
  { examples = {} }: Reply,
  calls: Readonly<Record<string, ExampleCall>>,
): Record<string, Example> {
  const answered = Object.entries(calls)
    .filter(([, { answer }]) => answer.status === status && answer.body !== undefined)
    .map(([name, { summary, answer }]) => [name, { summary, value: answer.body }] as const);
  return { ...Object.fromEntries(answered), ...examples };
}

function response(
  { description, schema, headers = [] }: Reply,
  asks: RouteWords["who"]["asks"],
  examples: Record<string, Example>,
): JsonSchema {
  const names = [...(asks === "anybody" ? [] : ["x-request-id"]), ...headers];
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

/** What every route of a kind may answer beside its own. */
function usualReplies({ who, body, settings }: Documented): Record<string, Reply> {
  if (who.asks === "anybody") return {};
  return {
    ...((who.asks === "operator" || who.asks === "buyer") &&
      Object.keys(settings).length > 0 &&
      QUERY_REPLIES),
    ...(body !== undefined && BODY_REPLIES),
    401: {
      ...refusalWords(
        "The key is missing or not valid: unknown, malformed, revoked and expired are answered alike.",
      ),
      examples: { unauthorized: { summary: "No key", value: UNAUTHORIZED[who.asks] } },
    },
    ...(who.asks === "operator" && OPERATOR_REPLIES),
    ...(who.asks === "buyer" && BUYER_REPLIES),
    500: refusalWords("Something went wrong here; the server's log has the details."),
    503: refusalWords("The database is not available; nothing was changed.", ["retry-after"]),
  };
}

const QUERY_REPLIES: Record<string, Reply> = {
  400: refusalWords("A setting of the query is not known or not valid."),
};

const BODY_REPLIES: Record<string, Reply> = {
  400: refusalWords("The body could not be read, or a field of it is not valid."),
  413: refusalWords("The body is too large."),
  415: refusalWords("The body is of another media type."),
};

const OPERATOR_REPLIES: Record<string, Reply> = {
  403: refusalWords(
    "The key is valid, but its role is not enough; the message names the one that is needed.",
  ),
  429: refusalWords("The key is not known to be good, and too many from this address were not.", [
    "retry-after",
  ]),
};

const BUYER_REPLIES: Record<string, Reply> = {
  403: refusalWords("The key is a supplier's."),
  429: refusalWords(
    "The buyer calls too often; or the key is not known to be good, and too many from this address were not.",
    ["retry-after"],
  ),
};

const UNAUTHORIZED: Readonly<Record<"supplier" | "buyer" | "operator", unknown>> = {
  supplier: errorExample("unauthorized", "The API key is missing or not valid."),
  buyer: errorExample("unauthorized", "The API key is missing or not valid."),
  operator: errorExample("unauthorized", "Send the operator key as Authorization: Bearer …"),
};
