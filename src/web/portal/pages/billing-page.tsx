import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { taken } from "#web/api/client.ts";
import { Empty } from "#web/parts/empty.tsx";
import { countText, Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { Status } from "#web/parts/status.tsx";
import { api, type PortalShapes } from "#web/portal/api/client.ts";
import { AccountStatement } from "#web/portal/parts/account-statement.tsx";
import { Amounts } from "#web/portal/parts/amounts.tsx";
import { Wide } from "#web/portal/parts/wide.tsx";
import { monthBefore, monthInWords } from "#web/times/days.ts";
import { dayInWords } from "#web/times/moment.tsx";
import { useOwnBalance } from "./buyer-queries.ts";

/** What a buyer owes or has left, its statements and its invoices. */
export function BillingPage() {
  const [month, setMonth] = useState(
    () => new URLSearchParams(window.location.search).get("month") ?? monthBefore(0),
  );
  const balance = useOwnBalance();
  const invoices = useQuery({
    queryKey: ["buyer", "invoices"],
    queryFn: async () =>
      (await taken(api.GET("/api/v1/buyer/invoices", { params: { query: { limit: 100 } } }))).data,
  });
  return (
    <>
      <div className="no-print">
        <PageHead title="Billing" />
      </div>
      <div className="stack">
        <Balance />
        <AccountStatement
          path="/api/v1/buyer/statement"
          month={month}
          choose={setMonth}
          balances={balance.data?.balances}
        />
        <Wide name="Invoices" kind="panel list-panel no-print">
          <h2 className="pad">Invoices</h2>
          {invoices.error !== null && (
            <Problem error={invoices.error} retry={() => void invoices.refetch()} />
          )}
          {invoices.data !== undefined && (
            <Invoices
              rows={invoices.data}
              show={(chosen) => {
                setMonth(chosen);
                document.getElementById("statement")?.scrollIntoView({ block: "start" });
              }}
            />
          )}
        </Wide>
      </div>
    </>
  );
}

const MODES = {
  wallet: "What you paid in and have not spent yet. Leads stop when it is used up.",
  credit: "Below zero is what you owe; leads stop at your credit limit.",
  manual: "Below zero is what you owe.",
} as const;

function Balance() {
  const balance = useOwnBalance();
  const { data } = balance;
  return (
    <section className="panel no-print">
      <h2>Balance</h2>
      {balance.error !== null && <Problem error={balance.error} retry={() => void balance.refetch()} />}
      {data !== undefined && (
        <>
          <p className="big">
            <Amounts of={data.balances.map(({ balance: value, currency }) => ({ value, currency }))} />
          </p>
          <p className="dim">
            {MODES[data.billing]}
            {data.credit_limit !== null && (
              <>
                {" "}
                Your credit limit is <Money value={data.credit_limit} currency={data.currency ?? "USD"} />.
              </>
            )}
          </p>
        </>
      )}
    </section>
  );
}

function Invoices({ rows, show }: { rows: readonly PortalShapes["Invoice"][]; show(month: string): void }) {
  if (rows.length === 0)
    return <Empty title="There is no invoice yet">One is made when a month is closed.</Empty>;
  return (
    <table className="list">
      <thead>
        <tr>
          <th>Number</th>
          <th>Month</th>
          <th>Status</th>
          <th className="num extra">Leads</th>
          <th className="num extra">Due</th>
          <th className="num">Total</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ number, month, status, sales, due_at: due, total, currency }) => (
          <tr key={number}>
            <td>
              <Link href={`/billing/${number}`}>{number}</Link>
            </td>
            <td>
              <button type="button" className="as-link" onClick={() => show(month)}>
                {monthInWords(month)}
              </button>
            </td>
            <td>
              <Status word={status} />
            </td>
            <td className="num extra">{countText(sales)}</td>
            <td className="num extra">{dayInWords(due)}</td>
            <td className="num">
              <Money value={total} currency={currency} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
