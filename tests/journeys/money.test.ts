import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { builderOn } from "#database/builder.ts";
import { figures, ledger } from "#database/tables.ts";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import { delivering, deliveryJourneys, deliveryOf, send, webhookTo } from "./delivery-journeys.ts";

async function balanceOf(leadgate: Leadgate, buyer: string): Promise<string> {
  return (await leadgate.admin("GET", `/buyers/${buyer}/balance`)).body.data.balance;
}

const ONE_BUYER = { second: { status: "paused" as const }, third: { status: "paused" as const } };

deliveryJourneys("money", (journey) => {
  const rowsOf = (table: typeof ledger | typeof figures) =>
    journey.database.read((db) => builderOn(db).select().from(table));

  test("a buyer that is billed by hand owes what it was sold, and less when it pays by wallet later", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ contracts: ONE_BUYER }));
    for (let sent = 0; sent < 3; sent++) await send(leadgate);
    expect(await balanceOf(leadgate, "first")).toBe("-30.00");
    await leadgate.configure(
      aDocument({ contracts: ONE_BUYER, buyers: { first: { billing: { mode: "wallet" } } } }),
    );
    expect(await balanceOf(leadgate, "first")).toBe("-30.00");
    expect((await send(leadgate)).status).toBe("UNMATCHED");
    await leadgate.admin("POST", "/buyers/first/deposits", { amount: "45.00" });
    expect((await send(leadgate)).status).toBe("ACCEPTED");
    expect(await balanceOf(leadgate, "first")).toBe("5.00");
    await leadgate.configure(aDocument({ contracts: ONE_BUYER }));
    await send(leadgate);
    expect(await balanceOf(leadgate, "first")).toBe("-5.00");
  });

  test("a sale that an operator takes back is a return of that operator in the ledger", async () => {
    const { leadgate } = journey;
    const [failing, other] = [await journey.buyer({ behaviour: "fail" }), await journey.buyer()];
    await leadgate.configure(
      delivering({
        first: {
          ...webhookTo(failing, { retry_schedule: [] }),
          billing: { mode: "credit", limit: "100.00" },
        },
        second: webhookTo(other),
      }),
    );
    const lead = await send(leadgate);
    await deliveryOf(leadgate, lead.id, "dead");
    leadgate.acknowledged.length = 0;
    leadgate.clock.pass(3_600_000);
    await leadgate.admin("POST", `/leads/${lead.id}/redistribute`);
    const event = { kind: "return", buyerId: "first", buyerAmount: "10.0000", supplierAmount: "-5.0000" };
    expect(await rowsOf(ledger)).toMatchObject([{ ...event, supplierId: "acme", by: "LEADGATE_ADMIN_KEY" }]);
    const counted = await rowsOf(figures);
    expect(counted).toHaveLength(4);
    // The lead is counted in the hour in which it came, with the buyer that it has now.
    expect(counted).toContainEqual(
      expect.objectContaining({ buyerId: "first", accepted: 0, sales: 1, sold: "10.0000", returned: 0 }),
    );
    expect(counted).toContainEqual(
      expect.objectContaining({
        buyerId: "first",
        sales: 0,
        returned: 1,
        refunds: "10.0000",
        payouts: "-5.0000",
      }),
    );
  });

  test("what is reserved for a buyer that is being asked is in no ledger, and is given back when it declines", async () => {
    const { leadgate } = journey;
    const refusing = await journey.buyer({ behaviour: "fail" });
    await leadgate.configure(
      delivering({ first: webhookTo(refusing, { confirm: true }) }, { contracts: ONE_BUYER }),
    );
    expect((await send(leadgate)).status).toBe("UNMATCHED");
    expect(await balanceOf(leadgate, "first")).toBe("0.00");
    expect(await rowsOf(ledger)).toEqual([]);
    expect(await rowsOf(figures)).toMatchObject([{ buyerId: "", unmatched: 1, sales: 0 }]);
  });

  test("a test lead is in no balance, ledger or figure", async () => {
    const { leadgate } = journey;
    const document = aDocument({ contracts: ONE_BUYER });
    await leadgate.configure({
      ...document,
      suppliers: (document.suppliers ?? []).map((supplier) => ({ ...supplier, test_mode: true })),
    });
    expect((await leadgate.ingest("acme", aLead())).body.data.status).toBe("ACCEPTED");
    expect(await balanceOf(leadgate, "first")).toBe("0.00");
    expect([await rowsOf(ledger), await rowsOf(figures)]).toEqual([[], []]);
  });

  test("a statement opens where the one before it closes, and both parties' balances are what theirs say", async () => {
    const { leadgate } = journey;
    leadgate.clock.set("2026-11-30T17:00:00.000Z");
    await leadgate.configure(aDocument({ contracts: ONE_BUYER }));
    await send(leadgate);
    await send(leadgate);
    leadgate.clock.set("2026-12-01T17:30:00.000Z");
    await send(leadgate);
    await leadgate.admin("POST", "/buyers/first/deposits", { amount: "12.00" });
    leadgate.clock.set("2026-12-02T17:30:00.000Z");
    const statement = async (party: string, query: string) =>
      (await leadgate.admin("GET", `/${party}/statement?${query}`)).body.data;
    const november = await statement("buyers/first", "month=2026-11");
    expect([november.opening_balance, november.closing_balance]).toEqual(["0.00", "-20.00"]);
    const december = await statement("buyers/first", "month=2026-12&lines=sale");
    expect([december.opening_balance, december.closing_balance]).toEqual(["-20.00", "-18.00"]);
    expect(december.lines.map(({ kind }: { kind: string }) => kind)).toEqual(["sale", "payment"]);
    expect(await balanceOf(leadgate, "first")).toBe("-18.00");
    const earned = await statement("suppliers/acme", "from=2026-12-01");
    expect([earned.opening_balance, earned.closing_balance]).toEqual(["10.00", "15.00"]);
  });

  test("a lead of a month's last moment is in the invoice of one month, whichever is locked first", async () => {
    const { leadgate, database } = journey;
    leadgate.clock.set("2026-12-01T04:59:59.900Z");
    await leadgate.configure(aDocument({ contracts: ONE_BUYER }));
    const issue = (month: string) => leadgate.admin("POST", "/buyers/first/invoices", { month });
    const [locked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding = database.write(async (tx) => {
      await tx.execute(sql`select 1 from campaigns where id = 'solar' for update`);
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    // The lead came in November and waits for its campaign; the invoice waits behind it.
    const sending = Promise.all([send(leadgate), send(leadgate)]);
    leadgate.clock.set("2026-12-01T05:01:00.000Z");
    const issuing = issue("2026-11");
    release.resolve();
    await holding;
    const leads = await sending;
    expect(leads.map(({ buyer_id }) => buyer_id)).toEqual(["first", "first"]);
    const november = (await issuing).body.data;
    leadgate.clock.set("2027-01-01T05:01:00.000Z");
    const december = (await issue("2026-12")).body.data;
    expect(november.sales + december.sales).toBe(2);
    expect(await balanceOf(leadgate, "first")).toBe("-20.00");
  });

  test("a campaign keeps its currency from its first sale on, and a wallet the one that its books are in", async () => {
    const { leadgate } = journey;
    const EUR = { campaign: { currency: "EUR" as const } };
    const put = (document: object) => leadgate.admin("PUT", "/config", document);
    await leadgate.configure(aDocument({ contracts: ONE_BUYER }));
    // While nothing was sold it may have any.
    await leadgate.configure(aDocument({ ...EUR, contracts: ONE_BUYER }));
    await leadgate.configure(aDocument({ contracts: ONE_BUYER }));
    await send(leadgate);
    for (const refused of [
      await put(aDocument({ ...EUR, contracts: ONE_BUYER })),
      await leadgate.admin("POST", "/config/plan", aDocument({ ...EUR, contracts: ONE_BUYER })),
      await leadgate.admin("POST", "/config/rollback", { revision: 2 }),
      await leadgate.admin("POST", "/config/rollback/plan", { revision: 2 }),
    ]) {
      expect([refused.status, refused.body.field_errors]).toEqual([
        400,
        [
          {
            field: "campaigns[solar].currency",
            code: "not_allowed",
            message: expect.stringContaining("must stay USD"),
          },
        ],
      ]);
    }
    const patched = await leadgate.admin("PATCH", "/campaigns/solar", { currency: "EUR" });
    expect([patched.status, patched.body.field_errors[0].field]).toEqual([400, "currency"]);
    const document = aDocument({ contracts: ONE_BUYER, buyers: { first: { billing: { mode: "wallet" } } } });
    const [solar] = document.campaigns ?? [];
    if (solar === undefined) throw new Error("the document has a campaign");
    const alone = { ...solar, buyers: [] };
    const another = { ...solar, id: "solar-eu", name: "Solar EU", currency: "EUR" };
    const mixed = await put({ ...document, campaigns: [alone, another] });
    expect([mixed.status, mixed.body.field_errors[0].field]).toEqual([400, "buyers[first].billing"]);
    const { billing: _, ...byHand } = document.buyers?.[0] ?? {};
    const others = (document.buyers ?? []).slice(1);
    expect(
      (await put({ ...document, buyers: [byHand, ...others], campaigns: [alone, another] })).status,
    ).toBe(200);
    const { balances } = (await leadgate.admin("GET", "/buyers/first/balance")).body.data;
    expect(balances).toEqual(
      expect.arrayContaining([
        { currency: "USD", balance: "-10.00" },
        { currency: "EUR", balance: "0.00" },
      ]),
    );
  });

  test("a month is closed into one invoice, and a buyer that does not pay it in time gets no lead until it does", async () => {
    const { leadgate } = journey;
    const billing = { mode: "manual" as const, terms_days: 10, when_overdue: "pause" as const };
    leadgate.clock.set("2026-11-30T17:00:00.000Z");
    await leadgate.configure(aDocument({ contracts: ONE_BUYER, buyers: { first: { billing } } }));
    await send(leadgate);
    await send(leadgate);
    await leadgate.admin("POST", "/buyers/first/adjustments", { amount: "2.50", note: "a discount" });
    const issue = (month: string) => leadgate.admin("POST", "/buyers/first/invoices", { month });
    expect((await issue("2026-11")).status).toBe(409);
    leadgate.clock.set("2026-12-01T05:00:59.000Z");
    expect((await issue("2026-11")).status).toBe(409);
    leadgate.clock.set("2026-12-01T05:01:00.000Z");
    const [one, other] = await Promise.all([issue("2026-11"), issue("2026-11")]);
    expect([one.status, other.status].toSorted((less, more) => less - more)).toEqual([201, 409]);
    const { data } = one.status === 201 ? one.body : other.body;
    expect(data).toMatchObject({ number: 1, sales: 2, sold: "20.00", adjusted: "2.50", total: "17.50" });
    expect(data.status).toBe("open");
    expect(Date.parse(data.due_at) - Date.parse(data.issued_at)).toBe(10 * 86_400_000);
    leadgate.clock.set("2026-12-11T04:00:00.000Z");
    expect((await send(leadgate)).buyer_id).toBe("first");
    leadgate.clock.set("2026-12-11T06:00:00.000Z");
    const refused = await send(leadgate);
    expect(refused.status).toBe("UNMATCHED");
    const lead = (await leadgate.admin("GET", `/leads/${refused.id}`)).body.data;
    expect(lead.trace.at(-1).buyers[0]).toEqual({ buyer_id: "first", reason: "overdue" });
    expect((await leadgate.admin("GET", "/invoices?status=overdue")).body.data).toHaveLength(1);
    const paid = await leadgate.admin("POST", "/invoices/1/paid");
    expect([paid.status, paid.body.data.status]).toEqual([200, "paid"]);
    expect((await leadgate.admin("POST", "/invoices/1/paid")).status).toBe(409);
    const history: { changes: { action: string }[] }[] = (await leadgate.admin("GET", "/history?limit=2"))
      .body.data;
    expect(history.map(({ changes }) => changes[0]?.action)).toEqual(["invoice_paid", "invoice_issued"]);
    expect((await leadgate.admin("POST", "/invoices/2/paid")).status).toBe(404);
    expect((await send(leadgate)).buyer_id).toBe("first");
    expect(await balanceOf(leadgate, "first")).toBe("-20.00");
    leadgate.clock.set("2027-01-02T17:00:00.000Z");
    expect((await issue("2026-12")).body.data).toMatchObject({ number: 2, sales: 2, total: "20.00" });
    expect((await leadgate.admin("GET", "/invoices?limit=1")).body).toMatchObject({ next_cursor: "2" });
  });

  test("what was paid before a party had a currency is in one of them, and what is owed in one that it left, or by one that is archived, can be paid", async () => {
    const { leadgate } = journey;
    leadgate.clock.set("2026-10-13T17:00:00.000Z");
    const only = { contracts: { first: { status: "paused" as const }, ...ONE_BUYER } };
    const late = { id: "late", name: "Late", timezone: "America/New_York" };
    const into = (...currencies: ("EUR" | "USD")[]) => {
      const document = aDocument(only);
      const [solar] = document.campaigns ?? [];
      const more = currencies.map((currency) => ({
        ...solar,
        id: currency.toLowerCase(),
        name: currency,
        currency,
        buyers: [{ buyer: "late", price: "7.00" }],
      }));
      const campaigns = [solar, ...more] as NonNullable<typeof document.campaigns>;
      return leadgate.configure({ ...document, buyers: [...(document.buyers ?? []), late], campaigns });
    };
    await into();
    expect((await leadgate.admin("POST", "/buyers/late/deposits", { amount: "50.00" })).status).toBe(201);
    await into("EUR", "USD");
    expect((await leadgate.ingest("acme", aLead({ flo_campaign_id: "eur" }))).status).toBe(201);
    leadgate.clock.set("2026-11-13T17:00:00.000Z");
    const balances = async () => (await leadgate.admin("GET", "/buyers/late/balance")).body.data.balances;
    expect(await balances()).toEqual([
      { currency: "EUR", balance: "43.00" },
      { currency: "USD", balance: "0.00" },
    ]);
    for (const [month, opening, closing] of [
      ["2026-10", { EUR: "0.00", USD: "0.00" }, { EUR: "43.00", USD: "0.00" }],
      ["2026-11", { EUR: "43.00", USD: "0.00" }, { EUR: "43.00", USD: "0.00" }],
    ] as const) {
      for (const currency of ["EUR", "USD"] as const) {
        const path = `/buyers/late/statement?month=${month}&currency=${currency}`;
        expect((await leadgate.admin("GET", path)).body.data).toMatchObject({
          opening_balance: opening[currency],
          closing_balance: closing[currency],
        });
      }
    }
    await into("USD");
    const owed = { amount: "-40.00", currency: "EUR", note: "a correction" };
    expect((await leadgate.admin("POST", "/buyers/late/adjustments", owed)).status).toBe(201);
    const invoice = { month: "2026-10", currency: "EUR" };
    expect((await leadgate.admin("POST", "/buyers/late/invoices", invoice)).body.data.total).toBe("7.00");
    expect((await leadgate.admin("POST", "/invoices/1/paid")).status).toBe(200);
    expect(await balances()).toContainEqual({ currency: "EUR", balance: "10.00" });
    // Who is taken out of the document owes what it owed.
    await leadgate.configure(aDocument(only));
    const rest = { amount: "-10.00", currency: "EUR", note: "paid back" };
    expect((await leadgate.admin("POST", "/buyers/late/adjustments", rest)).status).toBe(201);
    expect(await balances()).toContainEqual({ currency: "EUR", balance: "0.00" });
    await into("USD");
    const none = { amount: "1.00", currency: "GBP" };
    expect((await leadgate.admin("POST", "/buyers/late/deposits", none)).body.message).toContain(
      "USD and EUR",
    );
  });

  test("what was booked before a party had a currency is in one of its invoices, though it has left all its campaigns", async () => {
    const { leadgate } = journey;
    leadgate.clock.set("2026-10-13T17:00:00.000Z");
    const late = { id: "late", name: "Late", timezone: "America/New_York" };
    const into = (...currencies: ("EUR" | "USD")[]) => {
      const document = aDocument();
      const [solar] = document.campaigns ?? [];
      const campaigns = ["EUR" as const, "USD" as const].map((currency) => ({
        ...solar,
        id: currency.toLowerCase(),
        name: currency,
        currency,
        suppliers: currencies.includes(currency) ? solar?.suppliers : [],
        buyers: currencies.includes(currency) ? [{ buyer: "late", price: "7.00" }] : [],
      })) as NonNullable<typeof document.campaigns>;
      return leadgate.configure({ ...document, buyers: [...(document.buyers ?? []), late], campaigns });
    };
    await into();
    const before = { amount: "5.00", note: "a welcome" };
    expect((await leadgate.admin("POST", "/buyers/late/adjustments", before)).status).toBe(201);
    await into("EUR", "USD");
    for (const flo_campaign_id of ["eur", "usd"]) {
      expect((await leadgate.ingest("acme", aLead({ flo_campaign_id }))).body.data.buyer_id).toBe("late");
    }
    await into();
    leadgate.clock.set("2026-11-13T17:00:00.000Z");
    const invoiced = async (currency: string) =>
      (await leadgate.admin("POST", "/buyers/late/invoices", { month: "2026-10", currency })).body.data;
    // Of which currency is meant nothing is guessed.
    const paid = { amount: "1.00" };
    const cost = { ...paid, day: "2026-10-13" };
    for (const [path, body] of [
      ["/buyers/late/deposits", paid],
      ["/suppliers/acme/payments", paid],
      ["/suppliers/acme/costs", cost],
    ] as const) {
      const { status, body: answer } = await leadgate.admin("POST", path, body);
      expect([path, status, answer.message]).toEqual([path, 409, expect.stringContaining("EUR and USD")]);
    }
    const booked = (await leadgate.admin("GET", "/ledger?buyer=late&kind=adjustment")).body.data;
    expect(booked).toMatchObject([{ amount: "5.00", currency: "EUR" }]);
    expect(await invoiced("EUR")).toMatchObject({ sold: "7.00", adjusted: "5.00", total: "2.00" });
    expect(await invoiced("USD")).toMatchObject({ sold: "7.00", adjusted: "0.00", total: "7.00" });
  });

  test("what was sold and taken back is in the statements and invoices of who has left its campaigns since", async () => {
    const { leadgate } = journey;
    leadgate.clock.set("2026-10-13T17:00:00.000Z");
    await leadgate.configure(aDocument());
    const { id } = (await leadgate.ingest("acme", aLead())).body.data;
    const asked = await leadgate.admin("POST", `/leads/${id}/returns`, { reason: "bad_contact" });
    expect((await leadgate.admin("POST", `/returns/${asked.body.data.id}/accept`)).status).toBe(200);
    await leadgate.configure({ version: 1 });
    leadgate.clock.set("2026-11-13T17:00:00.000Z");
    for (const [path, amount] of [
      ["/buyers/first", "-10.00"],
      ["/suppliers/acme", "5.00"],
    ] as const) {
      expect((await leadgate.admin("GET", `${path}/balance`)).body.data).toMatchObject({
        balance: "0.00",
        currency: "USD",
      });
      const { lines } = (await leadgate.admin("GET", `${path}/statement?month=2026-10&lines=sale`)).body.data;
      expect(lines).toMatchObject([
        { kind: "sale", amount },
        { kind: "return", balance: "0.00" },
      ]);
    }
    const { body } = await leadgate.admin("POST", "/buyers/first/invoices", { month: "2026-10" });
    expect(body.data).toMatchObject({ currency: "USD", sold: "10.00", refunds: "10.00", total: "0.00" });
  });

  test("what a supplier cost is set and taken back of a campaign that it has left, and of none that it never was in", async () => {
    const { leadgate } = journey;
    const into = (...suppliers: string[]) => {
      const document = aDocument();
      const [solar] = document.campaigns ?? [];
      const links = (solar?.suppliers ?? []).filter(({ supplier }) => suppliers.includes(supplier));
      const more = { ...solar, id: "roofs", name: "Roofs" };
      const campaigns = [solar, more].map((each) => ({ ...each, suppliers: each === more ? [] : links }));
      return leadgate.configure({ ...document, campaigns });
    };
    const cost = async (campaign: string, amount: string, day = "2026-01-12") =>
      (await leadgate.admin("POST", "/suppliers/acme/costs", { day, campaign, amount })).status;
    await into("acme");
    expect(await cost("solar", "310.00")).toBe(200);
    await into();
    // What came of it is known when it is over.
    expect([await cost("solar", "0"), await cost("solar", "20.00", "2026-01-13")]).toEqual([200, 200]);
    expect([await cost("roofs", "1.00"), await cost("nowhere", "1.00")]).toEqual([400, 400]);
    await into("acme");
    expect((await leadgate.ingest("acme", aLead())).body.data.status).toBe("ACCEPTED");
    await into();
    expect(await cost("solar", "30.00", "2026-01-14")).toBe(200);
  });

  test("what was booked before a party had a currency is in its balance as in its statement, though that campaign is archived", async () => {
    const { leadgate } = journey;
    leadgate.clock.set("2026-10-13T17:00:00.000Z");
    const late = { id: "late", name: "Late" };
    const into = (...currencies: ("EUR" | "USD")[]) => {
      const document = aDocument();
      const [solar] = document.campaigns ?? [];
      const campaigns = currencies.map((currency) => ({
        ...solar,
        id: currency.toLowerCase(),
        currency,
        buyers: [{ buyer: "late", price: "7.00", states: ["CA"] }],
      }));
      const buyers = [...(document.buyers ?? []), late];
      return leadgate.configure({ ...document, buyers, campaigns });
    };
    await into();
    const before = { amount: "5.00", note: "a welcome" };
    expect((await leadgate.admin("POST", "/buyers/late/adjustments", before)).status).toBe(201);
    await into("EUR");
    // It is archived, as it has a lead, and not removed.
    expect((await leadgate.ingest("acme", aLead({ flo_campaign_id: "eur" }))).body.data.status).toBe(
      "UNMATCHED",
    );
    await into("USD");
    leadgate.clock.set("2026-11-13T17:00:00.000Z");
    const { balances } = (await leadgate.admin("GET", "/buyers/late/balance")).body.data;
    const told = balances.map(async ({ currency }: { currency: string }) => {
      const path = `/buyers/late/statement?month=2026-10&currency=${currency}`;
      const { closing_balance: balance } = (await leadgate.admin("GET", path)).body.data;
      return { currency, balance };
    });
    expect(balances).toEqual(await Promise.all(told));
  });

  test("what is left in the wallet of a buyer that is in no campaign any more can be paid back in its currency", async () => {
    const { leadgate } = journey;
    leadgate.clock.set("2026-10-13T17:00:00.000Z");
    const first = { billing: { mode: "wallet" as const } };
    const document = aDocument({ buyers: { first } });
    await leadgate.configure(document);
    await leadgate.admin("POST", "/buyers/first/deposits", { amount: "50.00" });
    expect((await leadgate.ingest("acme", aLead())).body.data.buyer_id).toBe("first");
    await leadgate.configure(aDocument({ buyers: { first }, campaign: { buyers: [] } }));
    const back = { amount: "-40.00", note: "paid back" };
    const adjust = (currency: string) =>
      leadgate.admin("POST", "/buyers/first/adjustments", { ...back, currency });
    expect((await adjust("EUR")).status).toBe(409);
    expect((await adjust("USD")).body.data).toMatchObject({ balance: "0.00", currency: "USD" });
    leadgate.clock.set("2026-11-13T17:00:00.000Z");
    const invoice = await leadgate.admin("POST", "/buyers/first/invoices", {
      month: "2026-10",
      currency: "USD",
    });
    expect([invoice.status, invoice.body.data.sold]).toEqual([201, "10.00"]);
  });

  test("a month begins where the one before it was invoiced until, though the buyer's time zone changed", async () => {
    const { leadgate } = journey;
    const first = (timezone: string) =>
      leadgate.configure(aDocument({ contracts: ONE_BUYER, buyers: { first: { timezone } } }));
    const issue = async (month: string) =>
      (await leadgate.admin("POST", "/buyers/first/invoices", { month })).body.data.sales;
    await first("UTC");
    for (const at of ["2026-10-31T23:30:00.000Z", "2026-11-01T02:00:00.000Z", "2026-11-01T12:00:00.000Z"]) {
      leadgate.clock.set(at);
      await send(leadgate);
    }
    expect(await issue("2026-10")).toBe(1);
    await first("America/New_York");
    leadgate.clock.set("2026-12-02T00:00:00.000Z");
    expect(await issue("2026-11")).toBe(2);
  });

  test("the check of the books finds a balance or a figure that is off by the smallest unit", async () => {
    const { leadgate, database } = journey;
    await leadgate.configure(aDocument({ contracts: ONE_BUYER }));
    await send(leadgate);
    leadgate.clock.pass(3 * 3_600_000);
    const flaws = async () => (await leadgate.admin("GET", "/ledger/check")).body.data.flaws;
    expect(await flaws()).toEqual([]);
    const change = (by: string) =>
      database.write(async (tx) => {
        await tx.execute(`update campaign_counters set balance = balance ${by} where party = 'contract'`);
        await tx.execute(`update figures set sold = sold ${by}`);
      });
    await change("- 0.0001");
    expect((await flaws()).join(" ")).toMatch(/buyer first is -10.0001, .*figures from .* are no sum/);
    await change("+ 0.0001");
    expect(await flaws()).toEqual([]);
  });

  test("an event of the ledger cannot be changed or deleted", async () => {
    const { leadgate, database } = journey;
    await leadgate.configure(aDocument({ buyers: { first: { billing: { mode: "wallet" } } } }));
    await leadgate.admin("POST", "/buyers/first/deposits", { amount: "45.00" });
    for (const change of ["update ledger set buyer_amount = 0", "delete from ledger", "truncate ledger"]) {
      const refusal = await database.write((tx) => tx.execute(change)).catch((error: Error) => error);
      expect(refusal).toBeInstanceOf(Error);
    }
    await untilTrue(async () => (await rowsOf(ledger)).length === 1, "the ledger to be as it was");
  });
});
