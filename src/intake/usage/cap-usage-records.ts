import { sql } from "drizzle-orm";
import { type UsageRow, usage } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** What a party has used, in whatever periods it was last counted. */
export interface CountedRow extends UsageRow {
  party: "contract" | "supplier" | "buyer";
  partyId: string;
}

/** What all contracts and suppliers of a campaign have used. */
export function readCampaignUse(db: Queryable, campaign: string): Promise<CountedRow[]> {
  return selectCampaignUse.run(db, { campaign });
}

const selectCampaignUse = statement<CountedRow, { campaign: string }>(
  "select_campaign_use",
  "one campaign",
  ($) => sql`select party, party_id as "partyId", ${usage.read} from campaign_counters
      where campaign_id = ${$.campaign}`,
);

/** What buyers have used in all their campaigns: in one row, or where tables are spread over nodes in one for each campaign. */
export function readBuyersUse(db: Queryable, buyerIds: readonly string[]): Promise<CountedRow[]> {
  const select = db.isSpread === true ? selectContractsUse : selectBuyersUse;
  return select.run(db, { buyers: JSON.stringify(buyerIds) });
}

const selectContractsUse = statement<CountedRow, { buyers: string }>(
  "select_contracts_use",
  "all campaigns",
  ($) => sql`select 'buyer' as party, party_id as "partyId", ${usage.read} from campaign_counters
      where party = 'contract' and party_id in (select json_array_elements_text(${$.buyers}::text::json))`,
);

const selectBuyersUse = statement<CountedRow, { buyers: string }>(
  "select_buyers_use",
  "unspread",
  ($) => sql`select 'buyer' as party, buyer_id as "partyId", ${usage.read} from buyer_counters
      where buyer_id in (select json_array_elements_text(${$.buyers}::text::json))`,
);
