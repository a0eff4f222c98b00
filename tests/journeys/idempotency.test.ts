import { expect, test } from "bun:test";
import { aDocument, aLead } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

const HOUR = 3_600_000;

journeys("idempotency keys", (journey) => {
  test("an idempotency key gives the first answer again, byte for byte, and takes no second lead", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const lead = aLead();
    const first = await leadgate.ingest("acme", lead, { "idempotency-key": "order-1" });
    const again = await leadgate.ingest("acme", lead, { "idempotency-key": "order-1" });
    expect(first.status).toBe(201);
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await leadgate.admin("GET", "/leads")).body.data).toHaveLength(1);
  });

  test("an idempotency key is the same quoted and bare, and for the same body in another order and spacing", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const lead = aLead({ address: { street: "Main St", numbers: [1, 2] } });
    const first = await leadgate.ingest("acme", lead, { "idempotency-key": '"order-1"' });
    const shuffled = Object.fromEntries(Object.entries(lead).reverse());
    const again = await leadgate.call("POST", "/api/v1/ingest", {
      headers: {
        "x-api-key": leadgate.keyOf("acme"),
        "content-type": "application/json",
        "idempotency-key": "order-1",
      },
      body: JSON.stringify({ ...shuffled, address: { numbers: [1, 2], street: "Main St" } }, null, 2),
    });
    expect(again.body).toEqual(first.body);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
  });

  test("an idempotency key with another body is refused, and takes nothing in", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    await leadgate.ingest("acme", aLead(), { "idempotency-key": "order-1" });
    const other = await leadgate.ingest("acme", aLead(), {
      "idempotency-key": "order-1",
      "x-request-id": "r",
    });
    expect(other.status).toBe(422);
    expect(other.body).toEqual({
      error: "idempotency_key_reused",
      message: "This Idempotency-Key came with another body before.",
      request_id: "r",
    });
    expect((await leadgate.admin("GET", "/leads")).body.data).toHaveLength(1);
  });

  test("an idempotency key is each supplier's own", async () => {
    const { leadgate } = journey;
    const document = aDocument();
    const [campaign] = document.campaigns ?? [];
    await leadgate.configure({
      ...document,
      suppliers: [...(document.suppliers ?? []), { id: "rival" }],
      campaigns: [{ ...campaign, suppliers: [{ supplier: "acme" }, { supplier: "rival" }] }],
    });
    const ours = await leadgate.ingest("acme", aLead(), { "idempotency-key": "order-1" });
    const theirs = await leadgate.ingest("rival", aLead({ flo_supplier_id: "rival" }), {
      "idempotency-key": "order-1",
    });
    expect(theirs.status).toBe(201);
    expect(theirs.body.data.id).not.toBe(ours.body.data.id);
  });

  test("an idempotency key is forgotten 24 hours after the first answer, not a moment before", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ campaign: { buyers: [] } }));
    const lead = aLead();
    const send = () => leadgate.ingest("acme", lead, { "idempotency-key": "order-1" });
    const first = await send();
    leadgate.clock.pass(24 * HOUR - 1);
    expect((await send()).body).toEqual(first.body);
    leadgate.clock.pass(1);
    const afresh = await send();
    expect(afresh.headers.get("idempotent-replayed")).toBeNull();
    expect(afresh.body.data.id).not.toBe(first.body.data.id);
    leadgate.clock.pass(24 * HOUR - 1);
    expect((await send()).body).toEqual(afresh.body);
  });

  test("an idempotency key may come with another body once it is forgotten", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    await leadgate.ingest("acme", aLead(), { "idempotency-key": "order-1" });
    leadgate.clock.pass(24 * HOUR);
    expect((await leadgate.ingest("acme", aLead(), { "idempotency-key": "order-1" })).status).toBe(201);
  });

  test("an idempotency key holds within the leads that are decided together", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    await leadgate.ingest("acme", aLead());
    const lead = aLead();
    const send = (body: object) => leadgate.ingest("acme", { ...body }, { "idempotency-key": "order-1" });
    const [first, again, other] = await Promise.all([send(lead), send(lead), send(aLead())]);
    expect(first.status).toBe(201);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(other.body.error).toBe("idempotency_key_reused");
    expect((await leadgate.admin("GET", "/leads")).body.data).toHaveLength(2);
  });

  test("an idempotency key gives every ending again that left a lead on record: rejected, duplicate and unmatched too", async () => {
    const { leadgate } = journey;
    const filters = { field: "state", op: "eq" as const, value: "TX" };
    const contract = { states: ["TX"], filters: { field: "source", op: "eq" as const, value: "web" } };
    const contracts = { first: contract, second: contract, third: contract };
    await leadgate.configure(aDocument({ campaign: { filters }, contracts }));
    const accepted = aLead({ source: "web" });
    await leadgate.ingest("acme", accepted);
    for (const [key, lead, status] of [
      ["rejected", aLead({ state: "OK" }), 422],
      ["duplicate", accepted, 200],
      ["unmatched", aLead({ source: "mail" }), 200],
    ] as const) {
      const first = await leadgate.ingest("acme", lead, { "idempotency-key": key });
      const again = await leadgate.ingest("acme", lead, { "idempotency-key": key });
      expect([key, first.status]).toEqual([key, status]);
      expect([again.status, again.body]).toEqual([first.status, first.body]);
      expect(again.headers.get("idempotent-replayed")).toBe("true");
    }
    expect((await leadgate.admin("GET", "/leads")).body.data).toHaveLength(4);
  });

  test("an idempotency key gives the first answer also when the configuration would now answer otherwise", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const lead = aLead();
    const first = await leadgate.ingest("acme", lead, { "idempotency-key": "order-1" });
    await leadgate.configure(aDocument({ campaign: { status: "paused" } }));
    expect((await leadgate.ingest("acme", lead)).status).toBe(403);
    const again = await leadgate.ingest("acme", lead, { "idempotency-key": "order-1" });
    expect([again.status, again.body]).toEqual([first.status, first.body]);
  });

  test("an idempotency key is free again after a 400, for the repaired lead", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const broken = await leadgate.ingest("acme", aLead({ phone: "12" }), { "idempotency-key": "order-1" });
    expect([broken.status, broken.body.error]).toEqual([400, "validation_failed"]);
    expect((await leadgate.ingest("acme", aLead(), { "idempotency-key": "order-1" })).status).toBe(201);
  });

  test("an idempotency key is refused when it is empty, too long or not printable ASCII", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    for (const bad of ['""', "x".repeat(256), "ä", "a\tb"]) {
      const reply = await leadgate.ingest("acme", aLead(), { "idempotency-key": bad });
      expect([reply.status, reply.body.field_errors[0].field]).toEqual([400, "Idempotency-Key"]);
    }
    expect((await leadgate.ingest("acme", aLead(), { "idempotency-key": "x".repeat(255) })).status).toBe(201);
  });

  test("an idempotency key is remembered by every server", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const lead = aLead();
    const first = await leadgate.ingest("acme", lead, { "idempotency-key": "order-1" });
    const again = await leadgate.another().ingest("acme", lead, { "idempotency-key": "order-1" });
    expect(again.body).toEqual(first.body);
  });
});
