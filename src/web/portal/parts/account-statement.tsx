import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { taken } from "#web/api/client.ts";
import { Empty } from "#web/parts/empty.tsx";
import { countText, Money } from "#web/parts/money.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { capital, inWords } from "#web/parts/status.tsx";
import { api, type PortalShapes } from "#web/portal/api/client.ts";
import { BrandMark } from "#web/portal/brand/brand.tsx";
import { monthBefore, monthInWords } from "#web/times/days.ts";
import { shortDay } from "./day-bars.tsx";
import { Wide } from "./wide.tsx";

type Path = "/api/v1/buyer/statement" | "/api/v1/statement";

/** What moved a party's balance in a month and a currency, to be read, printed or taken along. */
export function AccountStatement({
  path,
  month,
  choose,
  balances,
}: {
  path: Path;
  month: string;
  choose(month: string): void;
  /** Undefined: not known yet. */
  balances: PortalShapes["OwnBalance"]["balances"] | undefined;
}) {
  const [lines, setLines] = useState<"day" | "sale">("day");
  const [chosen, setChosen] = useState<string>();
  const currencies = (balances ?? []).flatMap(({ currency }) => currency ?? []);
  const currency = chosen ?? (currencies.length > 1 ? currencies[0] : undefined);
  const asked = { month, lines, ...(currency === undefined ? {} : { currency }) };
  const statement = useQuery({
    queryKey: ["statement", path, asked],
    enabled: balances !== undefined,
    queryFn: async () => (await taken(api.GET(path, { params: { query: asked } }))).data,
  });
  return (
    <section className="panel" id="statement">
      <div className="panel-head no-print">
        <h2>Statement</h2>
        <div className="line">
          <NativeSelect
            size="xs"
            aria-label="Month"
            value={month}
            onChange={(event) => choose(event.currentTarget.value)}
            data={lastMonths(month).map((value) => ({ value, label: monthInWords(value) }))}
          />
          {currencies.length > 1 && (
            <NativeSelect
              size="xs"
              aria-label="Currency"
              value={currency ?? ""}
              onChange={(event) => setChosen(event.currentTarget.value)}
              data={currencies}
            />
          )}
          <NativeSelect
            size="xs"
            aria-label="Lines"
            value={lines}
            onChange={(event) => setLines(event.currentTarget.value as "day" | "sale")}
            data={[
              { value: "day", label: "A line a day" },
              { value: "sale", label: "A line a sale" },
            ]}
          />
          <Button
            variant="default"
            component="a"
            href={`${path}?${new URLSearchParams({ ...asked, format: "csv" })}`}
            download={`statement-${month}${currency === undefined ? "" : `-${currency}`}.csv`}
          >
            CSV
          </Button>
          <Button variant="default" onClick={() => window.print()}>
            Print
          </Button>
        </div>
      </div>
      {statement.error !== null && <Problem error={statement.error} retry={() => void statement.refetch()} />}
      {statement.data !== undefined && <Lines statement={statement.data} month={month} />}
    </section>
  );
}

function Lines({ statement, month }: { statement: PortalShapes["Statement"]; month: string }) {
  const { currency, opening_balance: opening, closing_balance: closing, lines, name } = statement;
  const head = (
    <div className="statement-head">
      <BrandMark />
      <div>
        <b>Statement for {monthInWords(month)}</b>
        <br />
        {name}
      </div>
    </div>
  );
  if (currency === null || (lines.length === 0 && Number(opening) === 0)) {
    return (
      <>
        {head}
        <Empty title={`Nothing moved in ${monthInWords(month)}`}>Choose another month above.</Empty>
      </>
    );
  }
  return (
    <>
      {head}
      <Wide name="Statement" kind="table-scroll">
        <table className="list">
          <thead>
            <tr>
              <th>Day</th>
              <th>What</th>
              <th className="extra">Campaign</th>
              <th className="num extra">Number</th>
              <th className="num">Amount</th>
              <th className="num">Balance</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <td />
              <td colSpan={2}>Opening balance</td>
              <td className="extra" colSpan={2} />
              <td className="num">
                <Money value={opening} currency={currency} />
              </td>
            </tr>
            {lines.map((line) => (
              <tr
                key={`${line.day} ${line.kind} ${line.campaign_id} ${line.sale_id} ${line.balance} ${line.at}`}
              >
                <td>{shortDay(line.day)}</td>
                <td>
                  {capital(inWords(line.kind))}
                  {[line.reference, line.note].filter(Boolean).map((each) => (
                    <span className="dim" key={each}>
                      {" "}
                      · {each}
                    </span>
                  ))}
                </td>
                <td className="extra">{line.campaign_id}</td>
                <td className="num extra">{countText(line.count)}</td>
                <td className="num">
                  <Money value={line.amount} currency={currency} />
                </td>
                <td className="num">
                  <Money value={line.balance} currency={currency} />
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td />
              <td colSpan={2}>Closing balance</td>
              <td className="extra" colSpan={2} />
              <td className="num">
                <Money value={closing} currency={currency} />
              </td>
            </tr>
          </tfoot>
        </table>
      </Wide>
    </>
  );
}

const SHOWN = 18;

/** The last months, the newest first, and the chosen one where it is older. */
function lastMonths(chosen: string): string[] {
  const months = Array.from({ length: SHOWN }, (_, back) => monthBefore(back));
  return months.includes(chosen) ? months : [...months, chosen];
}
