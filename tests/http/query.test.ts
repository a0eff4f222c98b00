import { expect, test } from "bun:test";
import { anything, oneWordOf, readQuery } from "#http/query.ts";

test("a text of a query may hold anything but NUL, which no database looks for", () => {
  const settings = { campaign: anything("Of this campaign") };
  const read = (query: string) => readQuery(`http://localhost/?campaign=${query}`, settings);
  expect(read("%FF%F0%9F%98%80%2E..")).toMatchObject({ errors: [] });
  expect(read("a%00b").errors).toEqual([
    { field: "campaign", code: "invalid_format", message: "must be text without NUL" },
  ]);
});

test("a word of a query that is none of those that there are is refused with them, and with the one it is near to", () => {
  const settings = { reason: oneWordOf(["filtered", "no_buyer"], "So ended") };
  const said = (word: string) =>
    readQuery(`http://localhost/?reason=${word}`, settings).errors.map(({ message }) => message);
  expect(said("filterd")).toEqual(["must be filtered, no_buyer. Did you mean filtered?"]);
  expect(said("elephants")).toEqual(["must be filtered, no_buyer"]);
});
