import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { readMovements } from "#ledger/statements/movement-records.ts";
import { type StatementDetail, type StatementHead, statementLines } from "#ledger/statements/statement.ts";
import { onBothDatabases } from "../support/database.ts";

const HEAD: StatementHead = {
  party: "buyer",
  id: "first",
  name: "First",
  currency: "USD",
  home: "USD",
  timezone: "America/New_York",
  from: "2026-01-01T05:00:00Z",
  to: "2026-02-01T05:00:00Z",
  opening: 0n,
};

/** Sales of two buyers by turns, some at one moment, over two days in New York; the last in another currency. */
const SALES =
  sql.raw(`insert into sales (id, campaign_id, lead_id, buyer_id, place, status, price, payout, currency, sold_at, supplier_id)
  select gen_random_uuid(), 'solar', gen_random_uuid(), case number % 2 when 0 then 'first' else 'second' end, 1, 'sold', 10.0001, 4, 'USD',
    timestamptz '2026-01-13T12:00:00Z' + number / 100 * interval '10 minutes', 'acme'
  from generate_series(0, 11999) as number
  union all
  select gen_random_uuid(), 'roofs', gen_random_uuid(), 'first', 1, 'sold', 99, 98, 'EUR', timestamptz '2026-01-20Z', 'acme'`);

const EVENTS =
  sql.raw(`insert into ledger (id, campaign_id, at, kind, buyer_id, supplier_id, buyer_amount, supplier_amount, currency, sale_id,
    lead_id, day, source, note)
  values (gen_random_uuid(), 'solar', '2026-01-15T12:00:00Z', 'refusal', 'first', 'acme', 10.0001, -4, 'USD', gen_random_uuid(),
      gen_random_uuid(), null, null, null),
    (gen_random_uuid(), '', '2026-01-15T13:00:00Z', 'payment', 'first', null, 5000, 0, 'USD', null, null, null, null, 'wire'),
    (gen_random_uuid(), '', '2026-01-15T13:00:00Z', 'payment', 'first', null, 7000, 0, 'EUR', null, null, null, null, null),
    (gen_random_uuid(), 'solar', '2026-01-16T13:00:00Z', 'cost', null, 'acme', 0, 0, 'USD', null, null, '2026-01-10', 'ads', 'late')`);

onBothDatabases("what moved an account", (world) => {
  const linesOf = async (over: Partial<StatementHead>, detail: StatementDetail) => {
    const head = { ...HEAD, ...over };
    return (
      await Array.fromAsync(statementLines(head, readMovements(world.database, head, detail), detail))
    ).flat();
  };

  test("is told by the sale and by the day alike, whoever else bought meanwhile, and of each payment what it was for", async () => {
    await world.database.write((tx) => tx.execute(SALES));
    await world.database.write((tx) => tx.execute(EVENTS));
    for (const [over, count, moved] of [
      [{}, 6002, 5000 - 5999 * 10.0001],
      [{ currency: "EUR" }, 2, 7000 - 99],
      [{ party: "supplier", id: "acme" }, 12_002, 11_999 * 4],
      [{ id: "nobody" }, 0, 0],
    ] as const) {
      for (const detail of ["sale", "day"] as const) {
        const lines = await linesOf(over, detail);
        expect(lines.reduce((sum, line) => sum + line.count, 0)).toBe(count);
        expect(Number(lines.at(-1)?.balance ?? 0n) / 10_000).toBeCloseTo(moved, 4);
        expect(lines.map(({ day }) => day)).toEqual(lines.map(({ day }) => day).toSorted());
      }
    }
    const lines = await linesOf({}, "day");
    expect(lines.map(({ day, kind, count, note }) => [day, kind, count, note])).toEqual([
      ["2026-01-13", "sale", 5100, null],
      ["2026-01-14", "sale", 900, null],
      ["2026-01-15", "refusal", 1, null],
      ["2026-01-15", "payment", 1, "wire"],
    ]);
    expect(lines[2]).toMatchObject({ at: "2026-01-15T12:00:00.000Z", leadId: expect.any(String) });
    const ofSupplier = await linesOf({ party: "supplier", id: "acme" }, "day");
    expect(ofSupplier.at(-1)).toMatchObject({ kind: "cost", note: "2026-01-10, ads, late" });
  });
});
