import { expect, test } from "bun:test";
import fc from "fast-check";
import { columnsNamed, type FileTally, readSuppressionFile } from "#suppression/file.ts";
import { runs } from "../support/runs.ts";

const reading = {
  recipes: {},
  ignoreUnknown: false,
  columns: null,
  country: "US",
  pepper: new Uint8Array(32).fill(7),
};

async function* inParts(text: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  let from = 0;
  for (const size of sizes) {
    yield bytes.subarray(from, from + size);
    from += size;
  }
  yield bytes.subarray(from);
}

async function read(bytes: AsyncIterable<Uint8Array>, columns: readonly string[] | null = null) {
  const tally: FileTally = { rows: 0, bad: 0, badLines: [], entries: 0 };
  const keys: string[] = [];
  for await (const batch of readSuppressionFile(bytes, { ...reading, columns }, tally))
    keys.push(...batch.keys);
  return { ...tally, keys };
}

const cell = fc.oneof(
  fc.integer({ min: 2_000_000_000, max: 9_999_999_999 }).map(String),
  fc.constantFrom("", " ", "77", "Ann", '"(212) 555-0123"', '"a ""b"""', "ann@example.com"),
);

test("a file is read the same in whatever parts it comes, and each of its rows is counted", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), { maxLength: 40 }),
      fc.array(fc.nat({ max: 30 }), { maxLength: 40 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.constantFrom("\n", "\r\n", "\r"),
      async (rows, sizes, first, end) => {
        const text = `phone,email${first}${rows.map((cells) => cells.join(",")).join(end)}`;
        const whole = await read(inParts(text, []));
        expect(await read(inParts(text, sizes))).toEqual(whole);
        expect(whole.rows).toBe(rows.length);
        expect(whole.bad).toBe(new Set(whole.badLines.map(({ line }) => line)).size);
        expect(whole.entries).toBe(whole.keys.length);
        for (const { line } of whole.badLines) expect(line).toBeWithin(2, rows.length + 2);
      },
    ),
    { numRuns: runs(60) },
  );
});

const wholly = (text: string, columns: readonly string[] | null = null) => read(inParts(text, []), columns);

test("a file of the FTC, without a line of names and with the area code apart, is read by the columns named with it", async () => {
  const { rows, bad, keys } = await wholly("512,7771234\n212,5550123\n", ["area", "phone"]);
  expect([rows, bad, keys.length]).toEqual([2, 0, 2]);
  expect(keys).toEqual((await wholly("phone\n512-777-1234\n(212) 555-0123\n")).keys);
  expect((await wholly("Area,Phone\n512,7771234\n")).keys).toEqual(keys.slice(0, 1));
});

test("a file without a line of names is read by the columns named with it, those without a name passed over", async () => {
  const named = await wholly("5127771234\nann@example.com\n", ["phone"]);
  expect([named.rows, named.bad]).toEqual([2, 1]);
  expect((await wholly("7,5127771234,x\n", ["", "phone", ""])).entries).toBe(1);
  expect(columnsNamed("phone, email,")).toEqual(["phone", "email", ""]);
  expect(columnsNamed(" , ")).toBeUndefined();
});

test("columns are known by what people call them too, in any case", async () => {
  for (const line of ["Phone Number,E-Mail", "MOBILE,Email Address", "telephone_number,e_mail"]) {
    const { rows, bad, entries } = await wholly(`${line}\n5127771234,ann@example.com\n`);
    expect({ line, rows, bad, entries }).toEqual({ line, rows: 1, bad: 0, entries: 2 });
  }
});

test("a file may begin with the line that says what parts its cells, and have empty columns at its end", async () => {
  for (const text of [
    "sep=,\nphone,,\n5127771234,,\n",
    "SEP=;\r\nphone;;\r\n5127771234;;\r\n",
    "phone\n5127771234,,\n",
  ]) {
    const { rows, bad, entries } = await wholly(text);
    expect([rows, bad, entries]).toEqual([1, 0, 1]);
  }
  expect((await wholly("phone\n5127771234,5127771235\n")).bad).toBe(1);
});

test("a file that is a spreadsheet, or compressed without saying so, is refused as what it is", async () => {
  for (const [begins, said] of [
    [[0x50, 0x4b, 0x03, 0x04, 0x14], "The file is a spreadsheet or a zip"],
    [[0x1f, 0x8b, 0x08, 0x00, 0x00], "The file is compressed"],
  ] as const) {
    const file = (async function* () {
      yield new Uint8Array(begins);
    })();
    expect((await read(file).catch((error: Error) => error)) as Error).toMatchObject({
      name: "FileRefused",
      message: expect.stringContaining(said),
    });
  }
});
