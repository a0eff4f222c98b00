import { readReturnTerms } from "#campaigns/return-terms-records.ts";
import type { Queryable } from "#database/database.ts";
import type { LeadReturn } from "#leads/return.ts";
import { findReturnOfSale } from "#leads/return-records.ts";
import { type ReturnFacts, returnableUntil, whyNotReturnable } from "./policy.ts";

/** Whether a buyer may give a lead back, for what reasons and until when (in ms since 1970), and what it asked before. */
export interface ReturnOffer {
  /** Null: it may. */
  whyNot: string | null;
  until: number | null;
  reasons: readonly string[];
  asked: LeadReturn | null;
}

/** What a buyer is offered of a sale to it. */
export async function readReturnOffer(
  db: Queryable,
  sale: { saleId: string; campaignId: string; buyerId: string } & Pick<
    ReturnFacts,
    "isTest" | "soldAt" | "status"
  >,
  now: Date,
): Promise<ReturnOffer> {
  const { isTest, soldAt, status } = sale;
  const [{ buyer: terms }, asked] = await Promise.all([
    readReturnTerms(db, sale.campaignId, sale.buyerId),
    findReturnOfSale(db, sale),
  ]);
  const facts = { terms, isTest, soldAt, status, asked: asked?.status ?? null };
  return {
    whyNot: whyNotReturnable(facts, now.getTime()) ?? null,
    until: terms === null ? null : returnableUntil(soldAt, terms),
    reasons: terms?.reasons ?? [],
    asked: asked ?? null,
  };
}
