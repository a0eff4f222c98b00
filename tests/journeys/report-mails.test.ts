import { afterEach, beforeEach, expect, test } from "bun:test";
import { parse } from "csv-parse/sync";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { openMails } from "#delivery/operator-mails.ts";
import type { Mails } from "#handover/mails.ts";
import { sendDueReports } from "#report-mails/report-mails.ts";
import { createLog } from "#telemetry/log.ts";
import { aDocument, aLead, type Leadgate, openLeadgate, testClock } from "../support/leadgate.ts";
import { type MailServer, startMailServer } from "../support/pretend-mail.ts";
import { untilTrue } from "../support/process.ts";
import { deliveryJourneys } from "./delivery-journeys.ts";

const DAILY = {
  id: "daily",
  name: "Yesterday",
  report: "pnl" as const,
  every: "day" as const,
  timezone: "America/New_York",
  to: ["books@company.example", "boss@company.example"],
};

function reporting(...reports: NonNullable<ConfigurationDocument["reports"]>): ConfigurationDocument {
  const others = { second: { status: "paused" as const }, third: { status: "paused" as const } };
  return { ...aDocument({ contracts: others }), reports };
}

/** The file of an e-mail, as rows. */
function fileOf(mail: string): Record<string, string>[] {
  const [, encoded = ""] = /filename=\S+\.csv\r\n(?:[^\r\n]+\r\n)*\r\n([A-Za-z0-9+/=\r\n]+)/.exec(mail) ?? [];
  return parse(Buffer.from(encoded, "base64").toString(), { columns: true });
}

deliveryJourneys("reports by e-mail", (journey) => {
  let mailServer: MailServer;
  let leadgate: Leadgate;
  beforeEach(async () => {
    mailServer = await startMailServer();
    // The server without mail would give up, by the clock of today, what this one is to send.
    journey.leadgate.clock.set("2026-03-06T17:00:00.000Z");
    leadgate = openLeadgate(journey.database, testClock("2026-03-06T17:00:00.000Z"), new Map(), {
      mail: { url: mailServer.url, from: "Leadgate <leads@company.example>" },
    });
  });
  afterEach(() => mailServer.close());

  /** What a server does every half a minute; without `mails`, it leaves them to be sent. */
  function look({ clock }: Leadgate, mails: Mails = openMails(() => undefined)): Promise<void> {
    const { database } = journey;
    const log = createLog({ format: "json", level: "error", write: () => undefined, now: clock.now });
    return sendDueReports({ database, clock, log, mails }, () => false);
  }

  async function written(): Promise<string[]> {
    const { data } = (await leadgate.admin("GET", "/deliveries?event=report.pnl")).body;
    return data.map(({ id }: { id: string }) => id);
  }

  /** Whoever made them was no server: this one finds them the next time that it looks, and no lease ends by that. */
  async function sent(count: number): Promise<void> {
    leadgate.clock.pass(30_000);
    await untilTrue(async () => {
      const { data } = (await leadgate.admin("GET", "/deliveries?event=report.pnl&state=delivered")).body;
      return data.length === count;
    }, "the mails to be sent");
  }

  test("a report goes to each address once, with two servers, when its time has come on its own clock", async () => {
    await leadgate.configure(reporting(DAILY));
    await look(leadgate);
    leadgate.clock.set("2026-03-07T05:30:00.000Z");
    await leadgate.ingest("acme", aLead());
    leadgate.clock.set("2026-03-08T04:30:00.000Z");
    await leadgate.ingest("acme", aLead());
    leadgate.acknowledged.length = 0;
    await look(leadgate);
    // Of the sixth: it was due after the report was written down.
    await sent(2);
    expect(await written()).toHaveLength(2);
    // The clock was put on in the night: seven is an hour earlier than the day before. A minute later it is made.
    leadgate.clock.set("2026-03-08T11:00:59.000Z");
    await look(leadgate);
    expect(await written()).toHaveLength(2);
    leadgate.clock.set("2026-03-08T11:01:00.000Z");
    await Promise.all([look(leadgate), look(leadgate), look(leadgate)]);
    expect(await written()).toHaveLength(4);
    await sent(4);
    expect(mailServer.taken).toHaveLength(4);
    const mails = mailServer.taken.filter(({ text }) => text.includes("Subject: Yesterday: 2026-03-07"));
    expect(mails.flatMap(({ to }) => to).toSorted()).toEqual(DAILY.to.toSorted());
    expect(mails[0]?.text).toContain("filename=daily-2026-03-07.csv");
    // Both leads are of the seventh in New York.
    expect(fileOf(mails[0]?.text ?? "")).toMatchObject([
      { campaign_id: "solar", accepted: "2", revenue: "20.00", payouts: "10.00", profit: "10.00" },
      { campaign_id: "total", revenue: "20.00" },
    ]);
  });

  test("a report is sent by another server when the one that makes it dies, and after days without any the last alone", async () => {
    const { leadgate: offline } = journey;
    await offline.configure(reporting({ ...DAILY, to: ["books@company.example"], campaigns: ["solar"] }));
    await look(offline);
    offline.clock.set("2026-03-07T13:00:00.000Z");
    const dying: Mails = {
      async mail(tx, mails, now) {
        await openMails(() => undefined).mail(tx, mails, now);
        throw new Error("killed");
      },
    };
    await look(offline, dying);
    expect(await written()).toHaveLength(0);
    await look(offline);
    expect(await written()).toHaveLength(1);
    offline.clock.set("2026-03-20T13:00:00.000Z");
    await look(offline);
    await look(offline);
    const [last, first, ...others] = await written();
    expect(others).toEqual([]);
    const bodies = [first, last].map(
      async (id) => (await offline.admin("GET", `/deliveries/${id}`)).body.data.body,
    );
    expect((await Promise.all(bodies)).map((body) => /2026-\d\d-\d\d/.exec(body)?.[0])).toEqual([
      "2026-03-06",
      "2026-03-19",
    ]);
  });

  test("a report that is paused is not sent, nor made up for when it is active again", async () => {
    const { leadgate: offline } = journey;
    await offline.configure(reporting({ ...DAILY, status: "paused" }));
    await look(offline);
    offline.clock.set("2026-03-07T13:00:00.000Z");
    await look(offline);
    const { status } = await offline.admin("PATCH", "/scheduled-reports/daily", { status: "active" });
    expect(status).toBe(200);
    await look(offline);
    expect(await written()).toHaveLength(0);
    offline.clock.set("2026-03-08T13:00:00.000Z");
    await look(offline);
    expect(await written()).toHaveLength(2);
  });

  test("a report of campaigns that are not there, at no time or to nobody is refused, and one without mail is warned of", async () => {
    const flaws = async (over: object) => {
      const { body } = await journey.leadgate.admin("PUT", "/config", {
        ...reporting(),
        reports: [{ ...DAILY, ...over }],
      });
      return (body.field_errors ?? []).map(({ field }: { field: string }) => field);
    };
    expect(await flaws({ at: "7:00" })).toEqual(["reports[daily].at"]);
    expect(await flaws({ to: [] })).toEqual(["reports[daily].to"]);
    expect(await flaws({ to: ["a@b.example", "a@b.example"] })).toEqual(["reports[daily].to[1]"]);
    expect(await flaws({ campaigns: ["wind"] })).toEqual(["reports[daily].campaigns[0]"]);
    expect(await flaws({ group_by: ["phone"] })).toEqual(["reports[daily].group_by[0]"]);
    const planned = await journey.leadgate.admin("POST", "/config/plan", reporting(DAILY));
    expect(planned.body.data.warnings).toContainEqual(
      expect.objectContaining({ path: "reports[daily].to", code: "mail_not_set_up" }),
    );
    const withMail = await leadgate.admin("POST", "/config/plan", reporting(DAILY));
    expect(JSON.stringify(withMail.body.data.warnings)).not.toContain("mail_not_set_up");
  });
});
