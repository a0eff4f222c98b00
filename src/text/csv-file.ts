import { finished } from "node:stream/promises";
import { type CsvError, parse } from "csv-parse";
import { LINE_ENDS } from "./csv.ts";
import { decodedText } from "./decoded-text.ts";

/** A row of a file, numbered as spreadsheets do: the first line is 1, a cell may hold line ends, and empty lines count. */
export interface CsvRow {
  row: number;
  cells: readonly string[];
}

/** Why the rest of a file cannot be read, in a sentence. */
export class FileUnreadable extends Error {
  override readonly name = "FileUnreadable";
}

/** A first line that does not end before is taken as it is, in characters. */
const LONGEST_HEAD = 64 * 1024;
const LONGEST_ROW_BYTES = 256 * 1024;
const DELIMITERS = [",", ";", "\t", "|"];

/**
 * Reads a table as programs write it: UTF-8, UTF-16 or Windows-1252, gzipped or not, its cells parted by what parts those of the first line
 * most often, or by what a line before that names (`sep=;`). Lines without a cell are passed over. What cannot be decoded comes as U+FFFD.
 *
 * @throws FileUnreadable after the rows before that.
 */
export async function* readCsvFile(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRow> {
  const text = textOf(bytes);
  const { delimiter, begun } = delimiterOf(await headOf(text));
  const rows: CsvRow[] = [];
  let failure: Error | undefined;
  const parser = parse({
    delimiter,
    // Of what stands before a quote; a tab would be a cell.
    ltrim: delimiter !== "\t",
    max_record_size: LONGEST_ROW_BYTES,
    record_delimiter: LINE_ENDS,
    relax_column_count: true,
    // A stray quote spoils its own row, not the ones behind it.
    relax_quotes: true,
    skip_empty_lines: true,
    // Taken here and not from the stream: a stream that fails forgets the rows before the failure.
    on_record(cells: string[], { records, empty_lines: empty }) {
      rows.push({ row: records + empty, cells });
      return null;
    },
  });
  parser.on("error", (error) => {
    failure = error;
  });
  for await (const piece of withBegun(begun, text)) {
    parser.write(piece);
    // A failure is told in the next turn.
    await nextTurn();
    yield* rows.splice(0);
    if (failure !== undefined) throw unreadable(failure as CsvError);
  }
  await finished(parser.resume().end()).catch(() => undefined);
  yield* rows;
  if (failure !== undefined) throw unreadable(failure as CsvError);
}

async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  try {
    yield* decodedText(withoutWorkbooks(bytes));
  } catch (error) {
    if (error instanceof FileUnreadable) throw error;
    throw new FileUnreadable("The file breaks off, or is not the gzip that it begins as.");
  }
}

/** @throws FileUnreadable for a spreadsheet as its program stores it, which begins as any zip does, or as Excel's did before. */
export async function* withoutWorkbooks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isBeginning = true;
  for await (const piece of bytes) {
    if (isBeginning && WORKBOOKS.some((begins) => begins.every((byte, place) => piece[place] === byte))) {
      throw new FileUnreadable(
        "The file is a spreadsheet or a zip, not a table in CSV: save the sheet as CSV.",
      );
    }
    isBeginning = false;
    yield piece;
  }
}

const WORKBOOKS = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
];

/** The beginning of a text, with its first two lines. */
async function headOf(text: AsyncIterator<string, undefined>): Promise<string> {
  let head = "";
  while (head.length < LONGEST_HEAD && !/^[^\n]*\n[^\n]*\n/.test(head)) {
    const { done, value } = await text.next();
    if (done === true) break;
    head += value;
  }
  return head;
}

/** A spreadsheet says in a line of its own what parts cells, and does not count that line. */
const SEPARATOR_LINE = /^"?sep=([^\r\n])"?[^\S\n]*\n/i;

function delimiterOf(head: string): { delimiter: string; begun: string } {
  const [line = "", named] = SEPARATOR_LINE.exec(head) ?? [];
  if (named !== undefined) return { delimiter: named, begun: head.slice(line.length) };
  const [first = ""] = head.replaceAll(/"[^"]*"/g, "").split("\n", 1);
  const counts = DELIMITERS.map((delimiter) => first.split(delimiter).length);
  return { delimiter: DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ",", begun: head };
}

async function* withBegun(begun: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield begun;
  yield* rest;
}

function unreadable({ code, lines }: CsvError): FileUnreadable {
  return new FileUnreadable(`Line ${Number(lines)} ${whyUnreadable(code)}.`);
}

function whyUnreadable(code: CsvError["code"]): string {
  if (code === "CSV_MAX_RECORD_SIZE")
    return "belongs to a row of more than 256 KiB: shorten it, or close a quote in it or before it";
  return code === "CSV_QUOTE_NOT_CLOSED"
    ? "can't be made out: a quote in it or before it may not be closed"
    : "is no CSV";
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
