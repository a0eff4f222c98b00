import { describe, expect, test } from "bun:test";
import { parse } from "csv-parse/sync";
import { reportMail } from "#report-mails/report-mail.ts";
import { createPnlSums, type PnlFigures } from "#reports/pnl.ts";
import { pnlTable } from "#reports/pnl-table.ts";

const NOTHING = {
  accepted: 0,
  unmatched: 0,
  rejected: 0,
  duplicates: 0,
  sales: 0,
  refused: 0,
  returned: 0,
  sold: "0",
  refunds: "0",
  payouts: "0",
  costs: "0",
};

function figures(campaign: string, over: Partial<PnlFigures> = {}): PnlFigures {
  return { currency: "USD", group: { campaign }, ...NOTHING, accepted: 2, sales: 2, sold: "400000", ...over };
}

function mailOf(...rows: PnlFigures[]) {
  const [sums, totals] = [createPnlSums(["campaign"]), createPnlSums([])];
  for (const row of rows) {
    sums.add(row);
    totals.add(row);
  }
  const report = { id: "morning", name: "P&L <of> yesterday", timezone: "America/New_York" };
  const table = pnlTable({ rows: sums.rows(), totals: totals.rows() }, ["campaign"]);
  return reportMail(report, { first: "2026-01-12", last: "2026-01-12" }, table);
}

describe("a report by e-mail", () => {
  test("has a table that people read, and all of it as a file", () => {
    const mail = mailOf(figures("solar"), figures("roofing", { payouts: "100000", costs: "50000" }));
    expect(mail.subject).toBe("P&L <of> yesterday: 2026-01-12");
    expect(mail.html).toContain("P&amp;L &lt;of&gt; yesterday");
    expect(mail.html).toContain("2026-01-12, days in America/New_York");
    expect(mail.html.match(/<tr>/g)).toHaveLength(4);
    expect(mail.html).toContain(">25.00</td>");
    expect(mail.html).not.toContain("unmatched");
    expect(mail.file.fileName).toBe("morning-2026-01-12.csv");
    const rows = parse<Record<string, string>>(mail.file.content, { columns: true });
    expect(rows.map(({ campaign_id, revenue, profit }) => [campaign_id, revenue, profit])).toEqual([
      ["roofing", "40.00", "25.00"],
      ["solar", "40.00", "40.00"],
      ["total", "80.00", "65.00"],
    ]);
    expect(rows[0]).toHaveProperty("unmatched", "0");
  });

  test("says so when nothing happened, and how many rows are in the file alone", () => {
    expect(mailOf().html).toContain("There were no leads and no money moved.");
    const many = mailOf(...Array.from({ length: 230 }, (_, at) => figures(`c${at}`)));
    expect(many.html).toContain("30 more rows are in the file.");
    expect(parse(many.file.content)).toHaveLength(232);
  });
});
