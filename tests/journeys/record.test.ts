import { describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

/** Sends a lead and reads what is on record of it. */
async function taken(leadgate: Leadgate, over: Readonly<Record<string, unknown>> = {}) {
  const reply = await leadgate.ingest("acme", aLead(over));
  const { body } = await leadgate.admin("GET", `/leads/${reply.body.data.id}`);
  return body.data;
}

journeys("leads on record", (journey) => {
  describe("what is kept", () => {
    test("a lead on record has what was understood, and beside it what was sent where that was another thing", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      const lead = await taken(leadgate, {
        first_name: "  Ada ",
        phone: "(512) 555-0147",
        email: "  ADA@Example.COM ",
        state: "tx",
        zip_code: "78701",
      });
      expect(lead.fields).toEqual({
        first_name: "Ada",
        last_name: "Lovelace",
        phone: "+15125550147",
        email: "ada@example.com",
        state: "TX",
        zip_code: "78701",
      });
      expect(lead.sent).toEqual({
        first_name: "  Ada ",
        phone: "(512) 555-0147",
        email: "  ADA@Example.COM ",
        state: "tx",
      });
    });

    test("a lead on record has values sent by an alias under their canonical names, and mapped values as they are stored", async () => {
      const { leadgate } = journey;
      const fields = [
        {
          name: "homeowner",
          type: "boolean" as const,
          required: true,
          map: { "owns it": true, rents: false },
        },
        { name: "roof_age", type: "integer" as const, aliases: ["RoofAge", "roof age"] },
        { name: "state", type: "state" as const, required: true, aliases: ["province"] },
      ];
      await leadgate.configure(aDocument({ campaign: { fields } }));
      const lead = await taken(leadgate, {
        homeowner: "Owns It",
        RoofAge: "12",
        state: undefined,
        province: "ok",
      });
      expect(lead.fields).toMatchObject({ homeowner: true, roof_age: 12, state: "OK" });
      expect(lead.fields).not.toHaveProperty("RoofAge");
      expect(lead.sent).toMatchObject({ homeowner: "Owns It", roof_age: "12", state: "ok" });
    });

    test("fields that nobody described are kept, dropped or refused, as the campaign says", async () => {
      const { leadgate } = journey;
      const unknown = { gclid: " abc ", survey: { answers: [1, "two", null] }, visits: 3, none: null };
      await leadgate.configure(aDocument({ campaign: { unknown_fields: "keep" } }));
      const kept = await taken(leadgate, unknown);
      expect(kept.fields).toMatchObject({ gclid: "abc", survey: { answers: [1, "two", null] }, visits: 3 });
      expect(kept.fields).not.toHaveProperty("none");

      await leadgate.configure(aDocument({ campaign: { unknown_fields: "drop" } }));
      const dropped = await taken(leadgate, unknown);
      expect(Object.keys(dropped.fields).sort()).toEqual([
        "email",
        "first_name",
        "last_name",
        "phone",
        "state",
      ]);

      await leadgate.configure(aDocument({ campaign: { unknown_fields: "reject" } }));
      const refused = await leadgate.ingest("acme", aLead(unknown));
      expect(refused.status).toBe(400);
      expect(refused.body.field_errors).toEqual(
        ["gclid", "survey", "visits", "none"].map((field) => ({
          field,
          code: "unknown_field",
          message: expect.any(String),
        })),
      );
      expect((await leadgate.ingest("acme", aLead())).status).toBe(201);
    });

    test("a system field is checked as strictly as the campaign asks for", async () => {
      const { leadgate } = journey;
      const lenient = { zip_code: "787", trustedform_cert_url: "http://cert.example" };
      await leadgate.configure(aDocument());
      const wrong = await leadgate.ingest("acme", aLead({ ...lenient, source: "x".repeat(201) }));
      expect(wrong.body.field_errors.map((each: { field: string }) => each.field)).toEqual([
        "zip_code",
        "source",
        "trustedform_cert_url",
      ]);
      const fields = [
        { name: "zip_code", type: "zip" as const, required: true },
        { name: "source", type: "enum" as const, values: ["web", "mail"], required: true },
        { name: "trustedform_cert_url", type: "url" as const, required: true },
      ];
      await leadgate.configure(aDocument({ campaign: { fields } }));
      const missing = await leadgate.ingest("acme", aLead());
      expect(missing.body.field_errors.map((each: { code: string }) => each.code)).toEqual([
        "required",
        "required",
        "required",
      ]);
      const lead = await taken(leadgate, {
        zip_code: "78701-1234",
        source: "Web",
        trustedform_cert_url: "https://cert.trustedform.example/a1",
      });
      expect(lead.fields).toMatchObject({ zip_code: "78701-1234", source: "web" });
    });

    test("the control fields are never taken for fields of the lead", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument({ campaign: { unknown_fields: "reject" } }));
      const lead = await taken(leadgate, { flo_ping_id: "p", flo_buyer_id: "first" });
      expect(Object.keys(lead.fields).filter((name) => name.startsWith("flo_"))).toEqual([]);
    });

    test("a lead on record has price and payout to the last digit, also where the payout is a share", async () => {
      const { leadgate } = journey;
      const contracts = { first: { price: "33.3333" } };
      const link = { payout: { mode: "revenue_share" as const, percent: "61.7" } };
      await leadgate.configure(aDocument({ contracts, link }));
      // 33.3333 × 0.617 = 20.56664…
      expect(await taken(leadgate)).toMatchObject({ price: "33.3333", payout: "20.57", currency: "USD" });
      await leadgate.configure(aDocument({ contracts: { first: { price: "999999999.9999" } } }));
      expect(await taken(leadgate)).toMatchObject({ price: "999999999.9999", payout: "5.00" });
    });

    test("a lead on record has its payout in whole units where the currency has no smaller ones", async () => {
      const { leadgate } = journey;
      const link = { payout: { mode: "revenue_share" as const, percent: "61.7" } };
      await leadgate.configure(
        aDocument({ campaign: { currency: "JPY" }, contracts: { first: { price: "1250" } }, link }),
      );
      expect(await taken(leadgate)).toMatchObject({ price: "1250", payout: "771", currency: "JPY" });
    });

    test("a lead on record has neither price nor payout when nobody bought it", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument({ campaign: { buyers: [] } }));
      expect(await taken(leadgate)).toMatchObject({
        status: "UNMATCHED",
        price: null,
        payout: null,
        buyer_id: null,
      });
    });
  });

  describe("test leads", () => {
    test("a test lead is marked everywhere, goes to the buyer whose turn it is, and moves no cap, turn or balance", async () => {
      const { leadgate, database } = journey;
      const limits = {
        campaign: { distribution: "round_robin" as const },
        link: { caps: { total: { leads: 2 } } },
        contracts: { first: { caps: { day: { leads: 1 } } } },
        buyers: { first: { caps: { day: { leads: 1 } } } },
      };
      await leadgate.configure(aDocument({ ...limits, supplier: { test_mode: true } }));
      for (let i = 0; i < 3; i++) {
        const reply = await leadgate.ingest("acme", aLead());
        expect(reply.body.data).toMatchObject({ status: "ACCEPTED", buyer_id: "first", is_test: true });
      }
      const counted = await database.read((db) =>
        db.execute(
          sql`select total_leads from campaign_counters union all select total_leads from buyer_counters where total_leads > 0`,
        ),
      );
      expect(counted).toHaveLength(0);
      await leadgate.configure(aDocument(limits));
      const live = await leadgate.ingest("acme", aLead());
      expect(live.body.data).toMatchObject({ buyer_id: "first" });
      expect(live.body.data).not.toHaveProperty("is_test");
      const next = await leadgate.ingest("acme", aLead());
      expect(next.body.data).toMatchObject({ buyer_id: "second" });
    });

    test("a test lead and a live one of the same person are no duplicates of one another, each of its own kind is", async () => {
      const { leadgate } = journey;
      const buyers = { first: { duplicates: { fields: ["phone"], window_days: 30 } } };
      const lead = aLead();
      const statuses: string[] = [];
      for (const test_mode of [true, false]) {
        await leadgate.configure(aDocument({ supplier: { test_mode }, buyers }));
        for (let i = 0; i < 2; i++) {
          const { body } = await leadgate.ingest("acme", lead);
          statuses.push(`${test_mode ? "test" : "live"} ${body.data.status} ${body.data.buyer_id}`);
        }
      }
      expect(statuses).toEqual([
        "test ACCEPTED first",
        "test DUPLICATE null",
        "live ACCEPTED first",
        "live DUPLICATE null",
      ]);
    });
  });

  describe("the look-up", () => {
    test("the look-up of a lead shows a supplier its payout, never the buyer's price", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument({ contracts: { first: { price: "77.70" } } }));
      const { body } = await leadgate.ingest("acme", aLead());
      const reply = await leadgate.call("GET", `/api/v1/leads/${body.data.id}`, {
        headers: { "x-api-key": leadgate.keyOf("acme") },
      });
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual({
        data: {
          id: body.data.id,
          status: "ACCEPTED",
          campaign_id: "solar",
          buyer_id: "first",
          reason: null,
          payout: "5.00",
          currency: "USD",
          is_test: false,
          created_at: "2026-01-13T17:00:00.000Z",
        },
      });
    });

    test("the look-up of a lead finds nothing of another supplier, nothing that is not there, and asks for a key first", async () => {
      const { leadgate } = journey;
      const document = aDocument();
      await leadgate.configure({ ...document, suppliers: [...(document.suppliers ?? []), { id: "rival" }] });
      const { body } = await leadgate.ingest("acme", aLead());
      const look = async (id: string, supplier?: string) => {
        const headers = supplier === undefined ? {} : { "x-api-key": leadgate.keyOf(supplier) };
        const reply = await leadgate.call("GET", `/api/v1/leads/${id}`, { headers });
        return [reply.status, reply.body.error ?? null];
      };
      expect(await look(body.data.id, "acme")).toEqual([200, null]);
      expect(await look(body.data.id, "rival")).toEqual([404, "not_found"]);
      expect(await look(body.data.id)).toEqual([401, "unauthorized"]);
      for (const id of [
        "lead_00000000000000000000000000",
        "lead_x",
        "x",
        "%00",
        "%E0%A4%A",
        "'; select 1 --",
      ]) {
        expect([id, ...(await look(id, "acme"))]).toEqual([id, 404, "not_found"]);
      }
    });

    test("the look-up of a lead has a rate of its own", async () => {
      const { leadgate } = journey;
      const lookup = { per_second: 1, burst_per_second: 1, burst_seconds: 1 };
      await leadgate.configure(aDocument({ supplier: { rate_limits: { lookup } } }));
      const { body } = await leadgate.ingest("acme", aLead());
      const look = () =>
        leadgate.call("GET", `/api/v1/leads/${body.data.id}`, {
          headers: { "x-api-key": leadgate.keyOf("acme") },
        });
      expect((await look()).status).toBe(200);
      const late = await look();
      expect([late.status, late.body.error, late.headers.get("retry-after")]).toEqual([
        429,
        "rate_limited",
        "1",
      ]);
      expect(late.headers.get("ratelimit-policy")).toBe('"sustained";q=1;w=1, "burst";q=1;w=1');
    });
  });

  describe("lists", () => {
    /** Two accepted by different buyers, a duplicate, an unmatched one of another campaign and a test lead, an hour apart. */
    async function fiveLeads(leadgate: Leadgate): Promise<string[]> {
      const document = aDocument({ campaign: { distribution: "round_robin" } });
      await leadgate.configure({
        ...document,
        suppliers: [...(document.suppliers ?? []), { id: "sandbox", test_mode: true }],
        campaigns: [
          ...(document.campaigns ?? []),
          { id: "wind", suppliers: [{ supplier: "acme" }, { supplier: "sandbox" }], buyers: [] },
        ],
      });
      const first = aLead();
      const sent: [string, Record<string, unknown>][] = [
        ["acme", first],
        ["acme", aLead()],
        ["acme", first],
        ["acme", aLead({ flo_campaign_id: "wind" })],
        ["sandbox", aLead({ flo_campaign_id: "wind", flo_supplier_id: "sandbox" })],
      ];
      const ids: string[] = [];
      for (const [supplier, lead] of sent) {
        ids.push((await leadgate.ingest(supplier, lead)).body.data.id);
        leadgate.clock.pass(3_600_000);
      }
      return ids;
    }

    test("the operator's list of leads is filtered by campaign, supplier, buyer, status, test and time", async () => {
      const { leadgate } = journey;
      const ids = await fiveLeads(leadgate);
      const listed = async (query: string) => {
        const { status, body } = await leadgate.admin("GET", `/leads${query}`);
        expect(status).toBe(200);
        return body.data.map((lead: { id: string }) => ids.indexOf(lead.id));
      };
      expect(await listed("")).toEqual([4, 3, 2, 1, 0]);
      expect(await listed("?campaign=wind")).toEqual([4, 3]);
      expect(await listed("?supplier=acme")).toEqual([3, 2, 1, 0]);
      expect(await listed("?buyer=second")).toEqual([1]);
      expect(await listed("?status=ACCEPTED")).toEqual([1, 0]);
      expect(await listed("?status=DUPLICATE")).toEqual([2]);
      expect(await listed("?test=true")).toEqual([4]);
      expect(await listed("?test=false&campaign=wind")).toEqual([3]);
      expect(await listed("?since=2026-01-13T18:00:00Z&until=2026-01-13T20:00:00Z")).toEqual([2, 1]);
      expect(await listed("?since=2026-01-13T14:00:00-05:00")).toEqual([4, 3, 2]);
      expect(await listed("?reason=no_buyer&source=nowhere")).toEqual([]);
      const { status, body } = await leadgate.admin("GET", "/leads?campaign=nowhere");
      expect([status, body.field_errors[0].field]).toEqual([400, "campaign"]);
    });

    test("the operator's list of leads comes in pages without gaps or repeats, also while leads come in", async () => {
      const { leadgate } = journey;
      const ids = await fiveLeads(leadgate);
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const query: string = cursor === null ? "?limit=2" : `?limit=2&cursor=${cursor}`;
        const { body } = await leadgate.admin("GET", `/leads${query}`);
        expect(body.data.length).toBeLessThanOrEqual(2);
        seen.push(...body.data.map((lead: { id: string }) => lead.id));
        cursor = body.next_cursor;
        await leadgate.ingest("acme", aLead());
      } while (cursor !== null);
      expect(seen).toEqual(ids.toReversed());
    });

    test("the operator's list of leads names everything that is wrong with a query", async () => {
      const { leadgate } = journey;
      const query =
        "?status=accepted&test=1&since=yesterday&until=2026-13-01T00:00:00Z&limit=201&cursor=lead_1&colour=red";
      const { status, body } = await leadgate.admin("GET", `/leads${query}`);
      expect(status).toBe(400);
      expect(body.field_errors.map((each: { field: string }) => each.field).sort()).toEqual([
        "colour",
        "cursor",
        "limit",
        "since",
        "status",
        "test",
        "until",
      ]);
      expect((await leadgate.admin("GET", "/leads?campaign=%00")).status).toBe(400);
      expect((await leadgate.call("GET", "/api/v1/admin/leads")).status).toBe(401);
      expect((await leadgate.admin("GET", "/leads/lead_x")).body.error).toBe("not_found");
    });
  });

  describe("traces", () => {
    describe("their checks", () => {
      const ended = async (leadgate: Leadgate, lead: Record<string, unknown>) => {
        const reply = await leadgate.ingest("acme", lead);
        const { body } = await leadgate.admin("GET", `/leads/${reply.body.data.id}`);
        return { reason: body.data.reason, trace: body.data.trace };
      };
      const passed = (...checks: string[]) => checks.map((check) => ({ check, result: "passed" }));

      test("the trace of an accepted lead names each check", async () => {
        const { leadgate } = journey;
        await leadgate.configure(aDocument());
        expect(await ended(leadgate, aLead())).toEqual({
          reason: null,
          trace: [
            ...passed("access", "fields", "filters", "suppression", "duplicates"),
            {
              check: "buyers",
              result: "passed",
              method: "priority",
              buyers: [
                { buyer_id: "first", chosen: true },
                { buyer_id: "second", reason: "outranked" },
                { buyer_id: "third", reason: "outranked" },
              ],
            },
          ],
        });
      });

      test("the trace of a lead that no buyer could take names each check, and why each buyer was passed over", async () => {
        const { leadgate } = journey;
        const contracts = {
          first: { states: ["OK"] },
          second: { exclude_states: ["TX"] },
          third: { status: "paused" as const },
        };
        await leadgate.configure(aDocument({ contracts }));
        const { reason, trace } = await ended(leadgate, aLead());
        expect(reason).toBe("no_buyer");
        expect(trace.at(-1)).toEqual({
          check: "buyers",
          result: "ended",
          method: "priority",
          buyers: [
            { buyer_id: "first", reason: "state_not_listed" },
            { buyer_id: "second", reason: "state_excluded" },
            { buyer_id: "third", reason: "contract_paused" },
          ],
        });
      });

      test("the trace of a lead that a filter turned away ends with the filters", async () => {
        const { leadgate } = journey;
        const rule = { field: "state", op: "eq" as const, value: "OK" };
        await leadgate.configure(aDocument({ campaign: { filters: { any: [rule] } } }));
        expect(await ended(leadgate, aLead())).toEqual({
          reason: "filtered",
          trace: [
            ...passed("access", "fields"),
            { check: "filters", result: "ended", detail: { by: "campaign", rules: ["any"] } },
          ],
        });
      });

      test("the trace of a lead of a suppressed person ends with the suppression", async () => {
        const { leadgate } = journey;
        const more = { suppression_lists: [{ id: "dnc" }, { id: "lawyers" }] };
        await leadgate.configure(aDocument({ campaign: { suppression_lists: ["dnc", "lawyers"] }, more }));
        const lead = aLead();
        for (const list of ["dnc", "lawyers"]) {
          const entries = [{ phone: lead["phone"], email: lead["email"] }];
          await leadgate.admin("POST", `/suppression-lists/${list}/entries`, { entries });
        }
        const { reason, trace } = await ended(leadgate, lead);
        expect(reason).toBe("suppressed");
        expect(trace.slice(0, 3)).toEqual(passed("access", "fields", "filters"));
        expect(trace[3].check).toBe("suppression");
        expect(trace[3].detail.lists.toSorted()).toEqual(["dnc", "lawyers"]);
      });

      test("the trace of a duplicate ends with the duplicates, and names the lead that it repeats", async () => {
        const { leadgate } = journey;
        await leadgate.configure(aDocument());
        const lead = aLead();
        const original = await leadgate.ingest("acme", lead);
        const detail = { duplicate_of: original.body.data.id, reason: "rejects_duplicates" };
        expect(await ended(leadgate, lead)).toEqual({
          reason: "rejects_duplicates",
          trace: [
            ...passed("access", "fields", "filters", "suppression"),
            { check: "duplicates", result: "ended", detail },
          ],
        });
      });
    });
  });
});
