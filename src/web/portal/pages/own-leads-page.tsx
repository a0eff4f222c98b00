import { useSearchParams } from "wouter";
import { Refusal, taken } from "#web/api/client.ts";
import { More, usePages } from "#web/lists/pages.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { soughtPerson } from "#web/parts/sought.ts";
import { inWords, Status } from "#web/parts/status.tsx";
import { api, type PortalShapes } from "#web/portal/api/client.ts";
import { WordChoice } from "#web/portal/parts/choice.tsx";
import { SearchBox } from "#web/portal/parts/search-box.tsx";
import { Wide } from "#web/portal/parts/wide.tsx";
import { Moment } from "#web/times/moment.tsx";
import { useOwnCampaigns } from "./supplier-queries.ts";

type Lead = PortalShapes["LeadForSupplier"];

const STATUSES: readonly Lead["status"][] = [
  "ACCEPTED",
  "UNMATCHED",
  "REJECTED",
  "DUPLICATE",
  "RETURNED",
  "PENDING",
  "HELD",
];

interface Asked {
  find: string;
  status: string;
  campaign: string;
}

/** The leads that a supplier sent, with how each ended and why; the address keeps what is asked. */
export function OwnLeadsPage() {
  const [said, say] = useSearchParams();
  const campaigns = useOwnCampaigns();
  const asked: Asked = {
    find: said.get("find") ?? "",
    status: said.get("status") ?? "",
    campaign: said.get("campaign") ?? "",
  };
  const sought = asked.find === "" ? undefined : soughtLead(asked.find);
  const list = usePages({
    key: ["supplier", "leads", asked],
    ask: (cursor) => pageOf(asked, sought, cursor),
  });
  const set = (name: keyof Asked, value: string) =>
    say(Object.fromEntries(Object.entries({ ...asked, [name]: value }).filter(([, each]) => each !== "")));
  return (
    <>
      <PageHead title="Leads" about="What you sent, newest first." />
      <div className="filters">
        <SearchBox said={asked.find} search={(text) => set("find", text)} />
        {asked.find === "" && (
          <>
            <WordChoice
              label="Status"
              all="Any status"
              words={STATUSES.map((word) => [word, inWords(word)])}
              chosen={asked.status}
              choose={(word) => set("status", word)}
            />
            <WordChoice
              label="Campaign"
              all="All campaigns"
              words={(campaigns.data ?? []).map(({ id, name }) => [id, name])}
              chosen={asked.campaign}
              choose={(word) => set("campaign", word)}
            />
          </>
        )}
      </div>
      {asked.find !== "" && sought === undefined ? (
        <div className="panel">
          <Empty title="Search by a phone, an e-mail or a lead's id">Names are not searched.</Empty>
        </div>
      ) : (
        <>
          {list.error !== null && <Problem error={list.error} retry={() => void list.refetch()} />}
          {list.rows !== undefined && (
            <Leads rows={list.rows} isNarrowed={Object.values(asked).some((each) => each !== "")} />
          )}
          <More list={list} className="more" />
        </>
      )}
    </>
  );
}

type Sought = { id: string } | { phone: string } | { email: string };

function soughtLead(text: string): Sought | undefined {
  return text.startsWith("lead_") ? { id: text } : soughtPerson(text);
}

/** A search that finds nothing is answered 404, as a program wants it. */
async function pageOf(
  { status, campaign }: Asked,
  sought: Sought | undefined,
  cursor: string | undefined,
): Promise<{ data: Lead[]; next_cursor: string | null }> {
  if (sought !== undefined) {
    try {
      const { data } = await taken(api.GET("/api/v1/leads/lookup", { params: { query: sought } }));
      return { data, next_cursor: null };
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) return { data: [], next_cursor: null };
      throw error;
    }
  }
  const query = {
    ...(status !== "" && { status: status as Lead["status"] }),
    ...(campaign !== "" && { campaign }),
    ...(cursor && { cursor }),
  };
  return taken(api.GET("/api/v1/leads", { params: { query } }));
}

function Leads({ rows, isNarrowed }: { rows: readonly Lead[]; isNarrowed: boolean }) {
  if (rows.length === 0) {
    return (
      <div className="panel">
        {isNarrowed ? (
          <Empty title="No lead of yours fits">Search for something else, or show any status.</Empty>
        ) : (
          <Empty title="You sent no lead yet">How that is done is on the pages of your campaigns.</Empty>
        )}
      </div>
    );
  }
  return (
    <Wide name="Leads" kind="panel list-panel">
      <table className="list">
        <thead>
          <tr>
            <th>Status</th>
            <th>Why</th>
            <th className="extra">Campaign</th>
            <th className="extra">Lead</th>
            <th className="num">Payout</th>
            <th className="num">Decided</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((lead) => (
            <tr key={lead.id}>
              <td>
                <Status word={lead.status} />
                {lead.is_test && <span className="tag">test</span>}
              </td>
              <td>{lead.reason === null ? <span className="dim">–</span> : inWords(lead.reason)}</td>
              <td className="extra">{lead.campaign_id}</td>
              <td className="extra">
                <code>{lead.id}</code>
              </td>
              <td className="num">
                <Money value={lead.payout} currency={lead.currency} />
              </td>
              <td className="num">
                <Moment at={lead.created_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
