import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { taken } from "#web/api/client.ts";
import { Empty } from "#web/parts/empty.tsx";
import { countText, moneyText } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { Status } from "#web/parts/status.tsx";
import { api, type PortalShapes } from "#web/portal/api/client.ts";
import { Amounts, totalOf } from "#web/portal/parts/amounts.tsx";
import { CapsUsed } from "#web/portal/parts/caps-used.tsx";
import { DayBars, daysBetween } from "#web/portal/parts/day-bars.tsx";
import { KeyFigures } from "#web/portal/parts/figures.tsx";
import { nameIn } from "#web/portal/parts/lead-name.ts";
import { Moment } from "#web/times/moment.tsx";
import { useEndpoint, useOwnBalance, useOwnBuyer } from "./buyer-queries.ts";

const NEWEST = 6;

/** How it goes for a buyer: what it bought, what it costs, what needs to be seen to. */
export function BuyerOverviewPage() {
  const report = useQuery({
    queryKey: ["buyer", "report"],
    queryFn: async () => (await taken(api.GET("/api/v1/buyer/report"))).data,
  });
  const leads = useQuery({
    queryKey: ["buyer", "leads", "newest"],
    queryFn: async () =>
      (await taken(api.GET("/api/v1/buyer/leads", { params: { query: { limit: NEWEST } } }))).data,
  });
  const usage = useQuery({
    queryKey: ["buyer", "usage"],
    queryFn: async () => (await taken(api.GET("/api/v1/buyer/usage"))).data,
  });
  return (
    <>
      <PageHead title="Overview" about="The last 30 days." />
      <Notices />
      {report.error !== null && <Problem error={report.error} retry={() => void report.refetch()} />}
      <Numbers report={report.data} />
      <div className="portal-grid">
        <div className="stack">
          {report.data !== undefined && report.data.rows.length > 0 && (
            <section className="panel">
              <h2>Leads a day</h2>
              <DaysOfSales report={report.data} />
            </section>
          )}
          <Newest leads={leads.data} />
        </div>
        <section className="panel">
          <div className="panel-head">
            <h2>Caps</h2>
            <Link href="/settings">Settings</Link>
          </div>
          {usage.data !== undefined &&
            (usage.data.length === 0 ? (
              <p className="dim">You have no cap.</p>
            ) : (
              <CapsUsed uses={usage.data} />
            ))}
        </section>
      </div>
    </>
  );
}

/** What somebody has to see to. */
function Notices() {
  const own = useOwnBuyer();
  const endpoint = useEndpoint();
  const overdue = useQuery({
    queryKey: ["buyer", "invoices", "overdue"],
    queryFn: async () =>
      (await taken(api.GET("/api/v1/buyer/invoices", { params: { query: { status: "overdue" } } }))).data,
  });
  const { state, waiting = 0 } = endpoint.data ?? {};
  return (
    <>
      {own.data?.status === "paused" && (
        <Notice tone="warn" to="/settings" verb="Settings">
          You are paused: no lead is sold to you.
        </Notice>
      )}
      {(state === "down" || state === "paused") && (
        <Notice tone="bad" to="/deliveries" verb="Deliveries">
          Your endpoint is {state}
          {waiting > 0 && `, and ${countText(waiting)} deliveries wait for it`}.
        </Notice>
      )}
      {(overdue.data ?? []).map(({ number, total, currency }) => (
        <Notice key={number} tone="bad" to="/billing" verb="Billing">
          Invoice {number} of {moneyText(total, currency)} is overdue.
        </Notice>
      ))}
    </>
  );
}

function Notice({
  tone,
  to,
  verb,
  children,
}: {
  tone: string;
  to: string;
  verb: string;
  children: ReactNode;
}) {
  return (
    <div className="notice" data-tone={tone} role="status">
      <span>{children}</span>
      <Link href={to}>{verb}</Link>
    </div>
  );
}

function Numbers({ report }: { report: PortalShapes["OwnReport"] | undefined }) {
  const balance = useOwnBalance();
  const totals = report?.totals ?? [];
  const today = todayIn(report);
  const spentIn = (rows: Rows) => (
    <Amounts isBig of={rows.map(({ spent: value, currency }) => ({ value, currency }))} />
  );
  const balances = balance.data?.balances ?? [];
  return (
    <KeyFigures
      isAsking={report === undefined}
      of={[
        ["Leads today", countText(totalOf(today, ({ sales }) => sales)), spentIn(today)],
        ["Leads in 30 days", countText(totalOf(totals, ({ sales }) => sales))],
        ["Spent in 30 days", spentIn(totals)],
        ["Refused or returned", countText(totalOf(totals, ({ refused, returned }) => refused + returned))],
        [
          "Balance",
          <Amounts
            isBig
            key="balance"
            of={balances.map(({ balance: value, currency }) => ({ value, currency }))}
          />,
          <Link key="billing" href="/billing">
            Billing
          </Link>,
        ],
      ]}
    />
  );
}

type Rows = PortalShapes["OwnReport"]["totals"];

/** What is told of today, in each currency. */
function todayIn(report: PortalShapes["OwnReport"] | undefined): Rows {
  if (report === undefined) return [];
  const last = daysBetween(report.from, report.to, report.timezone).at(-1);
  return report.rows.filter(({ day }) => day === last);
}

function DaysOfSales({ report }: { report: PortalShapes["OwnReport"] }) {
  const days = daysBetween(report.from, report.to, report.timezone).map((day) => {
    const rows = report.rows.filter((row) => row.day === day);
    const sales = rows.reduce((sum, row) => sum + row.sales, 0);
    const spent = rows.map((row) => moneyText(row.spent, row.currency)).join(", ");
    return { day, main: sales, says: rows.length === 0 ? "none" : `${countText(sales)} leads, ${spent}` };
  });
  const sum = days.reduce((all, { main }) => all + main, 0);
  return <DayBars label={`${countText(sum)} leads in the last ${days.length} days`} days={days} />;
}

function Newest({ leads }: { leads: readonly PortalShapes["Purchase"][] | undefined }) {
  if (leads === undefined) return null;
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>Newest leads</h2>
        {leads.length > 0 && <Link href="/leads">All leads</Link>}
      </div>
      {leads.length === 0 ? (
        <Empty title="No lead was sold to you yet">
          They are here as soon as one is. <Link href="/deliveries">Try your endpoint</Link> meanwhile.
        </Empty>
      ) : (
        <ul className="plain alerts">
          {leads.map((lead) => (
            <li key={lead.sale_id}>
              <Link href={`/leads/${lead.lead_id}`}>{nameIn(lead.fields) ?? lead.lead_id}</Link>
              <span className="dim">{lead.campaign_id}</span>
              {lead.status !== "sold" && <Status word={lead.status} />}
              <span className="num">
                <Moment at={lead.sold_at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
