import type { ReportDefinition } from "#campaigns/definition.ts";
import { GROUP_COLUMNS, type PnlTable, pnlCsv } from "#reports/pnl-table.ts";
import { oneLine } from "#text/one-line.ts";

/** What is sent of a report: a page with its main columns, and all of it as a file. */
export interface ReportMail {
  subject: string;
  html: string;
  file: { fileName: string; contentType: string; content: string };
}

const LONGEST_SUBJECT = 200;
/** Rows that a person reads in an e-mail. */
const MOST_SHOWN = 200;

/** A report of the days from `first` to `last` (YYYY-MM-DD), which may be the same. */
export function reportMail(
  { id, name, timezone }: Pick<ReportDefinition, "id" | "name" | "timezone">,
  { first, last }: { first: string; last: string },
  table: PnlTable,
): ReportMail {
  const span = first === last ? first : `${first} to ${last}`;
  return {
    subject: oneLine(`${name}: ${span}`, LONGEST_SUBJECT),
    html: mailPage(name, `${span}, days in ${timezone}`, table),
    file: {
      fileName: `${id}-${first}.csv`,
      contentType: "text/csv; charset=utf-8",
      content: pnlCsv(table),
    },
  };
}

/** All others are in the file alone. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "unmatched",
  "rejected",
  "duplicates",
  "refused",
  "returned",
  "sold",
  "refunds",
]);

/** Styles stand at each element, as mail programs drop all others. */
function mailPage(name: string, span: string, { columns, rows, totals }: PnlTable): string {
  const shown = columns.flatMap((column, place) => (LEFT_OUT.has(column) ? [] : [place]));
  const line = (cells: readonly (string | number | null)[], tag: "td" | "th") =>
    `<tr>${shown.map((place) => cellOf(cells[place] ?? null, columns[place] ?? "", tag)).join("")}</tr>\n`;
  const more = rows.length - MOST_SHOWN;
  const said =
    rows.length === 0
      ? "<p>There were no leads and no money moved.</p>"
      : `<table style="border-collapse: collapse">
${line(columns.map(headingOf), "th")}${rows
  .slice(0, MOST_SHOWN)
  .map((row) => line(row, "td"))
  .join("")}${totals.map((row) => line(row, "th")).join("")}</table>`;
  const rest = more > 0 ? `<p>${more} more rows are in the file.</p>` : "";
  return `<!doctype html>
<html lang="en"><body style="font: 15px/1.4 sans-serif; color: #1c2733">
<h1 style="font-size: 20px">${Bun.escapeHTML(name)}</h1>
<p>${Bun.escapeHTML(span)}</p>
${said}
${rest}<p>The attached file has every row and column.</p>
</body></html>
`;
}

function cellOf(value: string | number | null, column: string, tag: "td" | "th"): string {
  const isNumber = !TEXTS.has(column);
  const style = `padding: 4px 10px; border-bottom: 1px solid #d8dee4; text-align: ${isNumber ? "right" : "left"}`;
  return `<${tag} style="${style}">${value === null ? "" : Bun.escapeHTML(String(value))}</${tag}>`;
}

function headingOf(column: string): string {
  return column.replace(/_id$/, "").replaceAll("_", " ");
}

const TEXTS: ReadonlySet<string> = new Set([...Object.values(GROUP_COLUMNS), "currency"]);
