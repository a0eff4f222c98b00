import { afterEach, beforeEach, expect, test } from "bun:test";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { openLeadgate } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import { delivering, deliveryJourneys, deliveryOf, liveClock, send } from "./delivery-journeys.ts";

interface Mail {
  readonly to: string[];
  readonly text: string;
}

/** A mail server on this machine. It takes what comes, or answers with `refusal`. */
interface MailServer {
  readonly url: string;
  readonly taken: Mail[];
  refusal: { code: number; times: number } | null;
  close(): void;
}

async function startMailServer(): Promise<MailServer> {
  const taken: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    onRcptTo(_address, _session, done) {
      const refusal = mailServer.refusal;
      if (refusal === null || refusal.times === 0) return done();
      refusal.times -= 1;
      done(Object.assign(new Error("Not now"), { responseCode: refusal.code }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        taken.push({ to, text: Buffer.concat(chunks).toString("utf8") });
        done(null);
      });
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  const mailServer: MailServer = {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    refusal: null,
    close: () => server.close(),
  };
  return mailServer;
}

deliveryJourneys("delivery by e-mail", (journey) => {
  let mailServer: MailServer;
  beforeEach(async () => {
    mailServer = await startMailServer();
  });
  afterEach(() => mailServer.close());

  const document = delivering({
    first: {
      delivery: {
        method: "email",
        to: ["sales@buyer.example", "desk@buyer.example"],
        subject: "Lead from {state}",
        retry_schedule: [60],
      },
    },
  });

  const openWithMail = () =>
    openLeadgate(journey.database, liveClock(), new Map(), {
      mail: { url: mailServer.url, from: "Leads <leads@company.example>" },
    });

  test("a lead that goes out by e-mail reaches every address once, and its id is that of the delivery", async () => {
    const leadgate = openWithMail();
    await leadgate.configure(document);
    const lead = await send(leadgate);
    const delivery = await deliveryOf(leadgate, lead.id, "delivered");
    expect(delivery.attempts).toMatchObject([{ number: 1, http_status: 250, failure: null }]);
    expect(mailServer.taken).toHaveLength(1);
    const [mail] = mailServer.taken;
    expect(mail?.to).toEqual(["sales@buyer.example", "desk@buyer.example"]);
    expect(mail?.text).toContain("Subject: Lead from TX");
    expect(mail?.text).toContain(`Message-ID: <${delivery.id}@company.example>`);
    expect(mail?.text).toContain(`Lead: ${lead.id}`);
    expect(mail?.text).toContain("First name: Ada");
    expect(mail?.text).toMatch(/Content-Type: multipart\/alternative/);
    expect(mail?.text).toContain("<th align");
    expect(mail?.text).toMatch(/^Reply-To: \S+@\S+$/m);
  });

  test("a lead that goes out by e-mail is tried again when the mail server says later, and given up when it says never", async () => {
    const leadgate = openWithMail();
    await leadgate.configure(document);
    mailServer.refusal = { code: 451, times: 2 };
    const deferred = await send(leadgate);
    await untilTrue(async () => {
      const { body } = await leadgate.admin("GET", `/deliveries?lead=${deferred.id}`);
      return body.data[0].last_failure === "mail_deferred";
    }, "the mail to be deferred");
    leadgate.clock.pass(75_000);
    await deliveryOf(leadgate, deferred.id, "delivered");
    mailServer.refusal = { code: 550, times: 2 };
    const refused = await send(leadgate);
    const dead = await deliveryOf(leadgate, refused.id, "dead");
    expect(dead).toMatchObject({ attempt_count: 1, last_failure: "mail_refused" });
    expect(mailServer.taken).toHaveLength(1);
  });

  test("a lead that goes out by e-mail waits where no mail server is set", async () => {
    const { leadgate } = journey;
    await leadgate.configure(document);
    const lead = await send(leadgate);
    await untilTrue(async () => {
      const { body } = await leadgate.admin("GET", `/deliveries?lead=${lead.id}`);
      return body.data[0].last_failure === "no_endpoint";
    }, "the mail to fail");
    const withMail = openWithMail();
    withMail.clock.pass(75_000);
    await deliveryOf(withMail, lead.id, "delivered");
    expect(mailServer.taken).toHaveLength(1);
  });
});
