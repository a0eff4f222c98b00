import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { createPnlSums } from "#reports/pnl.ts";
import type { PnlRange } from "#reports/pnl-range.ts";
import { readPnl } from "#reports/pnl-records.ts";
import { onBothDatabases } from "../support/database.ts";

const DAY: PnlRange = {
  from: "2026-01-13T00:00:00Z",
  to: "2026-01-14T00:00:00Z",
  groups: [],
  includeTest: false,
  timezone: "UTC",
  only: { campaign: null, supplier: null, buyer: null, source: null },
};

/** Leads and sales themselves are gone through: the hourly figures say nothing of sources. */
const BY_SOURCE: PnlRange = { ...DAY, groups: ["source"] };

/** Leads decided at noon and, a thousand at a time, in the milliseconds after it. */
const leadsOf = (count: number) =>
  sql.raw(`with sold as (
      insert into leads (id, campaign_id, supplier_id, status, is_test, currency, revision, decided_at, request_id, fields, trace)
      select gen_random_uuid(), 'solar', 'acme', 'ACCEPTED', false, 'USD', 1,
        timestamptz '2026-01-13T12:00:00Z' + number / 1000 * interval '1 millisecond', 'r', '{}', '[]'
      from generate_series(0, ${count - 1}) as number
      returning *)
    insert into sales (id, campaign_id, lead_id, buyer_id, place, status, price, payout, currency, sold_at, supplier_id)
    select id, campaign_id, id, 'first', 1, 'sold', 0.1001, 0.1, currency, decided_at, supplier_id from sold`);

onBothDatabases("figures of leads", (world) => {
  test("the figures of leads are exact over more leads than are read at once, also when many were decided at one moment", async () => {
    await world.database.write((tx) => tx.execute(leadsOf(11_500)));
    await world.database.write((tx) =>
      tx.execute(
        sql`update leads set decided_at = '2026-01-13T13:00:00Z' where decided_at > '2026-01-13T12:00:00.008Z'`,
      ),
    );
    const sums = createPnlSums([]);
    let pages = 0;
    for await (const page of readPnl(world.database, BY_SOURCE)) {
      pages += 1;
      for (const figures of page) sums.add(figures);
    }
    expect(pages).toBeGreaterThan(2);
    expect(sums.rows()).toMatchObject([
      {
        leads: 11_500,
        accepted: 11_500,
        sales: 11_500,
        revenue: "1151.15",
        payouts: "1150.00",
        profit: "1.15",
      },
    ]);
  });

  test("figures are surveyed only, whatever they are grouped by: a standby has them too", async () => {
    const refused = () => Promise.reject(new Error("asked of the database that takes leads"));
    const standby = { ...world.database, read: refused, lookUp: refused, write: refused };
    for (const groups of [[], ["buyer"], ["hour"], ["source"]] as const) {
      expect((await Array.fromAsync(readPnl(standby, { ...DAY, groups }))).flat()).toBeArray();
    }
  });

  test("no leads have no figures", async () => {
    expect((await Array.fromAsync(readPnl(world.database, DAY))).flat()).toEqual([]);
    expect((await Array.fromAsync(readPnl(world.database, BY_SOURCE))).flat()).toEqual([]);
  });
});
