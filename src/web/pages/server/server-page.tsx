import { Button, TextInput } from "@mantine/core";
import IconSearch from "@tabler/icons-react/icons/IconSearch";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { api, taken } from "#web/api/client.ts";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { type Condition, type Finding, findingsOf } from "./condition.ts";
import { Servers } from "./servers.tsx";

/** How the server that answers is, what it goes by, and whether the books are in order. */
export function ServerPage() {
  const condition = useQuery({
    queryKey: ["condition"],
    refetchInterval: 15_000,
    queryFn: async () => (await taken(api.GET("/api/v1/admin/condition"))).data,
  });
  const { data } = condition;
  return (
    <section>
      <PageHead
        title="Server"
        about={
          data === undefined
            ? "Looking at it: every account and counter is added up."
            : `Leadgate ${data.version} on ${data.host}, as it sees itself.`
        }
      >
        <Button variant="default" loading={condition.isFetching} onClick={() => void condition.refetch()}>
          Look again
        </Button>
      </PageHead>
      {condition.error !== null && <Problem error={condition.error} retry={() => void condition.refetch()} />}
      {data !== undefined && (
        <div className="board board-even">
          <div className="stack">
            <section className="panel">
              <h2>Condition</h2>
              <Findings findings={findingsOf(data)} />
            </section>
            <Servers />
            <Books />
          </div>
          <Settings settings={data.settings} />
        </div>
      )}
    </section>
  );
}

function Findings({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul className="plain findings">
      {findings.map(({ about, tone, word, says }) => (
        <li key={about}>
          <b>{about}</b>
          <span className="status" data-tone={tone}>
            {word}
          </span>
          <p>{says}</p>
        </li>
      ))}
    </ul>
  );
}

/** Compares every balance with the ledger when it is asked to: that reads all of it. */
function Books() {
  const check = useQuery({
    queryKey: ["ledger check"],
    enabled: false,
    queryFn: async () => (await taken(api.GET("/api/v1/admin/ledger/check"))).data,
  });
  const { data } = check;
  return (
    <section className="panel stack-s">
      <h2>Books</h2>
      <p className="dim">Whether every balance equals what the ledger says.</p>
      {check.error !== null && <Problem error={check.error} />}
      {data !== undefined && (
        <div role="status">
          <span className="status" data-tone={data.in_order ? "good" : "bad"}>
            {data.in_order ? "in order" : "not in order"}
          </span>
          {data.flaws.map((flaw) => (
            <p key={flaw}>{flaw}</p>
          ))}
        </div>
      )}
      <div>
        <Button variant="default" loading={check.isFetching} onClick={() => void check.refetch()}>
          Check them
        </Button>
      </div>
    </section>
  );
}

function Settings({ settings }: Pick<Condition, "settings">) {
  const { said, say } = useAddress();
  const [onlySet, setOnlySet] = useState(false);
  const find = (said["find"] ?? "").toLowerCase();
  const shown = Object.entries(settings)
    .filter(([name, value]) => name.toLowerCase().includes(find) && (!onlySet || value !== null))
    .toSorted(([one], [other]) => one.localeCompare(other));
  return (
    <section className="panel">
      <div className="line spread">
        <h2>Settings</h2>
        <a href="/docs/settings">What each means</a>
      </div>
      <div className="line above below">
        <TextInput
          data-search
          aria-label="Find a setting"
          placeholder="Name"
          leftSection={<IconSearch size={14} />}
          value={said["find"] ?? ""}
          onChange={(event) => say({ find: event.currentTarget.value }, true)}
          className="filters-search"
        />
        <Button variant="default" aria-pressed={onlySet} onClick={() => setOnlySet(!onlySet)}>
          {onlySet ? "All of them" : "Those that have a value"}
        </Button>
      </div>
      <table className="table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Value</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(([name, value]) => (
            <tr key={name}>
              <td className="breaks">
                <code>{name}</code>
              </td>
              <td className="breaks">
                {value === null ? <span className="dim">not set</span> : <code>{value}</code>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
