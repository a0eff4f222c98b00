import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { aDocument, aLead } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

journeys("a simulated lead", (journey) => {
  const simulate = async (over: object = {}) => {
    const asked = { lead: aLead(), campaign: "solar", supplier: "acme", ...over };
    const { status, body } = await journey.leadgate.admin("POST", "/simulate", asked);
    return { status, ...body };
  };
  const codes = (data: { warnings: { code: string }[] }) => data.warnings.map(({ code }) => code);

  test("a simulated lead shows every buyer, what is paid, and is the decision that the lead itself gets", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ contracts: { first: { states: ["OK"] } } }));
    const lead = aLead();
    const { data } = await simulate({ lead });
    expect(data).toMatchObject({
      status: "ACCEPTED",
      sales: [{ buyer_id: "second", price: "20.00", payout: "5.00" }],
      currency: "USD",
      warnings: [],
    });
    expect(data.trace.at(-1).buyers).toEqual([
      { buyer_id: "first", reason: "state_not_listed" },
      { buyer_id: "second", chosen: true },
      { buyer_id: "third", reason: "outranked" },
    ]);
    const real = await leadgate.ingest("acme", lead);
    const record = (await leadgate.admin("GET", `/leads/${real.body.data.id}`)).body.data;
    expect(data.trace).toEqual(record.trace);
    const repeated = await simulate({ lead });
    expect(repeated.data).toMatchObject({ status: "DUPLICATE", sales: [], duplicate_of: record.id });
  });

  test("a simulated lead is decided for the time that is asked about, with the caps as they are now", async () => {
    const { leadgate } = journey;
    const closed = { status: "paused" as const };
    await leadgate.configure(
      aDocument({
        contracts: {
          first: { schedule: { tue: ["09:00-14:00"] }, caps: { hour: { leads: 1 } } },
          second: closed,
          third: closed,
        },
      }),
    );
    await leadgate.ingest("acme", aLead());
    const first = async (over: object) => (await simulate(over)).data.trace.at(-1).buyers[0];
    const cap = { period: "hour", unit: "leads" };
    expect(await first({})).toEqual({ buyer_id: "first", reason: "contract_cap", cap });
    expect(await first({ at: "2026-01-13T13:30:00-05:00" })).toEqual({ buyer_id: "first", chosen: true });
    expect(await first({ at: "2026-01-13T19:00:00Z" })).toMatchObject({ reason: "outside_schedule" });
    const later = await simulate({ at: "2026-01-13T18:30:00Z" });
    expect([later.data.at, codes(later.data)]).toEqual(["2026-01-13T18:30:00.000Z", ["state_of_now"]]);
  });

  test("a simulated lead asks no buyer and says which would be asked", async () => {
    const { leadgate } = journey;
    const ping = { url: "http://127.0.0.1:1/" };
    const webhook = { method: "webhook" as const, url: "http://127.0.0.1:1/" };
    await leadgate.configure(aDocument({ buyers: { first: { delivery: { ...webhook, confirm: true } } } }));
    const asked = (await simulate()).data;
    expect([asked.status, asked.sales[0].buyer_id]).toEqual(["ACCEPTED", "first"]);
    expect(asked.warnings).toMatchObject([{ code: "confirmation_not_asked", buyers: ["first"] }]);
    await leadgate.configure(
      aDocument({
        campaign: { mode: "ping_post" },
        buyers: { third: { delivery: { ...webhook, ping } } },
      }),
    );
    const { data } = await simulate({ lead: aLead({ flo_ping_id: "anything" }) });
    expect(data.sales).toMatchObject([{ buyer_id: "second", price: "20.00" }]);
    expect(data.warnings).toMatchObject([
      { code: "live_bids_not_asked", buyers: ["third"] },
      { code: "no_ping", buyers: [] },
    ]);
  });

  test("a simulated lead leaves nothing on record", async () => {
    await journey.leadgate.configure(aDocument());
    for (const over of [{}, { lead: {} }, { supplier: "nobody" }]) await simulate(over);
    for (const table of ["leads", "sales", "campaign_counters", "lead_keys", "deliveries"]) {
      const rows = await journey.database.read((db) =>
        db.execute(sql`select * from ${sql.identifier(table)}`),
      );
      expect(rows).toEqual([]);
    }
  });

  test("a simulated lead that is not taken in says why, all at once", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { data } = await simulate({ lead: { first_name: "Ada", phone: "1" } });
    expect([data.status, data.reason, data.sales]).toEqual([null, "invalid", []]);
    expect(data.field_errors.map(({ field }: { field: string }) => field)).toEqual([
      "last_name",
      "phone",
      "email",
    ]);
    const stranger = await simulate({ supplier: "nobody" });
    expect([stranger.data.status, stranger.data.reason]).toEqual([null, "not_linked"]);
    expect(await simulate({ campaign: "wind" })).toMatchObject({
      status: 404,
      message: "There is no such campaign.",
    });
    const wrong = await simulate({ lead: "Ada", campaign: undefined, at: "noon" });
    expect(wrong.field_errors.map(({ field }: { field: string }) => field)).toEqual([
      "lead",
      "campaign",
      "at",
    ]);
  });
});
