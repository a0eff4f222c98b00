import { describe, expect, test } from "bun:test";
import { Lexer, parseDocument } from "yaml";
import { excessOfMarks, offsetOfKeyTwice, readDocument, writeYaml } from "#configuration/document-text.ts";
import { fullDocument } from "./document-examples.ts";

describe("YAML", () => {
  test("YAML comes back as it was written out", () => {
    expect(readDocument(writeYaml(fullDocument()), "yaml")).toMatchObject({
      ok: true,
      document: fullDocument(),
    });
  });

  test("YAML keeps the order in which the operator wrote", () => {
    expect(writeYaml({ version: 1, buyers: [{ name: "B", id: "b1" }] })).toBe(
      "version: 1\nbuyers:\n  - name: B\n    id: b1\n",
    );
  });

  test("YAML may use anchors and aliases", () => {
    expect(readDocument("a: &hours [1]\nb: *hours", "yaml")).toMatchObject({
      ok: true,
      document: { a: [1], b: [1] },
    });
  });

  test("YAML reads no, on and dates as the texts that they are", () => {
    expect(readDocument("states: [NO, ON]\nat: 2024-01-01\nwindow: 09:00-17:00", "yaml")).toMatchObject({
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
      flaw: "malformed",
      message: "the document is not well-formed YAML: its aliases unfold to too much",
    });
  });

  test("YAML whose anchor holds an alias of itself is refused", () => {
    expect(readDocument("a: &a [*a, *a]", "yaml")).toEqual({
      ok: false,
      flaw: "malformed",
      message: "the document is nested too deep",
    });
  });

  test.each([
    ["bytes", "#".repeat(1024 * 1024 + 1)],
    ["names", Array.from({ length: 50_000 }, (_, n) => `k${n}: 1\n`).join("")],
    ["items", `a: [${"1,".repeat(150_000)}1]`],
    ["line breaks", "\n".repeat(300_001)],
    ["aliases", `- &a 1\n${"- *a\n".repeat(5001)}`],
  ])("YAML with too many %s is too large, and not parsed", (_, text) => {
    expect(readDocument(text, "yaml")).toMatchObject({ ok: false, flaw: "too_large" });
  });

  test("YAML is read no further than its limits before it is parsed", () => {
    let read = 0;
    function* marks() {
      for (const mark of new Lexer().lex("a: 1\n".repeat(1000))) {
        read += 1;
        yield mark;
      }
    }
    expect(excessOfMarks(marks(), { maxMarks: 20, maxAliases: 1 })).toContain("20 names");
    expect(read).toBe(21);
  });

  test("YAML is searched for a name that comes twice with one look at each name", () => {
    const parsed = parseDocument(Array.from({ length: 2000 }, (_, n) => `k${n}: 1\n`).join(""));
    let looks = 0;
    for (const { key } of (parsed.contents as unknown as { items: { key: { value: unknown } }[] }).items) {
      const name = key.value;
      Object.defineProperty(key, "value", { get: () => ((looks += 1), name) });
    }
    expect(offsetOfKeyTwice(parsed)).toBeUndefined();
    expect(looks).toBe(2000);
  });

  test.each([
    ["{a: 1, b: 2, 'a': 3}", "line 1, column 14"],
    ["x:\n  - a: 1\n    b: 2\n    a: 3", "line 4, column 5"],
    ["? a\n? a", "line 2, column 3"],
  ])("YAML that names a key twice is refused wherever it stands: %p", (text, place) => {
    expect(readDocument(text, "yaml")).toEqual({
      ok: false,
      flaw: "malformed",
      message: `the document is not well-formed YAML: Map keys must be unique at ${place}`,
    });
  });
});

test.each([
  ["names", `{${Array.from({ length: 100_001 }, (_, n) => `"k${n}":1`).join()}}`],
  ["values", `{"a":[${"1,".repeat(500_000)}1]}`],
])("JSON with too many %s is too large", (_, text) => {
  expect(readDocument(text, "json")).toMatchObject({ ok: false, flaw: "too_large" });
});

test.each(['{"buyers": [], "buyers": []}', '{"buyers": [{ "id": "a", "\\u0069d": "b" }]}'])(
  "JSON with a name that comes twice is refused: %s",
  (text) => {
    expect(readDocument(text, "json")).toEqual({
      ok: false,
      flaw: "malformed",
      message: "the document has the same name twice in one mapping",
    });
  },
);

test("JSON that is not well-formed is refused without an excerpt", () => {
  expect(readDocument('{"name": "secret', "json")).toEqual({
    ok: false,
    flaw: "malformed",
    message: "the document is not well-formed JSON",
  });
});
