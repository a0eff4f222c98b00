import { expect, test } from "bun:test";
import { anything, readQuery } from "#http/query.ts";

test("a text of a query may hold anything but NUL, which no database looks for", () => {
  const settings = { campaign: anything("Of this campaign") };
  const read = (query: string) => readQuery(`http://localhost/?campaign=${query}`, settings);
  expect(read("%FF%F0%9F%98%80%2E..")).toMatchObject({ errors: [] });
  expect(read("a%00b").errors).toEqual([
    { field: "campaign", code: "invalid_format", message: "must be text without NUL" },
  ]);
});
