import IconChevronDown from "@tabler/icons-react/icons/IconChevronDown";
import IconChevronRight from "@tabler/icons-react/icons/IconChevronRight";
import { type ReactNode, useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { countText, moneyText } from "#web/parts/money.tsx";
import {
  type Branch,
  crossOf,
  type FigureName,
  GROUPS,
  isMoney,
  type ProfitFigures,
  type Row,
  treeOf,
} from "./pivot.ts";
import { leadsOf, type ProfitAsked } from "./profit-query.ts";

export const FIGURE_NAMES: Readonly<Record<FigureName, string>> = {
  leads: "Leads",
  accepted: "Accepted",
  unmatched: "Unmatched",
  rejected: "Rejected",
  duplicates: "Duplicates",
  sales: "Sales",
  refused: "Refused",
  returned: "Returned",
  sold: "Sold for",
  refunds: "Refunds",
  revenue: "Revenue",
  payouts: "Payouts",
  costs: "Costs",
  profit: "Profit",
  margin_percent: "Margin",
};

/** So many lines are shown before one asks for all. */
const SHOWN = 300;

interface OfCurrency {
  asked: ProfitAsked;
  rows: readonly Row[];
  total: ProfitFigures;
  currency: string;
}

/** The rows of one currency: figures side by side, or one figure by a group that goes across. */
export function ProfitTable(of: OfCurrency) {
  const { asked, rows } = of;
  if (asked.groups.length === 0) return <Flat {...of} />;
  if (rows.length === 0) return <Empty title="Nothing came in, and nothing was sold in these days." />;
  return asked.across === undefined ? <Tree {...of} /> : <Cross {...of} across={asked.across} />;
}

function Flat({ asked, total, currency }: OfCurrency) {
  return (
    <table className="table pivot">
      <Head asked={asked} first="" />
      <tbody>
        <TotalRow asked={asked} total={total} currency={currency} />
      </tbody>
    </table>
  );
}

function Tree({ asked, rows, total, currency }: OfCurrency) {
  const [isWhole, setWhole] = useState(false);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const lines: Line[] = [];
  for (const branch of treeOf(rows, asked.groups, asked.order)) addLines(branch, 0, closed, lines);
  const shown = isWhole ? lines : lines.slice(0, SHOWN);
  const turn = (name: string) => {
    const after = new Set(closed);
    if (!after.delete(name)) after.add(name);
    setClosed(after);
  };
  return (
    <>
      <table className="table pivot">
        <Head asked={asked} first={asked.groups.map((group) => GROUPS[group].label).join(" › ")} />
        <tbody>
          {shown.map(({ branch, depth, name, isClosed }) => (
            <tr key={name} data-depth={depth} data-sum={branch.within.length > 0}>
              <th scope="row">
                <span className="pivot-name" data-depth={depth}>
                  {branch.within.length > 0 && (
                    <button
                      type="button"
                      className="pivot-turn"
                      aria-expanded={!isClosed}
                      aria-label={`What is within ${branch.value ?? "it"}`}
                      onClick={() => turn(name)}
                    >
                      {isClosed ? <IconChevronRight size={13} /> : <IconChevronDown size={13} />}
                    </button>
                  )}
                  <NameOf asked={asked} branch={branch} />
                </span>
              </th>
              {asked.figures.map((figure) => (
                <td key={figure} className="num">
                  <Cell figure={figure} figures={branch.figures} currency={currency} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <TotalRow asked={asked} total={total} currency={currency} />
        </tfoot>
      </table>
      {lines.length > shown.length && (
        <button type="button" className="as-link above" onClick={() => setWhole(true)}>
          Show all {countText(lines.length)} lines
        </button>
      )}
    </>
  );
}

interface Line {
  branch: Branch;
  depth: number;
  name: string;
  isClosed: boolean;
}

function addLines(branch: Branch, depth: number, closed: ReadonlySet<string>, lines: Line[]): void {
  const name = JSON.stringify(branch.path);
  const isClosed = closed.has(name);
  lines.push({ branch, depth, name, isClosed });
  if (!isClosed) for (const within of branch.within) addLines(within, depth + 1, closed, lines);
}

function Cross({
  asked,
  rows,
  total,
  currency,
  across,
}: OfCurrency & { across: NonNullable<ProfitAsked["across"]> }) {
  const [down] = asked.groups;
  if (down === undefined) return null;
  const { values, lines, totals } = crossOf(rows, down, across, asked.order);
  const cell = (figures: ProfitFigures | undefined) =>
    figures === undefined ? null : <Cell figure={asked.figure} figures={figures} currency={currency} />;
  return (
    <table className="table pivot">
      <thead>
        <tr>
          <th scope="col">
            <SortBy by="name" asked={asked}>
              {GROUPS[down].label}
            </SortBy>
          </th>
          {values.map((value) => (
            <th key={value} scope="col" className="num">
              {value ?? GROUPS[across].none}
            </th>
          ))}
          <th scope="col" className="num">
            <SortBy by={asked.figure} asked={asked}>
              All
            </SortBy>
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.slice(0, SHOWN).map(({ branch, cells }) => (
          <tr key={branch.value}>
            <th scope="row">
              <NameOf asked={asked} branch={branch} />
            </th>
            {cells.map((figures, place) => (
              <td key={values[place]} className="num">
                {cell(figures)}
              </td>
            ))}
            <td className="num">
              <b>{cell(branch.figures)}</b>
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">All</th>
          {totals.map((figures, place) => (
            <td key={values[place]} className="num">
              {cell(figures)}
            </td>
          ))}
          <td className="num">{cell(total)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

function Head({ asked, first }: { asked: ProfitAsked; first: string }) {
  return (
    <thead>
      <tr>
        <th scope="col">
          {first === "" ? (
            <span className="unseen">What</span>
          ) : (
            <SortBy by="name" asked={asked}>
              {first}
            </SortBy>
          )}
        </th>
        {asked.figures.map((figure) => (
          <th key={figure} scope="col" className="num">
            <SortBy by={figure} asked={asked}>
              {FIGURE_NAMES[figure]}
            </SortBy>
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** Sorts by a column: figures the greatest first, names by the alphabet; pressed again, the other way round. */
function SortBy({
  by,
  asked,
  children,
}: {
  by: FigureName | "name";
  asked: ProfitAsked;
  children: ReactNode;
}) {
  const { say } = useAddress();
  const { order } = asked;
  const isCurrent = (order.by ?? "name") === by;
  const isDescending = isCurrent ? !order.isDescending : by !== "name";
  return (
    <button
      type="button"
      className="sort"
      data-current={isCurrent}
      onClick={() => say({ sort: `${isDescending ? "-" : ""}${by}` }, true)}
    >
      {children}
      {isCurrent && (
        <span aria-label={order.isDescending ? "the greatest first" : "the least first"} role="img">
          {order.isDescending ? "↓" : "↑"}
        </span>
      )}
    </button>
  );
}

function TotalRow({
  asked,
  total,
  currency,
}: {
  asked: ProfitAsked;
  total: ProfitFigures;
  currency: string;
}) {
  return (
    <tr>
      <th scope="row">All</th>
      {asked.figures.map((figure) => (
        <td key={figure} className="num">
          <Cell figure={figure} figures={total} currency={currency} />
        </td>
      ))}
    </tr>
  );
}

/** What a line is about, leading to its leads where the list of leads can be narrowed to them. */
function NameOf({ asked, branch }: { asked: ProfitAsked; branch: Branch }) {
  const group = asked.groups[branch.path.length - 1];
  const name = branch.value ?? <i className="dim">{group === undefined ? "" : GROUPS[group].none}</i>;
  const search = leadsOf(asked, asked.groups, branch.path);
  if (search === undefined) return <span>{name}</span>;
  return (
    <Link to="/leads" search={search} title="Its leads">
      {name}
    </Link>
  );
}

function Cell({
  figure,
  figures,
  currency,
}: {
  figure: FigureName;
  figures: ProfitFigures;
  currency: string;
}) {
  const value = figures[figure];
  if (value === null) return <span className="dim">–</span>;
  if (figure === "margin_percent")
    return <Signed value={Number(value)}>{percent.format(Number(value))}%</Signed>;
  if (!isMoney(figure))
    return Number(value) === 0 ? <span className="dim">0</span> : countText(Number(value));
  return <Signed value={Number(value)}>{moneyText(value, currency)}</Signed>;
}

const percent = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

function Signed({ value, children }: { value: number; children: ReactNode }) {
  if (value < 0) return <span data-tone="bad">{children}</span>;
  return value === 0 ? <span className="dim">{children}</span> : <>{children}</>;
}
