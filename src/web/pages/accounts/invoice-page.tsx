import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { api, taken } from "#web/api/client.ts";
import { useMay } from "#web/api/session.ts";
import { Empty } from "#web/parts/empty.tsx";
import { InvoicePaper } from "#web/parts/invoice-paper.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { MarkPaid } from "./invoice-actions.tsx";
import { useNameOf } from "./party.ts";

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
      {data !== undefined && (
        <InvoicePaper invoice={data} to={<BilledBuyer id={data.buyer_id} />}>
          <Link to="/statement" search={{ buyer: data.buyer_id, month: data.month }}>
            The statement of this month
          </Link>
        </InvoicePaper>
      )}
      {isPaying && data !== undefined && <MarkPaid invoice={data} close={() => setPaying(false)} />}
    </section>
  );
}

function BilledBuyer({ id }: { id: string }) {
  const { name } = useNameOf({ kind: "buyer", id });
  return (
    <>
      {name}
      <div className="dim">{id}</div>
    </>
  );
}
