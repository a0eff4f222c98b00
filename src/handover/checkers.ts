import type { Campaign, CampaignCheck } from "#campaigns/campaign.ts";
import type { CheckFinding } from "#leads/candidate.ts";

/** A lead that others are asked about. */
export interface LeadToCheck {
  /** UUIDs and ids. */
  leadId: string;
  supplierId: string;
  campaign: Campaign;
  /** What was understood of it. */
  fields: Readonly<Record<string, unknown>>;
}

/** Where others are asked about leads. */
export interface Checkers {
  /**
   * Asks all of these at the same time, each for as long as it says and none for longer than `budgetMs`. Resolves within that time with a
   * result for each, in their order; what is still on its way then is broken off. Never rejects.
   */
  askChecks(lead: LeadToCheck, checks: readonly CampaignCheck[], budgetMs: number): Promise<CheckFinding[]>;
}
