import type { Campaign } from "#campaigns/campaign.ts";
import type { NewDelivery } from "#delivery/outbox/outbox-records.ts";
import { eventBody } from "#endpoints/compose.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { Feedback, ReportedLead } from "#leads/feedback.ts";
import { formatAmount } from "#money/amount.ts";
import { leadIdOf, newUuid, updateIdOf } from "#text/ids.ts";

/** The deliveries of what a supplier reported: `lead.updated`, to the operator's webhooks and to the lead's buyers that asked for it. */
export function feedbackDeliveries(
  lead: ReportedLead,
  feedback: Feedback,
  campaign: Campaign,
  now: Date,
): NewDelivery[] {
  const { webhooks, contracts } = campaign;
  const subscribed = webhooks.filter(({ events }) => events.includes(EVENT));
  const buyers = contracts.flatMap(({ buyer }) => {
    const { delivery } = buyer;
    const hears =
      delivery?.method === "webhook" &&
      delivery.events.includes(EVENT) &&
      !(lead.isTest && delivery.dropsTests);
    return hears && lead.buyerIds.includes(buyer.id) ? [{ id: buyer.id, ...delivery }] : [];
  });
  return [
    ...subscribed.map(({ id, giveUpAfterSeconds }) =>
      updateDelivery(`webhook:${id}`, giveUpAfterSeconds, forOperators(lead, feedback), lead, now),
    ),
    ...buyers.map(({ id, giveUpAfterSeconds }) =>
      updateDelivery(`buyer:${id}`, giveUpAfterSeconds, forBuyer(lead, feedback, id), lead, now),
    ),
  ];
}

const EVENT = "lead.updated";

function updateDelivery(
  recipient: Recipient,
  giveUpAfterSeconds: number,
  data: Readonly<Record<string, unknown>>,
  { id }: ReportedLead,
  now: Date,
): NewDelivery {
  return {
    id: newUuid(),
    lead: id,
    recipient,
    event: EVENT,
    giveUpAt: new Date(now.getTime() + giveUpAfterSeconds * 1000).toISOString(),
    ...eventBody(EVENT, now.toISOString(), data),
  };
}

function forOperators(lead: ReportedLead, feedback: Feedback) {
  return {
    lead_id: leadIdOf(lead.id),
    status: lead.status,
    campaign_id: lead.campaignId,
    supplier_id: lead.supplierId,
    buyer_id: lead.buyerIds[0] ?? null,
    is_test: lead.isTest,
    currency: lead.currency,
    update: {
      ...feedbackData(feedback),
      revenue: feedback.revenue === null ? null : formatAmount(feedback.revenue, lead.currency),
    },
  };
}

/** A buyer learns neither who sold the lead to the operator, nor what that one earned by it. */
function forBuyer(lead: ReportedLead, feedback: Feedback, buyerId: string) {
  return {
    lead_id: leadIdOf(lead.id),
    campaign_id: lead.campaignId,
    buyer_id: buyerId,
    is_test: lead.isTest,
    update: feedbackData(feedback),
  };
}

function feedbackData(feedback: Feedback) {
  return {
    id: updateIdOf(feedback.id),
    outcome: feedback.outcome,
    sales_rep: feedback.salesRep,
    speed_to_lead_seconds: feedback.speedToLeadSeconds,
    call_duration_seconds: feedback.callDurationSeconds,
    note: feedback.note,
    created_at: new Date(feedback.createdAt).toISOString(),
  };
}
