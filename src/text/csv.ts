/** One line of a CSV file (RFC 4180), with its line end. Null is an empty cell. */
export function csvLine(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map((cell) => (cell === null ? "" : cellOf(String(cell)))).join(",")}\r\n`;
}

/**
 * A spreadsheet takes what begins with one of these, also in full width, for a formula, and a formula can send the rest of the sheet away;
 * behind an apostrophe it is text (OWASP, "CSV Injection"). A number or a phone in its international form is left as it is: all that it
 * can say is itself.
 */
const FORMULA = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/;
const NUMBER = /^[+-]\d+(\.\d+)?$/;

/** Where semicolons or tabs part cells, these begin another one, also inside of quotes that stand in the middle of a cell. */
const SEPARATORS = /([;\t\r\n])/;

/** Nothing in it parts cells or begins a formula: said of nearly every cell by one look, in a fifth of the time. */
const PLAIN = /^(?:\w[\w .:/-]*|-\d+(?:\.\d+)?)?$/;

function cellOf(text: string): string {
  if (PLAIN.test(text)) return text;
  const parts = text.split(SEPARATORS).map((part) => (isFormula(part) ? `'${part}` : part));
  const safe = (/^[\t\r\n]/.test(text) ? "'" : "") + parts.join("");
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function isFormula(text: string): boolean {
  return FORMULA.test(text) && !NUMBER.test(text);
}

/**
 * What a cell says: without the apostrophe by which a spreadsheet, or `csvLine`, keeps it from being a formula, and without the formula by
 * which one keeps the zeros of `="00123"`.
 */
export function plainCell(cell: string): string {
  const unguarded = cell.replaceAll(GUARD, "$1");
  const [, kept] = TEXT_FORMULA.exec(unguarded) ?? [];
  return kept === undefined ? unguarded : kept.replaceAll('""', '"');
}

const GUARD = /(^|[;\t\r\n])'(?=[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n])/g;
const TEXT_FORMULA = /^="((?:[^"]|"")*)"$/;

/** What ends rows of files of others: one that was put together of two may end its first line otherwise than those behind it. */
export const LINE_ENDS = ["\r\n", "\n", "\r"];
