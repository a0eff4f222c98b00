import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NONCE_BYTES, sealedFrames } from "#peers/frames.ts";

const KEY = new Uint8Array(32).fill(1);
const nonces = { caller: new Uint8Array(NONCE_BYTES).fill(2), called: new Uint8Array(NONCE_BYTES).fill(3) };
const caller = (key = KEY, of = nonces) => sealedFrames(key, of, "caller");
const called = (key = KEY, of = nonces) => sealedFrames(key, of, "called");

describe("what servers say to each other", () => {
  test("is heard as it was said, however the network cuts it up", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 300 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 64 }),
        (texts, size) => {
          const [from, to] = [caller(), called()];
          const bytes = Buffer.concat(texts.map((text) => from.seal(text)));
          const heard: string[] = [];
          for (let at = 0; at < bytes.length; at += size)
            heard.push(...to.open(bytes.subarray(at, at + size)));
          expect(heard).toEqual(texts);
        },
      ),
    );
  });

  test("begins with little, so that a stranger cannot have much kept for it", () => {
    const [from, to] = [caller(), called()];
    expect(() => called().open(caller().seal("x".repeat(2_000)))).toThrow();
    to.open(from.seal("[]"));
    expect(to.open(from.seal("x".repeat(200_000)))).toEqual(["x".repeat(200_000)]);
  });

  test("goes both ways under keys of their own", () => {
    const [one, other] = [caller(), called()];
    expect(other.open(one.seal("asked"))).toEqual(["asked"]);
    expect(one.open(other.seal("answered"))).toEqual(["answered"]);
    expect(() => caller().open(caller().seal("mirrored"))).toThrow();
  });

  test("is refused from who has another key, or says again what was said on another connection or before", () => {
    const said = caller().seal("a lead");
    expect(() => called(new Uint8Array(32).fill(9)).open(said)).toThrow();
    expect(() => called(KEY, { ...nonces, called: new Uint8Array(NONCE_BYTES) }).open(said)).toThrow();
    const hearer = called();
    hearer.open(said);
    expect(() => hearer.open(said)).toThrow();
  });

  test("is refused when a bit of it was changed, and shows nothing to who reads on the way", () => {
    const said = Buffer.from(caller().seal("someone@example.com"));
    expect(said.toString("latin1")).not.toContain("someone");
    fc.assert(
      fc.property(fc.integer({ min: 32, max: said.length * 8 - 1 }), (bit) => {
        const changed = Buffer.from(said);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => called().open(changed)).toThrow();
      }),
    );
  });
});
