import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import type { Database } from "#database/database.ts";
import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { closeUsersOf } from "../support/closing.ts";
import { discard } from "../support/database.ts";
import { violations } from "../support/invariants.ts";
import { aLead, type Leadgate, openLeadgate, testClock } from "../support/leadgate.ts";
import { killInTheMiddle } from "./killed-upgrade.ts";
import { blankSettings, restoreInto } from "./round-trip.ts";

/** What operators were told by the release that made the backup. */
interface Told {
  /** When that was. */
  now: string;
  day: string;
  /** The key of the supplier acme. */
  key: string;
  leads: ({ id: string; status: string; sales: unknown[]; deliveries: unknown } & Record<string, unknown>)[];
  report: { rows: unknown[] };
  byBuyer: Record<string, string[]>;
  counters: Record<string, unknown>[];
}

const bytes = await Bun.file(`${import.meta.dir}/fixtures/before-sales.backup`).bytes();
const told: Told = JSON.parse(
  gunzipSync(await Bun.file(`${import.meta.dir}/fixtures/before-sales.json.gz`).bytes()).toString(),
);

describe.each(["embedded", "postgres"] as const)(
  "a backup of the release before sales had a table, upgraded after an upgrade was killed in the middle (%s),",
  (kind) => {
    let settings: DatabaseSettings;
    let database: Database;
    let leadgate: Leadgate;

    beforeAll(async () => {
      settings = await blankSettings(kind);
      await restoreInto(settings, bytes);
      await killInTheMiddle(settings, 0);
      database = await openDatabase(settings);
      leadgate = openLeadgate(database, testClock(told.now), new Map([["acme", told.key]]));
    }, 120_000);

    afterAll(async () => {
      await closeUsersOf(database);
      await database.close();
      await discard(settings);
    });

    const dataOf = async (path: string) => (await leadgate.admin("GET", path)).body.data;

    test("holds together", async () => {
      expect(await violations(database, {})).toEqual([]);
    });

    test("has its leads and deliveries in the part of all months so far, and none beside the months", async () => {
      const parts = await database.read((db) =>
        db.execute<{ part: string }>(
          `select distinct tableoid::regclass::text as part from leads
           union select distinct tableoid::regclass::text from deliveries order by 1`,
        ),
      );
      expect(Array.from(parts, ({ part }) => part.replace(/20\d\d_\d\d$/, "…"))).toEqual([
        "months.deliveries_before_…",
        "months.leads_before_…",
      ]);
    });

    test("tells of every lead what it told before", async () => {
      for (const { deliveries: _, ...lead } of told.leads) {
        const { sales, ...now } = await dataOf(`/leads/${lead.id}`);
        expect({ ...now, sales: sales.length }).toMatchObject({ ...lead, sales: lead.sales.length });
        expect(sales).toMatchObject(lead.sales);
      }
    });

    test("lists the leads of each buyer, the shared and the pending ones too", async () => {
      const lists = await Promise.all(
        Object.keys(told.byBuyer).map(async (buyer) => {
          const leads: { id: string }[] = await dataOf(`/leads?buyer=${buyer}&limit=100`);
          return [buyer, leads.map(({ id }) => id)] as const;
        }),
      );
      expect(Object.fromEntries(lists)).toEqual(told.byBuyer);
    });

    test("has the same profit and loss, and the same counters", async () => {
      const { rows } = await dataOf(
        `/reports/pnl?from=${told.day}&to=${told.day}&group_by=campaign,buyer,supplier`,
      );
      // A lead that is held for its buyer's answer counts once that is known.
      const settled = (told.report.rows as { campaign_id: string }[]).filter(
        ({ campaign_id }) => campaign_id !== "windows",
      );
      expect(rows).toMatchObject(settled);
      const counters = await database.read((db) =>
        db.execute(`select campaign_id, party, party_id, total_leads::int as leads, total_amount::text as amount, day_leads
          from campaign_counters order by 1, 2, 3`),
      );
      expect([...counters]).toEqual(told.counters);
    });

    test("finds a person by phone and by e-mail", async () => {
      expect(await dataOf("/leads?phone=5125550001")).toHaveLength(2);
      expect(await dataOf("/leads?email=one@example.com")).toHaveLength(2);
      expect(await dataOf("/leads?phone=5125550041")).toMatchObject([
        { status: "PENDING", buyer_id: "asked" },
      ]);
    });

    test("still knows who repeats an earlier lead, and keeps caps where they were", async () => {
      const send = async (over: Record<string, unknown>) =>
        (await leadgate.ingest("acme", aLead(over))).body.data;
      expect(await send({ phone: "5125550001" })).toMatchObject({ status: "DUPLICATE" });
      expect(await send({ email: "one@example.com" })).toMatchObject({ status: "DUPLICATE" });
      expect(await send({ flo_campaign_id: "doors", phone: "5125550021" })).toMatchObject({
        status: "DUPLICATE",
      });
      // The leads of a supplier in test mode are compared with each other alone.
      expect(await send({ phone: "5125550002" })).toMatchObject({ status: "ACCEPTED", buyer_id: "first" });
      // Of the third buyer's two leads a day, both were sold.
      const shared = await send({ flo_campaign_id: "roofing", phone: "5125550099" });
      expect(shared.sales.map((sale: { buyer_id: string }) => sale.buyer_id)).toEqual(["second", "first"]);
      expect(await violations(database, {})).toEqual([]);
    });
  },
);
