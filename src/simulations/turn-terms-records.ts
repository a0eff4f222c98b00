import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";
import type { Terms } from "./opening.ts";

/** By what buyers stood in the turns of campaigns, by campaign. */
export type TurnTerms = ReadonlyMap<string, ReadonlyMap<string, Terms>>;

/** The terms that these campaigns gave their buyers at a revision: those of them that were weighted then. */
export async function readTermsAt(
  db: Queryable,
  revision: number,
  campaigns: readonly string[],
): Promise<TurnTerms> {
  const rows = await selectTerms.run(db, { revision, campaigns: arrayText(campaigns) });
  const byCampaign = Map.groupBy(rows, ({ campaignId }) => campaignId);
  return new Map(
    [...byCampaign].map(([id, own]) => [id, new Map(own.map(({ buyerId, ...terms }) => [buyerId, terms]))]),
  );
}

/** Of the document that was in force: nothing else of it is wanted, and it may be large. A weight that is not written is 1. */
const selectTerms = statement<
  Terms & { campaignId: string; buyerId: string },
  { revision: number; campaigns: string }
>(
  "select_turn_terms_at_revision",
  "unspread",
  ($) => sql`select campaign ->> 'id' as "campaignId", contract ->> 'buyer' as "buyerId",
        coalesce(contract ->> 'weight', '1')::float8 as weight,
        coalesce(campaign ->> 'max_sells', '1')::float8 > 1 and coalesce(contract ->> 'exclusive', 'false') = 'true' as "isAlone"
      from (
          select document::json as document from configurations
          where revision <= ${$.revision}::int order by revision desc limit 1) as past,
        json_array_elements(past.document -> 'campaigns') as campaign,
        json_array_elements(campaign -> 'buyers') as contract
      where campaign ->> 'distribution' = 'weighted' and campaign ->> 'id' = any (${$.campaigns}::text[])`,
);
