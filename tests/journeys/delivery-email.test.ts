import { afterEach, beforeEach, expect, test } from "bun:test";
import { openLeadgate } from "../support/leadgate.ts";
import { type MailServer, startMailServer } from "../support/pretend-mail.ts";
import { untilTrue } from "../support/process.ts";
import { delivering, deliveryJourneys, deliveryOf, liveClock, send } from "./delivery-journeys.ts";

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

  /** In the place of the server without mail, which would give up what this one is to send. */
  async function openWithMail() {
    await journey.leadgate.server.stop();
    const mail = { url: mailServer.url, from: "Leads <leads@company.example>" };
    return openLeadgate(journey.database, liveClock(), new Map(), { mail });
  }

  test("a lead that goes out by e-mail reaches every address once, and its id is that of the delivery", async () => {
    const leadgate = await openWithMail();
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
    const leadgate = await openWithMail();
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
    const withMail = await openWithMail();
    withMail.clock.pass(75_000);
    await deliveryOf(withMail, lead.id, "delivered");
    expect(mailServer.taken).toHaveLength(1);
  });
});
