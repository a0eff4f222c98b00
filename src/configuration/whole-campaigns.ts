import type {
  CampaignDefinition,
  CompleteDocument,
  ConversionDefinition,
  ConversionSubscription,
  SubscriptionDefinition,
  WebhookDefinition,
} from "#campaigns/definition.ts";

/**
 * Every campaign with its suppliers, buyers, webhooks and conversions in it, so that one row decides a lead: what another part of the
 * document changes for a campaign is a change of the campaign. The document must have no problems.
 */
export function wholeCampaigns(document: CompleteDocument): CampaignDefinition[] {
  const suppliers = new Map(document.suppliers.map((supplier) => [supplier.id, supplier]));
  const buyers = new Map(document.buyers.map((buyer) => [buyer.id, buyer]));
  return document.campaigns.map((campaign) => {
    const conversions = document.conversions.filter((each) => hearsOf(each, campaign.id)).map(conversionOf);
    return {
      ...campaign,
      suppliers: campaign.suppliers.map((link) => ({ ...link, supplier: resolve(suppliers, link.supplier) })),
      buyers: campaign.buyers.map((contract) => ({ ...contract, buyer: resolve(buyers, contract.buyer) })),
      webhooks: document.webhooks.filter((webhook) => hearsOf(webhook, campaign.id)).map(subscriptionOf),
      ...(conversions.length > 0 && { conversions }),
    };
  });
}

function resolve<T>(parts: ReadonlyMap<string, T>, id: string): T {
  const part = parts.get(id);
  if (part === undefined)
    throw new Error("a document with a reference to nothing was taken for one without problems");
  return part;
}

function hearsOf(
  { status, campaigns }: WebhookDefinition | ConversionDefinition,
  campaignId: string,
): boolean {
  return status === "active" && (campaigns === null || campaigns.includes(campaignId));
}

function subscriptionOf({ id, events, give_up_after_seconds }: WebhookDefinition): SubscriptionDefinition {
  return { id, events, give_up_after_seconds };
}

function conversionOf({ id, events, action_source, map }: ConversionDefinition): ConversionSubscription {
  return { id, events, action_source, map };
}
