import { describe, expect, test } from "bun:test";
import { closingLine, readBunSummary } from "../scripts/tally.ts";

const RED = `${String.fromCharCode(27)}[31m`;

describe("the summary of a test run", () => {
  test("is read with everything that it counts", () => {
    const output =
      "(pass) a\n\n 12 pass\n 1 skip\n 2 todo\n 3 fail\n 1 error\n 30 expect() calls\nRan 18 tests across 2 files. [30.00ms]\n";
    expect(readBunSummary(output)).toEqual({ passed: 12, failed: 3, skipped: 3 });
  });

  test("is read in colours, and of a single test", () => {
    expect(readBunSummary(`${RED} 1 pass\n${RED} 0 fail\nRan 1 test across 1 file. [3.00ms]`)).toEqual({
      passed: 1,
      failed: 0,
      skipped: 0,
    });
  });

  test("is the last one when a test prints another", () => {
    const printed = " 99 pass\n 0 fail\nRan 99 tests across 9 files. [1.00ms]\n";
    expect(
      readBunSummary(`${printed} 5 pass\n\n 1 pass\n 2 fail\nRan 3 tests across 1 file. [3.00ms]\n`),
    ).toEqual({ passed: 1, failed: 2, skipped: 0 });
  });

  test("is missing when the run was cut short", () => {
    expect(readBunSummary("(pass) a\n 8 pass\n 0 fail\n")).toBeUndefined();
    expect(readBunSummary("")).toBeUndefined();
  });
});

test("the closing line names what was skipped only when something was", () => {
  expect(closingLine({ passed: 8, failed: 0, skipped: 0 })).toBe("8 passed, 0 failed");
  expect(closingLine({ passed: 8, failed: 1, skipped: 2 })).toBe("8 passed, 1 failed, 2 skipped");
});
