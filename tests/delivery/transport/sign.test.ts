import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { bodySignatureHeader, makeSecret, signedHeaders } from "#delivery/transport/sign.ts";

const nowSeconds = () => Math.floor(Date.now() / 1000);

describe("a signed webhook", () => {
  test("has the signature that the reference libraries of Standard Webhooks are tested with", () => {
    expect(
      signedHeaders({
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestampSeconds: 1_614_265_330,
        body: '{"test": 2432232314}',
        secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
      }),
    ).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("is accepted by the reference library, whatever the body", () =>
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.uuid(), (body, uuid) => {
        const secret = makeSecret();
        const signing = { id: `delivery_${uuid}`, timestampSeconds: nowSeconds(), secrets: [secret] };
        for (const sent of [body, new TextEncoder().encode(body)]) {
          new Webhook(secret).verify(body, signedHeaders({ ...signing, body: sent }), { jsonParse: false });
        }
      }),
    ));

  test("is accepted under the old secret and under the new one while they overlap, and under no third", () => {
    const [fresh, old, other] = [makeSecret(), makeSecret(), makeSecret()];
    const headers = signedHeaders({
      id: "delivery_1",
      timestampSeconds: nowSeconds(),
      body: "{}",
      secrets: [fresh, old],
    });
    expect(new Webhook(fresh).verify("{}", headers)).toEqual({});
    expect(new Webhook(old).verify("{}", headers)).toEqual({});
    expect(() => new Webhook(other).verify("{}", headers)).toThrow("No matching signature");
  });

  test("is refused when the body, the id or the time is another", () => {
    const secret = makeSecret();
    const headers = signedHeaders({
      id: "delivery_1",
      timestampSeconds: nowSeconds(),
      body: "{}",
      secrets: [secret],
    });
    const verify = (body: string, changed: Record<string, string>) => () =>
      new Webhook(secret).verify(body, { ...headers, ...changed });
    expect(verify("{}", {})).not.toThrow();
    expect(verify("[]", {})).toThrow();
    expect(verify("{}", { "webhook-id": "delivery_2" })).toThrow();
    expect(verify("{}", { "webhook-timestamp": String(nowSeconds() - 5) })).toThrow();
  });

  test.each(["delivery.1", "", "a b", "line\nbreak"])("cannot have the id %j", (id) =>
    expect(() => signedHeaders({ id, timestampSeconds: 1, body: "", secrets: [makeSecret()] })).toThrow(
      RangeError,
    ),
  );

  test.each([-1, 1.5, Number.NaN])("cannot have been signed at %d", (timestampSeconds) =>
    expect(() => signedHeaders({ id: "a", timestampSeconds, body: "", secrets: [makeSecret()] })).toThrow(
      RangeError,
    ),
  );

  test.each([[[]], [["whsec_"]], [["whsec_c2hvcnQ="]], [["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]]])(
    "cannot be signed with %j",
    (secrets) =>
      expect(() => signedHeaders({ id: "a", timestampSeconds: 1, body: "", secrets })).toThrow(RangeError),
  );
});

describe("a secret", () => {
  test("is whsec_ and 32 bytes in base64, each time another", () => {
    const secret = makeSecret();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(makeSecret()).not.toBe(secret);
  });
});

describe("the legacy header", () => {
  test("is the lower-case hex HMAC of the raw body, under the secret as it was shown", () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const expected = createHmac("sha256", Buffer.from(secret, "ascii")).update("Zoë").digest("hex");
    expect(bodySignatureHeader("x-signature", "Zoë", secret)).toEqual({ "x-signature": expected });
    expect(bodySignatureHeader("x-signature", Buffer.from("Zoë"), secret)).toEqual({
      "x-signature": expected,
    });
    expect(expected).toMatch(/^[0-9a-f]{64}$/);
  });

  test("gives RFC 4231's digest of its second test case", () =>
    expect(bodySignatureHeader("x", "what do ya want for nothing?", "Jefe")).toEqual({
      x: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    }));
});
