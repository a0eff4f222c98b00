import { unknownName } from "./field-errors.ts";
import { instantFrom } from "./instant.ts";
import type { ReplyFieldError } from "./reply.ts";

/** The query of a list, read setting by setting; `errors` gathers what is wrong with it. */
export interface ListQuery {
  errors: ReplyFieldError[];
  /** All that was asked, as it was written. */
  params: URLSearchParams;
  /** The text of a setting; null when it is absent. */
  text(name: string): string | null;
  /** One of a few words. */
  oneOf<T extends string>(name: string, words: readonly T[]): T | null;
  /** A time, as ISO 8601 in UTC. */
  instant(name: string): string | null;
  /** How many entries a page has. */
  limit(): number;
  /** Whatever `parse` makes of a setting; `expected` ends the sentence about one of which it makes undefined. */
  parsed<T>(name: string, parse: (text: string) => T | undefined, expected: string): T | null;
}

const LARGEST_PAGE = 200;
const USUAL_PAGE = 50;

/** `known` are the settings of this list's own; `limit` and `cursor` come to every list. */
export function openQuery(url: string, known: readonly string[]): ListQuery {
  return readSettings(url, [...known, "limit", "cursor"]);
}

/** The settings of a route that lists nothing: none but `names`. */
export function readSettings(url: string, names: readonly string[]): ListQuery {
  const query = new URL(url).searchParams;
  const errors: ReplyFieldError[] = [...new Set(query.keys())]
    .filter((name) => !names.includes(name))
    .map((name) => unknownName(name, names));

  function parsed<T>(name: string, parse: (text: string) => T | undefined, expected: string): T | null {
    const text = query.get(name);
    if (text === null) return null;
    const value = parse(text);
    if (value === undefined) {
      errors.push({ field: name, code: "invalid_format", message: `must be ${expected}` });
    }
    return value ?? null;
  }

  return {
    errors,
    params: query,
    parsed,
    text: (name) => query.get(name),
    oneOf: (name, words) => parsed(name, (text) => words.find((word) => word === text), words.join(", ")),
    instant: (name) =>
      parsed(name, (text) => instantFrom(text)?.toISOString(), "a time such as 2030-01-31T00:00:00Z"),
    limit: () => parsed("limit", pageSizeFrom, `a number from 1 to ${LARGEST_PAGE}`) ?? USUAL_PAGE,
  };
}

function pageSizeFrom(text: string): number | undefined {
  const size = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return size >= 1 && size <= LARGEST_PAGE ? size : undefined;
}
