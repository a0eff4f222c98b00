import { expect, test } from "bun:test";
import fc from "fast-check";
import { type FileTally, readSuppressionFile } from "#suppression/file.ts";

const reading = { recipes: {}, ignoreUnknown: false, pepper: new Uint8Array(32).fill(7) };

async function* inParts(text: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  let from = 0;
  for (const size of sizes) {
    yield bytes.subarray(from, from + size);
    from += size;
  }
  yield bytes.subarray(from);
}

async function read(bytes: AsyncIterable<Uint8Array>) {
  const tally: FileTally = { rows: 0, bad: 0, badLines: [], entries: 0 };
  const keys: string[] = [];
  for await (const batch of readSuppressionFile(bytes, reading, tally)) keys.push(...batch.keys);
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
      fc.constantFrom("\n", "\r\n"),
      async (rows, sizes, end) => {
        const text = `phone,email${end}${rows.map((cells) => cells.join(",")).join(end)}`;
        const whole = await read(inParts(text, []));
        expect(await read(inParts(text, sizes))).toEqual(whole);
        expect(whole.rows).toBe(rows.length);
        expect(whole.bad).toBe(new Set(whole.badLines.map(({ line }) => line)).size);
        expect(whole.entries).toBe(whole.keys.length);
        for (const { line } of whole.badLines) expect(line).toBeWithin(2, rows.length + 2);
      },
    ),
    { numRuns: 60 },
  );
});
