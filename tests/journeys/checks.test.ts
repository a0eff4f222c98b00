import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { forgetOldChecks } from "#delivery/checks/checking-records.ts";
import { newUuid } from "#text/ids.ts";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import { arrivals, deliveryJourneys, rowsOf, startPensiveBuyer, webhookTo } from "./delivery-journeys.ts";

type Campaign = NonNullable<NonNullable<Parameters<typeof aDocument>[0]>["campaign"]>;
type Check = NonNullable<Campaign["checks"]>[number];

async function evidenceOf(leadgate: Leadgate, id: string) {
  return (await leadgate.admin("GET", `/leads/${id}/evidence`)).body.data;
}

deliveryJourneys("a lead about which others are asked", (journey) => {
  async function ask(check: Partial<Check> & { url: string }, over: Parameters<typeof aDocument>[0] = {}) {
    const checks = [{ id: "phone", ...check }];
    await journey.leadgate.configure(aDocument({ ...over, campaign: { checks, ...over.campaign } }));
  }
  const send = () => journey.leadgate.ingest("acme", aLead());

  test("is refused by a no, sold after a yes, and its buyer is told what was found; the token is shown to nobody", async () => {
    const { leadgate } = journey;
    const [service, buyer] = [await journey.buyer(), await journey.buyer()];
    const url = `${service.url()}?token=URLSECRET1&tel={phone|digits}`;
    const check = {
      url,
      method: "GET" as const,
      headers: { authorization: "Bearer HEADERSECRET1" },
      response_rules: [
        { when: { json_path: "$.status", equals: "accepted" }, outcome: "accepted" as const },
        { when: { status: "2xx" as const }, outcome: "rejected" as const },
      ],
      values: { grade: "$.reference" },
    };
    const template = { grade: "{check.phone.grade}", phone: "{phone}" };
    const buyers = { first: webhookTo(buyer, { template }) };
    const contracts = { first: { filters: { field: "check.phone.grade", op: "eq" as const, value: "r-1" } } };
    await ask(check, { buyers, contracts });
    const sold = await send();
    expect([sold.status, sold.body.data.buyer_id]).toEqual([201, "first"]);
    const [arrived] = await arrivals(buyer, 1);
    expect(JSON.parse(arrived?.bodies[0] ?? "").grade).toBe("R-1");
    const asked = [...service.received.values()][0];
    expect(asked?.headers["authorization"]).toBe("Bearer HEADERSECRET1");
    expect(asked?.path).toContain("token=URLSECRET1&tel=1512");
    const evidence = await evidenceOf(leadgate, sold.body.data.id);
    expect(evidence.checks).toMatchObject([
      { id: "phone", verdict: "passed", values: { grade: "R-1" }, status: 200, request: { method: "GET" } },
    ]);
    service.behave("reject-json");
    const refused = await send();
    expect([refused.status, refused.body.error, refused.body.filter_errors[0].rule]).toEqual([
      422,
      "filtered",
      "check.phone",
    ]);
    const shown = JSON.stringify([
      evidence,
      (await leadgate.admin("GET", "/config")).body,
      (await leadgate.admin("GET", "/history")).body,
      (await leadgate.admin("GET", "/campaigns/solar")).body,
      await rowsOf(journey.database as never, sql`select definition::text from campaigns`).catch(() => []),
    ]);
    expect(shown).toContain("***");
    expect(shown).not.toMatch(/URLSECRET1|HEADERSECRET1/);
    // The document as it is shown keeps what is there.
    const exported = (await leadgate.admin("GET", "/config")).body;
    expect((await leadgate.admin("PUT", "/config", exported)).body.data.changes).toEqual([]);
  });

  test.each([
    ["hang", "timed out"],
    ["fail", "http status"],
    ["garbage", "unreadable"],
    ["huge-body", "unreadable"],
  ] as const)("has no verdict from who %s, and goes by on_error", async (behaviour, why) => {
    const service = await journey.buyer({ behaviour });
    for (const [on_error, status] of [
      ["pass", 201],
      ["reject", 422],
      ["hold", 202],
    ] as const) {
      await ask({ url: service.url(), timeout_ms: 100, on_error });
      const { status: answered, body } = await send();
      expect([on_error, answered]).toEqual([on_error, status]);
      const { trace } = (await journey.leadgate.admin("GET", `/leads/${body.data.id}`)).body.data;
      const line = trace.find(({ check }: { check: string }) => check === "checks");
      expect(line.detail.failed).toEqual([`phone (${why})`]);
      expect(journey.leadgate.logged.join("")).toContain("a check has no verdict on leads");
      journey.leadgate.acknowledged.length = 0;
    }
  });

  test("is asked about as the configuration says since the last change, on every server, and by nobody asked before", async () => {
    const { leadgate } = journey;
    const [former, service] = [await journey.buyer(), await journey.buyer()];
    const other = leadgate.another();
    const sendTo = (server: Leadgate) => server.ingest("acme", aLead());
    const asked = () =>
      [former, service].map(({ received }) => [...received.values()].flatMap(({ bodies }) => bodies).length);
    await ask({ url: former.url() });
    for (const server of [leadgate, other]) expect((await sendTo(server)).status).toBe(201);
    expect(asked()).toEqual([2, 0]);

    service.behave("reject-json");
    const rules = [{ when: { json_path: "$.status", equals: "rejected" }, outcome: "rejected" as const }];
    await ask({ url: service.url(), response_rules: rules });
    for (const server of [leadgate, other]) expect((await sendTo(server)).status).toBe(422);
    expect(asked()).toEqual([2, 2]);

    await leadgate.configure(aDocument());
    for (const server of [leadgate, other]) expect((await sendTo(server)).status).toBe(201);
    expect(asked()).toEqual([2, 2]);
  });

  test("costs one question for the same thing while the answer is remembered, and is asked anew when its person was forgotten", async () => {
    const { leadgate } = journey;
    const service = await journey.buyer();
    await ask(
      { url: service.url(), template: { tel: "{phone}" }, cache_days: 2 },
      { campaign: { duplicates: { fields: ["email"] } } },
    );
    const [one, other] = [aLead(), aLead()];
    const first = (await leadgate.ingest("acme", one)).body.data.id;
    const again = (await leadgate.ingest("acme", { ...other, phone: one["phone"] })).body.data.id;
    expect(service.seen.requests).toBe(1);
    expect((await evidenceOf(leadgate, again)).checks[0]).toMatchObject({
      verdict: "passed",
      from_earlier: true,
    });
    await leadgate.admin("POST", "/erasures", { phone: one["phone"] });
    await untilTrue(
      async () => (await leadgate.admin("GET", `/leads/${first}`)).body.data.erased_at !== null,
      "the person to be forgotten",
    );
    expect((await evidenceOf(leadgate, first)).checks).toEqual([]);
    await leadgate.ingest("acme", aLead({ phone: one["phone"] }));
    expect(service.seen.requests).toBe(2);
    leadgate.acknowledged.length = 0;
  });

  test("is asked about by itself while an answer is remembered that was about another", async () => {
    const service = await journey.buyer();
    const accepted = { when: { json_path: "$.status", equals: "accepted" }, outcome: "accepted" as const };
    const response_rules = [accepted, { when: { status: "2xx" as const }, outcome: "rejected" as const }];
    await ask({ url: service.url(), template: { tel: "{phone}" }, cache_days: 2, response_rules });
    expect((await send()).status).toBe(201);
    service.behave("reject-json");
    const { status, body } = await send();
    expect([status, body.error, service.seen.requests]).toEqual([422, "filtered", 2]);
  });

  test("is asked about anew once answers are read otherwise, or remembered for less long", async () => {
    const { leadgate } = journey;
    const service = await journey.buyer();
    const check = { url: service.url(), template: { tel: "{phone}" }, cache_days: 30 };
    const lead = () => aLead({ phone: "5125550188" });
    const askedFor = async (how: Pick<Check, "values" | "cache_days">) => {
      await ask({ ...check, ...how }, { campaign: { duplicates: { fields: ["email"] } } });
      const { status, body } = await leadgate.ingest("acme", lead());
      return [status, service.seen.requests, (await evidenceOf(leadgate, body.data.id)).checks[0].values];
    };
    expect(await askedFor({})).toEqual([201, 1, {}]);
    const values = { grade: "$.reference" };
    expect(await askedFor({ values })).toEqual([201, 2, { grade: "R-1" }]);
    leadgate.clock.pass(2 * 86_400_000);
    expect(await askedFor({ values })).toEqual([201, 2, { grade: "R-1" }]);
    expect(await askedFor({ values, cache_days: 1 })).toEqual([201, 3, { grade: "R-1" }]);
    const refusing = { when: { status: "2xx" as const }, outcome: "rejected" as const };
    await ask({ ...check, response_rules: [refusing] }, { campaign: { duplicates: { fields: ["email"] } } });
    expect((await leadgate.ingest("acme", lead())).status).toBe(422);
  });

  test("leaves no answer behind that is remembered for longer if it never goes on record", async () => {
    const { leadgate, database } = journey;
    const service = await journey.buyer();
    await ask({ url: service.url(), template: { tel: "{phone}" }, cache_days: 365 });
    const lead = aLead();
    const key = { "idempotency-key": "sent twice" };
    await Promise.all([leadgate.ingest("acme", lead, key), leadgate.ingest("acme", lead, key)]);
    await send();
    // As if the one that is not on record had been the last to be answered.
    await database.write((tx) =>
      tx.execute(
        sql`update check_answers set lead_id = ${newUuid()}::uuid where answer::text like ${`%${lead["phone"]}%`}`,
      ),
    );
    const after = async (ms: number) => {
      await database.write((tx) => forgetOldChecks(tx, new Date(Date.now() + ms)));
      return (await database.read((db) => rowsOf(db, sql`select key from check_answers`))).length;
    };
    expect([await after(1_800_000), await after(7_200_000)]).toEqual([2, 1]);
  });

  test("is asked about so often in a day and no more, and not at all while all of it fails", async () => {
    const { leadgate } = journey;
    const service = await journey.buyer();
    await ask({ url: service.url(), per_day: 2, on_error: "reject" });
    const statuses = (await Promise.all([send(), send(), send()])).map(({ status }) => status);
    expect(statuses.toSorted((one, other) => one - other)).toEqual([201, 201, 422]);
    leadgate.clock.pass(86_400_000);
    expect((await send()).status).toBe(201);
    const down = await journey.buyer({ behaviour: "fail" });
    await ask({ url: down.url() });
    for (let sent = 0; sent < 12; sent += 1) await send();
    expect(down.seen.requests).toBe(10);
  });

  test("is neither asked about nor decided otherwise when it is sent again by the same key, or only tried out", async () => {
    const { leadgate } = journey;
    const service = await journey.buyer();
    await ask({ url: service.url() });
    const lead = aLead();
    const first = await leadgate.ingest("acme", lead, { "idempotency-key": "k" });
    const again = await leadgate.ingest("acme", lead, { "idempotency-key": "k" });
    expect(again.body).toEqual(first.body);
    const headers = { "x-api-key": leadgate.keyOf("acme"), "content-type": "application/json" };
    const path = "/api/v1/ingest?dry_run=true";
    const tried = await leadgate.call("POST", path, { headers, body: JSON.stringify(aLead()) });
    expect([
      tried.status,
      tried.body.trace.find(({ check }: { check: string }) => check === "checks").detail,
    ]).toEqual([201, { not_asked: ["phone"] }]);
    expect(service.seen.requests).toBe(1);
  });

  test("waits in no lane and on no record while it is asked about, and is decided by the configuration of then", async () => {
    const { leadgate } = journey;
    await using service = startPensiveBuyer();
    await ask({ url: service.url(), timeout_ms: 10_000 }, { campaign: { check_budget_ms: 30_000 } });
    const sent = send();
    await service.asked;
    expect((await leadgate.admin("GET", "/leads")).body.data).toEqual([]);
    const paused = { id: "phone", url: service.url(), timeout_ms: 10_000 };
    const contracts = { first: { status: "paused" as const } };
    await leadgate.configure(aDocument({ contracts, campaign: { checks: [paused] } }));
    service.answer("accepted");
    expect((await sent).body.data.buyer_id).toBe("second");
    expect(service.requests()).toBe(1);
  });
});
