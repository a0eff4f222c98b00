import { Drawer, TextInput } from "@mantine/core";
import IconSearch from "@tabler/icons-react/icons/IconSearch";
import { useConfiguration } from "#web/api/configuration.ts";
import { Empty } from "#web/parts/empty.tsx";
import { countText } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { useAddress } from "#web/parts/search.ts";
import { Status } from "#web/parts/status.tsx";
import { type Acceptance, useAcceptance } from "./acceptance.ts";
import { SupplierDetail } from "./supplier-detail.tsx";

/** Who sends leads, and how many of them find a buyer. */
export function SuppliersPage() {
  const { said, say } = useAddress();
  const configuration = useConfiguration();
  const acceptance = useAcceptance();
  const wanted = (said["find"] ?? "").toLowerCase();
  const suppliers = (configuration.data?.suppliers ?? []).filter(({ id, name = "" }) =>
    `${id} ${name}`.toLowerCase().includes(wanted),
  );
  const open = (id: string) => say({ open: id });
  return (
    <section>
      <PageHead title="Suppliers" about="Their acceptance over the last seven days, keys and caps." />
      <div className="filters">
        <TextInput
          data-search
          aria-label="Find a supplier"
          placeholder="Name or id"
          leftSection={<IconSearch size={14} />}
          value={said["find"] ?? ""}
          onChange={(event) => say({ find: event.currentTarget.value }, true)}
          className="filters-search"
        />
      </div>
      {configuration.error !== null && <Problem error={configuration.error} />}
      {acceptance.error !== null && <Problem error={acceptance.error} />}
      {configuration.data !== undefined && suppliers.length === 0 && (
        <Empty title={wanted === "" ? "There is no supplier yet." : "No supplier is called that."}>
          {wanted === "" ? "Suppliers are part of the configuration: add one there." : undefined}
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
      <Drawer
        opened={said["open"] !== undefined}
        onClose={() => say({ open: undefined })}
        size="min(40rem, 100%)"
        title="Supplier"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {said["open"] !== undefined && (
          <SupplierDetail
            key={said["open"]}
            id={said["open"]}
            of={configuration.data?.suppliers.find(({ id }) => id === said["open"])}
            acceptance={acceptance.data?.get(said["open"])}
          />
        )}
      </Drawer>
    </section>
  );
}

function shareText(counts: Acceptance | undefined): string {
  if (counts === undefined || counts.leads === 0) return "–";
  return `${Math.round((100 * counts.accepted) / counts.leads)} %`;
}
