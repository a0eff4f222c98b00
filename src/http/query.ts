import { nearest } from "#text/did-you-mean.ts";
import { type DayOrTime, readDayOrTime } from "#time/day-or-time.ts";
import { isTimeZone } from "#time/wall-clock.ts";
import { unknownName } from "./field-errors.ts";
import { instantFrom } from "./instant.ts";
import type { ReplyFieldError } from "./reply.ts";
import { text as anyText, type JsonSchema, time, wordOf } from "./schema.ts";
import type { Parameter } from "./words.ts";

/** One setting of a query: how it is documented, and how its text is read. */
export interface QuerySetting<T> extends Parameter {
  /** Ends the sentence about a text that does not fit. */
  expected: string;
  /** All that it may say, where that are words. */
  words?: readonly string[];
  /** Undefined for a text that does not fit. */
  parse(text: string): T | undefined;
}

export type QuerySettings = Readonly<Record<string, QuerySetting<unknown>>>;

/** What a query says, by the names of its settings; null: nothing. */
export type SettingValues<Asked extends QuerySettings> = {
  readonly [Name in keyof Asked]: Asked[Name] extends QuerySetting<infer T> ? T | null : never;
};

/** Whatever `parse` makes of a setting. */
export function querySetting<T>(
  description: string,
  expected: string,
  parse: (text: string) => T | undefined,
  schema: JsonSchema = anyText,
): QuerySetting<T> {
  return { description, schema, expected, parse };
}

/** Any text but one with NUL, which no database looks for. */
export function anything(description: string, example?: string): QuerySetting<string> {
  const parse = (text: string) => (text.includes("\0") ? undefined : text);
  return { ...querySetting(description, "text without NUL", parse), example };
}

export function oneWordOf<const T extends string>(
  words: readonly T[],
  description: string,
  usual?: NoInfer<T>,
): QuerySetting<T> {
  const schema = { ...wordOf(words), ...(usual !== undefined && { default: usual }) };
  const parse = (text: string) => words.find((word) => word === text);
  return { ...querySetting(description, words.join(", "), parse, schema), words };
}

export function yesOrNo(description: string, usual?: boolean): QuerySetting<boolean> {
  const words = oneWordOf(["true", "false"], description, usual === undefined ? undefined : `${usual}`);
  return { ...words, parse: (text) => (text === "true" ? true : text === "false" ? false : undefined) };
}

/** A time, as ISO 8601 in UTC. */
export function moment(description: string): QuerySetting<string> {
  const parse = (text: string) => instantFrom(text)?.toISOString();
  return querySetting(description, "a time such as 2030-01-31T00:00:00Z", parse, time);
}

export const DAY_OR_TIME = "a day such as 2030-01-31 or a time such as 2030-01-31T00:00:00Z";

export function dayOrTime(description: string): QuerySetting<DayOrTime> {
  return querySetting(description, DAY_OR_TIME, readDayOrTime);
}

/** What a report may be asked that is of days on the clock of whoever asks. */
export const DAY_RANGE = {
  from: {
    ...dayOrTime("The first day, or a moment; otherwise 30 days before the end"),
    example: "2026-01-01",
  },
  to: {
    ...dayOrTime("The last day, or the moment before which it ends; otherwise now"),
    example: "2026-01-31",
  },
};

export function tooManyDays(mostDays: number): ReplyFieldError {
  return { field: "to", code: "out_of_range", message: `must be at most ${mostDays} days after from` };
}

export function timeZone(description: string): QuerySetting<string> {
  return querySetting(description, "a time zone such as America/New_York", (zone) =>
    isTimeZone(zone) ? zone : undefined,
  );
}

const LARGEST_PAGE = 200;
const USUAL_PAGE = 50;

/** What every list may be asked. A cursor is the id of an entry. */
export function pageSettings(uuidOf: (id: string) => string | undefined) {
  return {
    limit: querySetting("Entries of a page", `a number from 1 to ${LARGEST_PAGE}`, pageSizeFrom, {
      type: "integer",
      minimum: 1,
      maximum: LARGEST_PAGE,
      default: USUAL_PAGE,
    }),
    cursor: querySetting(
      "The next_cursor of an earlier answer",
      "the next_cursor of an earlier answer",
      uuidOf,
    ),
  };
}

export const usualPage = (limit: number | null): number => limit ?? USUAL_PAGE;

function pageSizeFrom(text: string): number | undefined {
  const size = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return size >= 1 && size <= LARGEST_PAGE ? size : undefined;
}

/** What a query says of some settings, and all that is wrong with it: a name beside theirs is. */
export function readQuery<Asked extends QuerySettings>(
  url: string,
  settings: Asked,
): { values: SettingValues<Asked>; errors: ReplyFieldError[] } {
  const query = new URL(url).searchParams;
  const names = Object.keys(settings);
  const errors: ReplyFieldError[] = [...new Set(query.keys())]
    .filter((name) => !names.includes(name))
    .map((name) => unknownName(name, names));
  const values: Record<string, unknown> = {};
  for (const [name, { parse, expected, words = [] }] of Object.entries(settings)) {
    const text = query.get(name);
    const value = text === null ? undefined : parse(text);
    values[name] = value ?? null;
    if (text !== null && value === undefined) {
      const near = nearest(text, words);
      const hint = near === undefined ? "" : `. Did you mean ${near}?`;
      errors.push({ field: name, code: "invalid_format", message: `must be ${expected}${hint}` });
    }
  }
  return { values: values as SettingValues<Asked>, errors };
}
