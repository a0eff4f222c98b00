import { listedRows, type View } from "#cli/command/asking.ts";
import { cellText } from "#cli/command/cell.ts";
import type { Terminal } from "#cli/command/command.ts";
import { tableText } from "#cli/command/table.ts";
import { isMapping, type Mapping } from "#text/problem.ts";

type Paper = Pick<Terminal, "isColoured" | "width">;

/** What came of a simulation, or how far it is. */
export const simulationView: View = ({ data, terminal }) => describeSimulation(data, terminal);

/** The figures before and after, of all and of each campaign, supplier and buyer, and in words what could not be known. */
export function describeSimulation(data: Mapping, terminal: Paper): string {
  const { result } = data;
  if (!isMapping(result)) return `${String(data.id)} is ${String(data.state)}${saidOf(data)}\n`;
  const tables = [
    ["all", listedRows(result.totals)],
    ["campaign", listedRows(result.campaigns)],
    ["supplier", listedRows(result.suppliers)],
    ["buyer", listedRows(result.buyers)],
  ] as const;
  const shown = tables.flatMap(([title, rows]) =>
    rows.length === 0 ? [] : [figuresTable(title, rows, terminal)],
  );
  const warnings = listedRows(result.warnings).map(warningText);
  return [...shown, ...warnings, summaryOf(data, result)].join("\n");
}

/** How far it is, in some words. */
export function progressText({ state, progress }: Mapping): string {
  if (state === "waiting") return "waits until it is its turn";
  const { leads, of } = isMapping(progress) ? progress : {};
  const said = (value: unknown) => Number(value).toLocaleString("en-US");
  return of === null || of === undefined
    ? "reads what was on the counters"
    : `${said(leads)} of ${said(of)} leads`;
}

function saidOf({ state, failure, ...data }: Mapping): string {
  if (typeof failure === "string") return `: ${failure}`;
  return state === "running" || state === "waiting" ? `: ${progressText({ ...data, state })}` : "";
}

function figuresTable(title: string, rows: readonly Mapping[], terminal: Paper): string {
  const named = (row: Mapping) => row.campaign_id ?? row.supplier_id ?? row.buyer_id ?? "";
  const both = (name: string) => (row: Mapping) =>
    changeText(figure(row.before, name), figure(row.after, name));
  return tableText(
    rows,
    [
      { title: title.toUpperCase(), of: named },
      { title: "LEADS", of: (row) => changeText(figure(row.before, "leads"), figure(row.after, "leads")) },
      { title: "DIFFER", of: (row) => row.differing },
      { title: "SALES", of: both("sales") },
      { title: "REVENUE", of: both("revenue") },
      { title: "PAYOUTS", of: both("payouts") },
      { title: "PROFIT", of: both("profit") },
      { title: "ACCEPTED", of: both("accepted") },
      { title: "UNMATCHED", of: both("unmatched") },
      { title: "DUPLICATES", of: both("duplicates") },
      { title: "REJECTED", of: both("rejected") },
      ...SELDOM.filter(({ name }) => rows.some((row) => hasAny(row, name))).map(({ title, name }) => ({
        title,
        of: both(name),
      })),
      { title: "", of: (row) => row.currency },
    ],
    terminal,
  );
}

/** How few leads end: shown where there are any. */
const SELDOM = [
  { title: "RETURNED", name: "returned" },
  { title: "HELD", name: "held" },
  { title: "NOT TAKEN IN", name: "not_taken" },
];

function hasAny({ before, after }: Mapping, name: string): boolean {
  return [before, after].some((figures) => figure(figures, name) !== "0");
}

function figure(figures: unknown, name: string): string {
  return isMapping(figures) ? cellText(figures[name] ?? 0) : "0";
}

function changeText(before: string, after: string): string {
  return before === after ? before : `${before} → ${after}`;
}

function warningText({ message, leads, buyers }: Mapping): string {
  const named = Array.isArray(buyers) && buyers.length > 0 ? ` (${buyers.join(", ")})` : "";
  const counted = typeof leads === "number" ? ` ${leads.toLocaleString("en-US")} leads.` : "";
  return `${String(message)}${counted}${named}`;
}

function summaryOf({ id }: Mapping, { leads, differing, left_out: leftOut }: Mapping): string {
  const left = Object.entries(isMapping(leftOut) ? leftOut : {}).filter(([, count]) => Number(count) > 0);
  const without = left.map(([why, count]) => `${String(count)} ${why}`).join(", ");
  const [all, some] = [leads, differing].map((count) => Number(count).toLocaleString("en-US"));
  const counted = `${all} leads, of which ${some} would have ended otherwise`;
  const which = Number(differing) > 0 ? `: leadgate simulations leads ${String(id)}` : "";
  return `${counted}${which}.${without === "" ? "" : ` Left out: ${without}.`}\n`;
}
