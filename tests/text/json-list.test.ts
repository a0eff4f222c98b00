import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { textsInList } from "#text/json-list.ts";

const textsIn = (text: string, most = 500, longest = 1_000) =>
  textsInList(text, "leads", { most, longest }, async () => undefined);

describe("a list in a JSON text", () => {
  test("a list in a JSON text is taken apart into texts that mean the same, whatever they are and however it is written", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 20 }),
        fc.constantFrom(0, 2),
        async (values, indent) => {
          const taken = await textsIn(JSON.stringify({ leads: values }, null, indent), 500, 100_000);
          expect(taken.ok && taken.texts.map((text) => JSON.stringify(JSON.parse(text)))).toEqual(
            values.map((value) => JSON.stringify(value)),
          );
        },
      ),
    );
  });

  test("a list in a JSON text is not parsed: what is wrong with one element is that element's", async () => {
    expect(await textsIn('{"leads":[{"a":1,"a":2},{bad},"]}",[1,{"b":[2]}],]}')).toEqual({
      ok: true,
      texts: ['{"a":1,"a":2}', "{bad}", '"]}"', '[1,{"b":[2]}]', ""],
    });
    expect(await textsIn(' { "leads" : [ ] } \n')).toEqual({ ok: true, texts: [] });
  });

  test("a list in a JSON text ends its strings where they end, behind any number of backslashes", async () => {
    for (const value of ['"', "\\", '\\"', '\\\\",[', "]}"]) {
      const taken = await textsIn(JSON.stringify({ leads: [value, 1] }));
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
  ])("a list is not found in %j", async (text) => {
    expect(await textsIn(text)).toEqual({ ok: false, flaw: "malformed" });
  });

  test("a list of too many is not read to its end, nor one with an element that is too long", async () => {
    expect(await textsIn('{"leads":[1,2,3]}', 2)).toEqual({ ok: false, flaw: "too_many" });
    expect((await textsIn('{"leads":[1,2]}', 2)).ok).toBe(true);
    for (const long of [[1, 2, 3, 4, 5, 6], "123456789012", "\\\\\\\\\\\\"]) {
      expect(await textsIn(JSON.stringify({ leads: [1, long] }), 2, 10)).toEqual({
        ok: false,
        flaw: "too_long",
      });
    }
  });
});
