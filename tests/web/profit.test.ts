import { describe, expect, test } from "bun:test";
import { crossOf, type Row, treeOf } from "#web/pages/profit/pivot.ts";
import { askedBy, leadsOf, mondayOf, queryOf } from "#web/pages/profit/profit-query.ts";
import { negative, sumOf } from "#web/parts/amounts.ts";
import { startOfDay } from "#web/times/days.ts";

const NOTHING = {
  unmatched: 0,
  rejected: 0,
  duplicates: 0,
  refused: 0,
  returned: 0,
  refunds: "0.00",
  payouts: "0.00",
};

function aRow(
  named: Pick<Row, "campaign_id" | "supplier_id" | "day">,
  leads: number,
  [revenue, costs]: [string, string],
): Row {
  const profit = sumOf([revenue, negative(costs)]);
  return {
    ...NOTHING,
    ...named,
    currency: "USD",
    leads,
    accepted: leads,
    sales: leads,
    sold: revenue,
    revenue,
    costs,
    profit,
    margin_percent: null,
  };
}

const ROWS = [
  aRow({ campaign_id: "solar", supplier_id: "acme", day: "2026-11-01" }, 3, ["0.10", "0.00"]),
  aRow({ campaign_id: "solar", supplier_id: "acme", day: "2026-11-02" }, 2, ["0.20", "0.00"]),
  aRow({ campaign_id: "solar", supplier_id: "bright", day: "2026-11-02" }, 5, ["9.00", "1.50"]),
  aRow({ campaign_id: null, supplier_id: "acme", day: "2026-11-02" }, 0, ["0.00", "12.345"]),
];

describe("the report of profit in the console", () => {
  test("adds amounts without rounding, with the decimals of the one that has most", () => {
    expect(sumOf(["0.10", "0.20"])).toBe("0.30");
    expect(sumOf(["9007199254740993.0001", "0.0001"])).toBe("9007199254740993.0002");
    expect(sumOf(["1.50", "-12.345"])).toBe("-10.845");
    expect(sumOf(["100", "5"])).toBe("105");
    expect(sumOf([])).toBe("0");
  });

  test("sums what is within each value of a group, the greatest profit first and costs of no campaign by themselves", () => {
    const tree = treeOf(ROWS, ["campaign", "supplier"], { by: "profit", isDescending: true });
    expect(tree.map(({ value, figures: { leads, profit } }) => [value, leads, profit])).toEqual([
      ["solar", 10, "7.80"],
      [null, 0, "-12.345"],
    ]);
    expect(tree[0]?.within.map(({ path, figures }) => [path, figures.revenue])).toEqual([
      [["solar", "bright"], "9.00"],
      [["solar", "acme"], "0.30"],
    ]);
    expect(tree[0]?.figures.margin_percent).toBe(83.87);
  });

  test("puts a group across, with sums down and along", () => {
    const { values, lines, totals } = crossOf(ROWS, "supplier", "day", {
      by: undefined,
      isDescending: false,
    });
    expect(values).toEqual(["2026-11-01", "2026-11-02"]);
    expect(lines.map(({ branch, cells }) => [branch.value, ...cells.map((cell) => cell?.leads)])).toEqual([
      ["acme", 3, 2],
      ["bright", undefined, 5],
    ]);
    expect(totals.map(({ costs }) => costs)).toEqual(["0.00", "13.845"]);
  });

  test("asks for what the address says, and leaves out what it does not know", () => {
    const asked = askedBy({
      group: "campaign,moon,day",
      from: "2026-11-05",
      to: "2026-11-01",
      source: "ads",
    });
    expect(queryOf(asked)).toMatchObject({
      from: "2026-11-01",
      to: "2026-11-05",
      group_by: "campaign,day",
      source: "ads",
    });
    expect(askedBy({ group: "day" }).order).toEqual({ by: undefined, isDescending: false });
  });

  test("leads to the leads of a row, within the days of the report", () => {
    const asked = askedBy({ from: "2026-11-04", to: "2026-11-30", buyer: "sunco" });
    const at = (day: string) => startOfDay(day).toISOString();
    expect(mondayOf("2026-W45")).toBe("2026-11-02");
    expect(mondayOf("2027-W01")).toBe("2027-01-04");
    expect(leadsOf(asked, ["campaign", "week"], ["solar", "2026-W45"])).toEqual({
      test: "false",
      buyer: "sunco",
      campaign: "solar",
      since: at("2026-11-04"),
      until: at("2026-11-09"),
    });
    expect(leadsOf(asked, ["campaign"], [null])).toBeUndefined();
    expect(leadsOf(asked, ["state"], ["TX"])).toBeUndefined();
  });
});
