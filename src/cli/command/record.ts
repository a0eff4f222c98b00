import { isMapping, type Mapping } from "#text/problem.ts";
import { cellText } from "./cell.ts";
import type { Terminal } from "./command.ts";
import { tableText } from "./table.ts";

/** Where it is written: how wide, and whether in colours. */
type Paper = Pick<Terminal, "isColoured" | "width">;

/** One thing with all that is known of it: a line for each plain value, and below them what is inside it, lists as tables. */
export function recordText(record: Mapping, page: Paper): string {
  const known = Object.entries(record).filter(([, value]) => !isNothing(value));
  const plain = known.filter(([, value]) => !isInside(value));
  const width = Math.max(0, ...plain.map(([name]) => name.length));
  const lines = plain.map(([name, value]) => `${name.padEnd(width)}  ${cellText(value)}\n`);
  const inside = known
    .filter(([, value]) => isInside(value))
    .map(([name, value]) => sectionText(name, insideText(value, narrower(page))));
  return [...lines, ...inside].join("");
}

/** A heading with what belongs below it. */
export function sectionText(name: string, text: string): string {
  return `${name}\n${text.replaceAll(/^(?=.)/gm, INDENT)}`;
}

const INDENT = "  ";

/** The page inside a section. */
export function narrower({ isColoured, width }: Paper): Paper {
  return { isColoured, width: width === undefined ? undefined : width - INDENT.length };
}

function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isMapping(value)) return Object.keys(value).length === 0;
  return value === null || value === undefined || value === "";
}

function isInside(value: unknown): boolean {
  return isMapping(value) || isRows(value) || (typeof value === "string" && value.trim().includes("\n"));
}

function isRows(value: unknown): value is Mapping[] {
  return Array.isArray(value) && value.every(isMapping);
}

function insideText(value: unknown, page: Paper): string {
  if (isRows(value)) return tableText(value, namesSaidIn(value), page);
  if (isMapping(value)) return recordText(value, page);
  return String(value)
    .split("\n")
    .map((line) => `${cellText(line)}\n`)
    .join("");
}

/** The names under which some row says something. */
function namesSaidIn(rows: readonly Mapping[]): string[] {
  const names = rows.flatMap((row) => Object.keys(row).filter((name) => !isNothing(row[name])));
  return [...new Set(names)];
}
