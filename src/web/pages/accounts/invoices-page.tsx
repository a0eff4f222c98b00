import { Button, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { usePartyIds } from "#web/api/configuration.ts";
import { useMay } from "#web/api/session.ts";
import { ActionsHead } from "#web/lists/actions-head.tsx";
import { More, usePages } from "#web/lists/pages.tsx";
import { Pick } from "#web/lists/pick.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { InvoiceStatus } from "#web/parts/invoice-paper.tsx";
import { Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { monthInWords } from "#web/times/days.ts";
import { Moment } from "#web/times/moment.tsx";
import { IssueInvoice, MarkPaid } from "./invoice-actions.tsx";

type Invoice = Shapes["Invoice"];

const STATES = [
  { value: "all", label: "All" },
  { value: "open", label: "Open" },
  { value: "overdue", label: "Overdue" },
  { value: "paid", label: "Paid" },
];

/** Months of buyers that were closed: which are to be paid. */
export function InvoicesPage() {
  const { said, say } = useAddress();
  const { buyers } = usePartyIds();
  const mayOperate = useMay("operate");
  const [isMaking, setMaking] = useState(false);
  const state = STATES.find(({ value }) => value === said["status"])?.value ?? "all";
  const { buyer } = said;
  const invoices = useInvoices(state, buyer);
  const all = invoices.rows ?? [];
  return (
    <section>
      <PageHead title="Invoices" about="Months of buyers, closed and to be paid.">
        {mayOperate && <Button onClick={() => setMaking(true)}>Make an invoice</Button>}
      </PageHead>
      <div className="filters">
        <SegmentedControl
          aria-label="State"
          data={STATES}
          value={state}
          onChange={(value) => say({ status: value === "all" ? undefined : value })}
        />
        <Pick label="Buyer" words={buyers} picked={buyer} pick={(word) => say({ buyer: word })} />
      </div>
      {invoices.error !== null && <Problem error={invoices.error} retry={() => void invoices.refetch()} />}
      {invoices.rows !== undefined && all.length === 0 && (
        <Empty title={state === "all" ? "There is no invoice yet." : "There is none like that."}>
          {state === "all" ? "One is made of a month of a buyer once the month is over." : undefined}
        </Empty>
      )}
      {all.length > 0 && <InvoiceTable invoices={all} />}
      <More list={invoices} verb="Show earlier ones" className="above" />
      {isMaking && (
        <IssueInvoice {...(buyer === undefined ? {} : { buyer })} close={() => setMaking(false)} />
      )}
    </section>
  );
}

function useInvoices(state: string, buyer: string | undefined) {
  const status = state === "all" ? undefined : (state as Invoice["status"]);
  return usePages({
    key: ["invoices", status, buyer],
    ask: (cursor) =>
      taken(api.GET("/api/v1/admin/invoices", { params: { query: { status, buyer, limit: 50, cursor } } })),
  });
}

function InvoiceTable({ invoices }: { invoices: readonly Invoice[] }) {
  const mayOperate = useMay("operate");
  const [paid, setPaid] = useState<Invoice>();
  return (
    <div className="panel table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th className="num">Number</th>
            <th>Buyer</th>
            <th>Month</th>
            <th>State</th>
            <th className="num">Total</th>
            <th className="extra">Due</th>
            <ActionsHead />
          </tr>
        </thead>
        <tbody>
          {invoices.map((invoice) => (
            <tr key={invoice.number}>
              <td className="num">
                <Link to="/invoice" search={{ number: String(invoice.number) }} className="as-link">
                  {invoice.number}
                </Link>
              </td>
              <td>{invoice.buyer_id}</td>
              <td className="unbroken">{monthInWords(invoice.month)}</td>
              <td>
                <InvoiceStatus invoice={invoice} />
              </td>
              <td className="num">
                <Money value={invoice.total} currency={invoice.currency} />
              </td>
              <td className="extra">
                <Moment at={invoice.due_at} of={invoice} />
              </td>
              <td className="num">
                {mayOperate && invoice.status !== "paid" && (
                  <Button
                    variant="default"
                    onClick={() => setPaid(invoice)}
                    aria-label={`Invoice ${invoice.number} was paid`}
                  >
                    Paid…
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {paid !== undefined && <MarkPaid invoice={paid} close={() => setPaid(undefined)} />}
    </div>
  );
}
