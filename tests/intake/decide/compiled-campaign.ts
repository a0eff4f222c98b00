import { type Campaign, compileCampaign } from "#campaigns/campaign.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { withDefaults } from "#configuration/defaults.ts";
import { identify } from "#configuration/identify.ts";
import { wholeCampaigns } from "#configuration/whole-campaigns.ts";
import { type ParsedLead, parseLead } from "#intake/decide/reading.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { statesFrom } from "#intake/lane/rows.ts";
import type { Candidate } from "#leads/candidate.ts";
import type { SuppressionKind } from "#people/suppression-key.ts";

/** The document's only campaign, compiled; its suppliers hold one key, `key`. */
export function compiled(document: ConfigurationDocument, keyEnds: Date | null = null): Campaign {
  const [definition] = wholeCampaigns(withDefaults(identify(document, null)));
  if (definition === undefined) throw new Error("the document has no campaign");
  const keys = [{ id: "key", expiresAt: keyEnds }];
  const stored = {
    revision: 1,
    definition,
    keys,
    overdueFrom: new Map(),
    suppressionKinds: new Set<SuppressionKind>(),
  };
  return compileCampaign(stored, new Uint8Array(32));
}

/** The lead as the campaign reads it. */
export function parsed<Lead extends Candidate>(lead: Lead, campaign: Campaign): ParsedLead<Lead> {
  return { lead, reading: parseLead(lead, campaign) };
}

/** What a lead is decided by while nothing is on record. */
export function stateWithoutRecords(campaign: Campaign, lead: Candidate, now: Date): BatchState {
  const rows = {
    revisions: new Map([[campaign.id, 1]]),
    suppressed: new Map(),
    earlier: new Map(),
    receivedByBuyer: new Map(),
    counters: new Map(),
    buyers: [],
    answers: new Map(),
    redeemed: new Set<string>(),
    standings: new Map(),
    held: new Set<string>(),
    left: new Map(),
    onRecord: new Map(),
    owners: [],
    shares: null,
  };
  const batch = [{ campaign, leads: [parsed(lead, campaign)] }];
  const state = statesFrom(rows, batch, () => false, now).get(campaign.id);
  if (state === undefined) throw new Error("the campaign has no state");
  return state;
}
