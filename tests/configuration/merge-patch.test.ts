import { expect, test } from "bun:test";
import { applyMergePatch } from "#configuration/merge-patch.ts";

/** RFC 7396, appendix A. */
test.each([
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [
    ["a", "b"],
    ["c", "d"],
    ["c", "d"],
  ],
  [{ a: "b" }, ["c"], ["c"]],
  [{ a: "foo" }, null, null],
  [{ a: "foo" }, "bar", "bar"],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])("%j patched by %j is %j", (value, patch, patched) => {
  expect(applyMergePatch(value, patch)).toEqual(patched);
});

test("a value that is patched stays as it was", () => {
  const value = { a: { b: 1 } };
  applyMergePatch(value, { a: { b: 2 } });
  expect(value).toEqual({ a: { b: 1 } });
});

test("a merge patch keeps the order of the names, and new ones follow", () => {
  expect(JSON.stringify(applyMergePatch({ z: 1, a: 2 }, { b: 3, a: 4 }))).toBe('{"z":1,"a":4,"b":3}');
});
