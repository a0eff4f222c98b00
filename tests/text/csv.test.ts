import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { csvLine } from "#text/csv.ts";

const cell = (text: string) => csvLine([text]).slice(0, -2);

describe("a line of CSV", () => {
  test("a line of CSV has its cells parted by commas, and nothing for null", () => {
    expect(csvLine(["a", 1, true, null, 'say "x"'])).toBe('a,1,true,,"say ""x"""\r\n');
  });

  test.each(["=1+1", "+x", "-x", "@x", "\uff1d1+1", "\uff0bx", "\uff0dx", "\uff20x"])(
    "a line of CSV holds no formula: %p comes behind an apostrophe",
    (text) => expect(cell(text)).toBe(`'${text}`),
  );

  test.each([
    ["x;=1+1", `"x;'=1+1"`],
    ["x\t@y", `"x\t'@y"`],
    ["x\n=1+1", `"x\n'=1+1"`],
    ['x";=1+1', `"x"";'=1+1"`],
    ["\t=1", `"'\t'=1"`],
    ["a;b", `"a;b"`],
    ["a\tb", `"a\tb"`],
  ])("a line of CSV has no formula behind what parts cells elsewhere: %p", (text, written) =>
    expect(cell(text)).toBe(written),
  );

  test.each(["-1.5", "+15551234567", "a=b", "a-b", "ann@example.com"])(
    "a line of CSV leaves %p as it is",
    (text) => expect(cell(text)).toBe(text),
  );

  test("a line of CSV holds no formula, however it is cut into cells", () => {
    const texts = fc.string({ unit: fc.constantFrom(...'ab1=+-@;,\t\r\n"\uff1d'.split("")) });
    fc.assert(
      fc.property(texts, (text) => {
        for (const part of cell(text).split(/[;\t\r\n]/)) {
          const bare = part.replace(/^"/, "");
          if (!/^[+-]\d+"?$/.test(bare)) expect(bare).not.toMatch(/^[=+\-@\uff1d]/);
        }
      }),
    );
  });
});
