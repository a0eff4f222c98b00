import { expect, test } from "bun:test";
import type { ImportColumn } from "#cli/import/columns.ts";
import { readFileRow } from "#cli/import/rows.ts";

const columnsOf = (...heads: string[]): ImportColumn[] =>
  heads.map((head) => ({ head, name: head === "skip" ? null : head.toLowerCase(), because: "" }));

const read = (heads: string[], cells: string[], keyHead: string | null = null) =>
  readFileRow({ row: 2, cells }, { columns: columnsOf(...heads), width: heads.length, keyHead });

/** What is sent of a row, without its key. */
const leadOf = (...asked: Parameters<typeof read>) => {
  const { idempotency_key: _, ...lead } = sentOf(...asked);
  return lead;
};

const keyOf = (...asked: Parameters<typeof read>) => sentOf(...asked).idempotency_key;

const sentOf = (...asked: Parameters<typeof read>) => {
  const row = read(...asked);
  return (row !== null && "text" in row ? JSON.parse(row.text) : {}) as Record<string, string>;
};

test("a row is sent without its empty cells and the columns that are left out", () => {
  expect(leadOf(["Zip", "skip", "Note"], ['="00501"', "x", " "])).toEqual({ zip: "00501" });
  expect(leadOf(["Zip", "Note"], ["1"])).toEqual({ zip: "1" });
  expect(read(["Zip", "Note"], [" ", ""])).toBeNull();
});

test("a row that cannot be made out is rejected with a reason", () => {
  expect(read(["Zip"], ["1", "2"])).toMatchObject({ reason: "has 2 cells where 1 are named" });
  expect(read(["Zip"], ["a\ufffdb"])).toMatchObject({ reason: "Zip: a character of it cannot be read" });
  expect(read(["Id", "Zip"], ["", "1"], "Id")).toMatchObject({
    reason: "Id: is empty, and is what the row is known by",
  });
  const long = '"\n'.repeat(70_000);
  expect(read(["Note"], [long])).toMatchObject({ reason: "is larger than 256 KiB, as it is sent" });
});

test("a row is known by all that it says, or by one column alone", () => {
  const key = keyOf(["A", "B"], ["1", "2"]);
  expect(keyOf(["b", " a"], [" 2", "1"])).toBe(key ?? "");
  expect(keyOf(["A", "B", "C"], ["1", "'2", ""])).not.toBe(key ?? "");
  expect(keyOf(["A", "B"], ["2", "1"])).not.toBe(key ?? "");
  expect(keyOf(["A", "B"], ["1", "other"], "A")).toBe(keyOf(["A"], ["1"], "A") ?? "");
});
