import { Empty } from "#web/parts/empty.tsx";
import { Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { Status } from "#web/parts/status.tsx";
import type { PortalShapes } from "#web/portal/api/client.ts";
import { Wide } from "#web/portal/parts/wide.tsx";
import { useOwnCampaigns } from "./supplier-queries.ts";

/** The campaigns that a supplier sends leads to, each with the page that says how. */
export function OwnCampaignsPage() {
  const campaigns = useOwnCampaigns();
  return (
    <>
      <PageHead title="Campaigns" about="Where you send leads, and how that is done." />
      {campaigns.error !== null && <Problem error={campaigns.error} retry={() => void campaigns.refetch()} />}
      {campaigns.data !== undefined && <Campaigns rows={campaigns.data} />}
    </>
  );
}

function Campaigns({ rows }: { rows: readonly PortalShapes["OwnCampaign"][] }) {
  if (rows.length === 0) {
    return (
      <section className="panel">
        <Empty title="You are in no campaign yet">Ask the operator to link you to one.</Empty>
      </section>
    );
  }
  return (
    <Wide name="Campaigns" kind="panel list-panel">
      <table className="list">
        <thead>
          <tr>
            <th>Campaign</th>
            <th>Status</th>
            <th className="extra">How leads come</th>
            <th className="num">Payout</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, name, status, mode, payout, currency, docs }) => (
            <tr key={id}>
              <td>
                <b>{name}</b>
                <div className="dim">{id}</div>
                <a href={docs}>How to send</a>
              </td>
              <td>
                <Status word={status} />
              </td>
              <td className="extra">{mode === "ping_post" ? "Pinged first, then posted" : "Posted"}</td>
              <td className="num">
                {payout === null ? (
                  <span className="dim">varies</span>
                ) : (
                  <Money value={payout} currency={currency} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
