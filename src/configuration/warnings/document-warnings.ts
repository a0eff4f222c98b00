import type { CompleteCampaign, CompleteDocument } from "#campaigns/definition.ts";
import type { BuyerEntry, CampaignEntry } from "#campaigns/document.ts";
import { withDefaults } from "#configuration/defaults.ts";
import type { IdentifiedDocument, WithId } from "#configuration/identify.ts";
import { type ActiveParties, campaignWarnings } from "./campaign-warnings.ts";
import {
  alertsWarnings,
  type BuyerPlace,
  buyerDeliveryWarnings,
  checkWarnings,
  portalWarnings,
  webhookWarnings,
} from "./delivery-warnings.ts";
import { filterWarnings } from "./filter-warnings.ts";
import { capWarnings, moneyWarnings } from "./money-warnings.ts";
import { linkageWarnings, reportWarnings, walletWarnings, zoneWarnings } from "./party-warnings.ts";
import type { Surroundings, Warning } from "./warning.ts";

/**
 * What in a document without problems can never work, or is surely not meant, by path. Campaigns that are archived, and parties that are
 * paused, are left in peace where it is about what happens to leads.
 */
export function warningsIn(document: IdentifiedDocument, surroundings: Surroundings): Warning[] {
  const complete = withDefaults(document);
  const parties = {
    suppliers: new Set(complete.suppliers.filter(({ status }) => status === "active").map(({ id }) => id)),
    buyers: new Map(complete.buyers.map((buyer) => [buyer.id, buyer])),
  };
  const campaigns = new Map(complete.campaigns.map((campaign) => [campaign.id, campaign]));
  const places = placesOf(document, complete, campaigns);
  return [
    ...linkageWarnings(complete, surroundings),
    ...complete.suppliers.flatMap(({ id, timezone }) => zoneWarnings(timezone, `suppliers[${id}]`)),
    ...(document.buyers ?? []).flatMap((buyer) => buyerWarnings(buyer, places.get(buyer.id), surroundings)),
    ...(document.campaigns ?? []).flatMap((campaign) =>
      wholeCampaignWarnings(campaign, campaigns.get(campaign.id), parties, surroundings),
    ),
    ...complete.webhooks.flatMap((webhook) => webhookWarnings(webhook, surroundings)),
    ...complete.reports.flatMap((report) => reportWarnings(report, surroundings)),
    ...alertsWarnings(document.alerts, surroundings),
    ...portalWarnings(complete, surroundings),
  ];
}

function wholeCampaignWarnings(
  written: WithId<CampaignEntry>,
  complete: CompleteCampaign | undefined,
  parties: ActiveParties,
  surroundings: Surroundings,
): Warning[] {
  if (complete === undefined || complete.status === "archived") return [];
  const path = `campaigns[${complete.id}]`;
  return [
    ...zoneWarnings(complete.timezone, path),
    ...campaignWarnings({ written, complete, path }, parties),
    ...filterWarnings(complete, path),
    ...checkWarnings(complete, path, surroundings),
    ...moneyWarnings(complete, path, parties.buyers),
  ];
}

function buyerWarnings(
  written: WithId<BuyerEntry>,
  place: BuyerPlace | undefined,
  surroundings: Surroundings,
): Warning[] {
  if (place === undefined) return [];
  const { complete, campaigns } = place;
  const path = `buyers[${written.id}]`;
  return [
    ...zoneWarnings(complete.timezone, path),
    ...capWarnings(complete.caps, path, undefined, { currency: campaigns[0]?.currency ?? "USD" }),
    ...walletWarnings(written, surroundings),
    ...buyerDeliveryWarnings(written, place, surroundings),
  ];
}

/** Of each buyer, where it stands among the campaigns: gone through once, for there can be ten thousand of both. */
function placesOf(
  document: IdentifiedDocument,
  { buyers, suppliers }: CompleteDocument,
  campaigns: ReadonlyMap<string, CompleteCampaign>,
): ReadonlyMap<string, BuyerPlace> {
  const testing = new Set(suppliers.filter(({ test_mode }) => test_mode).map(({ id }) => id));
  const places = new Map(
    buyers.map((complete) => [
      complete.id,
      { complete, campaigns: [] as CompleteCampaign[], getsTests: false, settlesRefusals: true },
    ]),
  );
  for (const written of document.campaigns ?? []) {
    const campaign = campaigns.get(written.id);
    if (campaign === undefined || campaign.status === "archived") continue;
    const isTested = campaign.suppliers.some(({ supplier }) => testing.has(supplier));
    for (const contract of written.buyers ?? []) {
      const place = places.get(contract.buyer);
      if (place === undefined) continue;
      place.campaigns.push(campaign);
      place.getsTests ||= isTested;
      place.settlesRefusals &&= "on_refusal" in contract;
    }
  }
  return places;
}
