import { describe, expect, test } from "bun:test";
import { quickFiles, testFiles } from "./selection.ts";

const files = await testFiles();

describe("the selection of test files", () => {
  test("finds every test file, and none of a package", async () => {
    const packages = files.filter((file) => file.includes("node_modules"));
    expect(packages).toEqual([]);
    expect(files).toContain("./tests/selection.test.ts");
    expect(files).toContain("./tests/database/postgres.test.ts");
    expect(new Set(files).size).toBe(files.length);
  });

  test("counts as quick what needs no database, however it would be imported", async () => {
    const quick = await quickFiles(files);
    expect(quick).toContain("./tests/rules/schedule.test.ts");
    expect(quick).not.toContain("./tests/journeys/caps.test.ts");
    expect(quick).not.toContain("./tests/database/postgres.test.ts");
    expect(quick.length).toBeGreaterThan(40);
  });
});
