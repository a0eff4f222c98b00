import { type Documented, repliesOf } from "#api-docs/openapi/operation.ts";
import { type CodeBlock, codeBlock, codeTabs } from "#api-docs/site/code.ts";
import { LANGUAGES, requestCode } from "#api-docs/site/request-code.ts";
import type { RouteWords } from "#http/route.ts";

/** A route that is documented. */
export interface ReferencedRoute extends Documented {
  readonly method: string;
  /** Names in it have a colon. */
  readonly path: string;
}

/** Stands in examples for the server that the page came from. */
export const EXAMPLE_SERVER = "https://leads.example";

/** The request of an operation's example in several languages; `name` is that of a call, absent: the first; null: one without a body. */
export function requestExample(
  route: ReferencedRoute,
  name?: string | null,
  headers: Readonly<Record<string, string>> = {},
): string {
  const { calls = {}, summary } = route.words;
  const call = name === undefined ? Object.values(calls)[0] : name === null ? undefined : calls[name];
  return codeTabs(
    requestCode({
      method: route.method.toUpperCase(),
      url: `${EXAMPLE_SERVER}${exampleAddress(route)}`,
      key: keyOf(route),
      headers,
      ...(call?.body !== undefined && { body: call.body }),
    }),
    summary,
    LANGUAGES,
  );
}

function keyOf({ who }: RouteWords): "x-api-key" | "bearer" | "none" {
  switch (who.asks) {
    case "supplier":
    case "buyer":
      return "x-api-key";
    case "operator":
      return "bearer";
    case "anybody":
      return "none";
  }
}

/** The path and the query with what the words give as examples. */
function exampleAddress({ path, words, settings }: ReferencedRoute): string {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) =>
    String(words.params?.[name]?.example ?? `{${name}}`),
  );
  const asked = Object.entries(settings).flatMap(([name, { example }]) =>
    example === undefined ? [] : [`${name}=${encodeURIComponent(String(example))}`],
  );
  return asked.length > 0 ? `${filled}?${asked.join("&")}` : filled;
}

interface ExampleAnswer {
  status: number;
  name: string;
  value: unknown;
}

/** All answers that a route's words have an example of: those of its calls, and the others. */
function exampleAnswers(route: ReferencedRoute): ExampleAnswer[] {
  const { calls = {} } = route.words;
  const called = Object.entries(calls).flatMap(([name, { answer }]) =>
    answer.body === undefined ? [] : [{ status: answer.status, name, value: answer.body }],
  );
  const others = Object.entries(repliesOf(route)).flatMap(([status, { examples = {} }]) =>
    Object.entries(examples).map(([name, { value }]) => ({ status: Number(status), name, value })),
  );
  return [...called, ...others].toSorted((one, other) => one.status - other.status);
}

/** The first example of each status, or of those that are asked for, as tabs. */
export function answerExamples(route: ReferencedRoute, statuses?: readonly number[]): string {
  const all = exampleAnswers(route);
  const shown = statuses ?? [...new Set(all.map(({ status }) => status))];
  const blocks = shown.flatMap((status): CodeBlock[] => {
    const first = all.find((answer) => answer.status === status);
    const label = shown.length > 1 ? String(status) : statusWords(status);
    return first === undefined
      ? []
      : [{ label, language: "json", source: JSON.stringify(first.value, null, 2) }];
  });
  return blocks.length === 0 ? "" : codeTabs(blocks, "Answers");
}

/** The answer of that name. Throws when the words have none, which a test finds. */
export function namedAnswer(route: ReferencedRoute, name: string): string {
  const found = exampleAnswers(route).find((answer) => answer.name === name);
  if (found === undefined) throw new Error(`${route.words.operation} has no answer ${name}`);
  return codeBlock({
    label: statusWords(found.status),
    language: "json",
    source: JSON.stringify(found.value, null, 2),
  });
}

/** `201 Created` */
export function statusWords(status: number): string {
  return `${status} ${PHRASES[status] ?? ""}`.trim();
}

/** RFC 9110, 15. */
const PHRASES: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
