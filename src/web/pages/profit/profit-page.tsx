import { Button, Menu, MultiSelect, Select } from "@mantine/core";
import { useMemo } from "react";
import { useAddress } from "#web/address/here.ts";
import { usePartyIds } from "#web/api/configuration.ts";
import { Pick } from "#web/lists/pick.tsx";
import { PickDays } from "#web/lists/pick-days.tsx";
import { copyAsCurl } from "#web/parts/clipboard.ts";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { FIGURES, type FigureName, GROUPS, type Group } from "./pivot.ts";
import { ProfitCharts } from "./profit-charts.tsx";
import { askedBy, type ProfitAsked, queryOf } from "./profit-query.ts";
import { useProfit } from "./profit-reports.ts";
import { FIGURE_NAMES, ProfitTable } from "./profit-table.tsx";

const GROUP_CHOICES = Object.entries(GROUPS).map(([value, { label }]) => ({ value, label }));

/** What was earned and spent, by whatever one wants to see it by. */
export function ProfitPage() {
  const { said } = useAddress();
  const asked = useMemo(() => askedBy(said), [said]);
  const report = useProfit(asked);
  const path = `/api/v1/admin/reports/pnl?${new URLSearchParams(queryOf(asked))}`;
  const { rows = [] } = report.data ?? {};
  const totals = (report.data?.totals ?? []).toSorted((one, other) => other.leads - one.leads);
  return (
    <section>
      <PageHead title="Profit" about="Revenue, payouts, costs and what is left, in your time zone.">
        <Button variant="default" onClick={() => void copyAsCurl("GET", path)}>
          Copy as curl
        </Button>
        <Button variant="default" component="a" href={`${path}&format=csv`} download="profit.csv">
          CSV
        </Button>
      </PageHead>
      <Filters asked={asked} />
      {report.error !== null && <Problem error={report.error} retry={() => void report.refetch()} />}
      <div className="stack" aria-busy={report.isFetching}>
        <ProfitCharts asked={asked} currencies={totals.map(({ currency }) => currency)} />
        {totals.map((total) => (
          <section
            key={total.currency}
            className="panel table-scroll"
            aria-label={total.currency}
            tabIndex={0}
          >
            {totals.length > 1 && <h2>{total.currency}</h2>}
            <ProfitTable
              asked={asked}
              currency={total.currency}
              total={total}
              rows={rows.filter(({ currency }) => currency === total.currency)}
            />
          </section>
        ))}
        {report.data !== undefined && totals.length === 0 && (
          <section className="panel">
            <ProfitTable asked={asked} currency="USD" total={NOTHING} rows={[]} />
          </section>
        )}
      </div>
    </section>
  );
}

const NOTHING = {
  leads: 0,
  accepted: 0,
  unmatched: 0,
  rejected: 0,
  duplicates: 0,
  sales: 0,
  refused: 0,
  returned: 0,
  sold: "0",
  refunds: "0",
  revenue: "0",
  payouts: "0",
  costs: "0",
  profit: "0",
  margin_percent: null,
};

function Filters({ asked }: { asked: ProfitAsked }) {
  const { said, say } = useAddress();
  const { campaigns, suppliers, buyers } = usePartyIds();
  const pick = (name: "campaign" | "supplier" | "buyer", label: string, words: readonly string[]) => (
    <Pick
      label={label}
      words={words}
      picked={said[name]}
      pick={(word) => say({ [name]: word })}
      width={140}
      isSearchable={words.length > 8}
    />
  );
  return (
    <div className="filters">
      <PickDays otherwise="30d" />
      <MultiSelect
        aria-label="Rows by"
        placeholder={asked.groups.length === 0 ? "Rows by" : undefined}
        data={GROUP_CHOICES}
        value={[...asked.groups]}
        onChange={(groups) => say({ group: groups.join(",") || "none" })}
        maxValues={3}
        className="groups"
        size="xs"
        hidePickedOptions
      />
      <Across asked={asked} />
      {pick("campaign", "Campaign", campaigns)}
      {pick("supplier", "Supplier", suppliers)}
      {pick("buyer", "Buyer", buyers)}
      <Columns asked={asked} />
    </div>
  );
}

/** A group that goes across, and the figure that is then in the cells. */
function Across({ asked }: { asked: ProfitAsked }) {
  const { say } = useAddress();
  const others = GROUP_CHOICES.filter(({ value }) => !asked.groups.includes(value as Group));
  return (
    <>
      <Select
        aria-label="Columns by"
        placeholder="Columns by"
        data={others}
        value={asked.across ?? null}
        onChange={(across) => say({ across: across ?? undefined })}
        disabled={asked.groups.length === 0}
        clearable
        w={124}
      />
      {asked.across !== undefined && (
        <Select
          aria-label="Figure"
          data={FIGURES.map((value) => ({ value, label: FIGURE_NAMES[value] }))}
          value={asked.figure}
          onChange={(figure) => say({ figure: figure ?? undefined })}
          allowDeselect={false}
          w={124}
        />
      )}
    </>
  );
}

/** Which figures are shown, and whether test leads count. */
function Columns({ asked }: { asked: ProfitAsked }) {
  const { say } = useAddress();
  function turn(figure: FigureName) {
    const after = asked.figures.includes(figure)
      ? asked.figures.filter((each) => each !== figure)
      : [...asked.figures, figure];
    say({ figures: after.join(",") || undefined }, true);
  }
  return (
    <Menu position="bottom-end" shadow="md" closeOnItemClick={false}>
      <Menu.Target>
        <Button variant="default" h={30}>
          Figures
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FIGURES.map((figure) => (
          <Menu.CheckboxItem
            key={figure}
            checked={asked.figures.includes(figure)}
            onChange={() => turn(figure)}
          >
            {FIGURE_NAMES[figure]}
          </Menu.CheckboxItem>
        ))}
        <Menu.Divider />
        <Menu.CheckboxItem
          checked={asked.includeTest}
          onChange={(isOn) => say({ test: isOn ? "true" : undefined }, true)}
        >
          Test leads too
        </Menu.CheckboxItem>
      </Menu.Dropdown>
    </Menu>
  );
}
