import { expect, test } from "bun:test";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

async function listOf(leadgate: Leadgate, supplier: string, query = "") {
  const headers = { "x-api-key": leadgate.keyOf(supplier) };
  return leadgate.call("GET", `/api/v1/leads${query}`, { headers });
}

journeys("a supplier's own leads", (journey) => {
  test("a supplier's own leads are listed newest first, with reason and payout, and nobody else's", async () => {
    const { leadgate } = journey;
    const document = aDocument({ contracts: { second: { status: "paused" }, third: { status: "paused" } } });
    await leadgate.configure({
      ...document,
      suppliers: [...(document.suppliers ?? []), { id: "other", name: "Other" }],
    });
    const sold = (await leadgate.ingest("acme", aLead())).body.data.id;
    leadgate.clock.pass(1_000);
    await leadgate.admin("PATCH", "/buyers/first", { status: "paused" });
    const unmatched = (await leadgate.ingest("acme", aLead())).body.data.id;
    const { status, body } = await listOf(leadgate, "acme");
    expect(status).toBe(200);
    expect(body).toEqual({
      data: [
        {
          id: unmatched,
          status: "UNMATCHED",
          reason: "no_buyer",
          campaign_id: "solar",
          buyer_id: null,
          payout: null,
          currency: "USD",
          is_test: false,
          created_at: "2026-01-13T17:00:01.000Z",
        },
        expect.objectContaining({
          id: sold,
          status: "ACCEPTED",
          reason: null,
          buyer_id: "first",
          payout: "5.00",
        }),
      ],
      next_cursor: null,
    });
    const page = (await listOf(leadgate, "acme", "?limit=1")).body;
    const rest = (await listOf(leadgate, "acme", `?limit=1&cursor=${page.next_cursor}`)).body;
    expect([...page.data, ...rest.data]).toEqual(body.data);
    expect((await listOf(leadgate, "acme", "?status=ACCEPTED")).body.data).toHaveLength(1);
    expect((await listOf(leadgate, "acme", "?since=2026-01-13T17:00:01Z")).body.data).toHaveLength(1);
    expect((await listOf(leadgate, "acme", "?until=2026-01-13T17:00:01Z")).body.data).toHaveLength(1);
    expect((await listOf(leadgate, "acme", "?supplier=other")).status).toBe(400);
    expect((await listOf(leadgate, "other")).body.data).toEqual([]);
  });

  test("a supplier reads what it is owed, and no price, buyer or margin", async () => {
    const { leadgate } = journey;
    const document = aDocument();
    await leadgate.configure({
      ...document,
      suppliers: [...(document.suppliers ?? []), { id: "other", name: "Other" }],
    });
    await leadgate.ingest("acme", aLead());
    await leadgate.admin("POST", "/suppliers/acme/payments", { amount: "2.00", reference: "wire 7" });
    const ask = (path: string, supplier = "acme") =>
      leadgate.call("GET", `/api/v1${path}`, { headers: { "x-api-key": leadgate.keyOf(supplier) } });
    leadgate.clock.pass(1_000);
    const owed = await ask("/balance");
    expect([owed.status, owed.body.data]).toEqual([
      200,
      { balance: "3.00", currency: "USD", balances: [{ currency: "USD", balance: "3.00" }] },
    ]);
    const statement = await ask("/statement?from=2026-01-01&lines=sale");
    expect(statement.body.data).toMatchObject({
      supplier_id: "acme",
      opening_balance: "0.00",
      closing_balance: "3.00",
      lines: [
        { kind: "sale", amount: "5.00" },
        { kind: "payout", amount: "-2.00", reference: "wire 7" },
      ],
    });
    const file = await ask("/statement?from=2026-01-01&format=csv");
    expect(JSON.stringify([owed.body, statement.body, file])).not.toMatch(/first|second|buyer|price|10\.00/);
    expect((await ask("/balance", "other")).body.data.balance).toBe("0.00");
    expect((await leadgate.call("GET", "/api/v1/balance")).status).toBe(401);
  });

  test("a supplier's own leads tell of no buyer where the campaign says so", async () => {
    const { leadgate } = journey;
    // What was told is not what is on record.
    journey.expected = {};
    await leadgate.configure(aDocument({ campaign: { show_buyers: false, max_sells: 2 } }));
    const { data } = (await leadgate.ingest("acme", aLead())).body;
    expect(data).toEqual({
      id: expect.stringMatching(/^lead_/),
      status: "ACCEPTED",
      buyer_id: null,
      campaign_id: "solar",
      price: "5.00",
      currency: "USD",
    });
    const headers = { "x-api-key": leadgate.keyOf("acme") };
    const one = await leadgate.call("GET", `/api/v1/leads/${data.id}`, { headers });
    const found = await leadgate.call("GET", `/api/v1/leads/lookup?id=${data.id}`, { headers });
    const { body } = await listOf(leadgate, "acme");
    for (const shown of [one.body.data, found.body.data[0], body.data[0]]) {
      expect(shown).toMatchObject({ status: "ACCEPTED", buyer_id: null, payout: "5.00" });
    }
  });

  test("a supplier's report has how its leads ended and what they brought, by day, campaign and source, and no price", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    await leadgate.ingest("acme", aLead({ source: "search" }));
    await leadgate.ingest("acme", aLead({ source: "social" }));
    await leadgate.configure(
      aDocument({
        contracts: { first: { states: ["NY"] }, second: { states: ["NY"] }, third: { states: ["NY"] } },
      }),
    );
    await leadgate.ingest("acme", aLead({ source: "search" }));
    const report = (query: string) =>
      leadgate.call("GET", `/api/v1/report${query}`, { headers: { "x-api-key": leadgate.keyOf("acme") } });
    const none = { currency: "USD", unmatched: 0, rejected: 0, duplicates: 0 };
    const byDay = (await report("")).body.data;
    const all = { ...none, leads: 3, accepted: 2, unmatched: 1, payouts: "10.00" };
    expect([byDay.timezone, byDay.rows, byDay.totals]).toEqual([
      "UTC",
      [{ day: "2026-01-13", ...all }],
      [all],
    ]);
    expect((await report("?group_by=source")).body.data.rows).toEqual([
      { source: "search", ...none, leads: 2, accepted: 1, unmatched: 1, payouts: "5.00" },
      { source: "social", ...none, leads: 1, accepted: 1, payouts: "5.00" },
    ]);
    expect((await report("?group_by=source&from=2025-10-01")).body.field_errors).toMatchObject([
      { field: "to" },
    ]);
    expect((await report("?group_by=buyer")).status).toBe(400);
  });

  test("a supplier sees its campaigns, what a lead is paid where that is fixed, and where their pages are", async () => {
    const { leadgate } = journey;
    const { campaigns = [], suppliers = [], ...document } = aDocument();
    const [solar] = campaigns;
    if (solar === undefined) throw new Error("there is no campaign");
    const share = { supplier: "acme", payout: { mode: "revenue_share", percent: 60 } } as const;
    await leadgate.configure({
      ...document,
      suppliers: [...suppliers, { id: "other" }],
      campaigns: [
        solar,
        { ...solar, id: "roofs", name: "Roofs", suppliers: [{ ...share, status: "paused" }] },
        { ...solar, id: "others", suppliers: [{ supplier: "other" }] },
      ],
    });
    const { body } = await leadgate.call("GET", "/api/v1/campaigns", {
      headers: { "x-api-key": leadgate.keyOf("acme") },
    });
    expect(body.data).toEqual([
      {
        id: "roofs",
        name: "Roofs",
        mode: "direct",
        status: "paused",
        payout: null,
        currency: "USD",
        docs: "/docs/campaigns/roofs",
      },
      {
        id: "solar",
        name: "Solar",
        mode: "direct",
        status: "active",
        payout: "5.00",
        currency: "USD",
        docs: "/docs/campaigns/solar",
      },
    ]);
  });
});
