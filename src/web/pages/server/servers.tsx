import { useQuery } from "@tanstack/react-query";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { countText } from "#web/parts/money.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { Ago } from "#web/times/moment.tsx";

/** A server says that it is there every ten seconds. */
const SILENT_SECONDS = 30;

/** All servers of the installation, where there is more than the embedded database's one. */
export function Servers() {
  const servers = useQuery({
    queryKey: ["servers"],
    refetchInterval: 10_000,
    queryFn: async () => (await taken(api.GET("/api/v1/admin/servers"))).data,
  });
  if (servers.error !== null) return <Problem error={servers.error} />;
  if (servers.data === undefined || servers.data.length === 0) return null;
  return (
    <section className="panel table-scroll">
      <h2>Servers</h2>
      <table className="table">
        <thead>
          <tr>
            <th>Machine</th>
            <th>State</th>
            <th className="num">Campaigns</th>
            <th className="num">Leads/s</th>
            <th className="num extra">Waiting</th>
            <th className="extra">Started</th>
          </tr>
        </thead>
        <tbody>
          {servers.data.map((server) => (
            <ServerRow key={server.id} server={server} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function ServerRow({ server }: { server: Shapes["Server"] }) {
  const { host, copy, address, version, seen_seconds_ago: silent } = server;
  const isSilent = silent > SILENT_SECONDS;
  return (
    <tr>
      <td className="breaks">
        <b>{host}</b>
        {copy !== null && <span className="dim"> process {copy}</span>}
        <div className="dim">{[version, address].filter((word) => word !== null).join(", ")}</div>
      </td>
      <td>
        <span className="status" data-tone={isSilent ? "warn" : "good"}>
          {isSilent ? `silent for ${countText(silent)} s` : "there"}
        </span>
      </td>
      <td className="num">{countText(server.campaigns)}</td>
      <td className="num">{countText(server.leads_per_second)}</td>
      <td className="num extra">{countText(server.queue)}</td>
      <td className="extra">
        <Ago at={server.started_at} />
      </td>
    </tr>
  );
}
