import { createHash } from "node:crypto";
import { parsePhoneNumberWithError } from "libphonenumber-js/max";
import { datePatternProblem, dateText, unixSeconds } from "./date-pattern.ts";
import { decimalText } from "./decimal-text.ts";
import { type WireValue, wireText } from "./wire-value.ts";

/** The kind of what a name stands for: a field's type, or `any` where the fields are not known. */
export type ValueKind =
  | "any"
  | "text"
  | "number"
  | "integer"
  | "boolean"
  | "date"
  | "datetime"
  | "email"
  | "phone"
  | "state"
  | "zip"
  | "url"
  | "enum";

/** A filter of placeholders, as in `{phone|national}`. What it cannot read, such as a telephone number without area, it leaves empty. */
export interface Format {
  readonly name: string;
  /** The kinds of values that it can write; undefined: all. */
  readonly fits?: readonly ValueKind[];
  /** Why this cannot stand behind its colon (undefined: nothing does), as the end of a sentence: "needs …". */
  argumentProblem(argument: string | undefined, kind: ValueKind): string | undefined;
  /** Whether what it gives is a text, rather than of the kind that it was given. */
  readonly givesText: boolean;
  /** A missing value is undefined, and stays so in all but `default`. Days of moments are those of the zone. */
  apply(value: WireValue | undefined, argument: string, timezone: string): WireValue | undefined;
}

const PHONES = ["phone"] as const;
const TIMES = ["date", "datetime"] as const;

function countProblem(count = ""): string | undefined {
  return /^[1-9]\d{0,2}$/.test(count)
    ? undefined
    : "needs a number of characters from 1 to 999, as in first:5";
}

/** The one filter that looks at another value: the extension of a telephone number is kept beside it. */
export const EXTENSION = "extension";

const ALL: readonly Format[] = [
  phoneFormat("e164", ({ e164 }) => e164),
  phoneFormat("digits", ({ e164 }) => e164.slice(1)),
  phoneFormat("national", ({ national }) => national),
  phoneFormat("pretty", ({ pretty }) => pretty),
  phoneFormat("area", ({ northAmerican }) => northAmerican?.[0]),
  phoneFormat("exchange", ({ northAmerican }) => northAmerican?.[1]),
  phoneFormat("line", ({ northAmerican }) => northAmerican?.[2]),
  // It stands beside the number, which has none: see EXTENSION.
  phoneFormat(EXTENSION, () => ""),
  {
    ...textFormat("date", (text, pattern, timezone) => dateText(text, pattern, timezone)),
    fits: TIMES,
    argumentProblem: (pattern = "", kind) => datePatternProblem(pattern, kind === "date"),
  },
  {
    ...textFormat("unix", () => undefined),
    fits: TIMES,
    apply: (value) => (typeof value === "string" ? unixSeconds(value) : undefined),
  },
  { ...textFormat("url_path", pathOfUrl), fits: ["url", "text"] },
  { ...textFormat("zip5", (text) => /^(\d{5})-\d{4}$/.exec(text)?.[1] ?? text), fits: ["zip", "text"] },
  {
    ...textFormat("yes_no", () => undefined),
    fits: ["boolean"],
    argumentProblem: (words = "") =>
      words.split(",").length === 2 ? undefined : "needs two words with a comma between, as in yes_no:Y,N",
    apply: (value, words) => {
      const [yes = "", no = ""] = words.split(",");
      return typeof value === "boolean" ? (value ? yes : no) : undefined;
    },
  },
  {
    ...textFormat("number", (text, decimals) => decimalText(text, Number(decimals))),
    fits: ["number", "integer"],
    argumentProblem: (decimals = "") =>
      /^(\d|10)$/.test(decimals) ? undefined : "needs a number of decimals from 0 to 10, as in number:2",
  },
  textFormat("upper", (text) => text.toUpperCase()),
  textFormat("lower", (text) => text.toLowerCase()),
  textFormat("title", titled),
  textFormat("trim", (text) => text.trim()),
  {
    ...textFormat("first", (text, count) => charactersOf(text).slice(0, Number(count)).join("")),
    argumentProblem: countProblem,
  },
  {
    ...textFormat("last", (text, count) => charactersOf(text).slice(-Number(count)).join("")),
    argumentProblem: countProblem,
  },
  textFormat("md5", (text) => createHash("md5").update(text).digest("hex")),
  textFormat("sha256", (text) => createHash("sha256").update(text).digest("hex")),
  {
    ...textFormat("default", () => undefined),
    argumentProblem: (text) => (text === undefined ? "needs a text, as in default:unknown" : undefined),
    apply: (value, text) => (value === undefined || value === "" ? text : value),
  },
];

/** Every filter, by name. */
export const FORMATS: ReadonlyMap<string, Format> = new Map(ALL.map((format) => [format.name, format]));

/** A filter that writes the value's text anew, and takes no argument. */
function textFormat(
  name: string,
  write: (text: string, argument: string, timezone: string) => string | undefined,
): Format {
  return {
    name,
    argumentProblem: (argument) => (argument === undefined ? undefined : "takes nothing behind it"),
    givesText: true,
    apply: (value, argument, timezone) =>
      value === undefined ? undefined : write(wireText(value), argument, timezone),
  };
}

/** Of an http or https URL, the path behind its host, without the slash before it: neither host nor query. */
function pathOfUrl(text: string): string | undefined {
  const url = URL.parse(text);
  return url?.protocol === "https:" || url?.protocol === "http:" ? url.pathname.slice(1) : undefined;
}

interface PhoneParts {
  readonly e164: string;
  /** Without the country's code: in North America ten digits. */
  readonly national: string;
  /** As it is written at home. */
  readonly pretty: string;
  /** Area, exchange and line of a number of North America. */
  readonly northAmerican?: readonly [string, string, string];
}

function phoneFormat(name: string, write: (parts: PhoneParts) => string | undefined): Format {
  const apply = (text: string): string | undefined => {
    const parts = phoneParts(text);
    return parts && write(parts);
  };
  return { ...textFormat(name, apply), fits: PHONES };
}

function phoneParts(e164: string): PhoneParts | undefined {
  const [, area, exchange, line] = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(e164) ?? [];
  if (area !== undefined && exchange !== undefined && line !== undefined) {
    return {
      e164,
      national: `${area}${exchange}${line}`,
      pretty: `(${area}) ${exchange}-${line}`,
      northAmerican: [area, exchange, line],
    };
  }
  if (!/^\+[1-9]\d{2,14}$/.test(e164)) return undefined;
  try {
    const number = parsePhoneNumberWithError(e164, { extract: false });
    return { e164, national: number.nationalNumber, pretty: number.formatNational() };
  } catch {
    return undefined;
  }
}

/** Whole characters, so that none is cut in two. */
function charactersOf(text: string): string[] {
  return Array.from(text);
}

/** Each word with a capital, behind one letter and an apostrophe too: O'Brien, but don't. */
function titled(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\p{L}\p{M}'’]+/gu, (word) =>
      word.replace(/^(?:\p{L}\p{M}*['’])?\p{L}/u, (beginning) => beginning.toUpperCase()),
    );
}
