import { Link } from "#web/address/link.tsx";
import { useConfiguration } from "#web/api/configuration.ts";

/** The campaigns that a party takes part in, each leading to its page. */
export function CampaignLinks({ of }: { of: { buyer: string } | { supplier: string } }) {
  const { data } = useConfiguration();
  const campaigns = (data?.campaigns ?? []).filter(({ buyers = [], suppliers = [] }) =>
    "buyer" in of
      ? buyers.some(({ buyer }) => buyer === of.buyer)
      : suppliers.some(({ supplier }) => supplier === of.supplier),
  );
  if (campaigns.length === 0) return <span className="dim">none yet</span>;
  return (
    <span className="line">
      {campaigns.map(({ id }) => (
        <Link key={id} to="/campaigns" search={{ open: id }}>
          {id}
        </Link>
      ))}
    </span>
  );
}
