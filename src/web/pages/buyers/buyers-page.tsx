import { Drawer, TextInput } from "@mantine/core";
import IconSearch from "@tabler/icons-react/icons/IconSearch";
import { useQuery } from "@tanstack/react-query";
import { api, taken } from "#web/api/client.ts";
import { type InForce, useConfiguration } from "#web/api/configuration.ts";
import { Empty } from "#web/parts/empty.tsx";
import { countText } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { useAddress } from "#web/parts/search.ts";
import { Status } from "#web/parts/status.tsx";
import { BuyerDetail } from "./buyer-detail.tsx";

/** Who buys: whether they are active, and how their endpoints stand. */
export function BuyersPage() {
  const { said, say } = useAddress();
  const configuration = useConfiguration();
  const wanted = (said["find"] ?? "").toLowerCase();
  const buyers = (configuration.data?.buyers ?? []).filter(({ id, name = "" }) =>
    `${id} ${name}`.toLowerCase().includes(wanted),
  );
  return (
    <section>
      <PageHead title="Buyers" about="Their endpoints, caps, balances and usual settings." />
      <div className="filters">
        <TextInput
          data-search
          aria-label="Find a buyer"
          placeholder="Name or id"
          leftSection={<IconSearch size={14} />}
          value={said["find"] ?? ""}
          onChange={(event) => say({ find: event.currentTarget.value }, true)}
          className="filters-search"
        />
      </div>
      {configuration.error !== null && <Problem error={configuration.error} />}
      {configuration.data !== undefined && buyers.length === 0 && (
        <Empty title={wanted === "" ? "There is no buyer yet." : "No buyer is called that."}>
          {wanted === "" ? "Buyers are part of the configuration: add one there." : undefined}
        </Empty>
      )}
      {buyers.length > 0 && configuration.data !== undefined && (
        <BuyerTable
          buyers={buyers}
          campaigns={configuration.data.campaigns}
          open={(id) => say({ open: id })}
        />
      )}
      <Drawer
        opened={said["open"] !== undefined}
        onClose={() => say({ open: undefined })}
        size="min(40rem, 100%)"
        title="Buyer"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {said["open"] !== undefined && <BuyerDetail key={said["open"]} id={said["open"]} />}
      </Drawer>
    </section>
  );
}

function BuyerTable({
  buyers,
  campaigns,
  open,
}: Pick<InForce, "buyers" | "campaigns"> & { open(id: string): void }) {
  const endpoints = useQuery({
    queryKey: ["endpoints"],
    refetchInterval: 10_000,
    queryFn: async () => (await taken(api.GET("/api/v1/admin/endpoints"))).data,
  });
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
