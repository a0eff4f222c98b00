import { afterEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { Attempt } from "#delivery/transport/answer.ts";
import { createMailer, type OutgoingMail } from "#delivery/transport/mail.ts";
import type { Clock } from "#time/clock.ts";
import { makeAuthority } from "../../support/certificates.ts";

const NOW = new Date("2026-03-01T12:00:00Z");
const clock: Clock = { now: () => NOW, elapsedMs: () => performance.now(), after: () => () => {} };
const authority = makeAuthority();

const toClose: (() => void)[] = [];
afterEach(() => {
  for (const close of toClose.splice(0)) close();
});

interface Taken {
  readonly from: string;
  readonly to: string[];
  readonly text: string;
  readonly secure: boolean;
  readonly user: unknown;
}

/** A mail server on this machine, and what it has taken. Without a certificate it offers no TLS. */
async function mailServer(options: SMTPServerOptions = {}) {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    ...(options.cert ? {} : { disabledCommands: ["STARTTLS"] }),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString("utf8"),
          secure: session.secure,
          user: session.user,
        });
        done(null);
      });
    },
    ...options,
  });
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  toClose.push(() => server.close());
  return { taken, port: (server.server.address() as AddressInfo).port };
}

function send(url: string, changes: Partial<OutgoingMail> = {}): Promise<Attempt> {
  const mailer = createMailer({
    clock,
    url,
    from: "Leads <leads@company.example>",
    authorities: [authority.cert],
  });
  return mailer.send({
    id: "delivery_1",
    to: ["sales@buyer.example"],
    subject: "New lead: Zoë",
    body: "first_name: Zoe\nstate: TX",
    format: "text",
    timeoutMs: 5_000,
    ...changes,
  });
}

function refusal(responseCode: number): Error {
  return Object.assign(new Error("no"), { responseCode });
}

function failureOf({ result }: Attempt): unknown {
  return result.kind === "failed" ? result.failure : result;
}

describe("an e-mail", () => {
  test("arrives with its sender, subject, body, and the same Message-ID on each attempt", async () => {
    const { taken, port } = await mailServer();
    const attempts = [await send(`smtp://127.0.0.1:${port}`), await send(`smtp://127.0.0.1:${port}`)];
    expect(attempts[0]).toEqual({
      startedAt: NOW,
      durationMs: expect.any(Number),
      result: {
        kind: "answered",
        status: 250,
        contentType: null,
        retryAfterSeconds: null,
        body: expect.stringMatching(/^250 /),
        truncated: false,
      },
    });
    expect(taken).toHaveLength(2);
    for (const { from, to, text } of taken) {
      expect([from, to]).toEqual(["leads@company.example", ["sales@buyer.example"]]);
      expect(text).toContain("From: Leads <leads@company.example>");
      expect(text).toContain("Subject: =?UTF-8?");
      expect(text).toContain("Message-ID: <delivery_1@company.example>");
      expect(text).toContain("Auto-Submitted: auto-generated");
      expect(text).toContain("first_name: Zoe\r\nstate: TX");
    }
  });

  test("is HTML when it is said to be", async () => {
    const { taken, port } = await mailServer();
    await send(`smtp://127.0.0.1:${port}`, { body: "<b>Zoe</b>", format: "html" });
    expect(taken[0]?.text).toContain("Content-Type: text/html");
  });

  test("takes no headers, recipients or files out of what a lead says", async () => {
    const { taken, port } = await mailServer();
    await send(`smtp://127.0.0.1:${port}`, {
      subject: "a\r\nBcc: spy@evil.example",
      body: "\r\n.\r\nMAIL FROM:<x@evil.example>\r\nfile:///etc/passwd",
    });
    expect(taken).toHaveLength(1);
    expect(taken[0]?.to).toEqual(["sales@buyer.example"]);
    expect(taken[0]?.text).not.toMatch(/^Bcc:/m);
  });

  test("goes over TLS where it is offered, and with a password", async () => {
    const { taken, port } = await mailServer({
      ...authority.issue("127.0.0.1"),
      onAuth: ({ username, password }, _session, done) =>
        password === "pass word" ? done(null, { user: username }) : done(new Error("no")),
    });
    await send(`smtp://leads:pass%20word@127.0.0.1:${port}`);
    expect(taken).toMatchObject([{ secure: true, user: "leads" }]);
  });

  test("goes over TLS from the start to an smtps server", async () => {
    const { taken, port } = await mailServer({ ...authority.issue("127.0.0.1"), secure: true });
    await send(`smtps://127.0.0.1:${port}`);
    expect(taken).toMatchObject([{ secure: true }]);
  });

  test("is taken when the server takes it for one of several recipients", async () => {
    const { taken, port } = await mailServer({
      onRcptTo: ({ address }, _session, done) => done(address.startsWith("gone") ? refusal(550) : null),
    });
    const { result } = await send(`smtp://127.0.0.1:${port}`, {
      to: ["gone@buyer.example", "sales@buyer.example"],
    });
    expect(result).toMatchObject({ kind: "answered", status: 250 });
    expect(taken[0]?.to).toEqual(["sales@buyer.example"]);
  });
});

describe("a mail server", () => {
  test.each([
    [450, "mail_deferred"],
    [452, "mail_deferred"],
    [550, "mail_refused"],
    [554, "mail_refused"],
  ])("that answers a recipient with %d → %s", async (status, kind) => {
    const { port } = await mailServer({ onRcptTo: (_address, _session, done) => done(refusal(status)) });
    const attempt = await send(`smtp://127.0.0.1:${port}`);
    expect(failureOf(attempt)).toEqual({ kind, status });
    expect(attempt.result.status).toBe(status);
  });

  test.each([
    [451, "mail_deferred"],
    [552, "mail_refused"],
  ])("that answers the message with %d → %s", async (status, kind) => {
    const { port } = await mailServer({
      onData(stream, _session, done) {
        stream.on("end", () => done(refusal(status))).resume();
      },
    });
    expect(failureOf(await send(`smtp://127.0.0.1:${port}`))).toEqual({ kind, status });
  });

  test("that refuses our password may be asked again, since that can be set right", async () => {
    const { port } = await mailServer({
      ...authority.issue("127.0.0.1"),
      onAuth: (_auth, _session, done) => done(refusal(535)),
    });
    expect(failureOf(await send(`smtp://leads:wrong@127.0.0.1:${port}`))).toEqual({
      kind: "mail_deferred",
      status: 535,
    });
  });

  test("that offers no TLS is not given the password", async () => {
    const seen: string[] = [];
    const { taken, port } = await mailServer({
      onAuth: ({ username = "" }, _session, done) => {
        seen.push(username);
        done(null, { user: username });
      },
    });
    const attempt = await send(`smtp://leads:secret@127.0.0.1:${port}`);
    expect(attempt.result.kind).toBe("failed");
    expect([seen, taken]).toEqual([[], []]);
  });

  test.each(["smtp", "smtps"])(
    "whose certificate over %s is not trusted is a tls_failure",
    async (scheme) => {
      const { taken, port } = await mailServer({
        ...makeAuthority().issue("127.0.0.1"),
        secure: scheme === "smtps",
      });
      expect(failureOf(await send(`${scheme}://127.0.0.1:${port}`))).toEqual({ kind: "tls_failure" });
      expect(taken).toEqual([]);
    },
  );

  test.each([
    ["says nothing", () => {}, "timeout"],
    ["hangs up", (socket: { destroy(): void }) => socket.destroy(), "reset"],
    ["resets", (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy(), "reset"],
    [
      "speaks something else",
      (socket: { write(text: string): void }) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"),
      "bad_answer",
    ],
  ])("that %s", async (_what, greet, kind) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      toClose.push(() => socket.destroy());
      greet(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    toClose.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    // Only who says nothing is waited for to the end.
    const timeoutMs = kind === "timeout" ? 250 : 30_000;
    const attempt = await send(`smtp://127.0.0.1:${port}`, { timeoutMs });
    expect(failureOf(attempt)).toEqual({ kind });
  });

  test("is given no command in place of an address", async () => {
    const { port, taken } = await mailServer();
    const attempt = await send(`smtp://127.0.0.1:${port}`, {
      to: ["<a@b.example>\r\nRCPT TO:<c@d.example>"],
    });
    expect(attempt.result.kind).toBe("failed");
    expect(taken).toEqual([]);
  });

  test("is not asked for a message to nobody", async () => {
    const { port, taken } = await mailServer();
    const attempt = await send(`smtp://127.0.0.1:${port}`, { to: [] });
    expect(failureOf(attempt)).toEqual({ kind: "refused_address" });
    expect(taken).toEqual([]);
  });

  test("where nobody listens is a connect_failed", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await new Promise((closed) => server.close(closed));
    for (const scheme of ["smtp", "smtps"])
      expect(failureOf(await send(`${scheme}://127.0.0.1:${port}`))).toEqual({ kind: "connect_failed" });
  });

  test("is left when the signal says so", async () => {
    const { port, taken } = await mailServer();
    const attempt = await send(`smtp://127.0.0.1:${port}`, { signal: AbortSignal.abort() });
    expect(failureOf(attempt)).toEqual({ kind: "interrupted" });
    expect(taken).toEqual([]);
  });
});
