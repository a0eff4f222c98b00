import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { type Amount, amountOfTenThousandths } from "#money/amount.ts";

/** What a cost is of: of one such there is one amount. */
export interface CostOf {
  supplierId: string;
  /** YYYY-MM-DD. */
  day: string;
  /** Null: of no campaign. */
  campaignId: string | null;
  /** What for; null: nothing in particular. */
  source: string | null;
}

/**
 * The currency of a campaign that the supplier is linked to, or was when it earned or cost something there: what it cost is often known
 * when that is over. Undefined when there is none such.
 */
export async function readCampaignOfCost(
  db: Queryable,
  campaignId: string,
  supplierId: string,
): Promise<string | undefined> {
  const linked = JSON.stringify({ suppliers: [{ supplier: { id: supplierId } }] });
  const asked = { campaign: campaignId, supplier: supplierId, linked };
  return (await selectCampaignOfCost.run(db, asked)).at(0)?.currency;
}

const selectCampaignOfCost = statement<
  { currency: string },
  Record<"campaign" | "supplier" | "linked", string>
>(
  "select_campaign_of_cost",
  "one campaign",
  ($) => sql`select definition ->> 'currency' as currency from campaigns
      where id = ${$.campaign} and (definition @> ${$.linked}::text::jsonb
        or exists (select from campaign_counters k
          where k.campaign_id = ${$.campaign} and k.party = 'supplier' and k.party_id = ${$.supplier})
        or exists (select from ledger g
          where g.campaign_id = ${$.campaign} and g.supplier_id = ${$.supplier} and g.sale_id is null))`,
);

/**
 * What the costs of a supplier's day come to so far, by currency; none where it is nothing. The supplier's costs are locked until the
 * transaction ends.
 */
export async function lockCosts(
  tx: Queryable,
  { supplierId, day, campaignId, source }: CostOf,
): Promise<{ currency: string | null; amount: Amount }[]> {
  const [, rows] = await Promise.all([
    lockSupplier.run(tx, { supplier: supplierId }),
    selectCosts.run(tx, { supplier: supplierId, day, campaign: campaignId ?? "", source }),
  ]);
  return rows.map(({ currency, amount }) => ({ currency, amount: amountOfTenThousandths(amount) }));
}

const lockSupplier = statement<unknown, { supplier: string }>(
  "lock_supplier",
  "unspread",
  ($) => sql`select 1 from suppliers where id = ${$.supplier} for update`,
);

const selectCosts = statement<
  { currency: string | null; amount: number },
  { supplier: string; day: string; campaign: string; source: string | null }
>(
  "select_costs",
  "one campaign",
  ($) => sql`select currency, (sum(supplier_amount) * 10000)::float8 as amount from ledger
      where supplier_id = ${$.supplier} and sale_id is null and kind = 'cost' and day = ${$.day}::text::date
        and campaign_id = ${$.campaign} and source is not distinct from ${$.source}::text
      group by currency having sum(supplier_amount) <> 0`,
);
