import type { Campaign } from "#catalog/campaign.ts";
import { leadIdOf, newUuid } from "#ids.ts";
import { type Amount, formatAmount } from "#money/amount.ts";
import { compose, eventBody } from "./compose.ts";
import type { NewDelivery, Recipient } from "./outbox.ts";

/** A lead that has just gone on record. */
export interface RecordedLead {
  lead: { id: string; supplierId: string };
  status: "ACCEPTED" | "UNMATCHED" | "DUPLICATE" | "REJECTED";
  sale: { buyerId: string; price: Amount } | null;
  isTest: boolean;
  fields: Readonly<Record<string, unknown>>;
}

/** Everything that has to be sent because of a lead: to its buyer, and to the operator's webhooks that want to hear of it. */
export function deliveriesFor(recorded: RecordedLead, campaign: Campaign, now: Date): NewDelivery[] {
  return [...toItsBuyer(recorded, campaign, now), ...toWebhooks(recorded, campaign, now)];
}

function toItsBuyer(
  { lead, sale, isTest, fields }: RecordedLead,
  campaign: Campaign,
  now: Date,
): NewDelivery[] {
  const contract = sale && campaign.contracts.find((each) => each.buyerId === sale.buyerId);
  const delivery = contract?.definition.buyer.delivery ?? null;
  if (sale === null || delivery === null) return [];
  const facts = {
    leadId: leadIdOf(lead.id),
    campaignId: campaign.id,
    buyerId: sale.buyerId,
    supplierId: lead.supplierId,
    isTest,
    price: formatAmount(sale.price, campaign.definition.currency),
    currency: campaign.definition.currency,
    decidedAt: now.toISOString(),
    fields,
  };
  const giveUpAt = new Date(now.getTime() + delivery.giveUpAfterSeconds * 1000).toISOString();
  const recipient: Recipient = `buyer:${sale.buyerId}`;
  return [
    {
      id: newUuid(),
      lead: lead.id,
      recipient,
      event: "lead.accepted",
      giveUpAt,
      ...compose(facts, delivery),
    },
  ];
}

const EVENT_OF = {
  ACCEPTED: "lead.accepted",
  UNMATCHED: "lead.unmatched",
  DUPLICATE: "lead.rejected",
  REJECTED: "lead.rejected",
} as const;

function toWebhooks(recorded: RecordedLead, campaign: Campaign, now: Date): NewDelivery[] {
  const events = ["lead.created", EVENT_OF[recorded.status]];
  return campaign.definition.webhooks.flatMap((webhook) => {
    const giveUpAt = new Date(now.getTime() + webhook.giveUpAfterSeconds * 1000).toISOString();
    return events
      .filter((event) => webhook.events.includes(event))
      .map((event) => ({
        id: newUuid(),
        lead: recorded.lead.id,
        recipient: `webhook:${webhook.id}` as const,
        event,
        giveUpAt,
        ...eventBody(event, now.toISOString(), eventData(recorded, campaign)),
      }));
  });
}

/** What operators are told of any lead. */
function eventData({ lead, status, sale, isTest, fields }: RecordedLead, campaign: Campaign) {
  const { currency } = campaign.definition;
  return {
    lead_id: leadIdOf(lead.id),
    status,
    campaign_id: campaign.id,
    supplier_id: lead.supplierId,
    buyer_id: sale?.buyerId ?? null,
    is_test: isTest,
    price: sale === null ? null : formatAmount(sale.price, currency),
    currency,
    fields,
  };
}
