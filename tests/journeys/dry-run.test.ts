import { describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { aDocument, aLead, type Leadgate, type Reply } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

journeys("dry runs", (journey) => {
  describe("their answers", () => {
    test.each([
      ["accepted", {}],
      ["filtered", { roof_age: 2 }],
      ["suppressed", { phone: "512-555-0101" }],
      ["unmatched", { state: "CA" }],
      ["not valid", { phone: "1", email: "" }],
      ["to a campaign that does not exist", { flo_campaign_id: "wind" }],
      ["to a campaign that the supplier is not linked to", { flo_campaign_id: "others" }],
      ["to a paused campaign", { flo_campaign_id: "paused" }],
    ])("a dry run is answered as the lead itself would be: %s", async (_, over) => {
      await setUp(journey.leadgate);
      const lead = aLead({ roof_age: 9, ...over });
      const dry = await dryRun(journey.leadgate, lead);
      const real = await journey.leadgate.ingest("acme", lead);
      expect(dry.status).toBe(real.status);
      expect(comparable(dry)).toEqual(comparable(real));
      expect(real.body.trace).toBeUndefined();
      if (real.body.data !== undefined) expect(dry.body.data.dry_run).toBe(true);
    });

    test("a dry run is answered as the lead itself would be: a duplicate, on both sorts of campaign", async () => {
      for (const action of ["reject", "route_to_original"] as const) {
        await setUp(journey.leadgate, { duplicates: { action } });
        const lead = aLead({ roof_age: 9 });
        await journey.leadgate.ingest("acme", lead);
        const dry = await dryRun(journey.leadgate, lead);
        const real = await journey.leadgate.ingest("acme", lead);
        expect(comparable(dry)).toEqual(comparable(real));
        expect(dry.body.data.status).toBe(action === "reject" ? "DUPLICATE" : "ACCEPTED");
      }
    });
  });

  test("a dry run leaves every table as it was", async () => {
    await setUp(journey.leadgate);
    await journey.leadgate.ingest("acme", aLead({ roof_age: 9 }));
    const before = await everything();
    for (const over of [{}, { roof_age: 2 }, { state: "CA" }, { phone: "512-555-0101" }, { email: "" }]) {
      await dryRun(journey.leadgate, aLead({ roof_age: 9, ...over }), { "idempotency-key": "a" });
    }
    expect(await everything()).toEqual(before);
    expect(before).not.toEqual([]);
  });

  test("a dry run takes nothing from a cap, is no earlier lead, and uses up no Idempotency-Key", async () => {
    await journey.leadgate.configure(
      aDocument({
        contracts: { first: { caps: { day: { leads: 1 } } }, second: PAUSED, third: PAUSED },
      }),
    );
    const lead = aLead();
    for (let time = 0; time < 3; time++) {
      const dry = await dryRun(journey.leadgate, lead, { "idempotency-key": "once" });
      expect(dry.body.data).toMatchObject({ status: "ACCEPTED", buyer_id: "first", dry_run: true });
    }
    const real = await journey.leadgate.ingest("acme", lead, { "idempotency-key": "once" });
    expect(real.body.data.status).toBe("ACCEPTED");
    expect(real.headers.get("idempotent-replayed")).toBeNull();
    const full = await dryRun(journey.leadgate, aLead());
    expect(full.body.data.status).toBe("UNMATCHED");
  });

  test("a dry run goes by the configuration in force, on every server", async () => {
    await setUp(journey.leadgate);
    const other = journey.leadgate.another();
    expect((await dryRun(other, aLead({ roof_age: 7 }))).status).toBe(201);
    await setUp(journey.leadgate, { filters: { field: "roof_age", op: "gte", value: 8 } });
    expect((await dryRun(other, aLead({ roof_age: 7 }))).status).toBe(422);
  });

  test("a dry run asks no buyer that wants to be asked first", async () => {
    const delivery = { method: "webhook" as const, url: "http://127.0.0.1:1/", confirm: true };
    await journey.leadgate.configure(aDocument({ buyers: { first: { delivery } } }));
    const { status, body } = await dryRun(journey.leadgate, aLead());
    expect([status, body.data.status, body.data.buyer_id]).toEqual([201, "ACCEPTED", "first"]);
    expect((await journey.leadgate.admin("GET", "/deliveries")).body.data).toEqual([]);
  });

  test("a dry run tells the supplier of its own checks, and nothing of buyers or other leads", async () => {
    await setUp(journey.leadgate);
    const lead = aLead({ roof_age: 9 });
    expect((await dryRun(journey.leadgate, lead)).body.trace).toEqual([
      { check: "access", result: "passed" },
      { check: "fields", result: "passed" },
      { check: "filters", result: "passed" },
      { check: "suppression", result: "passed" },
      { check: "duplicates", result: "passed" },
      { check: "buyers", result: "passed" },
    ]);
    expect((await dryRun(journey.leadgate, aLead({ roof_age: 2 }))).body.trace.at(-1)).toEqual({
      check: "filters",
      result: "ended",
      detail: { by: "campaign", rules: ["filter"] },
    });
    const { body } = await journey.leadgate.ingest("acme", lead);
    const { trace } = (await dryRun(journey.leadgate, lead)).body;
    expect(trace.at(-1)).toEqual({
      check: "duplicates",
      result: "ended",
      detail: { reason: "rejects_duplicates" },
    });
    expect(JSON.stringify(trace)).not.toContain(body.data.id);
    expect((await dryRun(journey.leadgate, aLead({ flo_campaign_id: "others" }))).body.trace).toEqual([]);
  });

  test("a dry run names the supplier's own cap when that is reached", async () => {
    await journey.leadgate.configure(aDocument({ link: { caps: { day: { leads: 1 } } } }));
    await journey.leadgate.ingest("acme", aLead());
    const { body } = await dryRun(journey.leadgate, aLead());
    expect(body.data.status).toBe("UNMATCHED");
    expect(body.trace.at(-1)).toEqual({
      check: "buyers",
      result: "ended",
      detail: { reason: "supplier_cap" },
    });
  });

  test("dry_run=false is no dry run, and any other word than true and false is refused", async () => {
    await setUp(journey.leadgate);
    const send = (query: string) =>
      journey.leadgate.call("POST", `/api/v1/ingest${query}`, {
        headers: { "x-api-key": journey.leadgate.keyOf("acme"), "content-type": "application/json" },
        body: JSON.stringify(aLead({ roof_age: 9 })),
      });
    const unclear = await send("?dry_run=yes");
    expect(unclear.status).toBe(400);
    expect(unclear.body.field_errors).toEqual([
      { field: "dry_run", code: "not_allowed", message: "dry_run must be true or false" },
    ]);
    const real = await send("?dry_run=false");
    journey.leadgate.acknowledged.push(real.body.data);
    expect(real.body.data.dry_run).toBeUndefined();
    expect((await journey.leadgate.admin("GET", "/leads")).body.data).toHaveLength(1);
  });

  /** All rows of all tables, as text. */
  async function everything(): Promise<unknown[]> {
    const all: unknown[] = [];
    for (const table of TABLES) {
      const rows: unknown = await journey.database.read((db) =>
        db.execute(sql.raw(`select row_to_json(t)::text as row from ${table} t order by 1`)),
      );
      all.push(`${table} ${JSON.stringify(rows)}`);
    }
    return all;
  }
});

const TABLES = [
  "leads",
  "lead_keys",
  "buyer_duplicate_keys",
  "campaign_counters",
  "buyer_counters",
  "idempotency_keys",
  "deliveries",
];

const PAUSED = { status: "paused" as const };

/** `solar` with a filter and a suppression list and only a buyer for Texas; a paused campaign, and one without suppliers. */
async function setUp(
  leadgate: Leadgate,
  over: NonNullable<Parameters<typeof aDocument>[0]>["campaign"] = {},
): Promise<void> {
  const document = aDocument({
    contracts: { first: { states: ["TX"] }, second: PAUSED, third: PAUSED },
    campaign: {
      fields: [{ name: "roof_age", type: "integer" }],
      filters: { field: "roof_age", op: "gte", value: 5 },
      suppression_lists: ["dnc"],
      ...over,
    },
    more: { suppression_lists: [{ id: "dnc" }] },
  });
  const suppliers = [{ supplier: "acme" }];
  const more = [{ id: "others" }, { id: "paused", status: "paused" as const, suppliers }];
  await leadgate.configure({ ...document, campaigns: [...(document.campaigns ?? []), ...more] });
  await leadgate.admin("POST", "/suppression-lists/dnc/entries", { entries: [{ phone: "512-555-0101" }] });
}

function dryRun(
  leadgate: Leadgate,
  lead: Readonly<Record<string, unknown>>,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return leadgate.call("POST", "/api/v1/ingest?dry_run=true", {
    headers: { "x-api-key": leadgate.keyOf("acme"), "content-type": "application/json", ...headers },
    body: JSON.stringify(lead),
  });
}

/** An answer without what is each lead's own, and what only dry runs have. */
/** What both say: a dry run has the way of the lead, and the names that the campaign does not know. */
function comparable({ body }: Reply) {
  const { trace: _trace, unknown_fields: _unknown, request_id: _request, data, ...rest } = body;
  if (data === undefined) return rest;
  const { id: _id, dry_run: _dry, ...told } = data;
  return { ...rest, data: told };
}
