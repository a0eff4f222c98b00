import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { entriesOfEvent, type LedgerEvent } from "#ledger/event.ts";
import {
  type Movement,
  type StatementHead,
  type StatementLine,
  statementLines,
} from "#ledger/statements/statement.ts";
import { spanOf } from "#ledger/statements/statement-route.ts";
import { statementAsCsv, statementAsHtml, statementAsJson } from "#ledger/statements/statement-text.ts";
import { type Amount, amountOfTenThousandths, moneyTotal, parseSignedAmount } from "#money/amount.ts";

const parsed = (text: string): Amount => parseSignedAmount(text) ?? expect.unreachable(text);
const amount = (text: string) => moneyTotal(parsed(text));

const HEAD: StatementHead = {
  party: "buyer",
  id: "first",
  name: "First & Sons",
  currency: "USD",
  home: "USD",
  timezone: "America/New_York",
  from: "2026-01-01T05:00:00.000Z",
  to: "2026-02-01T05:00:00.000Z",
  opening: amount("100"),
};

function sale(at: string, more: Partial<Movement> = {}): Movement {
  return {
    at: Date.parse(at),
    kind: "sale",
    campaignId: "solar",
    count: 1,
    amount: amount("-10"),
    saleId: "01993a52-5c1e-7c2b-a1d7-0f1d3f2b9c11",
    leadId: "01993a52-5c1e-7c2b-a1d7-0f1d3f2b9c12",
    reference: null,
    note: null,
    ...more,
  };
}

const PAYMENT = {
  kind: "payment",
  campaignId: null,
  saleId: null,
  leadId: null,
  amount: amount("50"),
} as const;

const MOVEMENTS = [
  sale("2026-01-02T04:59:00.000Z"),
  sale("2026-01-02T05:01:00.000Z"),
  sale("2026-01-02T06:00:00.000Z", { campaignId: "roofs", amount: amount("-7.5") }),
  sale("2026-01-02T07:00:00.000Z"),
  sale("2026-01-02T09:00:00.000Z", { ...PAYMENT, reference: "wire <1>" }),
  sale("2026-01-02T09:00:00.000Z", PAYMENT),
  sale("2026-01-03T09:00:00.000Z", { kind: "refusal", amount: amount("10") }),
];

const EVENT: LedgerEvent = {
  id: "01993a52-5c1e-7c2b-a1d7-0f1d3f2b9c11",
  kind: "sale",
  campaignId: "solar",
  buyerId: "first",
  supplierId: "acme",
  buyerAmount: parsed("-10"),
  supplierAmount: parsed("4"),
  currency: "USD",
  saleId: null,
  leadId: null,
  day: null,
  source: null,
  reference: null,
  note: null,
  by: null,
};

async function* pages() {
  yield MOVEMENTS.slice(0, 2);
  yield MOVEMENTS.slice(2);
}

/** In pages of three. */
async function* pagesOf(movements: readonly Movement[]) {
  for (let from = 0; from < movements.length; from += 3) yield movements.slice(from, from + 3);
}

describe("a statement", () => {
  test("has a line for each day, kind and campaign, by the party's own days, and a running balance", async () => {
    const lines = (await Array.fromAsync(statementLines(HEAD, pages(), "day"))).flat();
    expect(
      lines.map(({ day, kind, campaignId, count, amount: moved, balance }) => [
        day,
        kind,
        campaignId,
        count,
        Number(moved) / 10_000,
        Number(balance) / 10_000,
      ]),
    ).toEqual([
      ["2026-01-01", "sale", "solar", 1, -10, 90],
      ["2026-01-02", "sale", "solar", 2, -20, 70],
      ["2026-01-02", "sale", "roofs", 1, -7.5, 62.5],
      ["2026-01-02", "payment", null, 1, 50, 112.5],
      ["2026-01-02", "payment", null, 1, 50, 162.5],
      ["2026-01-03", "refusal", "solar", 1, 10, 172.5],
    ]);
  });

  test("has a line for each sale, in the order in which they happened", async () => {
    const lines = (await Array.fromAsync(statementLines(HEAD, pages(), "sale"))).flat();
    expect(lines.map(({ at, count }) => [at, count])).toEqual(
      MOVEMENTS.map(({ at }) => [new Date(at).toISOString(), 1]),
    );
    expect(lines.at(-1)?.balance).toBe(amount("172.5"));
  });

  test("says of what it tells together neither a time nor a lead, and of what stands alone both", async () => {
    const [alone, several] = (await Array.fromAsync(statementLines(HEAD, pages(), "day"))).flat();
    expect(alone).toMatchObject({ at: "2026-01-02T04:59:00.000Z", leadId: expect.any(String) });
    expect(several).toMatchObject({ count: 2, at: null, leadId: null, saleId: null });
  });

  test("is JSON, CSV or a page, with the balances before and after", async () => {
    const of = async (write: typeof statementAsJson) =>
      (await Array.fromAsync(write(HEAD, statementLines(HEAD, pages(), "day")))).join("");
    const { data } = JSON.parse(await of(statementAsJson));
    expect(data).toMatchObject({ buyer_id: "first", opening_balance: "100.00", closing_balance: "172.50" });
    expect(data.lines).toHaveLength(6);
    const csv = (await of(statementAsCsv)).split("\r\n");
    expect(csv[1]).toBe("2026-01-01,,opening,,,,100.00,USD,,,,");
    expect(csv[3]).toBe("2026-01-02,,sale,solar,2,-20.00,70.00,USD,,,,");
    expect(csv.at(-2)).toBe("2026-01-31,,closing,,,,172.50,USD,,,,");
    const html = await of(statementAsHtml);
    expect(html).toContain("<title>Statement of First &amp; Sons, 2026-01-01 to 2026-01-31</title>");
    expect(html).toContain("wire &lt;1&gt;");
    expect(html).not.toMatch(/src=|href="(?!data:)/);
  });

  test("closes at its opening and all that moved, whichever lines it has", async () => {
    const moved = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
    const kinds = fc.constantFrom("sale" as const, "refusal" as const, "return" as const, "payment" as const);
    const all = fc.array(fc.record({ day: fc.integer({ min: 1, max: 28 }), kind: kinds, amount: moved }), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(all, moved, async (drawn, opening) => {
        const ordered = drawn
          .toSorted((one, other) => one.day - other.day)
          .map(({ day, ...each }) => ({
            ...sale(`2026-01-${String(day).padStart(2, "0")}T12:00:00.000Z`),
            ...each,
          }));
        const total = ordered.reduce((sum, each) => sum + each.amount, opening);
        for (const detail of ["day", "sale"] as const) {
          const lines: StatementLine[] = [];
          for await (const page of statementLines({ timezone: "UTC", opening }, pagesOf(ordered), detail)) {
            lines.push(...page);
          }
          expect(lines.at(-1)?.balance ?? opening).toBe(total);
          expect(lines.reduce((count, line) => count + line.count, 0)).toBe(ordered.length);
        }
      }),
    );
  });

  test("tells events that sum to zero, whomever they move", () => {
    const moved = fc.integer({ min: -50_000_000, max: 50_000_000 }).map(amountOfTenThousandths);
    fc.assert(
      fc.property(moved, moved, (buyerAmount, supplierAmount) => {
        const entries = entriesOfEvent({ ...EVENT, buyerAmount, supplierAmount });
        expect(entries.reduce((sum, { amount: part }) => sum + part, 0)).toBe(0);
      }),
    );
  });

  test("without a line is a statement all the same", async () => {
    async function* none() {
      yield [];
    }
    const text = (await Array.fromAsync(statementAsJson(HEAD, statementLines(HEAD, none(), "day")))).join("");
    expect(JSON.parse(text).data).toMatchObject({
      lines: [],
      opening_balance: "100.00",
      closing_balance: "100.00",
    });
  });
});

describe("the time of a statement", () => {
  const now = new Date("2026-03-10T12:00:00Z");
  const asked = (over: object) =>
    spanOf({ month: null, from: null, to: null, ...over }, "America/New_York", now);

  test.each([
    [{ month: "2026-01" }, "2026-01-01T05:00:00.000Z", "2026-02-01T05:00:00.000Z"],
    // It is summer time since the eighth.
    [{ month: "2026-03" }, "2026-03-01T05:00:00.000Z", "2026-03-10T12:00:00.000Z"],
    [{ from: "2026-01-31", to: "2026-01-31" }, "2026-01-31T05:00:00.000Z", "2026-02-01T05:00:00.000Z"],
    [{ from: "2026-03-09" }, "2026-03-09T04:00:00.000Z", "2026-03-10T12:00:00.000Z"],
  ])("%j is that time in the party's own zone, until now at most", (over, from, to) => {
    expect(asked(over)).toEqual({ from, to });
  });

  test.each([
    [{}, "month"],
    [{ to: "2026-01-31" }, "month"],
    [{ month: "2026-01", to: "2026-01-31" }, "month"],
    [{ from: "2026-01-31", to: "2026-01-30" }, "to"],
  ])("%j is refused", (over, field) => {
    expect(asked(over)).toMatchObject({ errors: [{ field }] });
  });
});
