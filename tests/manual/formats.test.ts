import { expect, test } from "bun:test";
import { FORMATS } from "#endpoints/message/formats.ts";
import { fillInText } from "#endpoints/message/placeholder.ts";

test("every row of the manual's table of filters says what the filter does, and none but extension is left out", async () => {
  const page = await Bun.file(`${import.meta.dir}/../../src/manual/deliveries.md`).text();
  const rows = [...page.matchAll(/^\| `([a-z0-9_]+)(:[^`]+)?` \|(?: `([^`]+)`)? \| `([^`]+)` \|$/gm)];
  for (const [, filter = "", argument = "", value, written] of rows) {
    const read = value === "true" ? true : value;
    const values = { timezone: "America/Chicago", of: () => read };
    expect([filter, fillInText(`{v|${filter}${argument}}`, values, (text) => text)]).toEqual([
      filter,
      written ?? "",
    ]);
  }
  const told = new Set([...rows.map(([, filter]) => filter), "extension"]);
  expect(told).toEqual(new Set(FORMATS.keys()));
});
