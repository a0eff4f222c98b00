import type { Campaign } from "#campaigns/campaign.ts";
import type { NewDelivery } from "#delivery/outbox/outbox-records.ts";
import { eventBody } from "#endpoints/compose.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import { type Amount, formatAmount } from "#money/amount.ts";
import { leadIdOf, newUuid, updateIdOf } from "#text/ids.ts";

/** What a supplier reported of a lead on record. Ids are UUIDs, money as it is counted, `createdAt` ms since 1970. */
export interface Reported {
  leadId: string;
  lead: {
    supplierId: string;
    status: string;
    currency: string;
    isTest: boolean;
    /** Whoever bought it. */
    buyerIds: readonly string[];
  };
  update: {
    id: string;
    outcome: string;
    revenue: Amount | null;
    salesRep: string | null;
    speedToLeadSeconds: number | null;
    callDurationSeconds: number | null;
    note: string | null;
    createdAt: number;
  };
}

/** What is to be sent of a report: `lead.updated`, to the operator's webhooks and to the lead's buyers that asked for it. */
export function ofReport(reported: Reported, campaign: Campaign, now: Date): NewDelivery[] {
  const { webhooks, contracts } = campaign;
  const subscribed = webhooks.filter(({ events }) => events.includes(EVENT));
  const buyers = contracts.flatMap(({ buyer }) => {
    const { delivery } = buyer;
    const hears = delivery?.method === "webhook" && delivery.events.includes(EVENT);
    return hears && reported.lead.buyerIds.includes(buyer.id) ? [{ id: buyer.id, ...delivery }] : [];
  });
  return [
    ...subscribed.map(({ id, giveUpAfterSeconds }) =>
      told(`webhook:${id}`, giveUpAfterSeconds, forOperators(reported, campaign.id), reported, now),
    ),
    ...buyers.map(({ id, giveUpAfterSeconds }) =>
      told(`buyer:${id}`, giveUpAfterSeconds, forBuyer(reported, campaign.id, id), reported, now),
    ),
  ];
}

const EVENT = "lead.updated";

function told(
  recipient: Recipient,
  giveUpAfterSeconds: number,
  data: Readonly<Record<string, unknown>>,
  { leadId }: Reported,
  now: Date,
): NewDelivery {
  return {
    id: newUuid(),
    lead: leadId,
    recipient,
    event: EVENT,
    giveUpAt: new Date(now.getTime() + giveUpAfterSeconds * 1000).toISOString(),
    ...eventBody(EVENT, now.toISOString(), data),
  };
}

function forOperators(reported: Reported, campaignId: string) {
  const { leadId, lead, update } = reported;
  return {
    lead_id: leadIdOf(leadId),
    status: lead.status,
    campaign_id: campaignId,
    supplier_id: lead.supplierId,
    buyer_id: lead.buyerIds[0] ?? null,
    is_test: lead.isTest,
    currency: lead.currency,
    update: {
      ...whatHappened(reported),
      revenue: update.revenue === null ? null : formatAmount(update.revenue, lead.currency),
    },
  };
}

/** A buyer learns neither who sold the lead to the operator, nor what that one earned by it. */
function forBuyer(reported: Reported, campaignId: string, buyerId: string) {
  return {
    lead_id: leadIdOf(reported.leadId),
    campaign_id: campaignId,
    buyer_id: buyerId,
    is_test: reported.lead.isTest,
    update: whatHappened(reported),
  };
}

function whatHappened({ update }: Reported) {
  return {
    id: updateIdOf(update.id),
    outcome: update.outcome,
    sales_rep: update.salesRep,
    speed_to_lead_seconds: update.speedToLeadSeconds,
    call_duration_seconds: update.callDurationSeconds,
    note: update.note,
    created_at: new Date(update.createdAt).toISOString(),
  };
}
