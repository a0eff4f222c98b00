import { useAddress } from "#web/address/here.ts";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { usePartyIds } from "#web/api/configuration.ts";
import { useMay } from "#web/api/session.ts";
import { More, usePages } from "#web/lists/pages.tsx";
import { Pick } from "#web/lists/pick.tsx";
import { Side } from "#web/lists/side.tsx";
import { Differences } from "#web/parts/differences.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Facts } from "#web/parts/facts.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { Moment } from "#web/times/moment.tsx";
import { RollBack } from "./roll-back.tsx";

type Entry = Shapes["HistoryEntry"];

/** Who changed what and when, setting by setting, and the way back. */
export function HistoryPage() {
  const { said, say } = useAddress();
  const { campaigns, suppliers, buyers } = usePartyIds();
  const { campaign, supplier, buyer } = said;
  const history = usePages({
    key: ["history", campaign, supplier, buyer],
    ask: (cursor) =>
      taken(
        api.GET("/api/v1/admin/history", {
          params: { query: { campaign, supplier, buyer, limit: 50, cursor } },
        }),
      ),
  });
  const entries = history.rows ?? [];
  const open = entries.find(({ id }) => id === said["open"]);
  const filter = (name: string, label: string, words: readonly string[]) => (
    <Pick
      label={label}
      words={words}
      picked={said[name]}
      pick={(word) => say({ campaign: undefined, supplier: undefined, buyer: undefined, [name]: word })}
    />
  );
  return (
    <section>
      <PageHead
        title="History"
        about="Every change of the configuration, and of keys, secrets, money and lists beside it."
      />
      <div className="filters">
        {filter("campaign", "Campaign", campaigns)}
        {filter("supplier", "Supplier", suppliers)}
        {filter("buyer", "Buyer", buyers)}
      </div>
      {history.error !== null && <Problem error={history.error} retry={() => void history.refetch()} />}
      {history.rows !== undefined && entries.length === 0 && <Empty title="Nothing was changed yet." />}
      {entries.length > 0 && <Entries entries={entries} open={(id) => say({ open: id })} />}
      <More list={history} verb="Show earlier ones" className="above" />
      <Side title="Change" width={42} id={open?.id}>
        {() => open && <OneChange entry={open} />}
      </Side>
    </section>
  );
}

function Entries({ entries, open }: { entries: readonly Entry[]; open(id: string): void }) {
  return (
    <div className="panel table-scroll">
      <table className="table pressed">
        <thead>
          <tr>
            <th>When</th>
            <th>What</th>
            <th className="extra">Who</th>
            <th className="num extra">Revision</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id} onClick={() => open(entry.id)}>
              <td className="unbroken">
                <Moment at={entry.at} />
              </td>
              <td className="breaks">
                <button type="button" className="as-link" onClick={() => open(entry.id)}>
                  {headline(entry)}
                </button>
                <div className="narrow-only dim">{entry.by}</div>
              </td>
              <td className="breaks extra">{entry.by}</td>
              <td className="num extra">{entry.revision ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function headline({ changes, restored_revision }: Entry): string {
  const [first] = changes;
  const more = changes.length > 1 ? `, and ${changes.length - 1} more` : "";
  const what = `${first?.summary.split("\n")[0] ?? "nothing"}${more}`;
  return restored_revision === null ? what : `Back to revision ${restored_revision}: ${what}`;
}

const WAYS: Readonly<Record<Entry["via"], string>> = {
  document: "the whole document",
  resource: "one part",
  rollback: "rolling back",
  operation: "an operation beside the document",
};

function OneChange({ entry }: { entry: Entry }) {
  const mayAdmin = useMay("admin");
  const { revision } = entry;
  return (
    <div className="stack">
      <Facts
        of={[
          ["When", <Moment key="at" at={entry.at} seconds />],
          ["Who", entry.by],
          ["By", WAYS[entry.via]],
          ["Revision", revision === null ? null : String(revision)],
        ]}
      />
      <Differences changes={entry.changes} />
      {mayAdmin && revision !== null && entry.via !== "operation" && <RollBack revision={revision} />}
    </div>
  );
}
