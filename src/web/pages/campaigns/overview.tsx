import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useConfiguration } from "#web/api/configuration.ts";
import { ENDPOINTS } from "#web/api/endpoints.ts";
import { CapUse } from "#web/caps/cap-use.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { countText, Money, moneyText } from "#web/parts/money.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { inWords, reasonInWords, Status } from "#web/parts/status.tsx";
import { type Days, dayAfter, daysOf, startOfDay, ZONE } from "#web/times/days.ts";
import { stepsOf } from "./funnel.ts";

type Campaign = Shapes["Campaign"];

/** How a campaign goes: where its leads end, who takes part, and what is used of each cap. */
export function Overview({ campaign }: { campaign: Campaign }) {
  const { said } = useAddress();
  const days = daysOf(said, "7d");
  return (
    <div className="board">
      <div className="stack">
        <Funnel id={campaign.id} days={days} />
        <Buyers campaign={campaign} days={days} />
        <Suppliers campaign={campaign} days={days} />
      </div>
      <section className="panel">
        <h2>Caps</h2>
        <CapUse of={{ campaign: campaign.id }} />
      </section>
    </div>
  );
}

/** Where the leads of a campaign end, from those that came in to those that were sold. */
function Funnel({ id, days }: { id: string; days: Days }) {
  const query = { ...days, timezone: ZONE, campaign: id, bucket: "day" as const, group_by: "status,reason" };
  const counts = useQuery({
    queryKey: ["funnel", query],
    refetchInterval: 30_000,
    queryFn: async () =>
      (await taken(api.GET("/api/v1/admin/reports/leads", { params: { query } }))).data.rows,
  });
  const steps = useMemo(() => stepsOf(counts.data ?? []), [counts.data]);
  const all = steps[0]?.leads ?? 0;
  const span = {
    since: startOfDay(days.from).toISOString(),
    until: startOfDay(dayAfter(days.to)).toISOString(),
    test: "false",
  };
  return (
    <section className="panel" aria-busy={counts.isPending}>
      <h2>Where leads end</h2>
      {counts.error !== null && <Problem error={counts.error} />}
      {counts.data !== undefined && all === 0 && <Empty title="No lead came in these days." />}
      {all > 0 && (
        <ul className="plain funnel">
          {steps.map(({ status, reason, leads, after }) => (
            <li
              key={`${status} ${reason}`}
              data-kind={status === undefined || status === "ACCEPTED" ? "whole" : "lost"}
            >
              <Link to="/leads" search={{ campaign: id, status, reason, ...span }}>
                {status === undefined
                  ? "Came in"
                  : [inWords(status), reasonInWords(status, reason)].filter((text) => text !== "").join(": ")}
              </Link>
              <span className="funnel-way" aria-hidden>
                <span style={{ left: `${(100 * after) / all}%`, width: `${(100 * leads) / all}%` }} />
              </span>
              <span className="num">{countText(leads)}</span>
              <span className="num dim">{Math.round((1000 * leads) / all) / 10}%</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What a party was sold, or sold, in these days. */
function useFigures(id: string, days: Days, party: "buyer" | "supplier") {
  const query = { ...days, timezone: ZONE, campaign: id, group_by: party };
  return useQuery({
    queryKey: ["campaign figures", query],
    refetchInterval: 30_000,
    queryFn: async () => (await taken(api.GET("/api/v1/admin/reports/pnl", { params: { query } }))).data.rows,
  });
}

interface Parties {
  campaign: Campaign;
  days: Days;
}

function Buyers({ campaign, days }: Parties) {
  const { data } = useConfiguration();
  const figures = useFigures(campaign.id, days, "buyer");
  const endpoints = useQuery(ENDPOINTS);
  const { buyers = [], currency = "USD", distribution = "priority" } = campaign;
  const byWeight = distribution === "weighted";
  return (
    <section className="panel table-scroll">
      <h2>Buyers</h2>
      {buyers.length === 0 ? (
        <Empty title="Nobody buys here yet.">Add a buyer under Change, as text.</Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>Buyer</th>
              <th>State</th>
              <th className="extra">Endpoint</th>
              <th className="num">Price</th>
              <th className="num extra">{byWeight ? "Weight" : "Priority"}</th>
              <th className="num">Sales</th>
              <th className="num">Revenue</th>
            </tr>
          </thead>
          <tbody>
            {buyers.map(({ buyer, status = "active", price, priority = 1, weight = 1 }) => {
              const whole = data?.buyers.find(({ id }) => id === buyer);
              const endpoint = endpoints.data?.find(({ buyer_id }) => buyer_id === buyer)?.endpoint;
              const row = figures.data?.find(({ buyer_id }) => buyer_id === buyer);
              const isElsewhere = status === "active" && whole?.status === "paused";
              return (
                <tr key={buyer}>
                  <td>
                    <Link to="/buyers" search={{ open: buyer }} className="as-link">
                      {whole?.name ?? buyer}
                    </Link>
                  </td>
                  <td>
                    <Status
                      word={isElsewhere ? "paused" : status}
                      {...(isElsewhere ? { label: "paused everywhere" } : {})}
                    />
                  </td>
                  <td className="extra">
                    {endpoint === undefined ? (
                      <span className="dim">none</span>
                    ) : (
                      <Status word={endpoint.state} />
                    )}
                  </td>
                  <td className="num">
                    {price === undefined ? "–" : <Money value={price} currency={currency} />}
                  </td>
                  <td className="num extra">{byWeight ? weight : priority}</td>
                  <td className="num">{countText(row?.sales ?? 0)}</td>
                  <td className="num">
                    <Money value={row?.revenue ?? "0"} currency={currency} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Suppliers({ campaign, days }: Parties) {
  const { data } = useConfiguration();
  const figures = useFigures(campaign.id, days, "supplier");
  const { suppliers = [], currency = "USD" } = campaign;
  return (
    <section className="panel table-scroll">
      <h2>Suppliers</h2>
      {suppliers.length === 0 ? (
        <Empty title="Nobody sends leads here yet.">Add a supplier under Change, as text.</Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>Supplier</th>
              <th>State</th>
              <th className="extra">Payout</th>
              <th className="num extra">Leads</th>
              <th className="num">Accepted</th>
              <th className="num extra">Paid out</th>
              <th className="num">Profit</th>
            </tr>
          </thead>
          <tbody>
            {suppliers.map(({ supplier, status = "active", payout }) => {
              const row = figures.data?.find(({ supplier_id }) => supplier_id === supplier);
              return (
                <tr key={supplier}>
                  <td>
                    <Link to="/suppliers" search={{ open: supplier }} className="as-link">
                      {data?.suppliers.find(({ id }) => id === supplier)?.name ?? supplier}
                    </Link>
                  </td>
                  <td>
                    <Status word={status} />
                  </td>
                  <td className="extra">{payoutInWords(payout, currency)}</td>
                  <td className="num extra">{countText(row?.leads ?? 0)}</td>
                  <td className="num">{countText(row?.accepted ?? 0)}</td>
                  <td className="num extra">
                    <Money value={row?.payouts ?? "0"} currency={currency} />
                  </td>
                  <td className="num">
                    <Money value={row?.profit ?? "0"} currency={currency} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}

type Payout = NonNullable<Campaign["suppliers"]>[number]["payout"];

function payoutInWords(payout: Payout, currency: string): string {
  if (payout === undefined) return "the usual";
  switch (payout.mode) {
    case "fixed":
      return moneyText(payout.amount, currency);
    case "revenue_share":
      return `${payout.percent}% of the price`;
    case "margin":
      return "the price less the margin";
  }
}
