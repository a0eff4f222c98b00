import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { textsInList } from "#text/json-list.ts";

const textsIn = (text: string, most = 500) => textsInList(text, "leads", most);

describe("a list in a JSON text", () => {
  test("a list in a JSON text is taken apart into texts that mean the same, whatever they are and however it is written", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 20 }), fc.constantFrom(0, 2), (values, indent) => {
        const taken = textsIn(JSON.stringify({ leads: values }, null, indent));
        expect(taken.ok && taken.texts.map((text) => JSON.stringify(JSON.parse(text)))).toEqual(
          values.map((value) => JSON.stringify(value)),
        );
      }),
    );
  });

  test("a list in a JSON text is not parsed: what is wrong with one element is that element's", () => {
    expect(textsIn('{"leads":[{"a":1,"a":2},{bad},"]}",[1,{"b":[2]}],]}')).toEqual({
      ok: true,
      texts: ['{"a":1,"a":2}', "{bad}", '"]}"', '[1,{"b":[2]}]', ""],
    });
    expect(textsIn(' { "leads" : [ ] } \n')).toEqual({ ok: true, texts: [] });
  });

  test("a list in a JSON text ends its strings where they end, behind any number of backslashes", () => {
    for (const value of ['"', "\\", '\\"', '\\\\",[', "]}"]) {
      const taken = textsIn(JSON.stringify({ leads: [value, 1] }));
      expect(taken).toEqual({ ok: true, texts: [JSON.stringify(value), "1"] });
    }
  });

  test.each([
    "",
    "[]",
    "{}",
    '{"leads":{}}',
    '{"lead":[]}',
    '{"leads":[1}',
    '{"leads":[1]',
    '{"leads":["]}',
    '{"leads":[1],"more":2}',
    '{"more":2,"leads":[1]}',
  ])("a list is not found in %j", (text) => {
    expect(textsIn(text)).toEqual({ ok: false, flaw: "malformed" });
  });

  test("a list of too many is not read to its end", () => {
    expect(textsIn('{"leads":[1,2,3]}', 2)).toEqual({ ok: false, flaw: "too_many" });
    expect(textsIn('{"leads":[1,2]}', 2).ok).toBe(true);
  });
});
