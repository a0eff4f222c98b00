import type { BidAnswers, BidRequest } from "#leads/bid.ts";

/** Where pings have buyers asked what they would pay. */
export interface Bidders {
  /**
   * Asks buyers for bids, all at the same time, each for as long as its ping says and none for longer than `budgetMs`. Resolves within
   * that time, whatever they do, with an answer for each; what is still on its way then is broken off. Never rejects.
   */
  askForBids(
    buyers: readonly { readonly buyerId: string }[],
    request: BidRequest,
    budgetMs: number,
  ): Promise<BidAnswers>;
}
