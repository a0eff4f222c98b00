import { describe, expect, test } from "bun:test";
import { batchesOf, quickFiles, testFiles } from "./selection.ts";

const files = await testFiles();

describe("the selection of test files", () => {
  test("puts every file into one batch, long folders first", () => {
    const batches = batchesOf(files, 6);
    expect(batches.flat().toSorted()).toEqual(files.toSorted());
    expect(batches[0]?.[0]).toStartWith("./tests/executable/");
    expect(Math.max(...batches.map((batch) => batch.length))).toBe(6);
  });

  test("counts as quick what needs no database, however it would be imported", async () => {
    const quick = await quickFiles(files);
    expect(quick).toContain("./tests/rules/schedule.test.ts");
    expect(quick).not.toContain("./tests/journeys/caps.test.ts");
    expect(quick).not.toContain("./tests/database/postgres.test.ts");
    expect(quick.length).toBeGreaterThan(40);
  });
});
