import { Button } from "@mantine/core";
import { useMemo } from "react";
import { useAddress } from "#web/address/here.ts";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useCursorList } from "#web/lists/cursor-list.ts";
import { type Column, VirtualRows } from "#web/lists/rows.tsx";
import { Side } from "#web/lists/side.tsx";
import { copyAsCurl } from "#web/parts/clipboard.ts";
import { Empty } from "#web/parts/empty.tsx";
import { Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { reasonInWords, Status } from "#web/parts/status.tsx";
import { Moment } from "#web/times/moment.tsx";
import { LeadDetail } from "./lead-detail.tsx";
import { LeadFilters, type LeadQuery, leadQueryOf } from "./lead-filters.tsx";

type Lead = Shapes["LeadSummary"];

/** As many as the API gives at once. */
const PAGE = 200;

/** Every lead on record, found by what the address says, and one of them in a drawer. */
export function LeadsPage() {
  const { said, say } = useAddress();
  const query = useMemo(() => leadQueryOf(said), [said]);
  const leads = useLeads(query);
  const { rows } = leads;
  const path = `/api/v1/admin/leads?${new URLSearchParams(query as Record<string, string>)}`;

  return (
    <section className="fill" aria-labelledby="title">
      <PageHead title="Leads" about={<span id="title-about">Newest first, as they stand now.</span>}>
        <Button variant="default" loading={leads.isAsking} onClick={leads.refresh}>
          Look again
        </Button>
        <Button variant="default" onClick={() => void copyAsCurl("GET", path)}>
          Copy as curl
        </Button>
        <Button variant="default" component="a" href={`${path}&format=csv`} download="leads.csv">
          CSV
        </Button>
      </PageHead>
      <LeadFilters />
      {leads.error !== null && <Problem error={leads.error} retry={leads.refresh} />}
      {leads.isLoaded && rows.length === 0 && (
        <Empty title={Object.keys(query).length === 0 ? "No lead has come in yet." : "No lead is like that."}>
          {Object.keys(query).length === 0 ? (
            <>
              A supplier posts leads with a key of its own: see <a href="/docs/quickstart">the quickstart</a>.
            </>
          ) : (
            "Take a filter away, or look at a longer time."
          )}
        </Empty>
      )}
      {rows.length > 0 && (
        <VirtualRows
          label="Leads"
          columns={COLUMNS}
          rows={rows}
          idOf={({ id }) => id}
          openId={said["open"]}
          onOpen={({ id }) => say({ open: id })}
          more={leads.more}
        />
      )}
      <Side title="Lead" width={46} id={said["open"]}>
        {(id) => <LeadDetail key={id} id={id} />}
      </Side>
    </section>
  );
}

const COLUMNS: readonly Column<Lead>[] = [
  {
    title: "Decided",
    width: "clamp(5.75rem, 23vw, 8rem)",
    cell: (lead) => <Moment at={lead.decided_at} of={lead} seconds />,
  },
  {
    title: "Ended",
    width: "minmax(7rem, 1.4fr)",
    cell: ({ status, reason, is_test }) => (
      <>
        <Status word={status} />
        <span className="dim"> {reasonInWords(status, reason)}</span>
        {is_test && <span className="tag">test</span>}
      </>
    ),
  },
  { title: "Campaign", width: "minmax(6rem, 1fr)", isExtra: true, cell: ({ campaign_id }) => campaign_id },
  { title: "Supplier", width: "minmax(6rem, 1fr)", isExtra: true, cell: ({ supplier_id }) => supplier_id },
  {
    title: "Buyer",
    width: "minmax(5rem, 1fr)",
    cell: ({ buyer_id, sales }) => {
      const others = sales.filter(({ status }) => status === "sold").length - 1;
      if (buyer_id === null) return <span className="dim">–</span>;
      return others > 0 ? `${buyer_id} +${others}` : buyer_id;
    },
  },
  {
    title: "Price",
    width: "minmax(5.5rem, 7rem)",
    isExtra: true,
    isNumber: true,
    cell: ({ price, currency }) => <Money value={price} currency={currency} />,
  },
  {
    title: "Payout",
    width: "minmax(5.5rem, 7rem)",
    isNumber: true,
    isExtra: true,
    cell: ({ payout, currency }) => <Money value={payout} currency={currency} />,
  },
  {
    title: "Id",
    width: "minmax(6rem, 7rem)",
    isExtra: true,
    cell: ({ id }) => <code className="dim">…{id.slice(-8)}</code>,
  },
];

function useLeads(query: LeadQuery) {
  return useCursorList({
    key: ["leads", query],
    ask: (cursor, signal) =>
      taken(api.GET("/api/v1/admin/leads", { params: { query: { ...query, limit: PAGE, cursor } }, signal })),
  });
}
