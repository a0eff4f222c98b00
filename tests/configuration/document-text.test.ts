import { describe, expect, test } from "bun:test";
import { readDocument, writeYaml } from "#configuration/document-text.ts";
import { fullDocument } from "./document-examples.ts";

describe("YAML", () => {
  test("YAML comes back as it was written out", () => {
    expect(readDocument(writeYaml(fullDocument()), "yaml")).toEqual({ ok: true, document: fullDocument() });
  });

  test("YAML keeps the order in which the operator wrote", () => {
    expect(writeYaml({ version: 1, buyers: [{ name: "B", id: "b1" }] })).toBe(
      "version: 1\nbuyers:\n  - name: B\n    id: b1\n",
    );
  });

  test("YAML may use anchors and aliases", () => {
    expect(readDocument("a: &hours [1]\nb: *hours", "yaml")).toEqual({
      ok: true,
      document: { a: [1], b: [1] },
    });
  });

  test("YAML reads no, on and dates as the texts that they are", () => {
    expect(readDocument("states: [NO, ON]\nat: 2024-01-01\nwindow: 09:00-17:00", "yaml")).toEqual({
      ok: true,
      document: { states: ["NO", "ON"], at: "2024-01-01", window: "09:00-17:00" },
    });
  });

  test.each([
    ["a name that comes twice", "a: 1\na: 2", "line 2"],
    ["a list that does not end", "a: [1,\n", "line 2"],
    ["names that are lists", "? [1]\n: 2", "line 1"],
    ["a tag of another program", "a: !ruby/object x", "line 1"],
    ["two documents", "--- 1\n--- 2", "line 2"],
  ])("YAML with %s is refused with the line", (_, text, line) => {
    const read = readDocument(text, "yaml");
    expect(read.ok ? "" : read.message).toContain(line);
  });

  test("YAML with an alias of nothing is refused", () => {
    const read = readDocument("a: *b", "yaml");
    expect(read.ok ? "" : read.message).toEndWith("an alias stands for an anchor that is not set before it");
  });

  test("YAML whose aliases unfold to gigabytes is refused", () => {
    const levels = Array.from({ length: 12 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(10)}]`);
    expect(readDocument(["l0: &l0 [x]", ...levels].join("\n"), "yaml")).toEqual({
      ok: false,
      message: "the document is not well-formed YAML: its aliases unfold to too much",
    });
  });
});

test.each(['{"buyers": [], "buyers": []}', '{"buyers": [{ "id": "a", "\\u0069d": "b" }]}'])(
  "JSON with a name that comes twice is refused: %s",
  (text) => {
    expect(readDocument(text, "json")).toEqual({
      ok: false,
      message: "the document has the same name twice in one mapping",
    });
  },
);

test("JSON that is not well-formed is refused without an excerpt", () => {
  expect(readDocument('{"name": "secret', "json")).toEqual({
    ok: false,
    message: "the document is not well-formed JSON",
  });
});
