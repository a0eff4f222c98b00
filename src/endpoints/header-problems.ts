import type { Problem } from "#text/problem.ts";
import { placeholderProblems } from "./message/placeholder.ts";
import type { VariableNames } from "./message/variables.ts";

const MAX_HEADERS = 20;
const MAX_VALUE_LENGTH = 4000;

/** A token of RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

/** Visible ASCII with spaces and tabs within: no line break can begin another header. */
const VALUE = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;

/**
 * Headers that the sender, the connection or the signature decides: those of RFC 9110 that describe the message, hop-by-hop ones, and
 * Standard Webhooks' own. A `user-agent` may be chosen, since some receivers let only certain ones in.
 */
const OURS = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const OUR_PREFIXES = ["webhook-", "proxy-"];

/**
 * Everything that is wrong with a recipient's own headers, whatever they are, by path. Values may be secrets and are never shown.
 * `known` are the names that they may be filled in from; undefined: they are sent as they are.
 */
export function headerProblems(
  headers: Readonly<Record<string, unknown>>,
  known: VariableNames | undefined,
): Problem[] {
  const entries = Object.entries(headers);
  if (entries.length > MAX_HEADERS)
    return [{ path: "", message: `must have at most ${MAX_HEADERS} headers` }];
  const names = entries.map(([name]) => name.toLowerCase());
  return entries.flatMap(([name, value], index) => {
    const message =
      headerNameProblem(name) ??
      (names.indexOf(name.toLowerCase()) < index ? "is given twice" : undefined) ??
      headerValueProblem(value) ??
      (known && placeholderProblems(String(value), known)[0]);
    return message === undefined ? [] : [{ path: printableName(name), message }];
  });
}

/** Why a header may not have this name, as the end of a sentence; undefined when it may. */
export function headerNameProblem(name: string): string | undefined {
  if (!TOKEN.test(name)) return "must be a header's name: letters, digits and - alone, at most 100";
  const lower = name.toLowerCase();
  if (OURS.has(lower) || OUR_PREFIXES.some((prefix) => lower.startsWith(prefix))) {
    return "is a header that the sender sets itself";
  }
  return undefined;
}

function headerValueProblem(value: unknown): string | undefined {
  if (typeof value !== "string") return "must be a text";
  if (value.length > MAX_VALUE_LENGTH) {
    return `must have at most ${MAX_VALUE_LENGTH.toLocaleString("en")} characters`;
  }
  return VALUE.test(value) ? undefined : "must be printableName ASCII in one line, without space around it";
}

/** A name that is no name can hold anything. */
function printableName(name: string): string {
  return name.replace(/[^\x21-\x7e]/g, "?").slice(0, 100);
}
