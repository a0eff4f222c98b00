import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** A campaign that a supplier is linked to; its payout is as configured, null where that is no fixed amount. */
export interface OwnCampaign {
  id: string;
  name: string;
  mode: string;
  /** As the campaign and the link say together. */
  status: "active" | "paused";
  payout: string | null;
  currency: string;
}

/** The campaigns that take leads of a supplier, or did until they were paused. */
export async function readOwnCampaigns(db: Queryable, supplierId: string): Promise<OwnCampaign[]> {
  const link = JSON.stringify({ suppliers: [{ supplier: { id: supplierId } }] });
  return selectCampaigns.run(db, { id: supplierId, link });
}

const selectCampaigns = statement<OwnCampaign, { id: string; link: string }>(
  "select_own_campaigns",
  "all campaigns",
  ($) => sql`select c.id, c.definition ->> 'name' as name, c.definition ->> 'mode' as mode,
        case when c.definition ->> 'status' = 'active' and link ->> 'status' = 'active' then 'active' else 'paused' end as status,
        link #>> '{payout,amount}' as payout, c.definition ->> 'currency' as currency
      from campaigns c cross join lateral jsonb_array_elements(c.definition -> 'suppliers') as link
      where c.definition @> ${$.link}::text::jsonb and c.definition ->> 'status' <> 'archived'
        and link #>> '{supplier,id}' = ${$.id}::text
      order by c.id`,
);
