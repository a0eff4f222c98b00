import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { entriesOfEvent } from "#ledger/event.ts";
import type { RecordedEvent } from "#ledger/event-records.ts";
import { type StatementHead, type StatementLine, statementLines } from "#ledger/statements/statement.ts";
import { spanOf } from "#ledger/statements/statement-route.ts";
import { statementAsCsv, statementAsHtml, statementAsJson } from "#ledger/statements/statement-text.ts";
import { amountOfTenThousandths, parseSignedAmount } from "#money/amount.ts";

const amount = (text: string) => parseSignedAmount(text) ?? amountOfTenThousandths(0);

const HEAD: StatementHead = {
  party: "buyer",
  id: "first",
  name: "First & Sons",
  currency: "USD",
  timezone: "America/New_York",
  from: "2026-01-01T05:00:00.000Z",
  to: "2026-02-01T05:00:00.000Z",
  opening: amount("100"),
};

function event(at: string, more: Partial<RecordedEvent> = {}): RecordedEvent {
  return {
    id: `id of ${at}`,
    at,
    kind: "sale",
    campaignId: "solar",
    buyerId: "first",
    supplierId: "acme",
    buyerAmount: amount("-10"),
    supplierAmount: amount("4"),
    currency: "USD",
    saleId: "01993a52-5c1e-7c2b-a1d7-0f1d3f2b9c11",
    leadId: "01993a52-5c1e-7c2b-a1d7-0f1d3f2b9c12",
    day: null,
    source: null,
    reference: null,
    note: null,
    by: null,
    ...more,
  };
}

const EVENTS = [
  event("2026-01-02T04:59:00.000Z"),
  event("2026-01-02T05:01:00.000Z"),
  event("2026-01-02T06:00:00.000Z", { campaignId: "roofs", buyerAmount: amount("-7.5") }),
  event("2026-01-02T07:00:00.000Z"),
  event("2026-01-02T08:00:00.000Z", { currency: "EUR" }),
  event("2026-01-02T09:00:00.000Z", {
    kind: "payment",
    saleId: null,
    leadId: null,
    campaignId: null,
    buyerAmount: amount("50"),
    reference: "wire <1>",
  }),
  event("2026-01-03T09:00:00.000Z", { kind: "refusal", buyerAmount: amount("10") }),
];

async function* pages() {
  yield EVENTS.slice(0, 2);
  yield EVENTS.slice(2);
}

/** In pages of three. */
async function* pagesOf(events: readonly RecordedEvent[]) {
  for (let from = 0; from < events.length; from += 3) yield events.slice(from, from + 3);
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
        moved / 10_000,
        balance / 10_000,
      ]),
    ).toEqual([
      ["2026-01-01", "sale", "solar", 1, -10, 90],
      ["2026-01-02", "sale", "solar", 2, -20, 70],
      ["2026-01-02", "sale", "roofs", 1, -7.5, 62.5],
      ["2026-01-02", "payment", null, 1, 50, 112.5],
      ["2026-01-03", "refusal", "solar", 1, 10, 122.5],
    ]);
  });

  test("has a line for each sale, in the order in which they happened", async () => {
    const lines = (await Array.fromAsync(statementLines(HEAD, pages(), "sale"))).flat();
    expect(lines.map(({ at, count }) => [at, count])).toEqual(
      EVENTS.filter(({ currency }) => currency === "USD").map(({ at }) => [at, 1]),
    );
    expect(lines.at(-1)?.balance).toBe(amount("122.5"));
  });

  test("tells a supplier what it is owed", async () => {
    const lines = (
      await Array.fromAsync(statementLines({ ...HEAD, party: "supplier" }, pages(), "day"))
    ).flat();
    expect(lines[0]).toMatchObject({ amount: amount("4"), balance: amount("104") });
  });

  test("is JSON, CSV or a page, with the balances before and after", async () => {
    const of = async (write: typeof statementAsJson) =>
      (await Array.fromAsync(write(HEAD, statementLines(HEAD, pages(), "day")))).join("");
    const { data } = JSON.parse(await of(statementAsJson));
    expect(data).toMatchObject({ buyer_id: "first", opening_balance: "100.00", closing_balance: "122.50" });
    expect(data.lines).toHaveLength(5);
    const csv = (await of(statementAsCsv)).split("\r\n");
    expect(csv[1]).toBe("2026-01-01,,opening,,,,100.00,USD,,,,");
    expect(csv[3]).toBe("2026-01-02,,sale,solar,2,-20.00,70.00,USD,,,,");
    expect(csv.at(-2)).toBe("2026-01-31,,closing,,,,122.50,USD,,,,");
    const html = await of(statementAsHtml);
    expect(html).toContain("<title>Statement of First &amp; Sons, 2026-01-01 to 2026-01-31</title>");
    expect(html).toContain("wire &lt;1&gt;");
    expect(html).not.toMatch(/src=|href="(?!data:)/);
  });

  test("closes at its opening and all that moved, whichever lines it has, and each event sums to zero", async () => {
    const moved = fc
      .integer({ min: -50_000_000, max: 50_000_000 })
      .map((each) => amountOfTenThousandths(each));
    const events = fc.array(
      fc.record({
        day: fc.integer({ min: 1, max: 28 }),
        kind: fc.constantFrom("sale" as const, "refusal" as const, "return" as const, "payment" as const),
        buyerAmount: moved,
        supplierAmount: moved,
      }),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(
        events,
        fc.constantFrom("USD", "JPY", "KWD"),
        moved,
        async (all, currency, opening) => {
          const ordered = all
            .toSorted((one, other) => one.day - other.day)
            .map(({ day, ...each }) => ({
              ...event(`2026-01-${String(day).padStart(2, "0")}T12:00:00.000Z`),
              ...each,
              currency,
            }));
          for (const each of ordered) {
            expect(entriesOfEvent(each).reduce((sum, { amount: part }) => sum + part, 0)).toBe(0);
          }
          for (const party of ["buyer", "supplier"] as const) {
            const total = ordered.reduce(
              (sum, each) => sum + (party === "buyer" ? each.buyerAmount : each.supplierAmount),
              Number(opening),
            );
            for (const detail of ["day", "sale"] as const) {
              const about = { party, currency, timezone: "UTC", opening };
              const lines: StatementLine[] = [];
              for await (const page of statementLines(about, pagesOf(ordered), detail)) lines.push(...page);
              expect(Number(lines.at(-1)?.balance ?? opening)).toBe(total);
              expect(lines.reduce((count, line) => count + line.count, 0)).toBe(ordered.length);
            }
          }
        },
      ),
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
