import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { useConfiguration } from "#web/api/configuration.ts";
import { FindBox, namedLike } from "#web/lists/find-box.tsx";
import { Side } from "#web/lists/side.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { countText } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { Status } from "#web/parts/status.tsx";
import { type Acceptance, useAcceptance } from "./acceptance.ts";
import { SupplierDetail } from "./supplier-detail.tsx";

/** Who sends leads, and how many of them find a buyer. */
export function SuppliersPage() {
  const { said, say } = useAddress();
  const configuration = useConfiguration();
  const acceptance = useAcceptance();
  const suppliers = namedLike(configuration.data?.suppliers ?? [], said["find"]);
  const isNarrowed = (said["find"] ?? "") !== "";
  const open = (id: string) => say({ open: id });
  return (
    <section>
      <PageHead title="Suppliers" about="Their acceptance over the last seven days, keys and caps." />
      <FindBox label="Find a supplier" />
      {configuration.error !== null && <Problem error={configuration.error} />}
      {acceptance.error !== null && <Problem error={acceptance.error} />}
      {configuration.data !== undefined && suppliers.length === 0 && (
        <Empty title={isNarrowed ? "No supplier is called that." : "There is no supplier yet."}>
          {isNarrowed ? undefined : (
            <>
              Suppliers are part of <Link to="/configuration">the configuration</Link>: add one there.
            </>
          )}
        </Empty>
      )}
      {suppliers.length > 0 && (
        <div className="panel table-scroll">
          <table className="table pressed">
            <thead>
              <tr>
                <th>Supplier</th>
                <th>State</th>
                <th className="num">Leads</th>
                <th className="num">Accepted</th>
                <th className="extra">Most often turned away for</th>
              </tr>
            </thead>
            <tbody>
              {suppliers.map(({ id, name, status = "active", test_mode }) => {
                const counts = acceptance.data?.get(id);
                return (
                  <tr key={id} onClick={() => open(id)}>
                    <td>
                      <button type="button" className="as-link" onClick={() => open(id)}>
                        {name ?? id}
                      </button>
                      <div className="dim">{id}</div>
                    </td>
                    <td>
                      <Status word={status} />
                      {test_mode === true && <span className="tag">test</span>}
                    </td>
                    <td className="num">{countText(counts?.leads ?? 0)}</td>
                    <td className="num">{shareText(counts)}</td>
                    <td className="extra">{counts?.reasons[0]?.label ?? ""}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      <Side title="Supplier" width={40} id={said["open"]}>
        {(id) => (
          <SupplierDetail
            key={id}
            id={id}
            of={configuration.data?.suppliers.find((each) => each.id === id)}
            acceptance={acceptance.data?.get(id)}
          />
        )}
      </Side>
    </section>
  );
}

function shareText(counts: Acceptance | undefined): string {
  if (counts === undefined || counts.leads === 0) return "–";
  return `${Math.round((100 * counts.accepted) / counts.leads)}%`;
}
