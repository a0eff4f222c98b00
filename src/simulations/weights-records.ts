import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";

/** The weights of buyers, by campaign. */
export type Weights = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** The weights that these campaigns gave their buyers at a revision: those of them that were weighted then. */
export async function readWeightsAt(
  db: Queryable,
  revision: number,
  campaigns: readonly string[],
): Promise<Weights> {
  const rows = await selectWeights.run(db, { revision, campaigns: arrayText(campaigns) });
  const byCampaign = Map.groupBy(rows, ({ campaignId }) => campaignId);
  return new Map(
    [...byCampaign].map(([id, own]) => [id, new Map(own.map(({ buyerId, weight }) => [buyerId, weight]))]),
  );
}

/** Of the document that was in force: nothing else of it is wanted, and it may be large. A weight that is not written is 1. */
const selectWeights = statement<
  { campaignId: string; buyerId: string; weight: number },
  { revision: number; campaigns: string }
>(
  "select_weights_at_revision",
  "unspread",
  ($) => sql`select campaign ->> 'id' as "campaignId", contract ->> 'buyer' as "buyerId",
        coalesce(contract ->> 'weight', '1')::float8 as weight
      from (
          select document::json as document from configurations
          where revision <= ${$.revision}::int order by revision desc limit 1) as past,
        json_array_elements(past.document -> 'campaigns') as campaign,
        json_array_elements(campaign -> 'buyers') as contract
      where campaign ->> 'distribution' = 'weighted' and campaign ->> 'id' = any (${$.campaigns}::text[])`,
);
