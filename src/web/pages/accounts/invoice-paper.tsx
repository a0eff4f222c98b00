import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useMay } from "#web/api/session.ts";
import { negative } from "#web/parts/amounts.ts";
import { monthInWords } from "#web/parts/days.ts";
import { Empty } from "#web/parts/empty.tsx";
import { dayInWords } from "#web/parts/moment.tsx";
import { countText, Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { useAddress } from "#web/parts/search.ts";
import { Status } from "#web/parts/status.tsx";
import { MarkPaid } from "./invoice-actions.tsx";
import { useNameOf } from "./party.ts";

type Invoice = Shapes["Invoice"];

/** Whether an invoice is open, overdue or paid. */
export function InvoiceStatus({ invoice: { status } }: { invoice: Pick<Invoice, "status"> }) {
  return <Status word={status === "open" ? "issued" : status} label={status} />;
}

/** One invoice, as it is printed. */
export function InvoicePage() {
  const { said } = useAddress();
  const { number } = said;
  const mayOperate = useMay("operate");
  const [isPaying, setPaying] = useState(false);
  const invoice = useQuery({
    queryKey: ["invoice", number],
    enabled: number !== undefined,
    queryFn: async () =>
      (
        await taken(
          api.GET("/api/v1/admin/invoices/{number}", { params: { path: { number: number ?? "" } } }),
        )
      ).data,
  });
  const { data } = invoice;
  return (
    <section>
      <PageHead title={`Invoice ${number ?? ""}`} about={<Link to="/invoices">All invoices</Link>}>
        {mayOperate && data !== undefined && data.status !== "paid" && (
          <Button variant="default" onClick={() => setPaying(true)}>
            It was paid…
          </Button>
        )}
        <Button onClick={() => window.print()}>Print</Button>
      </PageHead>
      {number === undefined && <Empty title="The address names no invoice." />}
      {invoice.error !== null && <Problem error={invoice.error} />}
      {data !== undefined && <Paper invoice={data} />}
      {isPaying && data !== undefined && <MarkPaid invoice={data} close={() => setPaying(false)} />}
    </section>
  );
}

function Paper({ invoice }: { invoice: Invoice }) {
  const { number, buyer_id, month, currency, sales, sold, refunded, refunds, adjusted, total } = invoice;
  const { name } = useNameOf({ kind: "buyer", id: buyer_id });
  const line = (what: string, count: number | null, amount: string) => (
    <tr>
      <td>{what}</td>
      <td className="num">{count === null ? "" : countText(count)}</td>
      <td className="num">
        <Money value={amount} currency={currency} />
      </td>
    </tr>
  );
  return (
    <article className="paper">
      <header className="paper-head">
        <div>
          <h2>Invoice {number}</h2>
          <p>{monthInWords(month)}</p>
        </div>
        <InvoiceStatus invoice={invoice} />
      </header>
      <dl className="paper-facts">
        <div>
          <dt>To</dt>
          <dd>
            {name}
            <div className="dim">{buyer_id}</div>
          </dd>
        </div>
        <div>
          <dt>Issued</dt>
          <dd>{dayInWords(invoice.issued_at)}</dd>
        </div>
        <div>
          <dt>Due</dt>
          <dd>{dayInWords(invoice.due_at)}</dd>
        </div>
        {invoice.paid_at !== null && (
          <div>
            <dt>Paid</dt>
            <dd>{dayInWords(invoice.paid_at)}</dd>
          </div>
        )}
      </dl>
      <table className="table">
        <thead>
          <tr>
            <th>What</th>
            <th className="num">Number</th>
            <th className="num">Amount</th>
          </tr>
        </thead>
        <tbody>
          {line("Leads sold", sales, sold)}
          {refunded > 0 && line("Refused and returned", refunded, negative(refunds))}
          {Number(adjusted) !== 0 && line("Adjustments", null, negative(adjusted))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">To be paid</th>
            <td />
            <td className="num">
              <Money value={total} currency={currency} />
            </td>
          </tr>
        </tfoot>
      </table>
      <p className="screen-only">
        <Link to="/statement" search={{ buyer: buyer_id, month } as never}>
          The statement of this month
        </Link>
      </p>
    </article>
  );
}
