import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { csvLine, plainCell } from "#text/csv.ts";
import { type CsvRow, FileUnreadable, readCsvFile } from "#text/csv-file.ts";

async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += length) yield bytes.subarray(from, from + length);
}

async function rowsOf(file: string | Uint8Array, length = 1_000_000): Promise<CsvRow[]> {
  const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file;
  return Array.fromAsync(readCsvFile(inPieces(bytes, length)));
}

const cellsOf = async (file: string | Uint8Array, length?: number) =>
  (await rowsOf(file, length)).map(({ cells }) => cells);

const bigEndian = (text: string) => Buffer.from(text, "utf16le").swap16();

describe("a table in CSV", () => {
  const text = "name;city\r\nJosé;Cañon\r\n";
  const windows = Buffer.from(text, "latin1");
  test.each([
    ["UTF-8", Buffer.from(text)],
    ["UTF-8 with a mark", Buffer.from(`\ufeff${text}`)],
    ["UTF-16 as Excel writes it", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["UTF-16 without a mark", Buffer.from(text, "utf16le")],
    ["UTF-16, the other way round", bigEndian(`\ufeff${text}`)],
    ["UTF-16, the other way round, without a mark", bigEndian(text)],
    ["Windows-1252", windows],
    ["gzip", gzipSync(text)],
    ["gzip of Windows-1252", gzipSync(windows)],
  ])("a table in CSV is read from %s, in whatever pieces it comes", async (_, bytes) => {
    const expected = [
      ["name", "city"],
      ["José", "Cañon"],
    ];
    for (const length of [4, 7, 15, 1000]) expect(await cellsOf(bytes, length)).toEqual(expected);
  });

  test.each([
    ["a,b\n1;2,3\n", ["1;2", "3"]],
    ["a;b\nDallas, TX;3\n", ["Dallas, TX", "3"]],
    ["a\tb\n1, 2; 3\t4\n", ["1, 2; 3", "4"]],
    ["a|b\n1,5|2\n", ["1,5", "2"]],
    ['"a;b;c",d\n1;2,3\n', ["1;2", "3"]],
    ["sep=;\r\na,x;b\n1,0;2\n", ["1,0", "2"]],
    ["a\n1\n", ["1"]],
  ])("a table in CSV has its cells parted as its first line has: %j", async (file, cells) => {
    expect((await cellsOf(file)).at(1)).toEqual(cells);
  });

  test("a table in CSV has its rows numbered as spreadsheets number them", async () => {
    const rows = await rowsOf('a,b\n\n"one\ntwo", "x, y"\n3,4\n');
    expect(rows).toEqual([
      { row: 1, cells: ["a", "b"] },
      { row: 3, cells: ["one\ntwo", "x, y"] },
      { row: 4, cells: ["3", "4"] },
    ]);
    expect((await rowsOf("sep=,\na\n1\n")).map(({ row }) => row)).toEqual([1, 2]);
  });

  test.each(["\n", "\r\n", "\r"])(
    "a table in CSV may have rows that end otherwise than its first line: in %j",
    async (end) => {
      for (const length of [4, 7, 15, 1000]) {
        for (const first of ["\n", "\r\n", "\r"]) {
          const file = ["a,b", first, "1,2", end, '"3\n",4', end].join("");
          expect(await rowsOf(file, length)).toEqual([
            { row: 1, cells: ["a", "b"] },
            { row: 2, cells: ["1", "2"] },
            { row: 3, cells: ["3\n", "4"] },
          ]);
        }
      }
    },
  );

  test("a table in CSV that cannot be read to its end says where, after the rows before", async () => {
    const read: CsvRow[] = [];
    const reading = async (file: Uint8Array) => {
      for await (const row of readCsvFile(inPieces(file, 100))) read.push(row);
    };
    const failed = (file: Uint8Array) => reading(file).catch((error: unknown) => error);
    expect(String(await failed(Buffer.from('a\n1\n"open\n')))).toMatch(
      /^FileUnreadable: Line \d+ can't be made out/,
    );
    expect(read.map(({ cells }) => cells)).toEqual([["a"], ["1"]]);
    expect(String(await failed(Buffer.from(`a\n1\n${"x".repeat(300 * 1024)}\n`)))).toMatch(
      /^FileUnreadable: Line \d+ belongs to a row of more than 256 KiB/,
    );
    const zipped = gzipSync("a\n1\n".repeat(100));
    expect(await failed(zipped.subarray(0, zipped.length - 12))).toBeInstanceOf(FileUnreadable);
  });

  test.each([
    ["a workbook of Excel", "504b0304"],
    ["a workbook of an older Excel", "d0cf11e0a1b11ae1"],
  ])("%s is told from a table in CSV", async (_, begins) => {
    const file = Buffer.from(`${begins}0014000600`, "hex");
    const failure: unknown = await cellsOf(file).catch((error: unknown) => error);
    expect(String(failure)).toMatch(/save the sheet as CSV\.$/);
  });

  test("a table in CSV that is not all UTF-8 has a mark for what cannot be read", async () => {
    const broken = Buffer.concat([Buffer.from("a\né\n"), Buffer.from([0xe9, 0x0a])]);
    expect(await cellsOf(broken)).toEqual([["a"], ["é"], ["\ufffd"]]);
  });

  test("a cell says the same after it was written behind an apostrophe and read again", async () => {
    expect(["'=1+1", '="00123"', "'+15125550142", "'tis", "=1"].map(plainCell)).toEqual([
      "=1+1",
      "00123",
      "+15125550142",
      "'tis",
      "=1",
    ]);
    const unit = fc.constantFrom(...Array.from(`a1 =+-@'",;\t\n`));
    // Blanks around a cell are lost unless it is quoted: behind them an apostrophe comes first, or does not.
    const cell = fc.string({ unit, minLength: 1, maxLength: 8 }).filter((text) => !/^\s+'/.test(text));
    const cells = fc.array(cell, { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(cells, async (row) => {
        const [, read] = await cellsOf(`${row.map((_, place) => `c${place}`).join(",")}\r\n${csvLine(row)}`);
        expect(read?.map((cell) => plainCell(cell).trim())).toEqual(
          row.map((cell) => plainCell(cell).trim()),
        );
      }),
    );
  });
});
