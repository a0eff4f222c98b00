import { expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { recount } from "#campaigns/recount-records.ts";
import { applyConfiguration } from "#configuration/apply.ts";
import { builderOn } from "#database/builder.ts";
import { buyerCounters, campaignCounters } from "#database/tables.ts";
import { fullDocument, withBuyer, withCampaign } from "../configuration/document-examples.ts";
import { addCounter, addLead } from "../configuration/leads-on-record.ts";
import { onBothDatabases } from "../support/database.ts";

/** A Wednesday, 10:30 in Berlin and 03:30 in Chicago. */
const now = new Date("2026-03-04T09:30:00Z");

onBothDatabases("counters after a change of the configuration", (world) => {
  const apply = (document: ConfigurationDocument) =>
    applyConfiguration({ database: world.database, secretKey: new Uint8Array(32) }, document, {
      now,
      by: "test",
    });

  /** Sold in Berlin's hour, day, week, month, and before all of them; one is a test. */
  async function sell() {
    await addLead(world.database, { at: new Date("2026-03-04T09:10:00Z"), price: "1", payout: "0.1" });
    await addLead(world.database, { at: new Date("2026-03-03T23:05:00Z"), price: "2", payout: "0.2" });
    await addLead(world.database, { at: new Date("2026-03-01T23:30:00Z"), price: "4", payout: "0.4" });
    await addLead(world.database, { at: new Date("2026-03-01T00:30:00Z"), price: "8", payout: "0.8" });
    await addLead(world.database, { at: new Date("2026-02-28T12:00:00Z"), price: "16", payout: "1.6" });
    await addLead(world.database, {
      at: new Date("2026-03-04T09:11:00Z"),
      price: "32",
      payout: "3.2",
      isTest: true,
    });
    await addCounter(world.database, "contract", { leads: 5, amount: "31" });
    await addCounter(world.database, "supplier", { leads: 5, amount: "3.1" });
  }

  const counters = async (party: "contract" | "supplier") => {
    const rows = await world.database.read((db) => builderOn(db).select().from(campaignCounters));
    const row = rows.find((each) => each.party === party);
    return row && figures(row);
  };
  const buyer = async () => {
    const [row] = await world.database.read((db) => builderOn(db).select().from(buyerCounters));
    return row && figures(row);
  };

  const inBerlin = {
    hour: ["2026-03-04T09:00:00.000Z", 1, 1],
    day: ["2026-03-03T23:00:00.000Z", 2, 3],
    week: ["2026-03-01T23:00:00.000Z", 3, 7],
    month: ["2026-02-28T23:00:00.000Z", 4, 15],
    total: [5, 31],
  };

  test("counters equal the leads in the buyer's new time zone, for the contract and the buyer; test leads do not count", async () => {
    await apply(fullDocument());
    await sell();
    await apply(withBuyer({ timezone: "Europe/Berlin" }));
    expect(await counters("contract")).toEqual(inBerlin);
    expect(await buyer()).toEqual(inBerlin);
    expect(await counters("supplier")).toMatchObject({ hour: ["1970-01-01T00:00:00.000Z", 0, 0] });
  });

  test("counters keep the contract's place in the turn", async () => {
    await apply(fullDocument());
    await sell();
    await apply(withBuyer({ timezone: "Europe/Berlin" }));
    const rows = await world.database.read((db) => builderOn(db).select().from(campaignCounters));
    expect(rows.map((row) => row.lastTurn)).toEqual([3, 3]);
  });

  test("counters equal the payouts in the campaign's new time zone, for its suppliers", async () => {
    await apply(fullDocument());
    await sell();
    await apply(withCampaign({ timezone: "Europe/Berlin" }));
    expect(await counters("supplier")).toEqual({
      hour: ["2026-03-04T09:00:00.000Z", 1, 0.1],
      day: ["2026-03-03T23:00:00.000Z", 2, 0.3],
      week: ["2026-03-01T23:00:00.000Z", 3, 0.7],
      month: ["2026-02-28T23:00:00.000Z", 4, 1.5],
      total: [5, 3.1],
    });
    expect(await counters("contract")).toMatchObject({ hour: ["1970-01-01T00:00:00.000Z", 0, 0] });
  });

  test("counters hold what a buyer was sold before it was first counted", async () => {
    const uncounted = withBuyer({ timezone: "Europe/Berlin", caps: {} });
    await apply(uncounted);
    await sell();
    expect(await buyer()).toBeUndefined();
    await apply(withBuyer({ timezone: "Europe/Berlin", caps: { total: { leads: 6 } } }));
    expect(await buyer()).toEqual(inBerlin);
  });

  test("counters hold what a buyer was sold while it was not counted, and leave its money alone", async () => {
    const counted = withBuyer({ timezone: "Europe/Berlin", caps: {}, billing: { mode: "wallet" } });
    await apply(counted);
    await world.database.write(async (tx) => {
      await builderOn(tx).update(buyerCounters).set({ balance: "123.45" });
    });
    await apply(withBuyer({ timezone: "Europe/Berlin", caps: {} }));
    await sell();
    await apply(counted);
    expect(await buyer()).toEqual(inBerlin);
    const [row] = await world.database.read((db) => builderOn(db).select().from(buyerCounters));
    expect(Number(row?.balance)).toBe(123.45);
  });

  test("counters bring what a paying buyer was sold into its own balance, wherever it stood", async () => {
    const wallet = withBuyer({ timezone: "Europe/Berlin", caps: {}, billing: { mode: "wallet" } });
    await apply(wallet);
    await sell();
    await world.database.write(async (tx) => {
      await builderOn(tx).update(campaignCounters).set({ balance: "-31" });
      await builderOn(tx).update(buyerCounters).set({ balance: "100" });
      const buyers = [{ buyerId: "buyer_abc", timezone: "Europe/Berlin" }];
      await recount(tx, { contracts: [], links: [], buyers }, now);
    });
    const [row] = await world.database.read((db) => builderOn(db).select().from(buyerCounters));
    expect([await buyer(), Number(row?.balance)]).toEqual([inBerlin, 69]);
    const rows = await world.database.read((db) => builderOn(db).select().from(campaignCounters));
    expect(new Map(rows.map(({ party, balance }) => [party, Number(balance)]))).toEqual(
      new Map([
        ["contract", 0],
        ["supplier", -31],
      ]),
    );
  });
});

type Row = typeof buyerCounters.$inferSelect | typeof campaignCounters.$inferSelect;

/** When each period began, its leads and its money. */
function figures(row: Row) {
  const at = (text: string) => new Date(text).toISOString();
  return {
    hour: [at(row.hourStart), row.hourLeads, Number(row.hourAmount)],
    day: [at(row.dayStart), row.dayLeads, Number(row.dayAmount)],
    week: [at(row.weekStart), row.weekLeads, Number(row.weekAmount)],
    month: [at(row.monthStart), row.monthLeads, Number(row.monthAmount)],
    total: [row.totalLeads, Number(row.totalAmount)],
  };
}
