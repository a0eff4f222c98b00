import { createHash } from "node:crypto";
import { comparedHead } from "#fields/columns.ts";
import { plainCell } from "#text/csv.ts";
import type { CsvRow } from "#text/csv-file.ts";
import type { ImportColumn } from "./columns.ts";

/** A row that can be sent. */
export interface SendableRow extends CsvRow {
  /** As it is sent, in JSON: with the key by which it is known when it is sent again. */
  text: string;
  bytes: number;
}

/** A row that was not taken in. */
export interface RejectedRow extends CsvRow {
  /** In a line. */
  reason: string;
}

/** How rows are read. */
export interface RowReading {
  columns: readonly ImportColumn[];
  /** How many columns the first line names: behind those that are read may be those of a file of rejected rows. */
  width: number;
  /** The column by which a row is known; null: all of them together. */
  keyHead: string | null;
}

/** What a row of the file says; null: nothing. Cells that are empty are not sent. */
export function readFileRow(
  { row, cells: all }: CsvRow,
  { columns, width, keyHead }: RowReading,
): SendableRow | RejectedRow | null {
  const cells = all.slice(0, columns.length);
  const values = cells.map((cell) => plainCell(cell).trim());
  const more = all.slice(width).filter((cell) => cell.trim() !== "").length;
  if (more === 0 && values.every((value) => value === "")) return null;
  if (more > 0) return { row, cells, reason: `has ${all.length} cells where ${width} are named` };
  const unread = columns[values.findIndex((value) => value.includes("\ufffd"))];
  if (unread !== undefined) return { row, cells, reason: `${unread.head}: a character of it cannot be read` };
  const lead = Object.fromEntries(
    columns.flatMap(({ name }, place) => {
      const value = values[place] ?? "";
      return name === null || value === "" ? [] : [[name, value] as const];
    }),
  );
  const named = keyHead === null ? null : (values[columns.findIndex(({ head }) => head === keyHead)] ?? "");
  if (named === "") return { row, cells, reason: `${keyHead}: is empty, and is what the row is known by` };
  const key = named === null ? keyOfAll(columns, values) : hashed(["key", named]);
  const text = JSON.stringify({ ...lead, idempotency_key: key });
  const bytes = Buffer.byteLength(text);
  return bytes > LARGEST_LEAD ? { row, cells, reason: TOO_LARGE } : { row, cells, text, bytes };
}

/** A server takes none of those that are sent with a larger one. */
const LARGEST_LEAD = 256 * 1024;
const TOO_LARGE = "is larger than 256 KiB, as it is sent";

/** The same for the same cells, in whatever order their columns stand. */
function keyOfAll(columns: readonly ImportColumn[], values: readonly string[]): string {
  const said = columns.flatMap(({ head }, place) => {
    const value = values[place] ?? "";
    return value === "" ? [] : [JSON.stringify([comparedHead(head), value])];
  });
  return hashed(["row", ...said.toSorted()]);
}

function hashed(texts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(texts)).digest("hex");
}
