import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { StatementRefused } from "#database/database.ts";
import type { RecoverParts } from "#intake/recover.ts";
import type { Arrived } from "#leads/candidate.ts";
import { acceptReturn } from "#returns/decide-return.ts";
import { newUuid, uuidOfReturn } from "#text/ids.ts";
import { journeys } from "../../journeys/journeys.ts";
import { onBothDatabases } from "../../support/database.ts";
import { openLanesBeside } from "../../support/lanes.ts";
import { aDocument, aLead, type Leadgate, openLeadgate } from "../../support/leadgate.ts";

/** Of solar's buyer each lead may cost what it likes; wind's pays ten. */
function twoCampaigns(price: string): ConfigurationDocument {
  const [solar] = aDocument().campaigns ?? [];
  if (solar === undefined) throw new Error("there is no campaign");
  const campaigns = [
    { ...solar, buyers: [{ buyer: "first", price }] },
    { ...solar, id: "wind", buyers: [{ buyer: "second", price: "10.00" }] },
  ];
  return { ...aDocument(), campaigns };
}

function arrived(campaignId: string, over: Readonly<Record<string, unknown>> = {}): Arrived {
  return {
    kind: "arrived",
    id: newUuid(),
    requestId: "request",
    campaignId,
    supplierId: "acme",
    keyId: null,
    body: aLead(over),
    idempotency: null,
    ping: null,
  };
}

journeys("leads that are decided together", (journey) => {
  test("of leads that are decided together, one that our own code fails on fails alone, and none is taken in twice", async () => {
    const { leadgate } = journey;
    await leadgate.configure(twoCampaigns("10.00"));
    const fault = new RangeError("no such lead was thought of");
    const bad = arrived("solar", { first_name: "Nobody" });
    const lanes = openLanesBeside(journey, (batch) => {
      if (batch.some(({ leads }) => leads.some(({ lead }) => lead.id === bad.id))) throw fault;
    });
    lanes.start();
    const good = Array.from({ length: 12 }, (_, index) => arrived(index % 2 === 0 ? "solar" : "wind"));
    const taken = [...good.slice(0, 5), bad, ...good.slice(5)].map((lead) => lanes.takeIn(lead, null));
    const ends = (await Promise.allSettled(taken)).map((end) =>
      end.status === "rejected" ? end.reason : "answer" in end.value && end.value.answer.httpStatus,
    );
    await lanes.stop();
    expect(ends.splice(5, 1)).toEqual([fault]);
    expect(ends).toEqual(good.map(() => 201));
    const { body } = await leadgate.admin("GET", "/leads?limit=100");
    expect(body.data).toHaveLength(12);
  });

  /** Accepts a return of a sale through lanes in which `wrote` is called; what came of it, of the return and of the sale. */
  async function acceptingReturn(wrote: Parameters<typeof openLanesBeside>[1]) {
    const { leadgate, database } = journey;
    await leadgate.configure(aDocument({ buyers: { first: { returns: { allowed: true } } } }));
    const { id } = (await leadgate.ingest("acme", aLead())).body.data;
    const asked = await leadgate.admin("POST", `/leads/${id}/returns`, { reason: "bad_contact" });
    const lanes = openLanesBeside(journey, wrote);
    const outbox = { meantFor: async () => [] };
    const parts = { database, lanes, outbox, clock: leadgate.clock } as unknown as RecoverParts;
    const uuid = uuidOfReturn(asked.body.data.id) ?? "";
    const accepted = acceptReturn(uuid, { by: "Ada", now: leadgate.clock.now() }, parts);
    const [outcome] = await Promise.allSettled([accepted]);
    const [kept] = (await leadgate.admin("GET", "/returns")).body.data;
    const [sale] = (await leadgate.admin("GET", `/leads/${id}`)).body.data.sales;
    return { outcome, kept: kept.status, sale: sale.status };
  }

  test("a return whose lead the database will not have decided once more stays to be decided", async () => {
    const { outcome, ...standing } = await acceptingReturn(() => {
      throw new StatementRefused("a value is out of range", "22003", undefined);
    });
    expect(outcome).toMatchObject({ reason: { name: "NotTakenIn" } });
    expect(standing).toEqual({ kept: "pending", sale: "sold" });
  });

  test("a sale stands where its return is found decided as it is written", async () => {
    const { outcome, ...standing } = await acceptingReturn((_, db) => {
      void db.execute(sql`update returns set status = 'rejected', decided_at = now(), decided_by = 'Bob'`);
    });
    expect(outcome).toMatchObject({ status: "rejected" });
    expect(standing).toEqual({ kept: "pending", sale: "sold" });
  });
});

async function statusesOf(leadgate: Leadgate, campaigns: readonly string[]): Promise<number[]> {
  const replies = await Promise.all(
    campaigns.map((campaign) => leadgate.ingest("acme", aLead({ campaign_id: campaign }))),
  );
  return replies.map(({ status }) => status);
}

onBothDatabases("what a buyer has used", (world) => {
  test("what a buyer has used may be more than can be counted: its leads are sold on, and those of others", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(twoCampaigns("999999999"));
    for (let round = 0; round < 9; round += 1) {
      const statuses = await statusesOf(leadgate, Array<string>(100).fill("solar"));
      expect(statuses.filter((status) => status !== 201)).toEqual([]);
    }
    const both = Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? "solar" : "wind"));
    expect(await statusesOf(leadgate, both)).toEqual(both.map(() => 201));
    const document = twoCampaigns("999999999");
    const [solar, ...others] = document.campaigns ?? [];
    const capped = {
      ...solar,
      buyers: [{ buyer: "first", price: "1.00", caps: { total: { amount: "999999999" } } }],
    };
    await leadgate.configure({ ...document, campaigns: [capped, ...others] });
    const { body } = await leadgate.ingest("acme", aLead({ campaign_id: "solar" }));
    expect(body.data.status).toBe("UNMATCHED");
  });
});
