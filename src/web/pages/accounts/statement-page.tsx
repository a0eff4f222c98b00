import { Button, SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { api, Refusal, type Shapes, taken } from "#web/api/client.ts";
import { Empty } from "#web/parts/empty.tsx";
import { countText, Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { inWords } from "#web/parts/status.tsx";
import { monthBefore, monthInWords } from "#web/times/days.ts";
import { dayInWords } from "#web/times/moment.tsx";
import { pastMonths } from "./invoice-actions.tsx";
import { type Party, partyOf, searchOf, useBalance, useNameOf } from "./party.ts";

type Statement = Shapes["Statement"];

/** What moved a party's balance in a month, as it is printed. */
export function StatementPage() {
  const { said } = useAddress();
  const party = partyOf(said);
  if (party === undefined) {
    return (
      <Empty title="Whose statement?">
        <Link to="/accounts">Choose an account.</Link>
      </Empty>
    );
  }
  return <StatementOf key={`${party.kind} ${party.id}`} party={party} />;
}

type Lines = "day" | "sale";

function StatementOf({ party }: { party: Party }) {
  const { said, say } = useAddress();
  const { name } = useNameOf(party);
  const balance = useBalance(party);
  const currencies = (balance.data?.balances ?? []).flatMap(({ currency }) => currency ?? []);
  const month = said["month"] ?? monthBefore(0);
  const lines: Lines = said["lines"] === "sale" ? "sale" : "day";
  const currency = said["currency"] ?? (currencies.length > 1 ? currencies[0] : undefined);
  const statement = useStatement(party, { month, lines, currency }, balance.data !== undefined);
  const path = `/api/v1/admin/${party.kind}s/${party.id}/statement?${new URLSearchParams({
    month,
    lines,
    ...(currency === undefined ? {} : { currency }),
    format: "csv",
  })}`;
  return (
    <section>
      <PageHead
        title={`Statement of ${name}`}
        about={
          <Link to="/accounts" search={searchOf(party)}>
            Its account
          </Link>
        }
      >
        <Button variant="default" component="a" href={path} download={`${party.id}-${month}.csv`}>
          CSV
        </Button>
        <Button onClick={() => window.print()}>Print</Button>
      </PageHead>
      <div className="filters">
        <Select
          aria-label="Month"
          data={pastMonths(0)}
          value={month}
          onChange={(value) => say({ month: value ?? undefined })}
          allowDeselect={false}
          w={170}
        />
        <SegmentedControl
          aria-label="Lines"
          data={[
            { value: "day", label: "By the day" },
            { value: "sale", label: "Each sale" },
          ]}
          value={lines}
          onChange={(value) => say({ lines: value === "sale" ? "sale" : undefined })}
        />
        {currencies.length > 1 && (
          <Select
            aria-label="Currency"
            data={currencies}
            value={currency ?? null}
            onChange={(value) => say({ currency: value ?? undefined })}
            allowDeselect={false}
            w={90}
          />
        )}
      </div>
      {(statement.error ?? balance.error) !== null && <Problem error={statement.error ?? balance.error} />}
      {statement.data !== undefined && <Paper party={party} month={month} statement={statement.data} />}
    </section>
  );
}

function useStatement(
  { kind, id }: Party,
  asked: { month: string; lines: Lines; currency: string | undefined },
  enabled: boolean,
) {
  return useQuery({
    queryKey: ["statement", kind, id, asked],
    enabled,
    retry: (failures, error) => !(error instanceof Refusal) && failures < 3,
    async queryFn({ signal }): Promise<Statement> {
      if (kind === "buyer") {
        const params = { path: { id }, query: asked };
        return (await taken(api.GET("/api/v1/admin/buyers/{id}/statement", { params, signal }))).data;
      }
      const params = { path: { supplier: id }, query: asked };
      return (await taken(api.GET("/api/v1/admin/suppliers/{supplier}/statement", { params, signal }))).data;
    },
  });
}

/** So many lines are shown and printed before one asks for all. */
const SHOWN = 1_000;

function Paper({ party, month, statement }: { party: Party; month: string; statement: Statement }) {
  const [isWhole, setWhole] = useState(false);
  const currency = statement.currency ?? "USD";
  const { lines } = statement;
  const shown = isWhole ? lines : lines.slice(0, SHOWN);
  return (
    <article className="paper">
      <header className="paper-head">
        <div>
          <h2>{statement.name}</h2>
          <p>
            Statement, {monthInWords(month)}
            {new Date(statement.to) < new Date(Date.now() - 60_000) ? "" : ", until now"}
          </p>
        </div>
        <div className="num">
          <span className="dim">{party.kind === "buyer" ? "Balance at the end" : "Owed at the end"}</span>
          <div className="paper-total">
            <Money value={statement.closing_balance} currency={currency} />
          </div>
        </div>
      </header>
      <table className="table">
        <thead>
          <tr>
            <th>Day</th>
            <th>What</th>
            <th className="num extra">Number</th>
            <th className="num">Amount</th>
            <th className="num">Balance</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>{dayInWords(statement.from, statement.timezone)}</td>
            <td>Balance brought forward</td>
            <td className="extra" />
            <td />
            <td className="num">
              <Money value={statement.opening_balance} currency={currency} />
            </td>
          </tr>
          {shown.map((line, place) => (
            <StatementLine key={`${place} ${line.sale_id}`} line={line} currency={currency} />
          ))}
        </tbody>
      </table>
      {lines.length === 0 && <p className="above dim">Nothing moved the balance in this month.</p>}
      {lines.length > shown.length && (
        <p className="above">
          The first {countText(SHOWN)} of {countText(lines.length)} lines.{" "}
          <button type="button" className="as-link screen-only" onClick={() => setWhole(true)}>
            Show all
          </button>
        </p>
      )}
      <p className="above dim">Days begin in the time zone {statement.timezone}.</p>
    </article>
  );
}

function StatementLine({ line, currency }: { line: Statement["lines"][number]; currency: string }) {
  const { day, kind, campaign_id, count, amount, balance, lead_id, reference, note } = line;
  const lead = lead_id && `…${lead_id.slice(-8)}`;
  const about = [campaign_id, reference, note, lead].filter((word) => word !== null).join(", ");
  return (
    <tr>
      <td className="unbroken">{dayInWords(`${day}T12:00:00Z`, "UTC")}</td>
      <td className="breaks">
        {inWords(kind)} <span className="dim">{about}</span>
      </td>
      <td className="num extra">{countText(count)}</td>
      <td className="num">
        <Money value={amount} currency={currency} />
      </td>
      <td className="num">
        <Money value={balance} currency={currency} />
      </td>
    </tr>
  );
}
