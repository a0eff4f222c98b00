import { afterEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Attempt } from "#delivery/transport/answer.ts";
import {
  createSender,
  type OutgoingRequest,
  type Sender,
  type SenderParts,
} from "#delivery/transport/send.ts";
import { makeSecret, signedHeaders } from "#delivery/transport/sign.ts";
import type { Clock } from "#time/clock.ts";
import { makeAuthority } from "../../support/certificates.ts";
import {
  type Behaviour,
  type PretendBuyer,
  type PretendBuyerOptions,
  startPretendBuyer,
} from "../../support/pretend-buyer.ts";

const LOOPBACK = [{ address: "127.0.0.0", prefix: 8, family: "ipv4" }] as const;
const NOW = new Date("2026-03-01T12:00:00Z");
const clock: Clock = { now: () => NOW, elapsedMs: () => performance.now(), after: () => () => {} };
const SECRET = makeSecret();
const authority = makeAuthority();

const toClose: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0)) await close();
});

async function buyerThat(options: PretendBuyerOptions | Behaviour): Promise<PretendBuyer> {
  const buyer = await startPretendBuyer(typeof options === "string" ? { behaviour: options } : options);
  toClose.push(buyer.close);
  return buyer;
}

/** A sender that may reach this machine, where every name leads. */
function senderWith(parts: Partial<SenderParts> = {}): Sender {
  const sender = createSender({
    clock,
    allowedCidrs: LOOPBACK,
    resolve: () => Promise.resolve(["127.0.0.1"]),
    authorities: [authority.cert],
    ...parts,
  });
  toClose.push(sender.close);
  return sender;
}

function lead(url: string, changes: Partial<OutgoingRequest> = {}): OutgoingRequest {
  const body = '{"type":"lead.accepted"}';
  const headers = signedHeaders({
    id: "delivery_1",
    timestampSeconds: Math.floor(Date.now() / 1000),
    body,
    secrets: [SECRET],
  });
  return { url, method: "POST", headers, body, timeoutMs: 10_000, ...changes };
}

function failureOf({ result }: Attempt): unknown {
  return result.kind === "failed" ? result.failure.kind : result;
}

describe("a webhook", () => {
  test("arrives as it was signed, with the buyer's name as host, and its answer is read", async () => {
    const buyer = await buyerThat({ secrets: [SECRET], host: "buyer.example" });
    const attempt = await senderWith().send(
      lead(`${buyer.url()}leads?campaign=1`, {
        headers: { ...lead("").headers, "x-own": "a b", Host: "evil.example" },
      }),
    );
    expect(attempt).toEqual({
      startedAt: NOW,
      durationMs: expect.any(Number),
      result: {
        kind: "answered",
        status: 200,
        contentType: "application/json",
        retryAfterSeconds: null,
        body: '{"status":"accepted","reference":"R-1"}',
        truncated: false,
      },
    });
    expect(buyer.seen.badSignatures).toBe(0);
    expect(buyer.received.get("delivery_1")).toMatchObject({
      count: 1,
      path: "/leads?campaign=1",
      bodies: ['{"type":"lead.accepted"}'],
      headers: { host: `buyer.example:${buyer.port}`, "accept-encoding": "identity", "x-own": "a b" },
    });
  });

  test("is sent byte for byte, in UTF-8, whether the body is text or bytes", async () => {
    const buyer = await buyerThat("accept");
    const sender = senderWith();
    await sender.send(lead(buyer.url(), { body: "Zoë 😀\u0000", headers: { "webhook-id": "a" } }));
    await sender.send(
      lead(buyer.url(), { body: Buffer.from("Zoë 😀\u0000"), headers: { "webhook-id": "a" } }),
    );
    await sender.send(lead(buyer.url(), { body: "x".repeat(300_000), headers: { "webhook-id": "b" } }));
    expect(buyer.received.get("a")?.bodies).toEqual(["Zoë 😀\u0000", "Zoë 😀\u0000"]);
    expect(buyer.received.get("b")?.bodies[0]).toHaveLength(300_000);
  });

  test("keeps its connection for the next one", async () => {
    const buyer = await buyerThat("accept");
    const sender = senderWith();
    for (let index = 0; index < 5; index++) await sender.send(lead(buyer.url()));
    expect(buyer.seen).toMatchObject({ requests: 5, connections: 1 });
  });

  test("goes out once more when the kept connection turns out to be closed", async () => {
    const buyer = await buyerThat("drop-second");
    const sender = senderWith();
    const attempts = [await sender.send(lead(buyer.url())), await sender.send(lead(buyer.url()))];
    expect(attempts.map(({ result }) => result.kind)).toEqual(["answered", "answered"]);
    expect(buyer.seen).toMatchObject({ requests: 3, connections: 2 });
  });

  test("does not wait behind any number of others that hang", async () => {
    const [dead, healthy] = [await buyerThat("hang"), await buyerThat("accept")];
    const sender = senderWith();
    const hanging = Array.from({ length: 600 }, () => sender.send(lead(dead.url(), { timeoutMs: 20_000 })));
    expect((await sender.send(lead(healthy.url()))).result.kind).toBe("answered");
    sender.close();
    expect(new Set((await Promise.all(hanging)).map(failureOf))).toEqual(new Set(["interrupted"]));
  });

  test("with a header that HTTP cannot carry is not sent", async () => {
    const buyer = await buyerThat("accept");
    const sent = senderWith().send(lead(buyer.url(), { headers: { "x-own": "a\r\nx-injected: b" } }));
    expect(await sent.catch((error: unknown) => error)).toBeInstanceOf(TypeError);
    expect(buyer.seen.requests).toBe(0);
  });

  test("ignores the proxy of the environment", async () => {
    const buyer = await buyerThat("accept");
    const before = process.env.HTTP_PROXY;
    process.env.HTTP_PROXY = "http://127.0.0.1:1";
    const attempt = await senderWith().send(lead(buyer.url()));
    if (before === undefined) delete process.env.HTTP_PROXY;
    else process.env.HTTP_PROXY = before;
    expect(attempt.result.kind).toBe("answered");
  });
});

describe("a buyer that misbehaves", () => {
  test.each([
    ["hang", "timeout"],
    ["drip-body", "timeout"],
    ["drip-header", "timeout"],
    ["reset", "reset"],
    ["cut-off", "reset"],
    ["cut-off-chunked", "reset"],
    ["garbage", "bad_answer"],
    ["upgrade", "bad_answer"],
    ["interim-flood", "bad_answer"],
    ["header-flood", "header_too_large"],
    ["redirect", "redirect"],
  ] satisfies [Behaviour, string][])("%s → %s", async (behaviour, failure) => {
    const buyer = await buyerThat(behaviour);
    // A busy machine may need long for what does not hang.
    const timeoutMs = failure === "timeout" ? 500 : 10_000;
    expect(failureOf(await senderWith().send(lead(buyer.url(), { timeoutMs })))).toBe(failure);
    expect(buyer.seen).toMatchObject({ requests: 1, connections: 1 });
  });

  test.each([
    ["fail", 500, null],
    ["too-many", 429, 7],
    ["gone", 410, null],
    ["reject-json", 200, null],
    ["reject-xml", 200, null],
  ] satisfies [Behaviour, number, number | null][])(
    "%s → answered with %d",
    async (behaviour, status, retryAfterSeconds) => {
      const buyer = await buyerThat(behaviour);
      const { result } = await senderWith().send(lead(buyer.url()));
      expect(result).toMatchObject({ kind: "answered", status, retryAfterSeconds });
    },
  );

  test("is recorded with the status that had arrived before it broke off", async () => {
    const sender = senderWith();
    const statusOf = async (behaviour: Behaviour) =>
      (await sender.send(lead((await buyerThat(behaviour)).url(), { timeoutMs: 10_000 }))).result.status;
    expect([await statusOf("redirect"), await statusOf("cut-off"), await statusOf("reset")]).toEqual([
      302,
      200,
      null,
    ]);
  });

  test("with an answer of 1 GB is cut off after 16 KiB, and what was read counts", async () => {
    const buyer = await buyerThat("huge-body");
    const { result } = await senderWith().send(lead(buyer.url()));
    expect(result).toMatchObject({
      kind: "answered",
      status: 200,
      truncated: true,
      body: "x".repeat(16_384),
    });
    // What the buyer could push into the sockets' buffers before it noticed.
    expect(buyer.seen.bytesSent).toBeLessThan(32 * 1024 * 1024);
  });

  test("with a gzip bomb gets it neither expanded nor shown", async () => {
    const buyer = await buyerThat("gzip-bomb");
    const { result } = await senderWith().send(lead(buyer.url()));
    expect(result).toMatchObject({ kind: "answered", status: 200, body: "" });
  });

  test("spoils no other connection: the next request to it is answered", async () => {
    const buyer = await buyerThat("accept");
    const sender = senderWith();
    for (const behaviour of ["drip-body", "header-flood", "huge-body", "cut-off", "redirect"] as const)
      await sender.send(lead(buyer.url(behaviour), { timeoutMs: 250 }));
    expect((await sender.send(lead(buyer.url()))).result).toMatchObject({ status: 200, truncated: false });
  });
});

describe("TLS", () => {
  const secure = (name: string, changes: Partial<PretendBuyerOptions> = {}) =>
    buyerThat({ tls: authority.issue(name), host: name, ...changes });

  test("is verified for the buyer's name, and its connection is kept", async () => {
    const buyer = await secure("buyer.example", { secrets: [SECRET] });
    const sender = senderWith();
    const attempts = [await sender.send(lead(buyer.url())), await sender.send(lead(buyer.url()))];
    expect(attempts.map(({ result }) => result.status)).toEqual([200, 200]);
    expect(buyer.seen.connections).toBe(1);
  });

  test("is verified for a name with the root's full stop, and for an address", async () => {
    const named = await secure("buyer.example", { host: "buyer.example." });
    const bare = await secure("127.0.0.1");
    const sender = senderWith();
    expect((await sender.send(lead(named.url()))).result.status).toBe(200);
    expect((await sender.send(lead(bare.url()))).result.status).toBe(200);
  });

  test("never sends a buyer's lead over the connection of another buyer on the same address", async () => {
    const buyer = await secure("one.example");
    const sender = senderWith();
    expect((await sender.send(lead(buyer.url()))).result.status).toBe(200);
    const other = await sender.send(lead(buyer.url().replace("one.example", "two.example")));
    expect(failureOf(other)).toBe("tls_failure");
    expect(buyer.seen.requests).toBe(1);
  });

  test.each([
    ["another name", () => authority.issue("other.example"), "buyer.example"],
    ["an unknown authority", () => makeAuthority().issue("buyer.example"), "buyer.example"],
    [
      "a time that has passed",
      () => authority.issue("buyer.example", { from: new Date("2020-01-01"), until: new Date("2021-01-01") }),
      "buyer.example",
    ],
    [
      "a time to come",
      () => authority.issue("buyer.example", { from: new Date("2048-01-01"), until: new Date("2049-01-01") }),
      "buyer.example",
    ],
    ["a name, when an address is called", () => authority.issue("buyer.example"), "127.0.0.1"],
  ])("with a certificate for %s is a tls_failure, and nothing is sent", async (_what, issue, host) => {
    const buyer = await buyerThat({ tls: issue(), host });
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    const attempt = await senderWith().send(lead(buyer.url()));
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    expect(failureOf(attempt)).toBe("tls_failure");
    expect(buyer.seen.requests).toBe(0);
  });

  test("with a server that speaks plain HTTP is a tls_failure", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.write("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    toClose.push(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(failureOf(await senderWith().send(lead(`https://buyer.example:${port}/`)))).toBe("tls_failure");
  });

  test("with a server that never ends the handshake is a connect_timeout", async () => {
    const buyer = await buyerThat({ host: "buyer.example" });
    const url = buyer.url().replace("http:", "https:");
    expect(failureOf(await senderWith().send(lead(url, { timeoutMs: 150 })))).toBe("connect_timeout");
    expect(buyer.seen).toMatchObject({ connections: 1, requests: 0 });
  });
});

describe("connecting", () => {
  test("to a port where nobody listens is a connect_failed", async () => {
    const buyer = await startPretendBuyer();
    await buyer.close();
    expect(failureOf(await senderWith().send(lead(buyer.url())))).toBe("connect_failed");
  });

  test("tries the next address of a name when nobody listens on the first", async () => {
    const buyer = await buyerThat({ host: "buyer.example" });
    const sender = senderWith({ resolve: () => Promise.resolve(["127.0.0.2", "127.0.0.1"]) });
    expect((await sender.send(lead(buyer.url()))).result.status).toBe(200);
  });

  test("to a name without an address is a dns_failure", async () => {
    const sender = senderWith({ resolve: () => Promise.reject(new Error("ENOTFOUND")) });
    expect(failureOf(await sender.send(lead("http://nowhere.example/")))).toBe("dns_failure");
  });

  test("to a name whose look-up hangs is a dns_failure when the time is over", async () => {
    const sender = senderWith({ resolve: () => new Promise(() => {}) });
    expect(failureOf(await sender.send(lead("http://slow.example/", { timeoutMs: 50 })))).toBe("dns_failure");
  });

  test("is broken off by its signal, before and during", async () => {
    const buyer = await buyerThat("hang");
    const sender = senderWith();
    const stop = new AbortController();
    const during = sender.send(lead(buyer.url(), { signal: stop.signal }));
    stop.abort();
    const attempts = [await during, await sender.send(lead(buyer.url(), { signal: stop.signal }))];
    expect(attempts.map(failureOf)).toEqual(["interrupted", "interrupted"]);
  });

  test("is over once the sender is closed", async () => {
    const buyer = await buyerThat("accept");
    const sender = senderWith();
    sender.close();
    expect(failureOf(await sender.send(lead(buyer.url())))).toBe("interrupted");
    expect(buyer.seen.connections).toBe(0);
  });
});

describe("a private address", () => {
  test.each([
    "http://127.0.0.1",
    "http://2130706433",
    "http://0x7f.1",
    "http://0x7f000001",
    "http://0177.0.0.1",
    "http://017700000001",
    "http://127.1",
    "http://１２７.0.0.1",
    "http://127。0。0。1",
    "http://%31%32%37.0.0.1",
    "http://0.0.0.0",
    "http://0",
    "http://[::1]",
    "http://[::]",
    "http://[::ffff:127.0.0.1]",
    "http://[::ffff:7f00:1]",
    "http://[::127.0.0.1]",
    "http://[64:ff9b::7f00:1]",
    "http://169.254.169.254",
    "http://127.0.0.1.",
    "https://127.0.0.1",
  ])("is not called when it is written as %s", async (origin) => {
    const buyer = await buyerThat("accept");
    const sender = senderWith({ allowedCidrs: [] });
    expect(failureOf(await sender.send(lead(`${origin}:${buyer.port}/`)))).toBe("refused_address");
    expect(buyer.seen.connections).toBe(0);
  });

  test.each(["localhost", "localhost.", "LOCALHOST"])("is not called by the name of %s", async (name) => {
    const buyer = await buyerThat("accept");
    const sender = createSender({ clock, allowedCidrs: [] });
    toClose.push(sender.close);
    expect(failureOf(await sender.send(lead(`http://${name}:${buyer.port}/`)))).toBe("refused_address");
    expect(buyer.seen.connections).toBe(0);
  });

  test("is not called by a name that was public the first time it was looked up", async () => {
    const buyer = await buyerThat({ host: "rebinding.example" });
    const answers = [["127.0.0.1"], ["127.0.0.2"]];
    const sender = senderWith({
      // The first address stands for a public one: it is the only one allowed.
      allowedCidrs: [{ address: "127.0.0.1", prefix: 32, family: "ipv4" }],
      resolve: () => Promise.resolve(answers.shift() ?? []),
    });
    const dropped = lead(buyer.url("redirect"));
    expect(failureOf(await sender.send(dropped))).toBe("redirect");
    expect(failureOf(await sender.send(dropped))).toBe("refused_address");
    expect(answers).toEqual([]);
    expect(buyer.seen.connections).toBe(1);
  });

  test("is looked up once for each dial, so that what was checked is what is dialled", async () => {
    const buyer = await buyerThat({ host: "rebinding.example" });
    let lookUps = 0;
    const sender = senderWith({
      resolve: () => {
        lookUps += 1;
        return Promise.resolve(lookUps === 1 ? ["127.0.0.1"] : ["10.0.0.1"]);
      },
    });
    expect((await sender.send(lead(buyer.url()))).result.status).toBe(200);
    expect(lookUps).toBe(1);
  });

  test.each([
    "ftp://buyer.example/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "buyer.example",
    "",
    "http://",
    "http://user:password@buyer.example/",
    "http://user@buyer.example/",
  ])("nor anything else is called for the URL %j", async (url) => {
    let lookUps = 0;
    const sender = senderWith({
      resolve: () => {
        lookUps += 1;
        return Promise.resolve(["127.0.0.1"]);
      },
    });
    expect(failureOf(await sender.send(lead(url)))).toBe("refused_address");
    expect(lookUps).toBe(0);
  });
});

describe("the pretend buyer itself", () => {
  test("refuses a signature that does not fit, so that a test with it can fail", async () => {
    const buyer = await buyerThat({ secrets: [makeSecret()] });
    const { result } = await senderWith().send(lead(buyer.url()));
    expect(result).toMatchObject({ kind: "answered", status: 401 });
    expect([buyer.seen.badSignatures, buyer.received.size]).toEqual([1, 0]);
    buyer.trust([SECRET]);
    expect((await senderWith().send(lead(buyer.url()))).result.status).toBe(200);
  });
});
