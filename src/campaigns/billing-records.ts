import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { BillingDefinition } from "./definition.ts";

export interface BuyerBilling {
  billing: BillingDefinition;
  /** That of all its campaigns; null when it is in none, or when they differ, which only a buyer without watched money may. */
  currency: string | null;
}

/** How a buyer pays; undefined when there is no such buyer, or it is archived. */
export async function readBilling(db: Queryable, buyerId: string): Promise<BuyerBilling | undefined> {
  const linked = JSON.stringify({ buyers: [{ buyer: { id: buyerId } }] });
  const [[buyer], currencies] = await Promise.all([
    selectBilling.run(db, { buyer: buyerId }),
    selectCurrencies.run(db, { linked }),
  ]);
  if (buyer === undefined) return undefined;
  const [first, ...others] = currencies;
  return {
    billing: JSON.parse(buyer.billing) as BillingDefinition,
    currency: first === undefined || others.length > 0 ? null : first.currency,
  };
}

const selectBilling = statement<{ billing: string }, { buyer: string }>(
  "select_billing",
  "unspread",
  ($) => sql`select (definition -> 'billing')::text as billing from buyers
      where id = ${$.buyer} and archived_at is null`,
);

const selectCurrencies = statement<{ currency: string }, { linked: string }>(
  "select_currencies",
  "all campaigns",
  ($) => sql`select distinct definition ->> 'currency' as currency from campaigns
      where definition @> ${$.linked}::text::jsonb and archived_at is null`,
);
