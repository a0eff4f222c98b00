import { expect, test } from "bun:test";
import { arrivals, delivering, deliveryJourneys, send, webhookTo } from "../journeys/delivery-journeys.ts";
import { journeys } from "../journeys/journeys.ts";
import { aDocument, aLead, type Leadgate, OPERATOR_KEY, type Reply } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";

/** Calls the buyers' routes by a new key of this buyer. */
async function asBuyer(leadgate: Leadgate, buyer: string) {
  const made = await leadgate.admin("POST", `/buyers/${buyer}/keys`, {});
  expect(made.status).toBe(201);
  const key: string = made.body.data.key;
  const call = (method: string, path: string, body?: unknown): Promise<Reply> =>
    leadgate.call(method, `/api/v1/buyer${path}`, {
      headers: { "x-api-key": key, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { key, id: made.body.data.id as string, call };
}

/** Each lead is sold to `first` and `second`. */
function shared(buyers: NonNullable<Parameters<typeof aDocument>[0]>["buyers"] = {}) {
  return aDocument({ campaign: { max_sells: 2 }, buyers });
}

const ROUTES = [
  ["GET", ""],
  ["GET", "/leads"],
  ["GET", "/leads/lead_01k6a1npq7f9gtqf2hs6zkdsn4"],
  ["GET", "/deliveries"],
  ["POST", "/deliveries/delivery_01k6a1npq7f9gtqf2hs6zkdsn4/redeliver"],
  ["GET", "/balance"],
  ["GET", "/statement?month=2026-01"],
  ["GET", "/invoices"],
  ["GET", "/report"],
  ["GET", "/usage"],
  ["GET", "/endpoint"],
  ["POST", "/endpoint/test"],
  ["POST", "/pause"],
  ["POST", "/resume"],
  ["PUT", "/caps"],
] as const;

journeys("buyers' routes", (journey) => {
  test("buyers' routes are open to a buyer's key alone", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { key, id, call } = await asBuyer(leadgate, "first");
    const ask = async (headers: Record<string, string>) => {
      const answers: [number, string][] = [];
      for (const [method, path] of ROUTES) {
        const { status, body } = await leadgate.call(method, `/api/v1/buyer${path}`, { headers });
        answers.push([status, body.error]);
        leadgate.clock.pass(1_000);
      }
      return new Set(answers.map(String));
    };
    expect(await ask({})).toEqual(new Set(["401,unauthorized"]));
    expect(await ask({ "x-api-key": OPERATOR_KEY })).toEqual(new Set(["401,unauthorized"]));
    expect(await ask({ authorization: `Bearer ${OPERATOR_KEY}` })).toEqual(new Set(["401,unauthorized"]));
    expect(await ask({ "x-api-key": leadgate.keyOf("acme") })).toEqual(new Set(["403,forbidden"]));
    expect((await call("GET", "")).status).toBe(200);
    for (const path of ["/api/v1/ingest", "/api/v1/ping"]) {
      expect((await leadgate.call("POST", path, { headers: { "x-api-key": key } })).status).toBe(403);
    }
    expect(
      (await leadgate.admin("GET", "/config", undefined, { authorization: `Bearer ${key}` })).status,
    ).toBe(401);
    await leadgate.admin("DELETE", `/buyers/first/keys/${id}`);
    expect(await ask({ "x-api-key": key })).toEqual(new Set(["401,unauthorized"]));
  });

  test("buyers' routes answer who calls too often with 429, whichever of them it is", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { call } = await asBuyer(leadgate, "first");
    const statuses: number[] = [];
    for (let each = 0; each < 12; each++) {
      statuses.push((await call("GET", each % 2 === 0 ? "/balance" : "/leads")).status);
    }
    expect(statuses).toEqual([...Array(10).fill(200), 429, 429]);
    expect((await call("GET", "")).headers.get("retry-after")).toBe("1");
  });

  test("a buyer sees the leads that it bought, at its own price and with the sale's status, and nothing of anybody else", async () => {
    const { leadgate } = journey;
    await leadgate.configure(shared());
    const leads: string[] = [];
    for (let each = 0; each < 3; each++) {
      leads.unshift((await leadgate.ingest("acme", aLead({ roof_age: 12 }))).body.data.id);
      leadgate.clock.pass(1_000);
    }
    const { call } = await asBuyer(leadgate, "second");
    const all = await call("GET", "/leads");
    expect(all.body.data.map(({ lead_id }: { lead_id: string }) => lead_id)).toEqual(leads);
    const [newest] = all.body.data;
    expect(newest).toEqual({
      lead_id: leads[0],
      sale_id: expect.stringMatching(/^sale_/),
      campaign_id: "solar",
      status: "sold",
      price: "20.00",
      currency: "USD",
      is_test: false,
      sold_at: "2026-01-13T17:00:02.000Z",
      erased_at: null,
      fields: expect.objectContaining({ first_name: "Ada", state: "TX", roof_age: 12 }),
    });
    expect(JSON.stringify(all.body)).not.toMatch(/acme|first"|third|payout|5\.00|10\.00/);
    const page = await call("GET", "/leads?limit=2");
    const rest = await call("GET", `/leads?limit=2&cursor=${page.body.next_cursor}`);
    expect([...page.body.data, ...rest.body.data]).toEqual(all.body.data);
    const since = "2026-01-13T17:00:01Z";
    expect((await call("GET", `/leads?since=${since}`)).body.data).toHaveLength(2);
    expect((await call("GET", `/leads?since=${since}&until=2026-01-13T17:00:02Z`)).body.data).toHaveLength(1);
    leadgate.clock.pass(1_000);
    expect((await call("GET", "/leads?status=returned")).body.data).toEqual([]);
    expect((await call("GET", "/leads?buyer=first")).body.field_errors).toMatchObject([{ field: "buyer" }]);
    expect((await call("GET", `/leads/${leads[1]}`)).body.data).toMatchObject({
      lead_id: leads[1],
      sent: null,
    });
  });

  test("a buyer reads its own statement and invoices, and nothing there of a supplier or payout", async () => {
    const { leadgate } = journey;
    leadgate.clock.set("2026-01-31T17:00:00.000Z");
    await leadgate.configure(shared());
    await leadgate.ingest("acme", aLead());
    await leadgate.admin("POST", "/buyers/second/deposits", { amount: "5.00", reference: "wire 1" });
    leadgate.clock.set("2026-02-02T17:00:00.000Z");
    for (const buyer of ["first", "second"]) {
      const issued = await leadgate.admin("POST", `/buyers/${buyer}/invoices`, { month: "2026-01" });
      expect(issued.status).toBe(201);
    }
    const { call } = await asBuyer(leadgate, "second");
    const asked = "/statement?month=2026-01&lines=sale";
    const { status, body } = await call("GET", asked);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      buyer_id: "second",
      opening_balance: "0.00",
      closing_balance: "-15.00",
    });
    expect(body.data.lines.map(({ kind, amount }: Record<string, string>) => [kind, amount])).toEqual([
      ["sale", "-20.00"],
      ["payment", "5.00"],
    ]);
    const texts = await Promise.all(
      ["csv", "html"].map((format) => call("GET", `${asked}&format=${format}`)),
    );
    const invoices = (await call("GET", "/invoices?status=open")).body;
    expect(invoices.data).toMatchObject([{ number: 2, buyer_id: "second", total: "20.00", status: "open" }]);
    expect(JSON.stringify([body, invoices, texts])).not.toMatch(/acme|first|third|payout|supplier|10\.00/);
    expect((await call("GET", "/invoices?buyer=first")).status).toBe(400);
    leadgate.clock.pass(2_000);
    expect((await call("GET", "/statement")).body.field_errors).toMatchObject([{ field: "month" }]);
    expect((await leadgate.admin("GET", "/invoices/1")).body.data).toMatchObject({ buyer_id: "first" });
    expect((await leadgate.admin("GET", "/invoices/3")).status).toBe(404);
  });

  test("a buyer finds no lead, list entry or delivery that is another's", async () => {
    const { leadgate } = journey;
    await leadgate.configure(shared());
    const { id } = (await leadgate.ingest("acme", aLead())).body.data;
    const { call } = await asBuyer(leadgate, "third");
    expect((await call("GET", `/leads/${id}`)).status).toBe(404);
    expect((await call("GET", "/leads/nonsense")).status).toBe(404);
    for (const path of ["/leads", "/deliveries", `/deliveries?lead=${id}`]) {
      expect((await call("GET", path)).body).toEqual({ data: [], next_cursor: null });
    }
  });

  test("a buyer sees the balance that its operator sees", async () => {
    const { leadgate } = journey;
    await leadgate.configure(shared({ first: { billing: { mode: "credit", limit: "100.00" } } }));
    await leadgate.ingest("acme", aLead());
    const { call } = await asBuyer(leadgate, "first");
    const { data: own } = (await call("GET", "/balance")).body;
    const { data } = (await leadgate.admin("GET", "/buyers/first/balance")).body;
    const { billing, balance, credit_limit, currency, balances } = data;
    expect(own).toEqual({ billing, balance, credit_limit, currency, balances });
    expect(own.balance).toBe("-10.00");
  });
});

journeys("a buyer's own figures", (journey) => {
  test("a buyer finds the leads of a person that it bought by phone or e-mail, and none that others have", async () => {
    const { leadgate } = journey;
    await leadgate.configure(shared());
    const ada = { phone: "(512) 555-0142", email: "ada@example.com" };
    const { id } = (await leadgate.ingest("acme", aLead(ada))).body.data;
    await leadgate.ingest("acme", aLead());
    const [first, third] = [await asBuyer(leadgate, "first"), await asBuyer(leadgate, "third")];
    const found = async (query: string) =>
      (await first.call("GET", `/leads?${query}`)).body.data.map(
        ({ lead_id }: { lead_id: string }) => lead_id,
      );
    expect(await found("phone=512-555-0142")).toEqual([id]);
    expect(await found("email=ADA@example.com&status=sold")).toEqual([id]);
    expect(await found("email=ada@example.com&status=returned")).toEqual([]);
    expect(await found("phone=5125550142&email=grace@example.com")).toEqual([]);
    expect((await first.call("GET", "/leads?phone=none")).body.field_errors).toMatchObject([
      { field: "phone" },
    ]);
    expect((await third.call("GET", "/leads?email=ada@example.com")).body.data).toEqual([]);
  });

  test("a buyer is told whether it may give a lead back, until when and why not, as what it asks for shows", async () => {
    const { leadgate } = journey;
    await leadgate.configure(
      aDocument({ contracts: { first: { returns: { window_days: 2, reasons: ["duplicate"] } } } }),
    );
    const leads = [await leadgate.ingest("acme", aLead()), await leadgate.ingest("acme", aLead())];
    const [asked, over] = leads.map(({ body }) => body.data.id);
    const { call } = await asBuyer(leadgate, "first");
    const offer = async (id: string) => (await call("GET", `/leads/${id}`)).body.data.return;
    expect(await offer(asked)).toEqual({
      allowed: true,
      why_not: null,
      until: "2026-01-15T17:00:00.000Z",
      reasons: ["duplicate"],
      asked: null,
    });
    const wrong = await call("POST", "/returns", { lead_id: asked, reason: "bad_contact" });
    expect([wrong.status, wrong.body.message]).toEqual([409, expect.stringContaining("duplicate")]);
    expect((await call("POST", "/returns", { lead_id: asked, reason: "duplicate" })).status).toBe(201);
    expect(await offer(asked)).toMatchObject({
      allowed: false,
      asked: { status: "pending", reason: "duplicate" },
    });
    leadgate.clock.pass(2 * 86_400_000);
    expect(await offer(over)).toMatchObject({ allowed: false, why_not: expect.stringContaining("2 days") });
  });

  test("a buyer's report has what it bought and spent by day of its own zone, month and campaign, and nothing else", async () => {
    const { leadgate } = journey;
    leadgate.clock.set("2026-01-13T04:00:00.000Z");
    await leadgate.configure(shared());
    await leadgate.ingest("acme", aLead());
    leadgate.clock.set("2026-01-13T17:00:00.000Z");
    await leadgate.ingest("acme", aLead());
    const { call } = await asBuyer(leadgate, "second");
    const row = {
      currency: "USD",
      sales: 1,
      refused: 0,
      returned: 0,
      sold: "20.00",
      refunds: "0.00",
      spent: "20.00",
    };
    const { data } = (await call("GET", "/report?from=2026-01-12&to=2026-01-13")).body;
    expect(data.timezone).toBe("America/New_York");
    expect(data.rows).toEqual([
      { day: "2026-01-12", ...row },
      { day: "2026-01-13", ...row },
    ]);
    expect(data.totals).toEqual([{ ...row, sales: 2, sold: "40.00", spent: "40.00" }]);
    expect((await call("GET", "/report?group_by=campaign")).body.data.rows).toMatchObject([
      { campaign_id: "solar", sales: 2 },
    ]);
    expect((await call("GET", "/report?from=2020-01-01")).body.field_errors).toMatchObject([{ field: "to" }]);
    expect((await call("GET", "/report?group_by=supplier")).status).toBe(400);
  });

  test("a buyer sees how much of its caps is used, its own and those of its contracts", async () => {
    const { leadgate } = journey;
    const caps = { day: { leads: 9 } };
    await leadgate.configure(
      aDocument({
        buyers: { first: { caps } },
        contracts: { first: { caps: { month: { amount: "500.00" } } }, second: { caps } },
      }),
    );
    await leadgate.ingest("acme", aLead());
    const { call } = await asBuyer(leadgate, "first");
    expect((await call("GET", "/usage")).body.data).toEqual([
      {
        campaign_id: "solar",
        period: "month",
        unit: "amount",
        used: "10.00",
        limit: "500.00",
        resets_at: expect.any(String),
      },
      { campaign_id: null, period: "day", unit: "leads", used: 1, limit: 9, resets_at: expect.any(String) },
    ]);
  });
});

journeys("a buyer's own changes", (journey) => {
  const buyerOf = async () => (await journey.leadgate.ingest("acme", aLead())).body.data.buyer_id;

  test("a buyer pauses itself for the very next lead and goes on again, on record under its own name", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { call } = await asBuyer(leadgate, "first");
    expect((await call("POST", "/pause")).body.data).toEqual({
      id: "first",
      name: "Buyer first",
      status: "paused",
      caps: {},
      self_service: { pause: true, caps: false },
    });
    expect((await call("POST", "/pause")).status).toBe(200);
    expect(await buyerOf()).toBe("second");
    const [newest] = (await leadgate.admin("GET", "/history?buyer=first")).body.data;
    expect(newest).toMatchObject({ by: "buyer:first", changes: [{ kind: "buyer", id: "first" }] });
    expect((await call("POST", "/resume")).body.data.status).toBe("active");
    expect(await buyerOf()).toBe("first");
  });

  test("a buyer that its operator paused cannot go on by itself", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { call } = await asBuyer(leadgate, "first");
    await call("POST", "/pause");
    await call("POST", "/resume");
    await leadgate.admin("PATCH", "/buyers/first", { status: "paused" });
    const refused = await call("POST", "/resume");
    expect([refused.status, refused.body.error]).toEqual([409, "conflict"]);
    await leadgate.admin("PATCH", "/buyers/first", { status: "active" });
    await call("POST", "/pause");
    await leadgate.admin("PATCH", "/buyers/first", { timezone: "America/Chicago" });
    expect((await call("POST", "/resume")).status).toBe(200);
  });

  test("a buyer that has paused itself cannot go on by itself once its operator has paused it too", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { call } = await asBuyer(leadgate, "first");
    const pause = () => leadgate.admin("PATCH", "/buyers/first", { status: "paused" });
    const history = async () => (await leadgate.admin("GET", "/history?buyer=first")).body.data;
    await call("POST", "/pause");
    const before = (await history()).length;
    expect((await pause()).status).toBe(200);
    const [newest] = await history();
    expect(newest).toMatchObject({
      by: "LEADGATE_ADMIN_KEY",
      changes: [{ differences: [{ path: "status" }] }],
    });
    expect((await call("POST", "/pause")).status).toBe(200);
    expect((await pause()).status).toBe(200);
    expect(await history()).toHaveLength(before + 1);
    expect((await call("POST", "/resume")).status).toBe(409);
    await leadgate.admin("PATCH", "/buyers/first", { status: "active" });
    await call("POST", "/pause");
    expect((await call("POST", "/resume")).status).toBe(200);
  });

  test("a buyer changes what its operator allows, and nothing else", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ buyers: { first: { self_service: { pause: false } } } }));
    const { call } = await asBuyer(leadgate, "first");
    for (const [method, path, body] of [
      ["POST", "/pause", undefined],
      ["POST", "/resume", undefined],
      ["PUT", "/caps", { day: { leads: 1 } }],
    ] as const) {
      expect([path, (await call(method, path, body)).status]).toEqual([path, 403]);
    }
    expect(
      (await leadgate.admin("GET", "/history")).body.data.filter(
        ({ by }: { by: string }) => by === "buyer:first",
      ),
    ).toEqual([]);
  });

  test("a buyer's own caps take the place of those before, for the very next lead", async () => {
    const { leadgate } = journey;
    await leadgate.configure(
      aDocument({
        buyers: {
          first: { caps: { hour: { leads: 9 }, day: { amount: "50.00" } }, self_service: { caps: true } },
        },
      }),
    );
    const { call } = await asBuyer(leadgate, "first");
    const caps = { day: { leads: 1 } };
    expect((await call("PUT", "/caps", caps)).body.data.caps).toEqual(caps);
    expect([await buyerOf(), await buyerOf()]).toEqual(["first", "second"]);
    const wrong = await call("PUT", "/caps", { day: { leads: -1 }, year: { leads: 5 } });
    expect(wrong.status).toBe(400);
    expect(wrong.body.field_errors.map(({ field }: { field: string }) => field).toSorted()).toEqual([
      "day.leads",
      "year",
    ]);
    expect((await call("GET", "")).body.data.caps).toEqual(caps);
  });
});

deliveryJourneys("a buyer's own deliveries", (journey) => {
  test("a buyer sees what it was sent, in its own words, and has it sent again, but none of another's", async () => {
    const { leadgate } = journey;
    const [buyer, other] = [await journey.buyer(), await journey.buyer()];
    const template = { fname: "{first_name}", lead: "{lead_id}" };
    const document = delivering({ first: webhookTo(buyer, { template }), second: webhookTo(other) });
    await leadgate.configure({
      ...document,
      campaigns: (document.campaigns ?? []).map((each) => ({ ...each, max_sells: 2 })),
    });
    const { id } = await send(leadgate);
    await arrivals(buyer, 1);
    await arrivals(other, 1);
    const first = await asBuyer(leadgate, "first");
    const second = await asBuyer(leadgate, "second");
    const lead = (await first.call("GET", `/leads/${id}`)).body.data;
    expect(lead.fields).toEqual({ fname: "Ada", lead: id });
    expect(JSON.parse(lead.sent.body)).toEqual(lead.fields);
    const [delivery, ...more] = (await first.call("GET", "/deliveries")).body.data;
    expect(more).toEqual([]);
    expect(delivery).toMatchObject({ event: "lead.accepted", lead_id: id, campaign_id: "solar" });
    expect((await second.call("POST", `/deliveries/${delivery.id}/redeliver`)).status).toBe(404);
    const again = await first.call("POST", `/deliveries/${delivery.id}/redeliver`);
    expect([again.status, again.body.data]).toMatchObject([202, { id: delivery.id, state: "pending" }]);
    await untilTrue(() => buyer.received.get(delivery.id)?.bodies.length === 2, "it to arrive again");
    expect((await second.call("GET", "/deliveries")).body.data).toHaveLength(1);
  });

  test("a buyer has a test sent to its endpoint, sees how that stands, and has none where nothing is sent to it", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(delivering({ first: webhookTo(buyer) }));
    const [first, second] = [await asBuyer(leadgate, "first"), await asBuyer(leadgate, "second")];
    expect((await first.call("GET", "/endpoint")).body.data).toEqual({
      state: "up",
      since: null,
      reason: null,
      next_try_at: null,
      waiting: 0,
    });
    expect((await first.call("POST", "/endpoint/test")).body.data).toMatchObject({
      verdict: "accepted",
      http_status: 200,
    });
    expect((await second.call("GET", "/endpoint")).body.data).toMatchObject({ state: "none" });
    expect((await second.call("POST", "/endpoint/test")).status).toBe(409);
  });
});
