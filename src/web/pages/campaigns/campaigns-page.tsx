import { useQuery } from "@tanstack/react-query";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { api, taken } from "#web/api/client.ts";
import { type InForce, useConfiguration } from "#web/api/configuration.ts";
import { FindBox, namedLike } from "#web/lists/find-box.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { countText, Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { inWords, Status } from "#web/parts/status.tsx";
import { dayText, ZONE } from "#web/times/days.ts";
import { CampaignPage } from "./campaign-page.tsx";

/** What is sold and to whom: every campaign with its day so far, or one of them. */
export function CampaignsPage() {
  const { said } = useAddress();
  const { open } = said;
  return open === undefined ? <Campaigns /> : <CampaignPage key={open} id={open} />;
}

function Campaigns() {
  const { said } = useAddress();
  const configuration = useConfiguration();
  const campaigns = namedLike(configuration.data?.campaigns ?? [], said["find"]);
  const isNarrowed = (said["find"] ?? "") !== "";
  return (
    <section>
      <PageHead title="Campaigns" about="What is sold, to whom and for how much; today so far." />
      <FindBox label="Find a campaign" />
      {configuration.error !== null && <Problem error={configuration.error} />}
      {configuration.data !== undefined && campaigns.length === 0 && (
        <Empty title={isNarrowed ? "No campaign is called that." : "There is no campaign yet."}>
          {isNarrowed ? undefined : (
            <>
              Campaigns are part of <Link to="/configuration">the configuration</Link>: write one there, look
              at the plan, and put it in force.
            </>
          )}
        </Empty>
      )}
      {campaigns.length > 0 && <CampaignTable campaigns={campaigns} />}
    </section>
  );
}

/** Figures of today, by campaign. */
function useToday() {
  const query = { from: dayText(new Date()), timezone: ZONE, group_by: "campaign" };
  return useQuery({
    queryKey: ["campaigns today", query.from],
    refetchInterval: 15_000,
    queryFn: async () => (await taken(api.GET("/api/v1/admin/reports/pnl", { params: { query } }))).data.rows,
  });
}

function CampaignTable({ campaigns }: Pick<InForce, "campaigns">) {
  const today = useToday();
  return (
    <div className="panel table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th>Campaign</th>
            <th>State</th>
            <th className="extra">Mode</th>
            <th className="num extra">Buyers</th>
            <th className="num extra">Suppliers</th>
            <th className="num">Leads</th>
            <th className="num extra">Accepted</th>
            <th className="num extra">Revenue</th>
            <th className="num">Profit</th>
          </tr>
        </thead>
        <tbody>
          {campaigns.map(
            ({ id, name, status = "active", mode = "direct", currency = "USD", buyers, suppliers }) => {
              const figures = today.data?.find((row) => row.campaign_id === id);
              return (
                <tr key={id}>
                  <td>
                    <Link to="/campaigns" search={{ open: id }} className="as-link">
                      {name ?? id}
                    </Link>
                    <div className="dim">{id}</div>
                  </td>
                  <td>
                    <Status word={status} />
                  </td>
                  <td className="extra">{inWords(mode)}</td>
                  <td className="num extra">{activeOf(buyers)}</td>
                  <td className="num extra">{activeOf(suppliers)}</td>
                  <td className="num">{countText(figures?.leads ?? 0)}</td>
                  <td className="num extra">
                    {figures === undefined || figures.leads === 0
                      ? "–"
                      : `${Math.round((100 * figures.accepted) / figures.leads)}%`}
                  </td>
                  <td className="num extra">
                    <Money value={figures?.revenue ?? "0"} currency={currency} />
                  </td>
                  <td className="num">
                    <Money value={figures?.profit ?? "0"} currency={currency} />
                  </td>
                </tr>
              );
            },
          )}
        </tbody>
      </table>
    </div>
  );
}

/** How many take part, of how many. */
function activeOf(parties: readonly { status?: string }[] = []): string {
  const active = parties.filter(({ status = "active" }) => status === "active").length;
  return active === parties.length ? String(active) : `${active} of ${parties.length}`;
}
