import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readIdempotency, readRowKey, replay, storedReplyFor } from "#intake/reply/idempotency.ts";
import type { Arrived } from "#leads/candidate.ts";

const pepper = new Uint8Array(32).fill(3);
const read = (header: string | null, body: object = { a: 1 }, supplier = "acme") =>
  readIdempotency(header, supplier, body as Record<string, unknown>, pepper);

describe("an Idempotency-Key header", () => {
  test("an Idempotency-Key header is nothing when it is not there", () => {
    expect(read(null)).toBeNull();
  });

  test("an Idempotency-Key header is 1 to 255 printable ASCII characters, the quotes of a structured field aside", () => {
    for (const good of ["x", " ", "~", "a b", '"a"', '"', 'a"b', "x".repeat(255), `"${"x".repeat(255)}"`]) {
      expect([good, read(good)?.key]).toEqual([good, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    }
    for (const bad of ["", '""', "x".repeat(256), "é", "a\tb", "a\u007fb", "a\nb"]) {
      expect([bad, read(bad)]).toEqual([bad, undefined]);
    }
    expect(read('"a"')?.key).toBe(read("a")?.key ?? "");
    expect(read('"a"b"')?.key).toBe(read('a"b')?.key ?? "");
  });

  test("an Idempotency-Key header stands for one key of one supplier, and says neither", () => {
    const keys = [read("a"), read("b"), read("a", { a: 1 }, "rival"), read("A")].map((each) => each?.key);
    expect(new Set(keys).size).toBe(4);
    expect(readIdempotency("a", "acme", {}, new Uint8Array(32))?.key).not.toBe(read("a", {})?.key ?? "");
    expect(read("order", { a: 2 })?.key).toBe(read("order", { a: 1 })?.key ?? "");
  });

  test("an Idempotency-Key header comes with the same body exactly when that is equal but for the order of its keys", () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, shuffled(inner)]),
      );
    };
    const bodies = fc
      .dictionary(
        fc.string().filter((key) => key !== "__proto__"),
        fc.jsonValue(),
      )
      .map((body) => JSON.parse(JSON.stringify(body)) as object);
    fc.assert(
      fc.property(bodies, bodies, (one, other) => {
        const hash = (body: object) => read("a", body)?.requestHash;
        expect(hash(shuffled(one) as object)).toBe(hash(one) ?? "");
        expect(hash(one) === hash(other)).toBe(Bun.deepEquals(one, other, true));
      }),
    );
    expect(read("a", { list: [1, 2] })?.requestHash).not.toBe(read("a", { list: [2, 1] })?.requestHash ?? "");
  });
});

describe("a stored answer", () => {
  const idempotency = { key: "k", requestHash: "h" };
  const lead = { kind: "arrived", requestId: "r", idempotency } as Arrived;
  const campaign = { showBuyers: true };
  const stored = { requestHash: "h", httpStatus: 201, answer: "{}", createdAt: 1000 };
  const at = (ms: number) => new Date(1000 + ms);

  test("a stored answer is given again until 24 hours are over", () => {
    expect(replay(lead, stored, at(86_400_000 - 1), campaign)).toEqual({
      httpStatus: 201,
      body: "{}",
      replayed: true,
    });
    expect(replay(lead, stored, at(86_400_000), campaign)).toBeUndefined();
    expect(replay(lead, stored, at(-5000), campaign)).toMatchObject({ replayed: true });
  });

  test("a stored answer is not given for another body, for as long as it is kept", () => {
    const other = { ...lead, idempotency: { key: "k", requestHash: "other" } };
    expect(replay(other, stored, at(0), campaign)).toMatchObject({ httpStatus: 422, replayed: false });
    expect(replay(other, stored, at(86_400_000), campaign)).toBeUndefined();
  });

  test("a stored answer to a row of a file stands unless it refused the row, which is then mended or asked for again", () => {
    const rowOf = (requestHash: string, again = false) =>
      ({ ...lead, idempotency: { key: "k", requestHash, row: { again } } }) as Arrived;
    const refused = { ...stored, httpStatus: 422 };
    expect(replay(rowOf("h"), refused, at(0), campaign)).toMatchObject({ httpStatus: 422, replayed: true });
    expect(replay(rowOf("mended"), refused, at(0), campaign)).toBeUndefined();
    expect(replay(rowOf("h", true), refused, at(0), campaign)).toBeUndefined();
    expect(replay(rowOf("h", true), stored, at(0), campaign)).toMatchObject({ replayed: true });
    expect(replay(rowOf("mended", true), stored, at(0), campaign)).toMatchObject({
      httpStatus: 422,
      body: expect.stringContaining("imported before"),
    });
  });

  test("a stored answer to a row of a file is remembered for 30 days", () => {
    const row = { ...lead, idempotency: { key: "k", requestHash: "h", row: { again: false } } } as Arrived;
    const answer = { httpStatus: 201, body: "{}", replayed: false };
    const kept = storedReplyFor({ answer, lead: row }, row.idempotency ?? idempotency, at(0));
    expect(replay(row, kept, at(30 * 86_400_000 - 1), campaign)).toMatchObject({ replayed: true });
    expect(replay(row, kept, at(30 * 86_400_000), campaign)).toBeUndefined();
    const key = (supplier: string, text: string) => readRowKey(text, supplier, {}, pepper, false)?.key;
    expect(key("acme", "a")).not.toBe(read("a")?.key ?? "");
    expect(key("acme", "a")).not.toBe(key("rival", "a") ?? "");
  });

  test("a stored answer is none for a lead without a key or with a new one", () => {
    expect(replay({ ...lead, idempotency: null }, stored, at(0), campaign)).toBeUndefined();
    expect(replay(lead, undefined, at(0), campaign)).toBeUndefined();
  });
});
