import { useQuery } from "@tanstack/react-query";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { type InForce, useConfiguration } from "#web/api/configuration.ts";
import { ENDPOINTS } from "#web/api/endpoints.ts";
import { FindBox, namedLike } from "#web/lists/find-box.tsx";
import { Side } from "#web/lists/side.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { countText } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { Status } from "#web/parts/status.tsx";
import { BuyerDetail } from "./buyer-detail.tsx";

/** Who buys: whether they are active, and how their endpoints stand. */
export function BuyersPage() {
  const { said, say } = useAddress();
  const configuration = useConfiguration();
  const buyers = namedLike(configuration.data?.buyers ?? [], said["find"]);
  const isNarrowed = (said["find"] ?? "") !== "";
  return (
    <section>
      <PageHead title="Buyers" about="Their endpoints, caps, balances and usual settings." />
      <FindBox label="Find a buyer" />
      {configuration.error !== null && <Problem error={configuration.error} />}
      {configuration.data !== undefined && buyers.length === 0 && (
        <Empty title={isNarrowed ? "No buyer is called that." : "There is no buyer yet."}>
          {isNarrowed ? undefined : (
            <>
              Buyers are part of <Link to="/configuration">the configuration</Link>: add one there.
            </>
          )}
        </Empty>
      )}
      {buyers.length > 0 && configuration.data !== undefined && (
        <BuyerTable
          buyers={buyers}
          campaigns={configuration.data.campaigns}
          open={(id) => say({ open: id })}
        />
      )}
      <Side title="Buyer" width={40} id={said["open"]}>
        {(id) => <BuyerDetail key={id} id={id} />}
      </Side>
    </section>
  );
}

function BuyerTable({
  buyers,
  campaigns,
  open,
}: Pick<InForce, "buyers" | "campaigns"> & { open(id: string): void }) {
  const endpoints = useQuery(ENDPOINTS);
  return (
    <div className="panel table-scroll">
      <table className="table pressed">
        <thead>
          <tr>
            <th>Buyer</th>
            <th>State</th>
            <th>Endpoint</th>
            <th className="num extra">Waiting</th>
            <th className="extra">Campaigns</th>
            <th className="extra">Billing</th>
          </tr>
        </thead>
        <tbody>
          {buyers.map(({ id, name, status = "active", delivery, billing }) => {
            const endpoint = endpoints.data?.find(({ buyer_id }) => buyer_id === id)?.endpoint;
            const of = campaigns.filter((campaign) => campaign.buyers?.some(({ buyer }) => buyer === id));
            return (
              <tr key={id} onClick={() => open(id)}>
                <td>
                  <button type="button" className="as-link" onClick={() => open(id)}>
                    {name ?? id}
                  </button>
                  <div className="dim">{id}</div>
                </td>
                <td>
                  <Status word={status} />
                </td>
                <td>
                  {endpoint === undefined ? (
                    <span className="dim">{delivery === undefined ? "nothing is sent" : "…"}</span>
                  ) : (
                    <Status word={endpoint.state} />
                  )}
                </td>
                <td className="num extra">{endpoint === undefined ? "" : countText(endpoint.waiting)}</td>
                <td className="extra">{of.map((campaign) => campaign.id).join(", ")}</td>
                <td className="extra">{billing?.mode ?? "manual"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
