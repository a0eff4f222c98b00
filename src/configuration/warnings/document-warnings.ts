import type { CompleteCampaign, CompleteDocument } from "#campaigns/definition.ts";
import type { BuyerEntry, CampaignEntry } from "#campaigns/document.ts";
import { withDefaults } from "#configuration/defaults.ts";
import type { IdentifiedDocument, WithId } from "#configuration/identify.ts";
import type { BuyerPlace, ContractOfCampaign } from "./buyer-place.ts";
import { type ActiveParties, campaignWarnings, percentWarnings } from "./campaign-warnings.ts";
import {
  alertsWarnings,
  buyerDeliveryWarnings,
  checkWarnings,
  conversionWarnings,
  portalWarnings,
  webhooksAlike,
  webhookWarnings,
} from "./delivery-warnings.ts";
import { filterWarnings } from "./filter-warnings.ts";
import { idleAlerts, idleInBuyer, idleInCampaign } from "./idle-warnings.ts";
import { capWarnings, cheapestPrice, moneyWarnings } from "./money-warnings.ts";
import { archivedWarnings, linkageWarnings, reportWarnings, walletWarnings } from "./party-warnings.ts";
import { type Surroundings, type Warning, warning } from "./warning.ts";
import { campaignWithoutZone, zoneWarnings } from "./zone-warnings.ts";

/**
 * What in a document without problems can never work, or is surely not meant, by path. Campaigns that are archived, and parties that are
 * paused, are left in peace where it is about what happens to leads.
 */
export function warningsIn(document: IdentifiedDocument, surroundings: Surroundings): Warning[] {
  const complete = withDefaults(document);
  const parties = {
    suppliers: new Set(complete.suppliers.filter(({ status }) => status === "active").map(({ id }) => id)),
    buyers: new Map(complete.buyers.map((buyer) => [buyer.id, buyer])),
    testing: new Set(complete.suppliers.filter(({ test_mode }) => test_mode).map(({ id }) => id)),
    zones: new Set(complete.suppliers.filter(({ timezone }) => timezone !== null).map(({ id }) => id)),
  };
  const campaigns = new Map(complete.campaigns.map((campaign) => [campaign.id, campaign]));
  const places = placesOf(document, complete.buyers, parties.testing, campaigns);
  return [
    ...linkageWarnings(complete, surroundings),
    ...archivedWarnings(complete),
    ...complete.suppliers.flatMap(({ id, timezone }) => zoneWarnings(timezone, `suppliers[${id}]`)),
    ...(document.buyers ?? []).flatMap((buyer) => buyerWarnings(buyer, places.get(buyer.id), surroundings)),
    ...(document.campaigns ?? []).flatMap((campaign) =>
      wholeCampaignWarnings(campaign, campaigns.get(campaign.id), parties, surroundings),
    ),
    ...complete.webhooks.flatMap((webhook) => webhookWarnings(webhook, surroundings)),
    ...webhooksAlike(complete.webhooks),
    ...complete.conversions.flatMap((conversion) => conversionWarnings(conversion, surroundings)),
    ...complete.reports.flatMap((report) => reportWarnings(report, surroundings)),
    ...alertsWarnings(document.alerts, surroundings),
    ...idleAlerts(document.alerts),
    ...portalWarnings(complete, surroundings),
    ...recordsWarnings(surroundings),
  ];
}

function recordsWarnings({ dropsBefore }: Surroundings): Warning[] {
  if (dropsBefore === null) return [];
  const message = `drops the leads before ${dropsBefore} with their deliveries within the hour, for good: sales and sums stay`;
  return [warning("records_days", "drops_leads", message)];
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
    ...campaignWithoutZone(written, complete, parties.zones),
    ...campaignWarnings({ written, complete, path }, parties),
    ...idleInCampaign({ written, complete, path }, parties),
    ...filterWarnings(complete, path),
    ...checkWarnings(complete, path, surroundings),
    ...moneyWarnings({ written, complete, path }, parties.buyers),
  ];
}

function buyerWarnings(
  written: WithId<BuyerEntry>,
  place: BuyerPlace | undefined,
  surroundings: Surroundings,
): Warning[] {
  if (place === undefined) return [];
  const { complete, purchases } = place;
  const path = `buyers[${written.id}]`;
  const cheapest = cheapestPrice(place);
  return [
    ...zoneWarnings(complete.timezone, path),
    ...capWarnings(complete.caps, path, cheapest, { currency: purchases[0]?.campaign.currency ?? "USD" }),
    ...idleInBuyer(written, path),
    ...percentWarnings(written.returns?.max_percent, `${path}.returns.max_percent`),
    ...walletWarnings(written, surroundings, cheapest),
    ...buyerDeliveryWarnings(written, place, surroundings),
  ];
}

/** Of each buyer, where it stands among the campaigns: gone through once, for there can be ten thousand of both. */
function placesOf(
  document: IdentifiedDocument,
  buyers: CompleteDocument["buyers"],
  testing: ReadonlySet<string>,
  campaigns: ReadonlyMap<string, CompleteCampaign>,
): ReadonlyMap<string, BuyerPlace> {
  const places = new Map(
    buyers.map((complete) => [
      complete.id,
      { complete, purchases: [] as ContractOfCampaign[], getsTests: false, settlesRefusals: true },
    ]),
  );
  for (const written of document.campaigns ?? []) {
    const campaign = campaigns.get(written.id);
    if (campaign === undefined || campaign.status === "archived") continue;
    const isTested = campaign.suppliers.some(({ supplier }) => testing.has(supplier));
    for (const [index, contract] of campaign.buyers.entries()) {
      const place = places.get(contract.buyer);
      if (place === undefined) continue;
      place.purchases.push({ campaign, contract });
      place.getsTests ||= isTested;
      place.settlesRefusals &&= written.buyers?.[index]?.on_refusal !== undefined;
    }
  }
  return places;
}
