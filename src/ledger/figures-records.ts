import { sql } from "drizzle-orm";
import type { BatchInsert, Rows } from "#database/batch.ts";
import { statement } from "#database/statement.ts";
import type { DecidedLead } from "#leads/decided-lead.ts";
import { figureChanges } from "./figures.ts";

/** What the leads of a batch change of the figures, under their campaigns' locks. */
export function figureRows(leads: readonly DecidedLead[], now: Date): Rows {
  const rows = [...Map.groupBy(leads, ({ lead }) => lead.campaignId)].flatMap(([campaign, ofCampaign]) => {
    const currency = ofCampaign[0]?.currency;
    return figureChanges(ofCampaign, now.getTime()).map((change) => ({ ...change, campaign, currency }));
  });
  return [addFigures, rows];
}

const addFigures: BatchInsert = statement(
  "add_figures",
  "named campaigns",
  ($) => sql`
      insert into figures as f (hour, campaign_id, supplier_id, buyer_id, currency,
        accepted, unmatched, rejected, duplicates, sales, refused, returned, sold, refunds, payouts)
      select to_timestamp(hour), campaign, supplier, buyer, currency,
        accepted, unmatched, rejected, duplicates, sales, refused, returned, sold / 10000, refunds / 10000, payouts / 10000
      from json_to_recordset(${$.rows}::text::json) as row (
        hour float8, campaign text, supplier text, buyer text, currency text, accepted int, unmatched int, rejected int, duplicates int,
        sales int, refused int, returned int, sold numeric, refunds numeric, payouts numeric)
      on conflict (hour, campaign_id, supplier_id, buyer_id, currency) do update
        set accepted = f.accepted + excluded.accepted, unmatched = f.unmatched + excluded.unmatched,
          rejected = f.rejected + excluded.rejected, duplicates = f.duplicates + excluded.duplicates,
          sales = f.sales + excluded.sales, refused = f.refused + excluded.refused, returned = f.returned + excluded.returned,
          sold = f.sold + excluded.sold, refunds = f.refunds + excluded.refunds, payouts = f.payouts + excluded.payouts`,
);
