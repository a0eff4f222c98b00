import { Fragment } from "react";
import { Money } from "#web/parts/money.tsx";

/** Amounts, one in each currency; a dash where there is none. */
export function Amounts({ of }: { of: readonly { value: string; currency: string | null }[] }) {
  if (of.length === 0) return <span className="dim">–</span>;
  return of.map(({ value, currency }, place) => (
    <Fragment key={currency}>
      {place > 0 && ", "}
      <Money value={value} currency={currency ?? "USD"} />
    </Fragment>
  ));
}

/** One sum over rows, whatever currencies they are in: money is never summed up like that. */
export function totalOf<Row>(rows: readonly Row[], countOf: (row: Row) => number): number {
  return rows.reduce((sum, row) => sum + countOf(row), 0);
}
