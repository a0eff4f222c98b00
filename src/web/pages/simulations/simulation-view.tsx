import { Button, Loader, Progress, SegmentedControl } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useMay } from "#web/api/session.ts";
import { negative, sumOf } from "#web/parts/amounts.ts";
import { Empty } from "#web/parts/empty.tsx";
import { countText, Money } from "#web/parts/money.tsx";
import { Problem, sentenceOf } from "#web/parts/problem.tsx";
import { DifferingLeads } from "./differing-leads.tsx";

type Simulation = Shapes["Simulation"];
type Result = Shapes["SimulationResult"];
type Compared = Result["totals"][number];

/** How far a simulation is, and what would have been otherwise. */
export function SimulationView({ id }: { id: string }) {
  const simulation = useQuery({
    queryKey: ["simulation", id],
    refetchInterval: ({ state }) => (isUnderWay(state.data?.state) ? 1_000 : false),
    queryFn: async () =>
      (
        await taken(
          api.GET("/api/v1/admin/simulations/{simulation}", { params: { path: { simulation: id } } }),
        )
      ).data,
  });
  if (simulation.error !== null) return <Problem error={simulation.error} />;
  if (simulation.data === undefined) return <Loader size="sm" aria-label="Loading" />;
  const { data } = simulation;
  return (
    <div className="stack" aria-live="polite">
      {isUnderWay(data.state) && <UnderWay simulation={data} />}
      {data.state === "failed" && <p data-tone="bad">{data.failure}</p>}
      {data.state === "stopped" && <p className="dim">It was stopped before it came to an end.</p>}
      {data.result !== null && <Outcome id={id} result={data.result} />}
    </div>
  );
}

export function isUnderWay(state: Simulation["state"] | undefined): boolean {
  return state === undefined || state === "waiting" || state === "running";
}

function UnderWay({ simulation }: { simulation: Simulation }) {
  const queries = useQueryClient();
  const mayOperate = useMay("operate");
  const { state, progress } = simulation;
  const { leads, of } = progress;
  async function stop() {
    try {
      const params = { path: { simulation: simulation.id } };
      await taken(api.POST("/api/v1/admin/simulations/{simulation}/stop", { params }));
    } catch (error) {
      notifications.show({ color: "red", message: sentenceOf(error) });
    }
    await queries.invalidateQueries({ queryKey: ["simulation", simulation.id] });
  }
  return (
    <div className="stack-s">
      <div className="line spread">
        <span>
          {state === "waiting"
            ? "It waits for the one before it."
            : `${countText(leads)}${of === null ? "" : ` of about ${countText(of)}`} leads decided anew.`}
        </span>
        {mayOperate && (
          <Button variant="default" onClick={() => void stop()}>
            Stop it
          </Button>
        )}
      </div>
      <Progress
        value={of === null || of === 0 ? 100 : Math.min(100, (100 * leads) / of)}
        animated={of === null}
        aria-label="How far it is"
      />
    </div>
  );
}

function Outcome({ id, result }: { id: string; result: Result }) {
  const { leads, differing, left_out: left, totals, warnings } = result;
  const out = [
    left.test > 0 && `${countText(left.test)} tests`,
    left.erased > 0 && `${countText(left.erased)} erased`,
    left.pending > 0 && `${countText(left.pending)} pending`,
  ].filter((each) => each !== false);
  if (leads === 0) return <Empty title="No lead came in that time." />;
  return (
    <>
      <p>
        <b>{countText(differing)}</b> of {countText(leads)} leads would have ended otherwise.
        {out.length > 0 && <span className="dim"> Left out: {out.join(", ")}.</span>}
      </p>
      {totals.map((total) => (
        <Comparison key={total.currency} total={total} />
      ))}
      {differing > 0 && <ByParty result={result} />}
      {differing > 0 && <DifferingLeads id={id} />}
      {warnings.length > 0 && (
        <ul className="plain stack-s">
          {warnings.map(({ code, message, leads: of, buyers }) => (
            <li key={code} className="warning">
              <span>
                {message}
                {buyers.length > 0 && ` ${buyers.join(", ")}`}
                {of !== null && ` (${countText(of)} leads)`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const COUNTS = [
  ["accepted", "Accepted"],
  ["unmatched", "Unmatched"],
  ["duplicates", "Duplicates"],
  ["rejected", "Rejected"],
  ["returned", "Returned"],
  ["not_taken", "Not taken in"],
  ["sales", "Sales"],
] as const;
const AMOUNTS = [
  ["revenue", "Revenue"],
  ["payouts", "Payouts"],
  ["profit", "Profit"],
] as const;

/** All leads of a currency: before, after, and by how much that is more or less. */
function Comparison({ total: { currency, before, after } }: { total: Compared }) {
  const counts = COUNTS.filter(([name]) => before[name] + after[name] > 0);
  return (
    <table className="table">
      <thead>
        <tr>
          <th>{currency}</th>
          <th className="num">On record</th>
          <th className="num">Would be</th>
          <th className="num">Difference</th>
        </tr>
      </thead>
      <tbody>
        {counts.map(([name, label]) => (
          <tr key={name}>
            <td>{label}</td>
            <td className="num">{countText(before[name])}</td>
            <td className="num">{countText(after[name])}</td>
            <td className="num">
              <CountChange by={after[name] - before[name]} />
            </td>
          </tr>
        ))}
        {AMOUNTS.map(([name, label]) => (
          <tr key={name}>
            <td>{label}</td>
            <td className="num">
              <Money value={before[name]} currency={currency} />
            </td>
            <td className="num">
              <Money value={after[name]} currency={currency} />
            </td>
            <td className="num">
              <AmountChange before={before[name]} after={after[name]} currency={currency} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function CountChange({ by }: { by: number }) {
  if (by === 0) return <span className="dim">–</span>;
  return <b>{`${by > 0 ? "+" : "−"}${countText(Math.abs(by))}`}</b>;
}

function AmountChange({ before, after, currency }: { before: string; after: string; currency: string }) {
  const by = sumOf([after, negative(before)]);
  if (Number(by) === 0) return <span className="dim">–</span>;
  return (
    <b data-tone={by.startsWith("-") ? "bad" : "good"}>
      {by.startsWith("-") ? "" : "+"}
      <Money value={by} currency={currency} />
    </b>
  );
}

const PARTIES = [
  { value: "campaigns", label: "Campaigns" },
  { value: "buyers", label: "Buyers" },
  { value: "suppliers", label: "Suppliers" },
] as const;

/** For whom it would have been otherwise, those with the most leads of that first. */
function ByParty({ result }: { result: Result }) {
  const [shown, setShown] = useState<(typeof PARTIES)[number]["value"]>("buyers");
  const rows: (Compared & { id: string })[] = {
    campaigns: () => result.campaigns.map((row) => ({ ...row, id: row.campaign_id })),
    buyers: () => result.buyers.map((row) => ({ ...row, id: row.buyer_id })),
    suppliers: () => result.suppliers.map((row) => ({ ...row, id: row.supplier_id })),
  }[shown]();
  const changed = rows
    .filter(({ differing }) => differing > 0)
    .toSorted((one, other) => other.differing - one.differing);
  return (
    <section className="table-scroll">
      <SegmentedControl aria-label="For whom" data={[...PARTIES]} value={shown} onChange={setShown} />
      <table className="table">
        <thead>
          <tr>
            <th>{PARTIES.find(({ value }) => value === shown)?.label}</th>
            <th className="num">Otherwise</th>
            <th className="num">Sales</th>
            <th className="num">Revenue</th>
            <th className="num">Profit</th>
          </tr>
        </thead>
        <tbody>
          {changed.map(({ id, currency, before, after, differing }) => (
            <tr key={`${id} ${currency}`}>
              <td>{id}</td>
              <td className="num">{countText(differing)}</td>
              <td className="num">
                <CountChange by={after.sales - before.sales} />
              </td>
              <td className="num">
                <AmountChange before={before.revenue} after={after.revenue} currency={currency} />
              </td>
              <td className="num">
                <AmountChange before={before.profit} after={after.profit} currency={currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
