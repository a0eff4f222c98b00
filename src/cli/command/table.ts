import { isMapping, type Mapping } from "#text/problem.ts";
import { cellText } from "./cell.ts";
import type { Terminal } from "./command.ts";
import { type Colour, painted } from "./paint.ts";

/** What stands in one column: the property by its path, such as `endpoint.state`, or what is made of a row. */
export type Column = string | { title: string; of(row: Mapping): unknown };

/** How narrow a text may become before columns are left out, in characters. */
const NARROWEST = 12;
const BETWEEN = "  ";

/**
 * Rows under the names of their columns. Where the terminal is too narrow, texts are cut, the longest first; ids, times and numbers
 * never are: then the last columns are left out, and it is said which.
 */
export function tableText(
  rows: readonly Mapping[],
  columns: readonly Column[],
  terminal: Pick<Terminal, "isColoured" | "width">,
): string {
  const all = columns.map((column) => filled(column, rows));
  const room = terminal.width ?? Number.POSITIVE_INFINITY;
  cutTexts(all, room);
  let shown = all;
  while (shown.length > 1 && widthOf(shown) > room) shown = shown.slice(0, -1);
  const head = painted(
    lineOf(shown, ({ title }) => title),
    "bold",
    terminal,
  );
  const lines = rows.map((_, place) =>
    lineOf(
      shown,
      ({ cells }) => cells[place] ?? "",
      (text) => painted(text, COLOURS[text.trim()], terminal),
    ),
  );
  const rest = all.slice(shown.length).map(({ title }) => title);
  const hint = rest.length === 0 ? [] : [`(${rest.join(", ")}: no room; --json has all)`];
  return [head, ...lines, ...hint].map((line) => `${line.trimEnd()}\n`).join("");
}

interface Filled {
  title: string;
  cells: string[];
  /** Whether it may be cut. */
  isText: boolean;
  isNumber: boolean;
  width: number;
}

function filled(column: Column, rows: readonly Mapping[]): Filled {
  const title = typeof column === "string" ? headingOf(column) : column.title;
  const cells = rows.map((row) =>
    cellText(typeof column === "string" ? valueAt(row, column) : column.of(row)),
  );
  const said = cells.filter((cell) => cell !== "-");
  return {
    title,
    cells,
    isText: said.some((cell) => /[\s/@]/.test(cell)),
    isNumber: said.length > 0 && said.every((cell) => /^-?[\d,.]+%?$/.test(cell)),
    width: Math.max(...[title, ...cells].map((cell) => Bun.stringWidth(cell))),
  };
}

/** `buyer_id` is what the buyer's column holds. */
function headingOf(path: string): string {
  const [last = ""] = path.split(".").slice(-1);
  return last
    .replace(/(.)_id$/, "$1")
    .replaceAll("_", " ")
    .toUpperCase();
}

function valueAt(row: Mapping, path: string): unknown {
  let value: unknown = row;
  for (const step of path.split(".")) value = isMapping(value) ? value[step] : undefined;
  return value;
}

function widthOf(columns: readonly Filled[]): number {
  return columns.reduce((sum, { width }) => sum + width + BETWEEN.length, -BETWEEN.length);
}

function cutTexts(columns: readonly Filled[], room: number): void {
  for (let excess = widthOf(columns) - room; excess > 0; excess = widthOf(columns) - room) {
    const [widest, next] = columns
      .filter(({ isText, width }) => isText && width > NARROWEST)
      .toSorted((one, other) => other.width - one.width);
    if (widest === undefined) return;
    const least = Math.max(NARROWEST, Math.min(next?.width ?? 0, widest.width - 1));
    widest.width = Math.max(widest.width - excess, least);
  }
}

function lineOf(
  columns: readonly Filled[],
  textOf: (column: Filled) => string,
  paint: (text: string) => string = (text) => text,
): string {
  const padded = columns.map((column) => {
    const text = cutTo(textOf(column), column.width);
    const blank = " ".repeat(column.width - Bun.stringWidth(text));
    return column.isNumber ? blank + text : paint(text) + blank;
  });
  return padded.join(BETWEEN);
}

function cutTo(text: string, width: number): string {
  if (Bun.stringWidth(text) <= width) return text;
  const signs = Array.from(text);
  while (Bun.stringWidth(signs.join("")) > width - 1) signs.pop();
  return `${signs.join("")}…`;
}

/** Of the words in which states are told. */
const COLOURS: Readonly<Record<string, Colour>> = {
  ACCEPTED: "green",
  active: "green",
  delivered: "green",
  paid: "green",
  sold: "green",
  up: "green",
  DUPLICATE: "yellow",
  UNMATCHED: "yellow",
  paused: "yellow",
  pending: "yellow",
  REJECTED: "red",
  dead: "red",
  down: "red",
  overdue: "red",
  refused: "red",
  returned: "red",
};
