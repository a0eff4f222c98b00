import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { LEAD_LIMITS, type ReadBody, readBody } from "#http/body.ts";

const SMALL = { maxBytes: 64, maxDepth: 3, maxKeys: 4, maxValues: 8 };

function read(body: BodyInit, limits = LEAD_LIMITS, headers: Record<string, string> = {}): Promise<ReadBody> {
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
  return readBody(new Request("http://localhost/", init), limits);
}

const refusalOf = async (body: BodyInit, limits = LEAD_LIMITS, headers: Record<string, string> = {}) => {
  const result = await read(body, limits, headers);
  return result.ok ? "taken" : result.error;
};

/** A body that comes piece by piece and counts how many were asked for. */
function pieces(count: number, size: number): { stream: ReadableStream<Uint8Array>; asked(): number } {
  let given = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (given === count) return controller.close();
      given += 1;
      controller.enqueue(new Uint8Array(size).fill(0x20));
    },
  });
  return { stream, asked: () => given };
}

describe("the body of a request", () => {
  test("a body is an object as JSON or as a form, by its media type alone", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    expect(await read('{"a":[1,{"b":null}]}')).toEqual({ ok: true, body: { a: [1, { b: null }] } });
    expect(await read("a=1&b=%C3%BC+x&c=", LEAD_LIMITS, form)).toEqual({
      ok: true,
      body: { a: "1", b: "ü x", c: "" },
    });
    expect(await refusalOf("a=1")).toBe("malformed_body");
    for (const type of ["", "text/json", "application/json-patch+json", "multipart/form-data", "*/*"]) {
      expect(await refusalOf("{}", LEAD_LIMITS, { "content-type": type })).toBe("unsupported_media_type");
    }
    for (const type of ["APPLICATION/JSON", " application/json ;charset=utf-8"]) {
      expect(await refusalOf("{}", LEAD_LIMITS, { "content-type": type })).toBe("taken");
    }
  });

  test("a body is not unpacked", async () => {
    for (const encoding of ["gzip", "br", "deflate, gzip"]) {
      expect(await refusalOf("{}", LEAD_LIMITS, { "content-encoding": encoding })).toBe(
        "unsupported_media_type",
      );
    }
    expect(await refusalOf("{}", LEAD_LIMITS, { "content-encoding": "identity" })).toBe("taken");
  });

  test("a body may be as large as the limit and not a byte larger, declared or not", async () => {
    const exact = `{"a":"${"x".repeat(64 - 8)}"}`;
    expect(exact).toHaveLength(64);
    for (const [body, answer] of [
      [exact, "taken"],
      [`${exact} `, "payload_too_large"],
    ] as const) {
      expect(await refusalOf(new Blob([body]).stream(), SMALL)).toBe(answer);
      expect(await refusalOf(body, SMALL, { "content-length": String(body.length) })).toBe(answer);
    }
  });

  test("a body that comes without its length is forgotten as it comes when it is too large, and cut off after 16 MiB more", async () => {
    const { stream, asked } = pieces(100_000, 1024);
    expect(await refusalOf(stream)).toBe("payload_too_large");
    expect(asked()).toBeLessThan(17 * 1024 + 300);
  });

  test("a body counts its bytes, not its characters", async () => {
    expect(await refusalOf(`{"a":"${"ü".repeat(29)}"}`, SMALL)).toBe("payload_too_large");
    expect(await refusalOf(`{"a":"${"ü".repeat(28)}"}`, SMALL)).toBe("taken");
  });

  test("a body is nested as deep as the limit, objects and lists alike, and no deeper", async () => {
    for (const deepest of ['{"a":{"b":{}}}', '{"a":[[]]}', '{"a":[{}]}']) {
      expect(await refusalOf(deepest, SMALL)).toBe("taken");
      expect(
        await refusalOf(
          deepest.replace(/\{\}|\[\]/, (inner) => `[${inner}]`),
          SMALL,
        ),
      ).toBe("payload_too_large");
    }
    expect(await refusalOf(`{"a":${"[".repeat(120_000)}${"]".repeat(120_000)}}`)).toBe("payload_too_large");
  });

  test("a body has as many keys as the limit in all of its objects together, and no more", async () => {
    expect(await refusalOf('{"a":{"b":1},"c":[{"d":1}]}', SMALL)).toBe("taken");
    expect(await refusalOf('{"a":{"b":1},"c":[{"d":1,"e":1}]}', SMALL)).toBe("payload_too_large");
  });

  test("a body has as many values as the limit, under keys and in lists together, and no more", async () => {
    expect(await refusalOf('{"a":[1,2,[3]],"b":4,"c":5}', SMALL)).toBe("taken");
    expect(await refusalOf('{"a":[1,2,[3]],"b":4,"c":[5,6]}', SMALL)).toBe("payload_too_large");
    expect(await refusalOf(`{"a":[${"1,".repeat(1998)}1]}`)).toBe("taken");
    expect(await refusalOf(`{"a":[${"1,".repeat(1999)}1]}`)).toBe("payload_too_large");
  });

  test("a body names nothing twice in one object, however it is spelled, but the same in several", async () => {
    for (const twice of [
      '{"a":1,"a":1}',
      '{"a":1,"\\u0061":2}',
      '{"x":[{"a":1,"b":{},"a":{}}]}',
      '{"":1,"":2}',
    ]) {
      expect(await refusalOf(twice)).toBe("malformed_body");
    }
    expect(await refusalOf('{"a":{"a":[{"a":1},{"a":1}]},"A":1}')).toBe("taken");
    expect(await refusalOf('{"a":"\\"a\\":","b":"a\\\\"}')).toBe("taken");
  });

  test("a body has no key by which an object could be tampered with", async () => {
    for (const name of ["__proto__", "constructor", "prototype", "\\u005f_proto__"]) {
      expect(await refusalOf(`{"x":[{"${name}":{"polluted":1}}]}`)).toBe("malformed_body");
    }
    expect(await refusalOf('{"x":"__proto__"}')).toBe("taken");
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  test("a body is UTF-8, with a byte order mark or without", async () => {
    expect(await read("\ufeff{}")).toEqual({ ok: true, body: {} });
    expect(await refusalOf(new Uint8Array([0x7b, 0xc3, 0x28, 0x7d]))).toBe("malformed_body");
    expect(await refusalOf(new Uint8Array([0xed, 0xa0, 0x80]))).toBe("malformed_body");
  });

  test("a body in another charset than UTF-8 is read when it is named, and else refused", async () => {
    const form = (charset: string) => ({ "content-type": `application/x-www-form-urlencoded${charset}` });
    const jose = { ok: true, body: { first_name: "José" } } as const;
    const raw = Buffer.from("first_name=José", "latin1");
    for (const charset of ["; charset=ISO-8859-1", ';CHARSET="windows-1252"', "; charset = latin1"]) {
      expect(await read("first_name=Jos%E9", LEAD_LIMITS, form(charset))).toEqual(jose);
      expect(await read(raw, LEAD_LIMITS, form(charset))).toEqual(jose);
    }
    const windows = form("; charset=windows-1252");
    expect(await read("a=O%92Neil+%80", LEAD_LIMITS, windows)).toEqual({ ok: true, body: { a: "O’Neil €" } });
    const french = "_charset_=iso-8859-1&a=%E9";
    expect(await read(french, LEAD_LIMITS, form(""))).toMatchObject({ body: { a: "é" } });
    const russian = form("; charset=windows-1251");
    expect(await read("a=%C8%E2%E0%ED", LEAD_LIMITS, russian)).toMatchObject({ body: { a: "Иван" } });
    for (const unread of ["first_name=Jos%E9", raw, "a=%C3%28"]) {
      expect(await refusalOf(unread, LEAD_LIMITS, form(""))).toBe("malformed_body");
      expect(await refusalOf(unread, LEAD_LIMITS, form("; charset=utf-8"))).toBe("malformed_body");
    }
    expect(await refusalOf("a=1", LEAD_LIMITS, form("; charset=klingon"))).toBe("unsupported_media_type");
    expect(await refusalOf("a=1", LEAD_LIMITS, form("; charset=utf-16"))).toBe("unsupported_media_type");
    expect(await read("a=%zz+%C3%A9%", LEAD_LIMITS, form(""))).toEqual({ ok: true, body: { a: "%zz é%" } });
    const json = Buffer.from('{"first_name":"José"}', "latin1");
    const named = { "content-type": "application/json; charset=ISO-8859-1" };
    expect(await read(json, LEAD_LIMITS, named)).toEqual(jose);
    expect(await read('{"first_name":"José"}', LEAD_LIMITS, named)).toEqual(jose);
  });

  test("a form's field that comes several times, or with brackets behind its name, is a list", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const body = "a=1&b=2&%61=1&a=3&c[]=x&d%5B%5D=y&d[]=z";
    expect(await read(body, LEAD_LIMITS, form)).toEqual({
      ok: true,
      body: { a: ["1", "1", "3"], b: "2", "c[]": ["x"], "d[]": ["y", "z"] },
    });
  });

  test("a body that is a form has no more keys than the limit", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    expect(await refusalOf("a=1&b=2&c=3&d=4", SMALL, form)).toBe("taken");
    expect(await refusalOf("a=1&b=2&c=3&d=4&e=5", SMALL, form)).toBe("payload_too_large");
    expect(await refusalOf("&&a=1&&&b=2&c&=4&&", SMALL, form)).toBe("taken");
    expect(await refusalOf("&a&b&c&d&e", SMALL, form)).toBe("payload_too_large");
    expect(await refusalOf("__proto__=1", SMALL, form)).toBe("malformed_body");
  });

  test("a body within the limits comes back as it was written, whatever JSON it holds", async () => {
    const names = fc
      .string({ maxLength: 8 })
      .filter((name) => !["__proto__", "constructor", "prototype"].includes(name));
    const objects = fc.object({
      key: names,
      maxDepth: 4,
      maxKeys: 6,
      withBigInt: false,
      values: [fc.jsonValue({ maxDepth: 0 }), fc.string({ unit: "binary" })],
    });
    await fc.assert(
      fc.asyncProperty(objects, fc.nat({ max: 4 }), async (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        expect(await read(text, { ...LEAD_LIMITS, maxKeys: 10_000 })).toEqual({
          ok: true,
          body: JSON.parse(text),
        });
      }),
    );
  });

  test("a body of one very long text is read in time that its length explains", async () => {
    const texts = [
      "x".repeat(250_000),
      "\\\\".repeat(120_000),
      '\\"'.repeat(120_000),
      "\\u0000".repeat(40_000),
    ];
    for (const text of texts) expect(await refusalOf(`{"a":"${text}"}`)).toBe("taken");
    const wide = { ...LEAD_LIMITS, maxValues: 100_000 };
    expect(await refusalOf(`{"a":[${'"",'.repeat(80_000)}""]}`, wide)).toBe("taken");
    expect(await refusalOf(`{"a":"${"x".repeat(250_000)}`)).toBe("malformed_body");
  });
});
