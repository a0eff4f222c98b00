import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { CompleteCampaign, ReturnsDefinition } from "./definition.ts";

/** On what terms a lead of a campaign is given back. */
export interface ReturnTerms {
  /** The contract's, or else the buyer's; null: there is no such buyer any more. */
  buyer: ReturnsDefinition | null;
  campaign: CompleteCampaign["returns"];
}

/** The terms between a campaign and a buyer; those of a buyer whose contract has ended are its own. */
export async function readReturnTerms(
  db: Queryable,
  campaignId: string,
  buyerId: string,
): Promise<ReturnTerms> {
  const [row] = await selectTerms.run(db, { campaign: campaignId, buyer: buyerId });
  const read = <Terms>(text: string | null | undefined) => (text ? (JSON.parse(text) as Terms | null) : null);
  return {
    buyer: read<ReturnsDefinition>(row?.contract) ?? read<ReturnsDefinition>(row?.buyer),
    campaign: read<ReturnTerms["campaign"]>(row?.campaign) ?? USUAL,
  };
}

const USUAL = { payout: "reverse", cap: "keep" } as const;

const selectTerms = statement<
  Record<"contract" | "buyer" | "campaign", string | null>,
  { campaign: string; buyer: string }
>(
  "select_return_terms",
  "one campaign",
  ($) => sql`
      select (
          select (contract -> 'returns')::text from jsonb_array_elements(c.definition -> 'buyers') as contract
          where contract -> 'buyer' ->> 'id' = ${$.buyer}::text) as contract,
        (select (definition -> 'returns')::text from buyers where id = ${$.buyer}::text) as buyer,
        (c.definition -> 'returns')::text as campaign
      from campaigns c where c.id = ${$.campaign}`,
);
