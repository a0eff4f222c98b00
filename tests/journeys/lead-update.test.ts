import { expect, test } from "bun:test";
import { aDocument, aLead, type Leadgate, type Reply } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import { arrivals, delivering, deliveryJourneys, send, webhookTo } from "./delivery-journeys.ts";

function report(
  leadgate: Leadgate,
  body: unknown,
  headers: Record<string, string> = {},
  supplier = "acme",
): Promise<Reply> {
  return leadgate.call("POST", "/api/v1/lead-update", {
    headers: { "x-api-key": leadgate.keyOf(supplier), "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

deliveryJourneys("reports of suppliers", (journey) => {
  test("a supplier's report of a lead stands with the lead, and is told to the webhooks and the buyer that asked for it", async () => {
    const { leadgate } = journey;
    const [buyer, other, books] = [await journey.buyer(), await journey.buyer(), await journey.buyer()];
    const webhook = { url: books.url(), events: ["lead.updated" as const] };
    await leadgate.configure(
      delivering(
        {
          first: webhookTo(buyer, { events: ["lead.updated"] }),
          second: webhookTo(other, { events: ["lead.updated"] }),
        },
        { more: { webhooks: [{ id: "books", ...webhook }] } },
      ),
    );
    const lead = await send(leadgate);
    const said = {
      lead_id: lead.id,
      outcome: "Sold - appointment",
      revenue: 120.5,
      sales_rep: "Grace",
      speed_to_lead_seconds: 42,
      call_duration_seconds: 600,
      note: "Wants two roofs",
    };
    const { status, body } = await report(leadgate, said);
    const at = body.data.created_at;
    expect([status, body.data]).toEqual([
      201,
      { id: body.data.id, lead_id: lead.id, outcome: said.outcome, created_at: at },
    ]);
    expect(body.data.id).toStartWith("update_");
    const { lead_id: _, ...told } = { ...said, revenue: "120.50", id: body.data.id, created_at: at };
    await untilTrue(() => buyer.received.size === 2 && books.received.size === 1, "the report to arrive");
    const [, toBuyer] = await arrivals(buyer, 2);
    const [toBooks] = await arrivals(books, 1);
    const ids = { lead_id: lead.id, campaign_id: "solar", buyer_id: "first", is_test: false };
    const { revenue: _revenue, ...notTheRevenue } = told;
    expect(JSON.parse(toBuyer?.bodies[0] ?? "")).toMatchObject({
      type: "lead.updated",
      data: { ...ids, update: notTheRevenue },
    });
    expect(JSON.parse(toBuyer?.bodies[0] ?? "").data).not.toHaveProperty("supplier_id");
    expect(JSON.parse(toBuyer?.bodies[0] ?? "").data.update).not.toHaveProperty("revenue");
    expect(JSON.parse(toBooks?.bodies[0] ?? "")).toMatchObject({
      type: "lead.updated",
      data: { ...ids, supplier_id: "acme", status: "ACCEPTED", currency: "USD", update: told },
    });
    expect(other.received.size).toBe(0);
    const { updates, status: stands } = (await leadgate.admin("GET", `/leads/${lead.id}`)).body.data;
    expect([stands, updates]).toEqual(["ACCEPTED", [told]]);
  });

  test("a supplier's report of a lead does not send the lead round again, should the buyer not hear of it", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    const delivery = { events: ["lead.updated" as const], retry_schedule: [] };
    await leadgate.configure(delivering({ first: webhookTo(buyer, delivery) }));
    const lead = await send(leadgate);
    await arrivals(buyer, 1);
    buyer.behave("fail");
    await report(leadgate, { lead_id: lead.id, outcome: "sold" });
    await untilTrue(async () => {
      const { deliveries } = (await leadgate.admin("GET", `/leads/${lead.id}`)).body.data;
      return deliveries.map(({ state }: { state: string }) => state).join() === "delivered,dead";
    }, "the report to be given up");
    expect((await leadgate.admin("POST", `/leads/${lead.id}/redistribute`)).status).toBe(409);
  });

  test("a supplier's report of a lead is refused with all that is wrong with it", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const wrong = {
      outcome: "5125550100",
      revenue: "12,50",
      sales_rep: "",
      speed_to_lead_seconds: -1,
      call_duration_seconds: "a minute",
      note: "a\u0000b",
      agent: "Grace",
    };
    const { status, body } = await report(leadgate, wrong, { "idempotency-key": "ü" });
    expect([status, body.message]).toEqual([400, "9 fields are not valid"]);
    expect(
      body.field_errors.map(({ field, code }: { field: string; code: string }) => `${field} ${code}`),
    ).toEqual([
      "agent unknown_field",
      "lead_id required",
      "outcome invalid_format",
      "revenue invalid_format",
      "sales_rep too_short",
      "speed_to_lead_seconds out_of_range",
      "call_duration_seconds invalid_type",
      "note invalid_format",
      "Idempotency-Key invalid_format",
    ]);
    expect(JSON.stringify(body)).not.toContain("5125550100");
    expect((await report(leadgate, "{")).body.error).toBe("malformed_body");
    expect((await report(leadgate, "a=b", { "content-type": "text/plain" })).status).toBe(415);
    expect((await leadgate.call("POST", "/api/v1/lead-update", { body: "{}" })).status).toBe(401);
  });

  test("a supplier's report of a lead is read from a form, with seconds as text and the dollar sign", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const lead = await send(leadgate);
    const form = new URLSearchParams({
      lead_id: lead.id,
      outcome: "sold",
      revenue: "$1,120.50",
      call_duration_seconds: "340",
      note: "",
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await report(leadgate, form.toString(), headers)).status).toBe(201);
    const { updates } = (await leadgate.admin("GET", `/leads/${lead.id}`)).body.data;
    expect(updates).toMatchObject([{ revenue: "1120.50", call_duration_seconds: 340, note: null }]);
  });

  test("a supplier's report of a lead is refused with the sign of another currency than the campaign's", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ campaign: { currency: "EUR" } }));
    const lead = await send(leadgate);
    const { status, body } = await report(leadgate, {
      lead_id: lead.id,
      outcome: "sold",
      revenue: "$120.50",
    });
    expect([status, body.field_errors?.[0]?.field]).toEqual([400, "revenue"]);
  });

  test("a supplier's report of a lead is refused with more money than there is", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const lead = await send(leadgate);
    const told = async (revenue: string) => {
      const { status, body } = await report(leadgate, { lead_id: lead.id, outcome: "sold", revenue });
      return [status, body.field_errors?.[0]?.message];
    };
    expect(await told("1234567890")).toEqual([400, 'revenue must be an amount such as "12.50"']);
    expect(await told("123456789.2300")).toEqual([201, undefined]);
    const { updates } = (await leadgate.admin("GET", `/leads/${lead.id}`)).body.data;
    expect(updates).toMatchObject([{ revenue: "123456789.23" }]);
  });

  test("a supplier can report only of its own leads", async () => {
    const { leadgate } = journey;
    const document = aDocument();
    await leadgate.configure({ ...document, suppliers: [...(document.suppliers ?? []), { id: "bolt" }] });
    const lead = await send(leadgate);
    const foreign = await report(leadgate, { lead_id: lead.id, outcome: "sold" }, {}, "bolt");
    const unknown = await report(leadgate, { lead_id: "lead_01k6a1npq7f9gtqf2hs6zkdsn4", outcome: "sold" });
    const malformed = await report(leadgate, { lead_id: "17", outcome: "sold" });
    expect([foreign, unknown, malformed].map(({ status, body }) => [status, body.message])).toEqual(
      Array.from({ length: 3 }, () => [404, "There is no such lead."]),
    );
  });

  test("a supplier's report of a lead is recorded once under its Idempotency-Key, however often it comes", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const lead = await send(leadgate);
    const once = { lead_id: lead.id, outcome: "sold" };
    const key = { "idempotency-key": "report-1" };
    const replies = await Promise.all(Array.from({ length: 5 }, () => report(leadgate, once, key)));
    expect(new Set(replies.map(({ body }) => body.data.id)).size).toBe(1);
    expect(replies.filter(({ headers }) => headers.has("idempotent-replayed")).length).toBe(4);
    const reused = await report(leadgate, { ...once, outcome: "lost" }, key);
    expect([reused.status, reused.body.error]).toEqual([422, "idempotency_key_reused"]);
    await report(leadgate, { ...once, outcome: "lost" });
    // A lead of the same supplier may have the same key.
    expect((await leadgate.ingest("acme", { flo_campaign_id: "solar" }, key)).body.error).toBe(
      "validation_failed",
    );
    const { updates } = (await leadgate.admin("GET", `/leads/${lead.id}`)).body.data;
    expect(updates.map(({ outcome }: { outcome: string }) => outcome)).toEqual(["sold", "lost"]);
  });

  test("a supplier's report of a lead is kept without its free text once the lead is erased", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const lead = (await leadgate.ingest("acme", aLead({ phone: "5128881111" }))).body.data;
    const { body } = await leadgate.admin("POST", "/erasures", { phone: "5128881111" });
    await untilTrue(
      async () => (await leadgate.admin("GET", `/erasures/${body.data.id}`)).body.data.state === "done",
      "the person to be forgotten",
    );
    const said = { lead_id: lead.id, outcome: "sold", revenue: "10", note: "Eve again", sales_rep: "Grace" };
    expect((await report(leadgate, said)).status).toBe(201);
    const { updates } = (await leadgate.admin("GET", `/leads/${lead.id}`)).body.data;
    expect(updates).toMatchObject([{ outcome: "sold", revenue: "10.00", note: null, sales_rep: null }]);
  });
});
