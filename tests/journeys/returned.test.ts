import { expect, test } from "bun:test";
import { reopenStored } from "#intake/recover.ts";
import type { PriorDecision } from "#leads/candidate.ts";
import { findLead } from "#leads/lead-records.ts";
import { uuidOfLead } from "#text/ids.ts";
import { openLanesBeside } from "../support/lanes.ts";
import { aDocument, aLead } from "../support/leadgate.ts";
import { type Journey, journeys } from "./journeys.ts";

const WALLET = { billing: { mode: "wallet" as const } };

/** Returns what a buyer was sold of a lead, through a lane, as whatever accepts a return does, twice at once. */
async function returnSale(
  journey: Journey,
  id: string,
  buyerId: string,
  keeps: PriorDecision["keeps"],
): Promise<void> {
  const { leadgate, database } = journey;
  const lanes = openLanesBeside(journey);
  const stored = await database.read((db) => findLead(db, uuidOfLead(id) ?? ""));
  if (stored === undefined) throw new Error("there is no such lead");
  const undone = stored.sales.filter((sale) => sale.buyerId === buyerId);
  const again = () => lanes.takeIn(reopenStored(stored, "returned", [], { undone, keeps, by: "Ada" }), null);
  const results = await Promise.all([again(), again()]);
  leadgate.acknowledged.length = 0;
  // Whoever comes second finds it returned.
  const statuses = results.map((result) => ("answer" in result ? result.answer.httpStatus : 0));
  expect(statuses.filter((status) => status === 409)).toHaveLength(1);
}

journeys("a lead that its buyer gives back", (journey) => {
  test("a lead that its last buyer gives back is returned, once, and its person still counts as known", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ buyers: { first: { ...WALLET, caps: { day: { leads: 1 } } } } }));
    await leadgate.admin("POST", "/buyers/first/deposits", { amount: "10.00" });
    const person = aLead();
    const { data } = (await leadgate.ingest("acme", person)).body;
    expect(data.buyer_id).toBe("first");
    await returnSale(journey, data.id, "first", { payout: false, cap: true });
    const { body } = await leadgate.admin("GET", `/leads/${data.id}`);
    expect(body.data).toMatchObject({
      status: "RETURNED",
      reason: "returned",
      buyer_id: null,
      price: null,
      payout: null,
    });
    expect(body.data.sales).toMatchObject([{ buyer_id: "first", status: "returned" }]);
    expect((await leadgate.admin("GET", "/buyers/first/balance")).body.data.balance).toBe("10.00");
    const own = await leadgate.call("GET", `/api/v1/leads/${data.id}`, {
      headers: { "x-api-key": leadgate.keyOf("acme") },
    });
    expect(own.body.data).toMatchObject({ status: "RETURNED", reason: "returned" });
    expect((await leadgate.ingest("acme", person)).body.data.status).toBe("DUPLICATE");
    // Its place in the cap is not given back.
    expect((await leadgate.ingest("acme", aLead())).body.data.buyer_id).toBe("second");
  });

  test("a shared lead that one of its buyers gives back stays with the others, and goes to nobody else", async () => {
    const { leadgate } = journey;
    await leadgate.configure(
      aDocument({ campaign: { max_sells: 2 }, contracts: { first: { caps: { day: { leads: 1 } } } } }),
    );
    const { data } = (await leadgate.ingest("acme", aLead())).body;
    await returnSale(journey, data.id, "first", { payout: false, cap: false });
    const { body } = await leadgate.admin("GET", `/leads/${data.id}`);
    expect(body.data).toMatchObject({
      status: "ACCEPTED",
      buyer_id: "second",
      price: "20.00",
      payout: "5.00",
    });
    expect((await leadgate.ingest("acme", aLead())).body.data.buyer_id).toBe("first");
    await returnSale(journey, data.id, "second", { payout: true, cap: false });
    const after = (await leadgate.admin("GET", `/leads/${data.id}`)).body.data;
    // What was paid for the lead so far is kept with the last that is returned.
    expect([after.status, after.payout]).toEqual(["RETURNED", "5.00"]);
  });
});
