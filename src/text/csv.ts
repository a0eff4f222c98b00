/** One line of a CSV file (RFC 4180), with its line end. Null is an empty cell. */
export function csvLine(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map((cell) => (cell === null ? "" : cellOf(String(cell)))).join(",")}\r\n`;
}

/**
 * A spreadsheet takes what begins with one of these for a formula, and a formula can send the rest of the sheet away; behind an apostrophe
 * it is text (OWASP, "CSV Injection"). A number or a phone in its international form is left as it is: all that it can say is itself.
 */
const FORMULA = /^[=+\-@\t\r\n]/;
const NUMBER = /^[+-]\d+(\.\d+)?$/;

function cellOf(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
