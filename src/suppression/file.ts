import { finished } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import type { ReplyFieldError } from "#http/reply.ts";
import {
  SUPPRESSION_COLUMNS,
  type SuppressionColumn,
  type SuppressionKind,
} from "#people/suppression-key.ts";
import { LINE_ENDS } from "#text/csv.ts";
import { FileUnreadable, withoutWorkbooks } from "#text/csv-file.ts";
import { readValue } from "./entry.ts";
import type { NewEntries } from "./entry-records.ts";
import { columnNamed, RECIPE_NAMES, type Recipes } from "./recipe.ts";

/** How a file is to be read. */
export interface FileReading {
  /** Of the columns that don't say by themselves how their hashes were made. */
  recipes: Recipes;
  /** Columns of other names are passed over instead of refused. */
  ignoreUnknown: boolean;
  /** The names of the columns of a file whose first line has none; null: that line names them. */
  columns: readonly string[] | null;
  /** By which phones without a country code are understood, ISO 3166. */
  country: string;
  pepper: Uint8Array;
}

/** What was read so far. */
export interface FileTally {
  /** Rows below the first line. */
  rows: number;
  /** Rows with at least one value that is none. What else they hold is taken. */
  bad: number;
  /** The first of what is wrong, by line (the first is 1). */
  badLines: BadLine[];
  /** Entries, repeated ones too. */
  entries: number;
}

export interface BadLine extends ReplyFieldError {
  line: number;
}

/** Why nothing more of a file can be read; with `errors` nothing of it was. */
export class FileRefused extends Error {
  readonly errors: readonly ReplyFieldError[];

  constructor(message: string, errors: readonly ReplyFieldError[] = []) {
    super(message);
    this.name = "FileRefused";
    this.errors = errors;
  }
}

/** Of what is wrong, this much is told. */
const MOST_BAD_LINES = 1000;
/** Parsing holds the thread up for 5 µs a row, so for no more than 5 ms at a time. */
const PIECE_BYTES = 16 * 1024;
/** Entries written at once: sorted, so many keys lie close in the index, which halved the time of a million on the embedded database. */
const BATCH = 25_000;
const LONGEST_ROW_BYTES = 64 * 1024;

/**
 * Reads a list as CSV, some thousand entries at a time, and no faster than they are asked for. The first line names the columns, unless
 * they were named with the file; before it may stand the line with which a spreadsheet says what parts cells. Cells are parted by commas,
 * semicolons or tabs, and columns without a name are passed over. `tally` is kept up to date.
 *
 * @throws FileRefused when the first line is none or the rest can't be made out, after the entries before that; values are in no message.
 */
export async function* readSuppressionFile(
  bytes: AsyncIterable<Uint8Array>,
  reading: FileReading,
  tally: FileTally,
): AsyncGenerator<NewEntries> {
  let columns = reading.columns === null ? undefined : columnsFrom(reading.columns, reading);
  let isFirst = true;
  let keys: string[] = [];
  const kinds = new Set<SuppressionKind>();
  let failure: Error | undefined;
  const rows = parse({
    bom: true,
    delimiter: [",", ";", "\t"],
    ltrim: true,
    max_record_size: LONGEST_ROW_BYTES,
    record_delimiter: LINE_ENDS,
    relax_column_count: true,
    // A stray quote spoils its own row, not the ones behind it.
    relax_quotes: true,
    skip_empty_lines: true,
    // Taken here and not from the stream: a stream that fails forgets the rows before the failure.
    on_record(cells: string[], { lines }) {
      const isSeparatorLine = isFirst && /^sep=/i.test(cells[0] ?? "");
      isFirst = false;
      if (isSeparatorLine) return null;
      if (columns === undefined) columns = columnsFrom(cells, reading);
      else readRow(cells, lines, columns);
      return null;
    },
  });
  rows.on("error", (error) => {
    failure = error;
  });
  try {
    for await (const piece of inPieces(withoutWorkbooks(bytes))) {
      if (isFirst && isZipped(piece)) throw new FileRefused(ZIPPED);
      rows.write(piece);
      // Others have the thread in between, and a failure is told in the next turn.
      await nextTurn();
      if (failure !== undefined) break;
      if (keys.length < BATCH) continue;
      yield { keys, kinds: [...kinds] };
      keys = [];
    }
    if (failure === undefined) await finished(rows.resume().end());
    columns ??= columnsFrom([], reading);
  } catch (error) {
    failure ??= failureOf(error);
  }
  if (keys.length > 0) yield { keys, kinds: [...kinds] };
  if (failure !== undefined) throw failure instanceof CsvError ? unreadable(failure) : failure;

  function readRow(cells: readonly string[], line: number, heads: readonly (FileColumn | null)[]): void {
    const errors: ReplyFieldError[] = [];
    let said = 0;
    tally.rows += 1;
    if (cells.length < heads.length || cells.slice(heads.length).some((cell) => cell.trim() !== "")) {
      const message = `has ${cells.length} cells where ${heads.length} are named`;
      errors.push({ field: "", code: "invalid_format", message });
    } else {
      let area = "";
      for (const [place, head] of heads.entries()) {
        const cell = head?.column === "phone" ? area + (cells[place] ?? "").trim() : (cells[place] ?? "");
        if (head?.column === AREA) area = cell.trim();
        if (head === null || head.column === AREA || cell.trim() === "") continue;
        said += 1;
        const read = readValue(head.column, head.kind, cell, reading);
        if (!read.ok) {
          errors.push(...read.errors);
          continue;
        }
        keys.push(...read.keys);
        kinds.add(head.kind);
        tally.entries += read.keys.length;
      }
      if (said === 0) errors.push({ field: "", code: "required", message: "has no phone, e-mail or hash" });
    }
    if (errors.length === 0) return;
    tally.bad += 1;
    for (const error of errors) {
      if (tally.badLines.length < MOST_BAD_LINES) tally.badLines.push({ line, ...error });
    }
  }
}

type FileColumn = { column: SuppressionColumn; kind: SuppressionKind } | { column: typeof AREA };

/** The area code of the phone that stands in a column behind it, as the files of the FTC part them. */
const AREA = "area";

/** Names of columns, as they stand in a query: `phone`, `area,phone`. An empty one is passed over. */
export function columnsNamed(text: string): string[] | undefined {
  const names = text.split(",").map((name) => name.trim());
  return text.length <= 1000 && names.some((name) => name !== "") ? names : undefined;
}

/** What each cell of a row holds; null where that does not matter. */
function columnsFrom(
  heads: readonly string[],
  { recipes, ignoreUnknown }: FileReading,
): (FileColumn | null)[] {
  const errors: ReplyFieldError[] = [];
  const seen = new Set<SuppressionKind>();
  const columns = heads.map((text, place) => {
    const head = usualName(text.trim().toLowerCase());
    if (head === "") return null;
    if (head === AREA) return { column: AREA } as const;
    const column = columnNamed(head, recipes);
    const field = columnLabel(head, place);
    if (column === undefined) {
      if (!ignoreUnknown) errors.push({ field, code: "unknown_field", message: NOT_KNOWN });
      return null;
    }
    if (seen.has(column.kind))
      errors.push({ field, code: "not_allowed", message: "is there more than once" });
    seen.add(column.kind);
    return column;
  });
  if (errors.length === 0 && seen.size === 0) {
    const message = `must name one column or more of ${SUPPRESSION_COLUMNS.join(", ")}`;
    errors.push({ field: "line 1", code: "required", message });
  }
  if (errors.length > 0) throw new FileRefused("What the columns hold is not named.", errors);
  return columns;
}

/** What people call the two columns that hold no hash. */
const USUAL_NAMES: readonly [name: string, as: RegExp][] = [
  ["phone", /^((tele)?phone|mobile|cell)( phone)?( (number|no))?$/],
  ["email", /^e ?mail( address)?$/],
];

function usualName(head: string): string {
  const words = head.replaceAll(/[\s_.-]+/g, " ").trim();
  return USUAL_NAMES.find(([, as]) => as.test(words))?.[0] ?? head;
}

const NOT_KNOWN =
  `is not known; known are ${SUPPRESSION_COLUMNS.join(", ")}, ` +
  `a hash also with :recipe (${RECIPE_NAMES}), and area before phone; ignore_unknown=true passes others over, ` +
  "and columns=phone says what the columns of a file are whose first line names none";

/** The column's name, unless it could be the first person of a file without a line of names. */
function columnLabel(head: string, place: number): string {
  return /^[a-z][a-z_]{0,39}$/.test(head) ? head : `column ${place + 1}`;
}

function isZipped([first, second]: Uint8Array): boolean {
  return first === 0x1f && second === 0x8b;
}

const ZIPPED =
  "The file is compressed, and was not sent as such: end its name in .gz, or send content-encoding: gzip.";

function failureOf(error: unknown): Error {
  if (error instanceof FileUnreadable) return new FileRefused(error.message);
  return error instanceof Error ? error : new FileRefused("The file can't be read.");
}

function unreadable({ code, lines }: CsvError): FileRefused {
  const why =
    code === "CSV_QUOTE_NOT_CLOSED" || code === "CSV_MAX_RECORD_SIZE"
      ? "can't be made out: a quote before it may not be closed"
      : "is no CSV";
  return new FileRefused(`Line ${Number(lines)} ${why}.`);
}

async function* inPieces(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    for (let from = 0; from < chunk.byteLength; from += PIECE_BYTES) {
      yield chunk.subarray(from, from + PIECE_BYTES);
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
