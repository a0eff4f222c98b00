import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { asFile, DamagedBackup, fromFile } from "#backup/file.ts";
import { openTally, type Part } from "#backup/part.ts";
import type { Table } from "#backup/table-records.ts";
import { failureOf } from "../support/database.ts";
import { chunksOf, partsOf, SECRET_KEY } from "./round-trip.ts";

const COLORS: Table = { name: "colors", columns: [{ name: "name", type: "text" }] };
const SHADES: Table = { name: "shades", columns: [{ name: "of", type: "numeric(18, 4)" }] };
const HEADER = {
  version: "1.2.3",
  schema: 7,
  madeAt: "2026-03-04T12:00:00Z",
  database: "embedded",
  secretFingerprint: "0011",
  tables: [COLORS, SHADES],
} as const;

/** A backup with these rows. */
async function* backupOf(rows: Readonly<Record<string, readonly string[]>>): AsyncGenerator<Part> {
  yield { part: "header", header: HEADER };
  for (const table of HEADER.tables) {
    const tally = openTally();
    const lines = (rows[table.name] ?? []).map((value) => JSON.stringify([value]));
    for (const line of lines) tally.add(line);
    if (lines.length > 0) yield { part: "rows", table, lines };
    yield { part: "table", table, tally: tally.read() };
  }
  yield { part: "end" };
}

const fileOf = async (parts: AsyncIterable<Part>) =>
  Buffer.concat(await Array.fromAsync(asFile(parts, SECRET_KEY)));

/** What a file says, however its rows were cut into chunks. */
async function contentOf(bytes: Uint8Array, size?: number) {
  const said: unknown[] = [];
  for await (const part of fromFile(chunksOf(bytes, size), SECRET_KEY)) {
    if (part.part === "rows") said.push(...part.lines.map((line) => [part.table.name, line]));
    else said.push(part);
  }
  return said;
}

describe("backup's file", () => {
  test("a backup's file says what was written, wherever it is cut into chunks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme" })),
        fc.array(fc.string()),
        fc.integer({ min: 1, max: 500 }),
        async (colors, shades, size) => {
          const said = await contentOf(await fileOf(backupOf({ colors, shades })), size);
          expect(said.filter(Array.isArray)).toEqual([
            ...colors.map((value) => ["colors", JSON.stringify([value])]),
            ...shades.map((value) => ["shades", JSON.stringify([value])]),
          ]);
          expect(said.filter((each) => !Array.isArray(each))).toHaveLength(4);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("a backup's file with any byte changed is refused, or says the same", async () => {
    const whole = await fileOf(backupOf({ colors: ["red", "green"], shades: ["1.0000"] }));
    const said = await contentOf(whole);
    let refused = 0;
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      try {
        expect(await contentOf(changed)).toEqual(said);
      } catch (error) {
        expect(error).toBeInstanceOf(DamagedBackup);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(whole.length / 2);
  });

  test("a backup's file cut anywhere is refused", async () => {
    const whole = await fileOf(backupOf({ colors: ["red"] }));
    for (let length = 0; length < whole.length; length++) {
      expect(await failureOf(contentOf(whole.subarray(0, length)))).toBeInstanceOf(DamagedBackup);
    }
  });

  /** As somebody with an editor would change it: gzip's own checksum then fits. */
  async function edited(change: (text: string) => string): Promise<unknown> {
    const text = gunzipSync(await fileOf(backupOf({ colors: ["red", "green"] }))).toString();
    return await partsOf(gzipSync(change(text))).catch((error: unknown) => (error as Error).message);
  }

  test.each<[string, (text: string) => string, RegExp]>([
    ["a value changed", (text) => text.replace("red", "rad"), /was changed.*The rows of colors/],
    ["a row left out", (text) => text.replace('["green"]\n', ""), /was changed.*The rows of colors/],
    [
      "a row put in twice",
      (text) => text.replace('["red"]\n', '["red"]\n["red"]\n'),
      /was changed.*The rows of colors/,
    ],
    ["its header changed", (text) => text.replace("1.2.3", "1.2.4"), /was changed/],
    ["its last line missing", (text) => text.replace(/\{"sha256.*\n/, ""), /cut off/],
    ["half a last line", (text) => text.slice(0, -10), /cut off/],
    ["something behind it", (text) => `${text}{}\n`, /follows the end/],
    [
      "a table that could become a statement",
      (text) => text.replace('"colors"', '"x; drop table leads"'),
      /was changed/,
    ],
    [
      "a type that could become a statement",
      (text) => text.replace('"text"', '"text); drop table leads"'),
      /was changed/,
    ],
    [
      "a later format",
      (text) => text.replace('"leadgate_backup":1', '"leadgate_backup":2'),
      /a format that this version does not know/,
    ],
    ["no header", (text) => text.slice(text.indexOf("\n") + 1), /not a backup/],
    ["no JSON", () => "hello\n", /not a backup/],
  ])("a backup's file with %s is refused in words", async (_, change, message) => {
    expect(await edited(change)).toMatch(message);
  });

  /** As somebody who knows the format would change it: all that needs no key fits again. */
  function resealed(bytes: Uint8Array, change: (text: string) => string): Uint8Array {
    const lines = change(gunzipSync(bytes).toString()).trimEnd().split("\n");
    const { hmac } = JSON.parse(lines.pop() ?? "");
    const body = lines.map((line) => `${line}\n`).join("");
    const sha256 = createHash("sha256").update(body).digest("hex");
    return gzipSync(`${body}${JSON.stringify({ sha256, hmac })}\n`);
  }

  test("a backup's file whose checksums were made anew is refused by the key that signed it, and by no other", async () => {
    const bytes = resealed(await fileOf(backupOf({ colors: ["red"] })), (text) =>
      text.replace("1.2.3", "1.2.4"),
    );
    expect(await partsOf(bytes)).toHaveLength(5);
    expect(await failureOf(partsOf(bytes, SECRET_KEY))).toMatchObject({
      name: "UnverifiedBackup",
      message: "The backup was not written with this master key: it was changed, or made elsewhere.",
    });
  });

  test("a backup's file is refused by another key than the one that signed it", async () => {
    const bytes = await fileOf(backupOf({ colors: ["red"] }));
    expect(await partsOf(bytes, SECRET_KEY)).toHaveLength(5);
    expect(await failureOf(partsOf(bytes, new Uint8Array(32).fill(5)))).toMatchObject({
      name: "UnverifiedBackup",
    });
  });

  test("a backup's file that is not signed is refused before a row of it is read", async () => {
    const bytes = resealed(await fileOf(backupOf({ colors: ["red"] })), (text) =>
      text.replace('"signed":true,', ""),
    );
    expect(await partsOf(bytes)).toHaveLength(5);
    const parts = fromFile(chunksOf(bytes), SECRET_KEY);
    expect(await failureOf(parts.next())).toMatchObject({
      name: "UnverifiedBackup",
      message: expect.stringContaining("is not signed, as those of earlier versions are not"),
    });
  });

  test("a file that is no backup is refused in words", async () => {
    for (const other of ["", "hello", "version: 1\n"]) {
      expect(await failureOf(partsOf(Buffer.from(other)))).toMatchObject({
        name: "DamagedBackup",
        message: "This is not a backup of Leadgate.",
      });
    }
  });
});
