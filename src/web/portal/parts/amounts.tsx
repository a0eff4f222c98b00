import { Fragment } from "react";
import { Money, ShortMoney } from "#web/parts/money.tsx";

/** Amounts, one in each currency; a dash where there is none. As a big figure those that are long are written shorter. */
export function Amounts({
  of,
  isBig = false,
}: {
  of: readonly { value: string; currency: string | null }[];
  isBig?: boolean;
}) {
  if (of.length === 0) return <span className="dim">–</span>;
  const Amount = isBig ? ShortMoney : Money;
  return of.map(({ value, currency }, place) => (
    <Fragment key={currency}>
      {place > 0 && ", "}
      <Amount value={value} currency={currency ?? "USD"} />
    </Fragment>
  ));
}

/** One sum over rows, whatever currencies they are in: money is never summed up like that. */
export function totalOf<Row>(rows: readonly Row[], countOf: (row: Row) => number): number {
  return rows.reduce((sum, row) => sum + countOf(row), 0);
}
