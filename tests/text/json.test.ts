import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isForbiddenKey, measureJson, readJson } from "#text/json.ts";

const WIDE = { maxDepth: 1000, maxKeys: 100_000, maxValues: 100_000 };

describe("text of JSON", () => {
  test("a text of JSON says what JSON.parse makes of it, however it is laid out", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
        fc.pre(!JSON.stringify(value).match(/__proto__|constructor|prototype/));
        const text = JSON.stringify(value, null, indent);
        expect(readJson(text, WIDE)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  test("a text of JSON that names a key twice is refused, wherever and with whatever in its strings", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, key) => {
        fc.pre(!JSON.stringify([value, key]).match(/__proto__|constructor|prototype/));
        const member = `${JSON.stringify(key)} \n: ${JSON.stringify(value)}`;
        const twice = { ok: false, flaw: "key_twice" } as const;
        expect(readJson(`{${member}}`, WIDE).ok).toBe(true);
        expect(readJson(`{${member},${member}}`, WIDE)).toEqual(twice);
        expect(readJson(`[[{"other":{${member} , ${member}}}]]`, WIDE)).toEqual(twice);
      }),
    );
  });

  test.each([
    ["", "malformed"],
    ["{'a':1}", "malformed"],
    ['{"a":"', "malformed"],
    // Not parsed, then: that it is no JSON is never found out.
    ['{"a":1,"b":2,"c":3,', "too_many_keys"],
    ["[[[[1]]]]", "too_deep"],
    // The same of what is nested too deep or has too many values: half a million brackets would take a tenth of a second.
    ["[[[[", "too_deep"],
    ["[[],{},1,", "too_many_values"],
    ['{"a":1,"b":{"c":1}}', "too_many_keys"],
    ["[1,2,3,4]", "too_many_values"],
    ['[{"a":[]},1,2]', "too_many_values"],
    ['[{"__proto__":1}]', "forbidden_key"],
  ] as const)("a text of JSON: %p is refused as %s", (text, flaw) => {
    expect(readJson(text, { maxDepth: 3, maxKeys: 2, maxValues: 3 })).toEqual({ ok: false, flaw });
  });

  test("a text of JSON may have as a value what it may not have as a key", () => {
    expect(isForbiddenKey("constructor")).toBe(true);
    expect(readJson('["constructor"]', WIDE)).toEqual({ ok: true, value: ["constructor"] });
  });

  test("a value is walked no further than its limits", () => {
    let reads = 0;
    const long = new Proxy(new Array(100_000).fill(1), {
      get(items, name) {
        reads += 1;
        return Reflect.get(items, name);
      },
    });
    expect(measureJson({ long }, { ...WIDE, maxValues: 10 })).toEqual({ keys: 1, flaw: "too_many_values" });
    expect(reads).toBeLessThan(50);
  });
});
