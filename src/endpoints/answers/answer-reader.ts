import { measureJson } from "#text/json.ts";
import { compilePattern } from "#text/pattern.ts";
import { compileJsonPath } from "./json-path.ts";
import { compileXPath, parseXml } from "./xpath.ts";

/** Where in an answer something stands, as operators write it: exactly one of the three. */
export interface ReaderDefinition {
  json_path?: string;
  xpath?: string;
  /** The pattern's first group, or all that it matches. */
  regex?: string;
}

/** How much of an answer's body is read. */
export const MAX_ANSWER_BYTES = 16 * 1024;

export const READERS = ["json_path", "xpath", "regex"] as const;

/** An endpoint's answer, as far as rules look at it. */
export interface RuledAnswer {
  readonly status: number;
  /** At most 16 KiB of it, as text. */
  readonly body: string;
  readonly contentType: string | null;
}

/** An answer that is parsed when a rule first asks for it, and then once. */
export interface OpenedAnswer {
  readonly status: number;
  readonly body: string;
  readonly json: () => unknown;
  readonly xml: () => ReturnType<typeof parseXml>;
}

/**
 * Finds texts in an answer, without the space around them; undefined stands for what has no text of its own (a JSON list or mapping).
 * Null and empty texts count as not there, since answers say `"error": ""` and `<error/>` when there is none.
 */
export type Reader = (answer: OpenedAnswer) => readonly (string | undefined)[];

/** Opens an answer without regard to its content type: buyers send JSON as text/html. */
export function openAnswer({ status, body }: RuledAnswer): OpenedAnswer {
  return { status, body, json: once(() => parseJson(body)), xml: once(() => parseXml(body)) };
}

/** Throws a RangeError whose message ends a sentence about the reader's one path or pattern: "must be …". */
export function compileReader({ json_path, xpath, regex }: ReaderDefinition): Reader {
  if (json_path !== undefined) {
    const path = compileJsonPath(json_path);
    return ({ json }) => path(json()).map(jsonText).filter(isThere);
  }
  if (xpath !== undefined) {
    const path = compileXPath(xpath);
    return ({ xml }) => {
      const document = xml();
      return document === undefined
        ? []
        : path(document)
            .map((text) => text.trim())
            .filter(isThere);
    };
  }
  // Common ones take some milliseconds on 16 KiB, the dearest that is allowed took 300.
  const pattern = compilePattern(regex ?? "", { ignoreCase: true, longestInput: MAX_ANSWER_BYTES });
  return ({ body }) => {
    const found = pattern.find(body)?.trim();
    return found === undefined ? [] : [found];
  };
}

function jsonText(value: unknown): string | null | undefined {
  if (typeof value === "string") return value.trim();
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return value === null ? null : undefined;
}

function isThere(text: string | null | undefined): text is string | undefined {
  return text !== null && text !== "";
}

/** The value that a text is; null, in which no path finds anything, when it is no JSON, or nested more than 100 deep, as XML may be. */
function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    return measureJson(value, LIMITS).flaw === "too_deep" ? null : value;
  } catch {
    return null;
  }
}

const LIMITS = { maxDepth: 100, maxKeys: MAX_ANSWER_BYTES, maxValues: MAX_ANSWER_BYTES };

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
