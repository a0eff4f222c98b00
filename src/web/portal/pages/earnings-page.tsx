import { useState } from "react";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { AccountStatement } from "#web/portal/parts/account-statement.tsx";
import { Amounts } from "#web/portal/parts/amounts.tsx";
import { monthBefore } from "#web/times/days.ts";
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
                <Amounts
                  of={owed.data.balances.map(({ balance: value, currency }) => ({ value, currency }))}
                />
              </p>
              <p className="dim">The payouts of your leads, less what you were paid.</p>
            </>
          )}
        </section>
        <AccountStatement
          path="/api/v1/statement"
          month={month}
          choose={setMonth}
          balances={owed.data?.balances}
        />
      </div>
    </>
  );
}
