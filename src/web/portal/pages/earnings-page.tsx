import { useState } from "react";
import { monthBefore } from "#web/parts/days.ts";
import { Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { AccountStatement } from "#web/portal/parts/account-statement.tsx";
import { useOwed } from "./supplier-queries.ts";

/** What a supplier is owed, and how that came about. */
export function EarningsPage() {
  const [month, setMonth] = useState(() => monthBefore(0));
  const owed = useOwed();
  return (
    <>
      <div className="no-print">
        <PageHead title="Earnings" />
      </div>
      <div className="stack">
        <section className="panel no-print">
          <h2>You are owed</h2>
          {owed.error !== null && <Problem error={owed.error} retry={() => void owed.refetch()} />}
          {owed.data !== undefined && (
            <>
              <p className="big">
                {owed.data.balances.length === 0 && "–"}
                {owed.data.balances.map(({ balance, currency }) => (
                  <span key={currency}>
                    <Money value={balance} currency={currency ?? "USD"} />{" "}
                  </span>
                ))}
              </p>
              <p className="dim">The payouts of your leads, less what you were paid.</p>
            </>
          )}
        </section>
        <AccountStatement path="/api/v1/statement" month={month} choose={setMonth} />
      </div>
    </>
  );
}
