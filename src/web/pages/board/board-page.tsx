import { Select } from "@mantine/core";
import { createContext, memo, type ReactNode, useContext, useMemo } from "react";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { useConfiguration, usePartyIds } from "#web/api/configuration.ts";
import { CapMeter, capInWords, capKey } from "#web/caps/cap-meter.tsx";
import { BarChart, type Series } from "#web/parts/chart.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { countText, Money, moneyText, ShortMoney } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { inWords, Status } from "#web/parts/status.tsx";
import { aWeekBefore } from "#web/times/days.ts";
import { Ago, Moment } from "#web/times/moment.tsx";
import {
  type HourCount,
  MOST_BUYERS,
  MOST_CAMPAIGNS,
  useFullCaps,
  useLeadsByHour,
  useLowBalances,
  useMoneyToday,
  useNewestBefore,
  useTroubledEndpoints,
} from "./figures.ts";
import { type Live, NOTHING_YET, useLiveLeads } from "./live.ts";

/** Today at a glance: what comes in, what it brings, and what needs somebody. */
export function BoardPage() {
  const { said, say } = useAddress();
  const { campaigns } = usePartyIds();
  const campaign = said["campaign"];
  return (
    <section>
      <PageHead title="Board" about="Today in your time zone, against the same day a week ago.">
        <Select
          aria-label="Campaign"
          placeholder="All campaigns"
          data={campaigns}
          value={campaign ?? null}
          onChange={(value) => say({ campaign: value ?? undefined })}
          clearable
          searchable
          w={200}
        />
      </PageHead>
      <LiveOf campaign={campaign}>
        <Figures campaign={campaign} />
        <div className="board">
          <div className="stack">
            <Hours campaign={campaign} />
            <LiveLeads campaign={campaign} />
          </div>
          <div className="stack">
            <Trouble />
            <Caps chosen={campaign} />
            <Wallets />
            <Reasons campaign={campaign} />
          </div>
        </div>
      </LiveOf>
    </section>
  );
}

const LiveNow = createContext(NOTHING_YET);

/** Leads as they come, for those within it that show them: they alone are drawn anew twice a second. */
function LiveOf({ campaign, children }: { campaign: string | undefined; children: ReactNode }) {
  return <LiveNow value={useLiveLeads(campaign)}>{children}</LiveNow>;
}

/** A figure, and how it stood a week ago. */
function Figure({
  name,
  value,
  before,
  children,
}: {
  name: string;
  value: ReactNode;
  before?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
      {before !== undefined && <dd className="figure-before">{before}</dd>}
      {children}
    </div>
  );
}

function Figures({ campaign }: { campaign: string | undefined }) {
  const money = useMoneyToday(campaign);
  if (money.error !== null) return <Problem error={money.error} retry={() => void money.refetch()} />;
  const isAsking = money.data === undefined;
  const { today = [], before = [] } = money.data ?? {};
  // Leads of all currencies are counted together; amounts are of the one that most of them came in.
  const main = today.toSorted((one, other) => other.leads - one.leads).at(0);
  const currency = main?.currency ?? before[0]?.currency ?? "USD";
  const then = before.find((each) => each.currency === currency);
  const others = today.filter((each) => each.currency !== currency);
  const [leads, accepted, returned] = [
    countOf(today, "leads"),
    countOf(today, "accepted"),
    countOf(today, "returned"),
  ];
  return (
    <dl className="figures" data-asking={isAsking} aria-busy={isAsking}>
      <Figure
        name="Leads"
        value={countText(leads)}
        before={<>{countText(countOf(before, "leads"))} a week ago</>}
      />
      <Figure
        name="Accepted"
        value={countText(accepted)}
        before={
          <>
            {leads === 0 ? "–" : `${Math.round((100 * accepted) / leads)}%`} of all
            {returned > 0 && `, ${countText(returned)} sold and returned`}
          </>
        }
      />
      <Figure
        name="Revenue"
        value={<ShortMoney value={main?.revenue ?? "0"} currency={currency} />}
        before={<Change now={main?.revenue} then={then?.revenue} />}
      >
        <Beside amounts={others.map((each) => moneyText(each.revenue, each.currency))} />
      </Figure>
      <Figure
        name="Profit"
        value={<ShortMoney value={main?.profit ?? "0"} currency={currency} />}
        before={<Change now={main?.profit} then={then?.profit} />}
      >
        <Beside amounts={others.map((each) => moneyText(each.profit, each.currency))} />
      </Figure>
      <Now />
    </dl>
  );
}

type Counts = Record<"leads" | "accepted" | "returned", number>;

function countOf(totals: readonly Counts[], name: keyof Counts): number {
  return totals.reduce((sum, each) => sum + each[name], 0);
}

/** What came in other currencies. */
function Beside({ amounts }: { amounts: readonly string[] }) {
  return amounts.map((amount) => (
    <dd key={amount} className="figure-before">
      and {amount}
    </dd>
  ));
}

const rate = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** How many leads a second come. */
function Now() {
  const live = useContext(LiveNow);
  return (
    <Figure
      name="Now"
      value={`${rate.format(live.rate)}/s`}
      before={
        <span className="status" data-tone={live.isLive ? "good" : "calm"}>
          {live.isLive ? "live" : "connecting"}
        </span>
      }
    />
  );
}

/** By how much it is more or less than it was. */
function Change({ now, then }: { now: string | undefined; then: string | undefined }) {
  const [is, was] = [Number(now ?? 0), Number(then ?? 0)];
  if (was === 0) return <>nothing a week ago</>;
  const percent = Math.round((100 * (is - was)) / Math.abs(was));
  return (
    <span data-tone={percent < 0 ? "bad" : "good"} className="change">
      {percent > 0 ? "+" : percent < 0 ? "−" : "±"}
      {Math.abs(percent)}% on last week
    </span>
  );
}

const HOURS = 24;

/** The statuses that the chart has a colour of their own for. */
const NAMED: ReadonlySet<string> = new Set(["ACCEPTED", "RETURNED", "UNMATCHED"]);

function Hours({ campaign }: { campaign: string | undefined }) {
  const hours = useLeadsByHour(campaign);
  const chart = useMemo(() => {
    if (hours.data === undefined) return undefined;
    const { start, today, before } = hours.data;
    const times = Array.from({ length: HOURS }, (_, hour) => start.getTime() / 1000 + hour * 3600);
    const count = (rows: readonly HourCount[], first: number, isMeant: (status: string) => boolean) =>
      times.map((_, hour) =>
        rows
          .filter(({ at, status = "" }) => {
            const begun = (Date.parse(at) / 1000 - first) / 3600;
            return begun >= hour && begun < hour + 1 && isMeant(status);
          })
          .reduce((sum, { leads }) => sum + leads, 0),
      );
    const first = times[0] ?? 0;
    const series: Series[] = [
      { label: "Accepted", tone: "good", values: count(today, first, (status) => status === "ACCEPTED") },
      { label: "Returned", tone: "bad", values: count(today, first, (status) => status === "RETURNED") },
      { label: "Unmatched", tone: "warn", values: count(today, first, (status) => status === "UNMATCHED") },
      { label: "Others", tone: "calm", values: count(today, first, (status) => !NAMED.has(status)) },
      {
        label: "Accepted a week ago",
        tone: "ink-dim",
        isLine: true,
        values: count(before, aWeekBefore(start).getTime() / 1000, (status) => status === "ACCEPTED"),
      },
    ];
    return { times, series };
  }, [hours.data]);
  return (
    <section className="panel">
      <h2>Leads by the hour</h2>
      {hours.error !== null && <Problem error={hours.error} />}
      {chart ? (
        <BarChart label="Leads of today by the hour" times={chart.times} series={chart.series} />
      ) : (
        hours.error === null && <div className="chart-waits" />
      )}
    </section>
  );
}

/** So many of the newest leads are shown. */
const SHOWN = 12;

function LiveLeads({ campaign }: { campaign: string | undefined }) {
  const { leads: live, count, since } = useContext(LiveNow);
  const before = useNewestBefore(campaign);
  const leads = [...live, ...before.filter(({ id }) => live.every((lead) => lead.id !== id))];
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>As they come</h2>
        {since !== undefined && (
          <span className="dim num">
            {countText(count)} since <Moment at={since} seconds />
          </span>
        )}
      </div>
      {leads.length === 0 ? (
        <Empty title="None has come yet.">Leads are shown here as they are decided.</Empty>
      ) : (
        <ul className="plain feed">
          {leads.slice(0, SHOWN).map((lead) => (
            <LiveLead key={lead.id} lead={lead} />
          ))}
        </ul>
      )}
    </section>
  );
}

const LiveLead = memo(({ lead }: { lead: Live["leads"][number] }) => {
  const { id, decided_at, status, reason, campaign_id, supplier_id, buyer_id, price, currency } = lead;
  return (
    <li>
      <Link to="/leads" search={{ open: id }}>
        <Moment at={decided_at} of={lead} seconds />
        <Status word={status} />
        <span className="feed-way">
          {supplier_id} → {buyer_id ?? (reason === null ? campaign_id : inWords(reason))}
        </span>
        <Money value={price} currency={currency} />
      </Link>
    </li>
  );
});
LiveLead.displayName = "LiveLead";

/** An answer is on its way. */
function Asking() {
  return <p className="dim">…</p>;
}

function Trouble() {
  const endpoints = useTroubledEndpoints();
  if (endpoints.error !== null) return <Problem error={endpoints.error} />;
  const all = endpoints.data;
  return (
    <section className="panel">
      <h2>Endpoints in trouble</h2>
      {all === undefined ? (
        <Asking />
      ) : all.length === 0 ? (
        <p className="dim">All are up, and nothing waits for long.</p>
      ) : (
        <ul className="plain alerts">
          {all.map(({ buyer_id, webhook_id, conversion_id, endpoint }) => (
            <li key={`${buyer_id} ${webhook_id} ${conversion_id}`}>
              <Link
                to="/deliveries"
                search={{ buyer: buyer_id ?? undefined, webhook: webhook_id ?? undefined }}
              >
                {buyer_id ?? webhook_id ?? conversion_id}
              </Link>
              <Status word={endpoint.state} />
              <span className="dim">
                {endpoint.reason?.replaceAll("_", " ")}
                {endpoint.since !== null && (
                  <>
                    {" "}
                    since <Ago at={endpoint.since} />
                  </>
                )}
                {endpoint.waiting > 0 && <>, {countText(endpoint.waiting)} waiting</>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Caps({ chosen }: { chosen: string | undefined }) {
  const { data: document } = useConfiguration();
  const active = (document?.campaigns ?? []).filter(({ status = "active" }) => status === "active");
  const campaigns = chosen === undefined ? active.map(({ id }) => id) : [chosen];
  const caps = useFullCaps(campaigns);
  const all = campaigns.length === 0 ? [] : caps.data;
  return (
    <section className="panel">
      <h2>Caps close to full</h2>
      {caps.error !== null && <Problem error={caps.error} />}
      {all === undefined ? (
        <Asking />
      ) : all.length === 0 ? (
        <p className="dim">No cap is more than four fifths used.</p>
      ) : (
        <ul className="plain alerts">
          {all.slice(0, 8).map((cap) => (
            <li key={capKey(cap)}>
              <b>{cap.buyer_id ?? cap.supplier_id}</b>
              <span className="dim">
                {cap.party === "buyer" ? "" : `${cap.campaign_id}, `}
                {capInWords(cap)}
              </span>
              <CapMeter cap={cap} />
            </li>
          ))}
        </ul>
      )}
      {campaigns.length > MOST_CAMPAIGNS && (
        <p className="panel-note">
          Of the first {countText(MOST_CAMPAIGNS)} campaigns; choose one above for its own.
        </p>
      )}
    </section>
  );
}

function Wallets() {
  const { data } = useConfiguration();
  const buyers = (data?.buyers ?? [])
    .filter(({ billing }) => billing !== undefined && billing.mode !== "manual")
    .map(({ id }) => id);
  const low = useLowBalances(buyers);
  if (buyers.length === 0) return null;
  const all = low.data;
  return (
    <section className="panel">
      <h2>Wallets low</h2>
      {low.error !== null && <Problem error={low.error} />}
      {all === undefined ? (
        <Asking />
      ) : all.length === 0 ? (
        <p className="dim">None is below the balance at which you want to be told.</p>
      ) : (
        <ul className="plain alerts">
          {all.map(({ buyer_id, spendable, currency }) => (
            <li key={buyer_id}>
              <b>{buyer_id}</b>
              <Money value={spendable} currency={currency ?? "USD"} />
            </li>
          ))}
        </ul>
      )}
      {buyers.length > MOST_BUYERS && (
        <p className="panel-note">
          Of the first {countText(MOST_BUYERS)} buyers; <Link to="/accounts">Accounts</Link> has all.
        </p>
      )}
    </section>
  );
}

function Reasons({ campaign }: { campaign: string | undefined }) {
  const hours = useLeadsByHour(campaign);
  if (hours.data === undefined) return null;
  const sums = new Map<string, { status: string; reason: string; leads: number }>();
  for (const { status = "", reason, leads } of hours.data.today) {
    if (status === "ACCEPTED" || reason === null || reason === undefined) continue;
    const sum = sums.get(`${status} ${reason}`) ?? { status, reason, leads: 0 };
    sum.leads += leads;
    sums.set(`${status} ${reason}`, sum);
  }
  const all = [...sums.values()].toSorted((one, other) => other.leads - one.leads);
  const most = all[0]?.leads ?? 1;
  return (
    <section className="panel">
      <h2>Why leads were not sold today</h2>
      {all.length === 0 ? (
        <p className="dim">
          {hours.data.today.length === 0 ? "No lead has come today." : "Every lead of today was sold."}
        </p>
      ) : (
        <ul className="plain bars">
          {all.slice(0, 8).map(({ status, reason, leads }) => (
            <li key={`${status} ${reason}`}>
              <Link to="/leads" search={{ status, reason, campaign, span: "24h" }}>
                {inWords(reason)}
              </Link>
              <span className="bar" style={{ width: `${(100 * leads) / most}%` }} aria-hidden />
              <span className="num">{countText(leads)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
