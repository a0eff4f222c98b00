import { SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import { BarChart, type Series } from "#web/parts/chart.tsx";
import { moneyText } from "#web/parts/money.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { startOfDay } from "#web/times/days.ts";
import { bucketOf, type ProfitAsked, timesOf } from "./profit-query.ts";
import { useLeadsOverTime, useMoneyOverTime } from "./profit-reports.ts";

const LEADS = "leads";

/** The days of the report as a picture: money of one currency, or leads by how they ended. */
export function ProfitCharts({ asked, currencies }: { asked: ProfitAsked; currencies: readonly string[] }) {
  const [shown, setShown] = useState<string>();
  const money = currencies.length < 2 ? [{ value: currencies[0] ?? "USD", label: "Money" }] : currencies;
  const currency = currencies.find((each) => each === shown) ?? currencies[0] ?? "USD";
  const areLeads = shown === LEADS;
  return (
    <section className="panel" aria-label="Over time">
      <div className="line spread">
        <h2>{areLeads ? "Leads" : "Money"} over time</h2>
        <SegmentedControl
          aria-label="What is drawn"
          data={[...money, { value: LEADS, label: "Leads" }]}
          value={areLeads ? LEADS : currency}
          onChange={setShown}
        />
      </div>
      {areLeads ? <LeadsChart asked={asked} /> : <MoneyChart asked={asked} currency={currency} />}
    </section>
  );
}

function MoneyChart({ asked, currency }: { asked: ProfitAsked; currency: string }) {
  const money = useMoneyOverTime(asked);
  const bucket = bucketOf(asked);
  const chart = useMemo(() => {
    const rows = (money.data ?? []).filter((row) => row.currency === currency);
    const byTime = new Map(rows.map((row) => [beginning(row[bucket] ?? ""), row]));
    const times = timesOf(asked);
    const values = (name: "payouts" | "costs" | "profit") =>
      times.map((time) => Number(byTime.get(time)?.[name] ?? 0));
    const profit = values("profit");
    const series: Series[] = [
      // Where there is a loss, the bar is what was spent; the line says by how much it is more than came in.
      { label: "Payouts", tone: "calm", values: values("payouts") },
      { label: "Costs", tone: "warn", values: values("costs") },
      { label: "Profit", tone: "good", values: profit.map((value) => Math.max(0, value)) },
    ];
    if (profit.some((value) => value < 0)) {
      const losses = profit.map((value) => (value < 0 ? value : null));
      series.push({ label: "Loss", tone: "bad", values: losses, isLine: true });
    }
    return { times, series };
  }, [money.data, asked, bucket, currency]);
  if (money.error !== null) return <Problem error={money.error} />;
  return (
    <BarChart
      label={`Payouts, costs and profit by the ${bucket}`}
      bucket={bucket}
      said={(value) => moneyText(value, currency)}
      {...chart}
    />
  );
}

const ENDINGS = [
  { label: "Accepted", tone: "good", statuses: ["ACCEPTED"] },
  { label: "Unmatched", tone: "warn", statuses: ["UNMATCHED"] },
  { label: "Rejected", tone: "bad", statuses: ["REJECTED"] },
  { label: "Others", tone: "calm", statuses: ["DUPLICATE", "RETURNED", "PENDING", "HELD"] },
] as const;

function LeadsChart({ asked }: { asked: ProfitAsked }) {
  const leads = useLeadsOverTime(asked);
  const bucket = bucketOf(asked);
  const chart = useMemo(() => {
    const times = timesOf(asked);
    const byTime = Map.groupBy(leads.data ?? [], ({ at }) => Date.parse(at) / 1000);
    const series = ENDINGS.map(({ label, tone, statuses }): Series => {
      const isMeant = (status: string | undefined) => (statuses as readonly unknown[]).includes(status);
      const count = (time: number) =>
        (byTime.get(time) ?? [])
          .filter(({ status }) => isMeant(status))
          .reduce((sum, row) => sum + row.leads, 0);
      return { label, tone, values: times.map(count) };
    });
    return { times, series };
  }, [leads.data, asked]);
  if (leads.error !== null) return <Problem error={leads.error} />;
  const { buyer, source } = asked.filters;
  return (
    <>
      <BarChart label={`Leads by the ${bucket}`} bucket={bucket} {...chart} />
      {(buyer ?? source) !== undefined && (
        <p className="dim">Leads of all buyers and sources: they are counted before one has them.</p>
      )}
    </>
  );
}

/** When a day or an hour of the report begins, in seconds. */
function beginning(text: string): number {
  return (text.includes("T") ? new Date(text) : startOfDay(text)).getTime() / 1000;
}
