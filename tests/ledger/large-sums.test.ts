import { expect, test } from "bun:test";
import { addToBuyer } from "#ledger/balance-records.ts";
import { findLedgerFlaws } from "#ledger/check-records.ts";
import { nearestAmount } from "#money/amount.ts";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, aLead, type Leadgate, openLeadgate } from "../support/leadgate.ts";

const MOST = "999999999";
const LEADS = 910;
const SUM = "909999999090.00";

/** Sells more to the first buyer than an amount can be. */
async function sellMuch(leadgate: Leadgate): Promise<void> {
  const contracts = { first: { price: MOST } };
  const link = { payout: { mode: "fixed" as const, amount: MOST } };
  await leadgate.configure(
    aDocument({ contracts, link, buyers: { first: { caps: { day: { leads: 2000 } } } } }),
  );
  for (let sent = 0; sent < LEADS; sent += 91) {
    const replies = await Promise.all(Array.from({ length: 91 }, () => leadgate.ingest("acme", aLead())));
    expect(new Set(replies.map(({ body }) => body.data.buyer_id))).toEqual(new Set(["first"]));
  }
}

onBothDatabases("sums that are larger than an amount can be", (world) => {
  test("sums that are larger than an amount can be are told to the last cent, in balances, statements and reports", async () => {
    const leadgate = openLeadgate(world.database);
    await sellMuch(leadgate);
    leadgate.clock.pass(60_000);
    const ask = async (path: string) => (await leadgate.admin("GET", path)).body;
    expect((await ask("/buyers/first/balance")).data).toMatchObject({
      balance: `-${SUM}`,
      spendable: `-${SUM}`,
    });
    expect((await ask("/suppliers/acme/balance")).data).toMatchObject({ balance: SUM });
    for (const lines of ["day", "sale"]) {
      const { data } = await ask(`/buyers/first/statement?from=2026-01-01&lines=${lines}`);
      expect([data.opening_balance, data.closing_balance]).toEqual(["0.00", `-${SUM}`]);
      expect(data.lines).toHaveLength(lines === "day" ? 1 : LEADS);
      expect(data.lines.at(-1)).toMatchObject({ balance: `-${SUM}` });
    }
    for (const group of ["buyer", "source", "month"]) {
      const { rows, totals } = (await ask(`/reports/pnl?from=2026-01-01&to=2026-01-31&group_by=${group}`))
        .data;
      for (const row of [rows[0], totals[0]]) {
        expect(row).toMatchObject({
          sold: SUM,
          revenue: SUM,
          payouts: SUM,
          profit: "0.00",
          margin_percent: 0,
        });
      }
    }
    leadgate.clock.pass(31 * 86_400_000);
    const later = await ask("/buyers/first/statement?from=2026-02-01&lines=day");
    expect(later.data.opening_balance).toBe(`-${SUM}`);
    const invoice = await leadgate.admin("POST", "/buyers/first/invoices", { month: "2026-01" });
    expect([invoice.status, invoice.body.message]).toEqual([
      409,
      "This month comes to more than one invoice can say.",
    ]);
    expect(await findLedgerFlaws(world.database, leadgate.clock.now())).toEqual([]);
  });

  test("a buyer that has paid in more than an amount can be is sold leads, and keeps what it paid", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(
      aDocument({ buyers: { first: { billing: { mode: "wallet", low_balance: "5.00" } } } }),
    );
    const most = nearestAmount(Number.MAX_VALUE);
    await world.database.write(async (tx) => {
      await addToBuyer(tx, "first", most);
      await addToBuyer(tx, "first", most);
    });
    for (let sent = 0; sent < 3; sent += 1) {
      expect((await leadgate.ingest("acme", aLead())).body.data.buyer_id).toBe("first");
    }
    const { body } = await leadgate.admin("GET", "/buyers/first/balance");
    expect(body.data.balance).toBe("1801439850918.1982");
    const paid = await leadgate.admin("POST", "/buyers/first/deposits", { amount: "10.00" });
    expect([paid.status, paid.body.data.balance]).toEqual([201, "1801439850928.1982"]);
    await world.database.write((tx) => tx.execute("update buyer_counters set balance = 99999999999999"));
    const tooMuch = await leadgate.admin("POST", "/buyers/first/deposits", { amount: "10.00" });
    expect([tooMuch.status, tooMuch.body.message]).toEqual([409, "The balance would become too large."]);
  });
});
