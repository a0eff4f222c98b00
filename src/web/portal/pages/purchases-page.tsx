import { Link, useLocation, useSearchParams } from "wouter";
import { taken } from "#web/api/client.ts";
import { More, usePages } from "#web/lists/pages.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { soughtPerson } from "#web/parts/sought.ts";
import { Status } from "#web/parts/status.tsx";
import { api, type PortalShapes } from "#web/portal/api/client.ts";
import { WordChoice } from "#web/portal/parts/choice.tsx";
import { fieldLike, nameIn } from "#web/portal/parts/lead-name.ts";
import { SearchBox } from "#web/portal/parts/search-box.tsx";
import { Wide } from "#web/portal/parts/wide.tsx";
import { Moment } from "#web/times/moment.tsx";

type SaleStatus = PortalShapes["Purchase"]["status"];

const STATUSES: readonly (readonly [SaleStatus, string])[] = [
  ["sold", "Sold"],
  ["refused", "Refused"],
  ["returned", "Returned"],
];

/** The leads that a buyer bought, found by phone or e-mail, by how they stand; the address keeps what is asked. */
export function PurchasesPage() {
  const [said, say] = useSearchParams();
  const [, go] = useLocation();
  const find = said.get("find") ?? "";
  const status = said.get("status") ?? "";
  const person = soughtPerson(find);
  const list = usePages({
    key: ["buyer", "leads", find, status],
    ask: async (cursor) =>
      taken(
        api.GET("/api/v1/buyer/leads", {
          params: {
            query: {
              ...person,
              ...(status !== "" && { status: status as SaleStatus }),
              ...(cursor && { cursor }),
            },
          },
        }),
      ),
  });

  function set(name: string, value: string) {
    say((before) => {
      const next = new URLSearchParams(before);
      if (value === "") next.delete(name);
      else next.set(name, value);
      return next;
    });
  }

  function search(text: string) {
    if (text.startsWith("lead_")) go(`/leads/${text}`);
    else set("find", text);
  }

  return (
    <>
      <PageHead title="Leads" about="What you bought, newest first." />
      <div className="filters">
        <SearchBox said={find} search={search} />
        <WordChoice
          label="Status"
          all="Any status"
          words={STATUSES}
          chosen={status}
          choose={(word) => set("status", word)}
        />
      </div>
      {find !== "" && person === undefined ? (
        <div className="panel">
          <Empty title="Search by a phone, an e-mail or a lead's id">Names are not searched.</Empty>
        </div>
      ) : (
        <>
          {list.error !== null && <Problem error={list.error} retry={() => void list.refetch()} />}
          {list.rows !== undefined && (
            <Purchases rows={list.rows} isNarrowed={find !== "" || status !== ""} />
          )}
          <More list={list} className="more" />
        </>
      )}
    </>
  );
}

function Purchases({ rows, isNarrowed }: { rows: readonly PortalShapes["Purchase"][]; isNarrowed: boolean }) {
  if (rows.length === 0) {
    return (
      <div className="panel">
        {isNarrowed ? (
          <Empty title="No lead of yours fits">Search for something else, or show any status.</Empty>
        ) : (
          <Empty title="No lead was sold to you yet">They are here as soon as one is.</Empty>
        )}
      </div>
    );
  }
  return (
    <Wide name="Leads" kind="panel list-panel">
      <table className="list">
        <thead>
          <tr>
            <th>Lead</th>
            <th className="extra">Campaign</th>
            <th className="extra">State</th>
            <th>Status</th>
            <th className="num">Price</th>
            <th className="num">Sold</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((lead) => (
            <tr key={lead.sale_id}>
              <td className="breaks">
                <Link href={`/leads/${lead.lead_id}`}>
                  {nameIn(lead.fields) ?? (lead.erased_at === null ? lead.lead_id : "Erased")}
                </Link>
                {lead.is_test && <span className="tag">test</span>}
              </td>
              <td className="extra">{lead.campaign_id}</td>
              <td className="extra">{fieldLike(lead.fields, /^(state|st|region)$/i)}</td>
              <td>
                <Status word={lead.status} />
              </td>
              <td className="num">
                <Money value={lead.price} currency={lead.currency} />
              </td>
              <td className="num">
                <Moment at={lead.sold_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
