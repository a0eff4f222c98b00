import { expect, test } from "bun:test";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import { journeys } from "./journeys.ts";

const HOUR = 3_600_000;

/** Who does not own the home is refused, whose roof is old is put aside, and what brings a source that nobody knows too. */
const HOLDING = {
  campaign: {
    fields: [
      { name: "homeowner", type: "boolean" as const },
      { name: "roof_age", type: "integer" as const },
    ],
    filters: {
      all: [
        { field: "homeowner", op: "ne" as const, value: false },
        { field: "roof_age", op: "lte" as const, value: 40, outcome: "hold" as const },
      ],
    },
  },
  link: { filters: { field: "source", op: "ne" as const, value: "unknown", outcome: "hold" as const } },
};
const OLD_ROOF = { roof_age: 60 };

async function show(leadgate: Leadgate, id: string) {
  return (await leadgate.admin("GET", `/leads/${id}`)).body.data;
}

journeys("a lead that a filter puts aside", (journey) => {
  async function hold(over: Parameters<typeof aDocument>[0] = {}, lead = aLead(OLD_ROOF)) {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ ...HOLDING, ...over }));
    const { status, body } = await leadgate.ingest("acme", lead, { "idempotency-key": "k" });
    expect([status, body.data.status, body.data.buyer_id]).toEqual([202, "HELD", null]);
    leadgate.acknowledged.length = 0;
    return { id: body.data.id as string, lead };
  }

  test("is on record as HELD, sold to nobody, and listed; what another filter refuses is refused", async () => {
    const { leadgate } = journey;
    const { id, lead } = await hold();
    expect(await show(leadgate, id)).toMatchObject({ status: "HELD", reason: "filtered", sales: [] });
    expect((await show(leadgate, id)).trace.at(-1)).toEqual({
      check: "hold",
      result: "ended",
      detail: { by: "campaign", rules: ["all[1]"] },
    });
    const again = await leadgate.ingest("acme", lead, { "idempotency-key": "k" });
    expect([again.status, again.body.data.id, again.headers.get("idempotent-replayed")]).toEqual([
      202,
      id,
      "true",
    ]);
    leadgate.acknowledged.length = 0;
    expect((await leadgate.ingest("acme", aLead({ source: "unknown", roof_age: 10 }))).status).toBe(202);
    expect((await leadgate.ingest("acme", aLead({ homeowner: false, ...OLD_ROOF }))).status).toBe(422);
    leadgate.acknowledged.length = 0;
    const held = (await leadgate.admin("GET", "/leads?status=HELD")).body.data;
    expect([held.length, held.at(-1).id]).toEqual([2, id]);
  });

  test("is decided when it is released, by the caps and duplicates of then, and once", async () => {
    const { leadgate } = journey;
    const { id, lead } = await hold({ contracts: { first: { caps: { total: { leads: 1 } } } } });
    await leadgate.ingest("acme", aLead({ roof_age: 10 }));
    const released = await Promise.all(
      Array.from({ length: 4 }, () => leadgate.admin("POST", `/leads/${id}/release`)),
    );
    expect(released.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      201, 409, 409, 409,
    ]);
    const shown = await show(leadgate, id);
    expect(shown).toMatchObject({ status: "ACCEPTED", buyer_id: "second" });
    const step = shown.trace.find(
      ({ result, check }: Record<string, string>) => check === "hold" && result === "passed",
    );
    expect(step.detail).toEqual({ by: "LEADGATE_ADMIN_KEY", reason: "released" });
    // From then on the person is known, and another such lead is no matter for a person.
    const repeated = await leadgate.ingest("acme", lead);
    expect(repeated.body.data.status).toBe("DUPLICATE");
    const [{ changes }] = (await leadgate.admin("GET", "/history?limit=1")).body.data;
    expect(changes).toMatchObject([
      { kind: "campaign", id: "solar", action: "lead_released", differences: [{ path: `leads[${id}]` }] },
    ]);
  });

  test("of two of one person that are released only one is sold", async () => {
    const { leadgate } = journey;
    const { id, lead } = await hold();
    const other = (await leadgate.ingest("acme", lead)).body.data.id;
    leadgate.acknowledged.length = 0;
    await Promise.all([id, other].map((each) => leadgate.admin("POST", `/leads/${each}/release`)));
    const statuses = [(await show(leadgate, id)).status, (await show(leadgate, other)).status];
    expect(new Set(statuses)).toEqual(new Set(["ACCEPTED", "DUPLICATE"]));
  });

  test("is refused when an operator says so, or when its hours are over", async () => {
    const { leadgate } = journey;
    const { id } = await hold({ campaign: { ...HOLDING.campaign, hold_hours: 24 } });
    for (const reason of ["", "x".repeat(201), 7, "no\u0000", "no\ud800"]) {
      const { status, body } = await leadgate.admin("POST", `/leads/${id}/reject`, { reason });
      expect([status, body.field_errors]).toEqual([
        400,
        [{ field: "reason", code: "invalid_format", message: "must be a text of 1 to 200 characters" }],
      ]);
    }
    const refused = await leadgate.admin("POST", `/leads/${id}/reject`, { reason: "not plausible" });
    expect([refused.status, refused.body.data.status]).toEqual([200, "REJECTED"]);
    const shown = await show(leadgate, id);
    expect([shown.status, shown.reason, shown.trace.at(-1).detail.reason]).toEqual([
      "REJECTED",
      "filtered",
      "not plausible",
    ]);
    expect((await leadgate.admin("POST", `/leads/${id}/release`)).status).toBe(409);
    const forgotten = (await leadgate.ingest("acme", aLead(OLD_ROOF))).body.data.id;
    leadgate.acknowledged.length = 0;
    leadgate.clock.pass(23 * HOUR);
    leadgate.clock.pass(2 * HOUR);
    await untilTrue(
      async () => (await show(leadgate, forgotten)).status === "REJECTED",
      "a lead whose hours are over to be refused",
    );
    expect((await show(leadgate, forgotten)).trace.at(-1).detail).toEqual({ reason: "hold_hours are over" });
  });

  test("keeps what its ping was promised, and a ping knows nothing of holding", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ ...HOLDING, campaign: { ...HOLDING.campaign, mode: "ping_post" } }));
    const lead = aLead(OLD_ROOF);
    const headers = { "x-api-key": leadgate.keyOf("acme"), "content-type": "application/json" };
    const ping = await leadgate.call("POST", "/api/v1/ping", { headers, body: JSON.stringify(lead) });
    expect([ping.body.accepted, ping.body.price]).toEqual([true, "5.00"]);
    const post = { ...lead, flo_ping_id: ping.body.ping_id };
    const { id, status } = (await leadgate.ingest("acme", post)).body.data;
    expect(status).toBe("HELD");
    leadgate.acknowledged.length = 0;
    expect((await leadgate.ingest("acme", post)).body.field_errors).toMatchObject([{ code: "replayed" }]);
    leadgate.clock.pass(2 * HOUR);
    const released = (await leadgate.admin("POST", `/leads/${id}/release`)).body.data;
    expect([released.status, released.price, released.buyer_id]).toEqual(["ACCEPTED", "5.00", "third"]);
  });
});
