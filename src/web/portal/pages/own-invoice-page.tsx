import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link, useParams } from "wouter";
import { taken } from "#web/api/client.ts";
import { InvoicePaper } from "#web/parts/invoice-paper.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { api } from "#web/portal/api/client.ts";
import { useVisitor } from "#web/portal/api/session.ts";
import { useBrandName } from "#web/portal/brand/brand.tsx";

/** One invoice of a buyer, as it is printed. */
export function OwnInvoicePage() {
  const { number } = useParams<{ number: string }>();
  const visitor = useVisitor();
  const brand = useBrandName();
  const invoice = useQuery({
    queryKey: ["buyer", "invoices", number],
    queryFn: async () =>
      (await taken(api.GET("/api/v1/buyer/invoices/{number}", { params: { path: { number } } }))).data,
  });
  // What is printed to a file is called so.
  useEffect(() => {
    document.title = `Invoice ${number} · ${brand}`;
  }, [number, brand]);
  return (
    <>
      <div className="no-print">
        <PageHead title={`Invoice ${number}`} about={<Link href="/billing">All invoices</Link>}>
          <Button onClick={() => window.print()} disabled={invoice.data === undefined}>
            Print
          </Button>
        </PageHead>
      </div>
      <div data-asking={invoice.isPending}>
        {invoice.error !== null && <Problem error={invoice.error} retry={() => void invoice.refetch()} />}
        {invoice.data !== undefined && (
          <InvoicePaper invoice={invoice.data} from={brand} to={visitor?.name}>
            <Link href={`/billing?month=${invoice.data.month}`}>The statement of this month</Link>
          </InvoicePaper>
        )}
      </div>
    </>
  );
}
