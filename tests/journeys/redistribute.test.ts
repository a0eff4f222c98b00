import { expect, test } from "bun:test";
import { reopenStored } from "#intake/recover.ts";
import { findLead } from "#leads/lead-records.ts";
import { uuidOfLead } from "#text/ids.ts";
import { openLanesBeside } from "../support/lanes.ts";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import { arrivals, delivering, deliveryJourneys, deliveryOf, send, webhookTo } from "./delivery-journeys.ts";

/** The first buyer alone is in the campaign. */
const ONE_BUYER = { second: { status: "paused" as const }, third: { status: "paused" as const } };

async function show(leadgate: Leadgate, id: string) {
  return (await leadgate.admin("GET", `/leads/${id}`)).body.data;
}

deliveryJourneys("redistribution", (journey) => {
  test("a lead that is sent round again finds a buyer that was added since, and its trace goes on", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(aDocument({ campaign: { buyers: [] } }));
    const lead = await send(leadgate, { roof_age: 7, zip_code: "78701-1234" });
    expect(lead.status).toBe("UNMATCHED");
    await leadgate.configure(delivering({ first: webhookTo(buyer) }));
    leadgate.acknowledged.length = 0;
    const { status, body } = await leadgate.admin("POST", `/leads/${lead.id}/redistribute`);
    expect([status, body.data]).toEqual([
      201,
      { id: lead.id, status: "ACCEPTED", buyer_id: "first", campaign_id: "solar" },
    ]);
    const [received] = await arrivals(buyer, 1);
    expect(JSON.parse(received?.bodies[0] ?? "").data).toMatchObject({
      lead_id: lead.id,
      fields: { first_name: "Ada", roof_age: 7, zip_code: "78701-1234" },
    });
    const { trace, status: stands } = await show(leadgate, lead.id);
    expect(stands).toBe("ACCEPTED");
    expect(trace.map(({ check, result }: { check: string; result: string }) => `${check} ${result}`)).toEqual(
      [
        "access passed",
        "fields passed",
        "filters passed",
        "suppression passed",
        "duplicates passed",
        "buyers ended",
        "fields passed",
        "filters passed",
        "suppression passed",
        "duplicates passed",
        "buyers passed",
      ],
    );
  });

  test("a lead whose buyer could not be reached goes to another, and costs the first one nothing", async () => {
    const { leadgate } = journey;
    const [failing, other] = [await journey.buyer({ behaviour: "fail" }), await journey.buyer()];
    const capped = { caps: { total: { leads: 1 } }, billing: { mode: "credit" as const, limit: "100.00" } };
    await leadgate.configure(
      delivering({
        first: { ...webhookTo(failing, { retry_schedule: [] }), ...capped },
        second: { ...webhookTo(other), ...capped },
      }),
    );
    const lead = await send(leadgate);
    expect(lead.buyer_id).toBe("first");
    await deliveryOf(leadgate, lead.id, "dead");
    leadgate.acknowledged.length = 0;
    const { body } = await leadgate.admin("POST", `/leads/${lead.id}/redistribute`);
    expect(body.data.buyer_id).toBe("second");
    await arrivals(other, 1);
    const balance = async (buyer: string) =>
      (await leadgate.admin("GET", `/buyers/${buyer}/balance`)).body.data.balance;
    expect([await balance("first"), await balance("second")]).toEqual(["0.00", "-20.00"]);
    const { trace, deliveries } = await show(leadgate, lead.id);
    expect(trace.find(({ check }: { check: string }) => check === "confirmation")).toMatchObject({
      result: "ended",
      buyer_id: "first",
      answer: "by_hand",
    });
    // The first one's delivery is history: it cannot be sent again any more.
    const again = await leadgate.admin("POST", `/deliveries/${deliveries[0].id}/redeliver`);
    expect(again.status).toBe(409);
    const recovered = await leadgate.admin("POST", "/buyers/first/recover", {
      since: "2020-01-01T00:00:00Z",
    });
    expect(recovered.body.data.recovered).toBe(0);
    // The first one has room for the next lead.
    expect((await send(leadgate)).buyer_id).toBe("first");
  });

  test("a lead whose delivery is sent again just before it is sent round again stays with its buyer alone", async () => {
    const { leadgate, database } = journey;
    const [buyer, other] = [await journey.buyer({ behaviour: "fail" }), await journey.buyer()];
    await leadgate.configure(
      delivering({ first: webhookTo(buyer, { retry_schedule: [] }), second: webhookTo(other) }),
    );
    const lead = await send(leadgate);
    const { id } = await deliveryOf(leadgate, lead.id, "dead");
    const stored = await database.read((db) => findLead(db, uuidOfLead(lead.id) ?? ""));
    if (stored === undefined) throw new Error("there is no such lead");
    buyer.behave("accept");
    expect((await leadgate.admin("POST", `/deliveries/${id}/redeliver`)).status).toBe(202);
    const round = reopenStored(stored, "by_hand", ["first"], { undone: stored.sales, by: "Ada" });
    const outcome = await openLanesBeside(journey).takeIn(round, null);
    expect("answer" in outcome && outcome.answer.httpStatus).toBe(409);
    await arrivals(buyer, 1);
    const { status, sales } = await show(leadgate, lead.id);
    expect([status, sales]).toMatchObject(["ACCEPTED", [{ buyer_id: "first", status: "sold" }]]);
  });

  test("a lead that arrived is not sent round again because it was sent to its buyer once more and failed", async () => {
    const { leadgate } = journey;
    const [buyer, other] = [await journey.buyer(), await journey.buyer()];
    await leadgate.configure(
      delivering({ first: webhookTo(buyer, { retry_schedule: [] }), second: webhookTo(other) }),
    );
    const lead = await send(leadgate);
    const { id } = await deliveryOf(leadgate, lead.id, "delivered");
    buyer.behave("fail");
    expect((await leadgate.admin("POST", `/deliveries/${id}/redeliver`)).status).toBe(202);
    await deliveryOf(leadgate, lead.id, "dead");
    expect((await leadgate.admin("POST", `/leads/${lead.id}/redistribute`)).status).toBe(409);
    expect(await show(leadgate, lead.id)).toMatchObject({ status: "ACCEPTED", buyer_id: "first" });
  });

  test("a lead that is sent round again because its buyer refused it afterwards goes to another", async () => {
    const { leadgate } = journey;
    const [refusing, other] = [await journey.buyer({ behaviour: "reject-json" }), await journey.buyer()];
    const response_rules = [
      { when: { json_path: "$.status", equals: "rejected" }, outcome: "rejected" as const },
      { when: { status: 200 }, outcome: "accepted" as const },
    ];
    await leadgate.configure(
      delivering(
        { first: webhookTo(refusing, { response_rules }), second: webhookTo(other) },
        { contracts: { first: { on_refusal: "keep" } } },
      ),
    );
    const lead = await send(leadgate);
    await deliveryOf(leadgate, lead.id, "rejected");
    leadgate.acknowledged.length = 0;
    const { body } = await leadgate.admin("POST", `/leads/${lead.id}/redistribute`);
    expect(body.data.buyer_id).toBe("second");
    await arrivals(other, 1);
  });

  test("a lead that is sent round again goes to none of the buyers that it was meant for before", async () => {
    const { leadgate } = journey;
    const failing = await journey.buyer({ behaviour: "fail" });
    const dead = webhookTo(failing, { retry_schedule: [] });
    await leadgate.configure(delivering({ first: dead, second: dead, third: dead }));
    const lead = await send(leadgate);
    leadgate.acknowledged.length = 0;
    const course = [lead.buyer_id];
    for (let round = 1; round <= 3; round++) {
      await untilTrue(async () => {
        const { deliveries } = await show(leadgate, lead.id);
        return (
          deliveries.length === round && deliveries.every(({ state }: { state: string }) => state === "dead")
        );
      }, "the delivery to be given up");
      const { body } = await leadgate.admin("POST", `/leads/${lead.id}/redistribute`);
      course.push(body.data.buyer_id);
    }
    expect(course).toEqual(["first", "second", "third", null]);
    expect((await show(leadgate, lead.id)).trace.at(-1).buyers).toEqual(
      ["first", "second", "third"].map((buyer_id) => ({ buyer_id, reason: "refused_lead" })),
    );
  });

  test("a lead that is sent round again is asked about first, when its new buyer wants that", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(aDocument({ campaign: { buyers: [] } }));
    const lead = await send(leadgate);
    await leadgate.configure(delivering({ first: webhookTo(buyer, { confirm: true }) }));
    leadgate.acknowledged.length = 0;
    const { body } = await leadgate.admin("POST", `/leads/${lead.id}/redistribute`);
    expect([body.data.buyer_id, buyer.seen.requests]).toEqual(["first", 1]);
  });

  test("only a lead that found no buyer or did not arrive can be sent round again", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(delivering({ first: webhookTo(buyer) }, { contracts: ONE_BUYER }));
    const sold = aLead();
    const lead = (await leadgate.ingest("acme", sold)).body.data;
    const repeated = (await leadgate.ingest("acme", sold)).body.data;
    await deliveryOf(leadgate, lead.id, "delivered");
    for (const { id } of [lead, repeated]) {
      const { status, body } = await leadgate.admin("POST", `/leads/${id}/redistribute`);
      expect([status, body.error]).toEqual([409, "conflict"]);
    }
    for (const id of ["lead_01h455vb4pex5vsknk084sn02q", "1"]) {
      expect((await leadgate.admin("POST", `/leads/${id}/redistribute`)).status).toBe(404);
    }
    expect(buyer.seen.requests).toBe(1);
  });

  test("the leads that a query finds can be sent round again together", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(aDocument({ campaign: { buyers: [] } }));
    for (let sent = 0; sent < 5; sent++) await send(leadgate);
    await leadgate.configure(
      delivering({ first: { ...webhookTo(buyer), caps: { total: { leads: 3 } } } }, { contracts: ONE_BUYER }),
    );
    leadgate.acknowledged.length = 0;
    const first = await leadgate.admin("POST", "/leads/redistribute?status=UNMATCHED&limit=4");
    expect(first.body.data).toEqual({ accepted: 3, not_accepted: 1, not_open: 0 });
    expect(first.body.next_cursor).toBeString();
    const rest = await leadgate.admin(
      "POST",
      `/leads/redistribute?status=UNMATCHED&limit=4&cursor=${first.body.next_cursor}`,
    );
    expect(rest.body).toEqual({ data: { accepted: 0, not_accepted: 1, not_open: 0 }, next_cursor: null });
    await arrivals(buyer, 3);
  });

  test("a lead that is sent round again is unmatched when its campaign would not let it in any more", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ campaign: { buyers: [] } }));
    const lead = await send(leadgate);
    const fields = [{ name: "roof_age", type: "integer" as const, required: true }];
    await leadgate.configure(aDocument({ campaign: { fields } }));
    const { status, body } = await leadgate.admin("POST", `/leads/${lead.id}/redistribute`);
    expect([status, body.data.status]).toEqual([200, "UNMATCHED"]);
    expect((await show(leadgate, lead.id)).trace.at(-1)).toMatchObject({ check: "fields", result: "ended" });
  });

  test("a lead that is sent round again costs its buyer nothing, also when that contract has ended", async () => {
    const { leadgate } = journey;
    const failing = await journey.buyer({ behaviour: "fail" });
    const capped = { caps: { total: { leads: 1 } }, billing: { mode: "credit" as const, limit: "100.00" } };
    const first = { ...webhookTo(failing, { retry_schedule: [] }), ...capped };
    const document = delivering({ first });
    await leadgate.configure(document);
    const lead = await send(leadgate);
    await deliveryOf(leadgate, lead.id, "dead");
    leadgate.acknowledged.length = 0;
    const [campaign] = document.campaigns ?? [];
    const buyers = (campaign?.buyers ?? []).filter(({ buyer }) => buyer !== "first");
    await leadgate.configure({ ...document, campaigns: [{ ...campaign, buyers }] });
    const { body } = await leadgate.admin("POST", `/leads/${lead.id}/redistribute`);
    expect(body.data.buyer_id).toBe("second");
    expect((await leadgate.admin("GET", "/buyers/first/balance")).body.data.balance).toBe("0.00");
  });
});
