import { useQuery } from "@tanstack/react-query";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { api, taken } from "#web/api/client.ts";
import { Side } from "#web/lists/side.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { countText } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { Status } from "#web/parts/status.tsx";
import { dayInWords, Moment } from "#web/times/moment.tsx";
import { isUnderWay, SimulationView } from "./simulation-view.tsx";

const TONES = {
  waiting: "pending",
  running: "pending",
  done: "delivered",
  stopped: "paused",
  failed: "dead",
} as const;

/** Configurations that were tried on past leads. */
export function SimulationsPage() {
  const { said, say } = useAddress();
  const simulations = useQuery({
    queryKey: ["simulations"],
    refetchInterval: ({ state }) =>
      state.data?.some((each) => isUnderWay(each.state)) === true ? 2_000 : false,
    // The last 20 that ended are kept beside those under way.
    queryFn: async () =>
      (await taken(api.GET("/api/v1/admin/simulations", { params: { query: { limit: 100 } } }))).data,
  });
  const all = simulations.data ?? [];
  return (
    <section>
      <PageHead
        title="Simulations"
        about="Configurations tried on leads that came, beside what is on record."
      />
      {simulations.error !== null && (
        <Problem error={simulations.error} retry={() => void simulations.refetch()} />
      )}
      {simulations.data !== undefined && all.length === 0 && (
        <Empty title="Nothing was tried on past leads yet.">
          Plan a change of <Link to="/configuration">the configuration</Link> or of{" "}
          <Link to="/campaigns">a campaign</Link>, then try it there on the leads of last week.
        </Empty>
      )}
      {all.length > 0 && (
        <div className="panel table-scroll">
          <table className="table pressed">
            <thead>
              <tr>
                <th>Asked</th>
                <th>Leads</th>
                <th className="extra">Campaigns</th>
                <th>State</th>
                <th className="num">Decided</th>
                <th className="extra">Who</th>
              </tr>
            </thead>
            <tbody>
              {all.map(({ id, requested_at, requested_by, since, until, campaigns, state, progress }) => (
                <tr key={id} onClick={() => say({ open: id })}>
                  <td className="unbroken">
                    <button type="button" className="as-link" onClick={() => say({ open: id })}>
                      <Moment at={requested_at} />
                    </button>
                  </td>
                  <td>
                    {dayInWords(since)} to {dayInWords(until)}
                  </td>
                  <td className="extra">{campaigns?.join(", ") ?? "all"}</td>
                  <td>
                    <Status word={TONES[state]} label={state} />
                  </td>
                  <td className="num">{countText(progress.leads)}</td>
                  <td className="extra breaks">{requested_by}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Side title="Simulation" width={52} id={said["open"]}>
        {(id) => <SimulationView key={id} id={id} />}
      </Side>
    </section>
  );
}
