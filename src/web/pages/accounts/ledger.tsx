import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { goTo } from "#web/address/visits.ts";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useCursorList } from "#web/lists/cursor-list.ts";
import { Pick } from "#web/lists/pick.tsx";
import { PickDays } from "#web/lists/pick-days.tsx";
import { type Column, VirtualRows } from "#web/lists/rows.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Money } from "#web/parts/money.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { inWords } from "#web/parts/status.tsx";
import { dayAfter, daysOf, startOfDay } from "#web/times/days.ts";
import { Moment } from "#web/times/moment.tsx";
import type { Party } from "./party.ts";

type Entry = Shapes["LedgerEntry"];
type Kind = Entry["kind"];

const KINDS: Readonly<Record<Party["kind"], readonly Kind[]>> = {
  buyer: ["sale", "refusal", "return", "payment", "adjustment", "invoice"],
  supplier: ["sale", "refusal", "return", "payout", "cost", "adjustment"],
};

/** What moved the balance of a party, newest first. */
export function Ledger({ party }: { party: Party }) {
  const { said, say } = useAddress();
  const kind = KINDS[party.kind].find((each) => each === said["kind"]);
  const days = daysOf(said, "90d");
  const entries = useEntries(party, kind, days);
  const { rows } = entries;
  return (
    <>
      <div className="filters">
        <PickDays otherwise="90d" />
        <Pick
          label="Kind"
          words={KINDS[party.kind]}
          picked={kind}
          pick={(word) => say({ kind: word })}
          width={140}
          isSearchable={false}
        />
      </div>
      {entries.error !== null && <Problem error={entries.error} retry={entries.refresh} />}
      {entries.isLoaded && rows.length === 0 && (
        <Empty title="Nothing moved the balance in these days.">
          Sales do, and what is entered by hand: deposits, payments, adjustments and costs.
        </Empty>
      )}
      {rows.length > 0 && (
        <VirtualRows
          label="Ledger"
          columns={COLUMNS}
          rows={rows}
          idOf={({ id }) => id}
          openId={undefined}
          onOpen={({ lead_id }) => {
            if (lead_id !== undefined) goTo("/leads", { open: lead_id });
          }}
          more={entries.more}
        />
      )}
    </>
  );
}

const COLUMNS: readonly Column<Entry>[] = [
  { title: "When", width: "minmax(5rem, 9rem)", cell: (entry) => <Moment at={entry.at} of={entry} /> },
  { title: "What", width: "minmax(3.75rem, 7rem)", cell: ({ kind }) => inWords(kind) },
  {
    title: "About",
    width: "minmax(4.5rem, 2fr)",
    cell: ({ lead_id, campaign_id, reference, note, source, day }) => {
      const rest = [campaign_id, day, source, reference, note]
        .filter((word) => word !== undefined)
        .join(", ");
      return (
        <>
          {lead_id !== undefined && (
            <Link to="/leads" search={{ open: lead_id }} tabIndex={-1}>
              <code>…{lead_id.slice(-8)}</code>
            </Link>
          )}{" "}
          <span className="dim">{rest}</span>
        </>
      );
    },
  },
  {
    title: "By",
    width: "minmax(5rem, 10rem)",
    isExtra: true,
    cell: ({ by }) => <span className="dim">{by}</span>,
  },
  {
    title: "Amount",
    width: "minmax(5.75rem, 9rem)",
    isNumber: true,
    cell: ({ amount, currency }) => (
      <span data-tone={amount.startsWith("-") ? "bad" : undefined}>
        <Money value={amount} currency={currency ?? "USD"} />
      </span>
    ),
  },
];

function useEntries({ kind: party, id }: Party, kind: Kind | undefined, days: { from: string; to: string }) {
  const asked = {
    [party]: id,
    kind,
    since: startOfDay(days.from).toISOString(),
    until: startOfDay(dayAfter(days.to)).toISOString(),
  };
  return useCursorList({
    key: ["ledger", asked],
    ask: (cursor, signal) =>
      taken(api.GET("/api/v1/admin/ledger", { params: { query: { ...asked, limit: 100, cursor } }, signal })),
  });
}
