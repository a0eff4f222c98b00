import type { BuyerDefinition, CompleteCampaign, CompleteContract } from "#campaigns/definition.ts";

/** A contract, and the campaign that it is of. */
export interface ContractOfCampaign {
  campaign: CompleteCampaign;
  contract: CompleteContract;
}

/** What is known of a buyer beside what was written of it. */
export interface BuyerPlace {
  complete: BuyerDefinition;
  /** What it buys from which campaigns. */
  purchases: readonly ContractOfCampaign[];
  /** Whether it may be sold leads of a supplier in test mode. */
  getsTests: boolean;
  /** Whether each of its contracts says what becomes of a lead that it refuses. */
  settlesRefusals: boolean;
}
