import type { ReactNode } from "react";
import type { Shapes } from "#web/api/client.ts";
import { monthInWords } from "#web/times/days.ts";
import { dayInWords } from "#web/times/moment.tsx";
import { negative } from "./amounts.ts";
import { countText, Money } from "./money.tsx";
import { Status } from "./status.tsx";

type Invoice = Shapes["Invoice"];

/** Whether an invoice is open, overdue or paid. */
export function InvoiceStatus({ invoice: { status } }: { invoice: Pick<Invoice, "status"> }) {
  return <Status word={status === "open" ? "issued" : status} label={status} />;
}

interface Printed {
  invoice: Invoice;
  /** Who is to be paid, as a name or a logo; absent: it is not said. */
  from?: ReactNode;
  /** Who is to pay. */
  to: ReactNode;
  /** What is shown below it, and not printed. */
  children?: ReactNode;
}

/** An invoice, as it is printed. */
export function InvoicePaper({ invoice, from, to, children }: Printed) {
  const { number, month, currency, sales, sold, refunded, refunds, adjusted, total } = invoice;
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
        {from !== undefined && (
          <div>
            <dt>From</dt>
            <dd>{from}</dd>
          </div>
        )}
        <div>
          <dt>To</dt>
          <dd>{to}</dd>
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
      {children !== undefined && <p className="screen-only">{children}</p>}
    </article>
  );
}
