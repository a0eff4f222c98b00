import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { taken } from "#web/api/client.ts";
import { Empty } from "#web/parts/empty.tsx";
import { countText, Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { api, type PortalShapes } from "#web/portal/api/client.ts";
import { Amounts, totalOf } from "#web/portal/parts/amounts.tsx";
import { DayBars, daysBetween } from "#web/portal/parts/day-bars.tsx";
import { KeyFigures } from "#web/portal/parts/figures.tsx";
import { Wide } from "#web/portal/parts/wide.tsx";
import { useOwed } from "./supplier-queries.ts";

type Report = PortalShapes["OwnLeadReport"];
type ReportedBy = "day" | "campaign" | "source";

/** How it goes for a supplier: its leads, how many were accepted, by day, campaign and source, and what it is paid. */
export function SupplierOverviewPage() {
  const byDay = useReport("day");
  return (
    <>
      <PageHead title="Overview" about="The last 30 days." />
      {byDay.error !== null && <Problem error={byDay.error} retry={() => void byDay.refetch()} />}
      <Numbers report={byDay.data} />
      {byDay.data !== undefined && byDay.data.rows.length === 0 && (
        <section className="panel">
          <Empty title="You sent no lead in 30 days">
            How leads are sent is on the pages of <Link href="/campaigns">your campaigns</Link>.
          </Empty>
        </section>
      )}
      {byDay.data !== undefined && byDay.data.rows.length > 0 && (
        <div className="stack">
          <section className="panel">
            <h2>Accepted leads a day, and the others on them</h2>
            <DaysOfLeads report={byDay.data} />
          </section>
          <AcceptedBy title="By campaign" by="campaign" />
          <AcceptedBy title="By source" by="source" />
        </div>
      )}
    </>
  );
}

function useReport(by: ReportedBy) {
  return useQuery({
    queryKey: ["supplier", "report", by],
    queryFn: async () =>
      (await taken(api.GET("/api/v1/report", { params: { query: { group_by: by } } }))).data,
  });
}

function Numbers({ report }: { report: Report | undefined }) {
  const owed = useOwed();
  const days = report && daysBetween(report.from, report.to, report.timezone);
  const today = (report?.rows ?? []).filter(({ day }) => day === days?.at(-1));
  const totals = report?.totals ?? [];
  const leads = totalOf(totals, (row) => row.leads);
  const accepted = totalOf(totals, (row) => row.accepted);
  const acceptedToday = totalOf(today, (row) => row.accepted);
  const balances = owed.data?.balances ?? [];
  return (
    <KeyFigures
      isAsking={report === undefined}
      of={[
        [
          "Leads today",
          countText(totalOf(today, (row) => row.leads)),
          `${countText(acceptedToday)} accepted`,
        ],
        ["Leads in 30 days", countText(leads)],
        ["Accepted", shareText(accepted, leads), `${countText(accepted)} leads`],
        [
          "Payouts in 30 days",
          <Amounts
            isBig
            key="payouts"
            of={totals.map(({ payouts: value, currency }) => ({ value, currency }))}
          />,
        ],
        [
          "You are owed",
          <Amounts
            isBig
            key="owed"
            of={balances.map(({ balance: value, currency }) => ({ value, currency }))}
          />,
          <Link key="earnings" href="/earnings">
            Earnings
          </Link>,
        ],
      ]}
    />
  );
}

function shareText(part: number, all: number): string {
  return all === 0 ? "–" : percent.format(part / all);
}

const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });

function DaysOfLeads({ report }: { report: Report }) {
  const days = daysBetween(report.from, report.to, report.timezone).map((day) => {
    const rows = report.rows.filter((row) => row.day === day);
    const leads = rows.reduce((sum, row) => sum + row.leads, 0);
    const accepted = rows.reduce((sum, row) => sum + row.accepted, 0);
    const says = `${countText(accepted)} of ${countText(leads)} accepted`;
    return { day, main: accepted, rest: leads - accepted, says };
  });
  const accepted = days.reduce((sum, { main }) => sum + main, 0);
  const leads = days.reduce((sum, { main, rest }) => sum + main + rest, 0);
  const label = `${countText(accepted)} of ${countText(leads)} leads accepted in the last ${days.length} days`;
  return <DayBars label={label} days={days} />;
}

function AcceptedBy({ title, by }: { title: string; by: "campaign" | "source" }) {
  const report = useReport(by);
  if (report.error !== null) return <Problem error={report.error} retry={() => void report.refetch()} />;
  if (report.data === undefined) return null;
  const nameOf = (row: Report["rows"][number]) =>
    (by === "campaign" ? row.campaign_id : row.source) ?? "none said";
  return (
    <Wide name={title} kind="panel list-panel">
      <h2 className="pad">{title}</h2>
      <table className="list">
        <thead>
          <tr>
            <th>{by === "campaign" ? "Campaign" : "Source"}</th>
            <th className="num">Leads</th>
            <th className="num">Accepted</th>
            <th className="num extra">Unmatched</th>
            <th className="num extra">Rejected</th>
            <th className="num extra">Duplicates</th>
            <th className="num">Payouts</th>
          </tr>
        </thead>
        <tbody>
          {report.data.rows
            .toSorted((one, other) => other.leads - one.leads)
            .slice(0, MOST_ROWS)
            .map((row) => (
              <tr key={`${nameOf(row)} ${row.currency}`}>
                <td className="breaks">{nameOf(row)}</td>
                <td className="num">{countText(row.leads)}</td>
                <td className="num">{shareText(row.accepted, row.leads)}</td>
                <td className="num extra">{countText(row.unmatched)}</td>
                <td className="num extra">{countText(row.rejected)}</td>
                <td className="num extra">{countText(row.duplicates)}</td>
                <td className="num">
                  <Money value={row.payouts} currency={row.currency} />
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </Wide>
  );
}

const MOST_ROWS = 50;
