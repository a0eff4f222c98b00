import type { Campaign } from "#campaigns/campaign.ts";
import type { NewDelivery } from "#delivery/outbox/outbox-records.ts";
import { type ConversionEvent, outcomeEvent } from "#endpoints/conversion/conversion-event.ts";
import { OLDEST_EVENT_SECONDS } from "#endpoints/conversion/conversion-settings.ts";
import { graphEvent } from "#endpoints/conversion/graph-event.ts";
import type { DecidedLead } from "#leads/decided-lead.ts";
import type { Feedback, ReportedLead } from "#leads/feedback.ts";
import type { SaleStatus } from "#leads/sale.ts";
import { type Amount, formatAmount, sum } from "#money/amount.ts";
import { leadIdOf, newUuid, updateIdOf } from "#text/ids.ts";

/** What Meta is told of a lead that was decided; nothing of a test, nor of a person who was erased. */
export function conversionDeliveries(decided: DecidedLead, campaign: Campaign, now: Date): NewDelivery[] {
  const { lead, fields, isTest, sales, prior } = decided;
  if (campaign.conversions.length === 0 || isTest || prior?.isErased === true) return [];
  return eventsOf(decided).flatMap((event) =>
    deliveriesOf(
      {
        leadId: lead.id,
        trace: lead.trace,
        fields,
        event,
        delivery: `conversion.${event}`,
        eventId: EVENT_ID[event](leadIdOf(lead.id)),
        value: sum(sales.map(({ price }) => price)),
      },
      campaign,
      now,
    ),
  );
}

/** What Meta is told of what a supplier reported of a lead; nothing of a test, nor of a person who was erased. */
export function outcomeDeliveries(
  lead: ReportedLead,
  feedback: Feedback,
  campaign: Campaign,
  now: Date,
): NewDelivery[] {
  if (campaign.conversions.length === 0 || lead.isTest || lead.isErased) return [];
  const told: Told = {
    leadId: lead.id,
    fields: lead.fields,
    event: outcomeEvent(feedback.outcome),
    delivery: "conversion.outcome",
    eventId: updateIdOf(feedback.id),
    value: feedback.revenue ?? lead.price,
  };
  return deliveriesOf(told, campaign, now);
}

/**
 * Which events a decision is: that a lead was sold, or that nothing is left of its sales. One that goes from one buyer to another, or is
 * held meanwhile, is neither.
 */
function eventsOf({ status, prior, former }: DecidedLead): readonly ConversionEvent[] {
  const wasSold = prior?.status === "ACCEPTED" || (prior?.status === "PENDING" && prior.former.length > 0);
  if (status === "ACCEPTED") return wasSold ? [] : ["accepted"];
  const undone = wasSold && status !== "PENDING" ? former.at(-1) : undefined;
  return undone === undefined ? [] : EVENTS_OF_SALE[undone.status];
}

/** Which event it is that the last sale of a lead became this. What was never sold is none. */
const EVENTS_OF_SALE: Record<SaleStatus, readonly ConversionEvent[]> = {
  sold: [],
  reserved: [],
  declined: [],
  refused: ["refused"],
  returned: ["returned"],
};

/** The id of each event of a lead: an acceptance has the lead's own, under which its page may have told of it too. */
const EVENT_ID: Record<ConversionEvent, (leadId: string) => string> = {
  accepted: (leadId) => leadId,
  refused: (leadId) => `${leadId}.refused`,
  returned: (leadId) => `${leadId}.returned`,
};

/** Something that happened to a lead. */
interface Told {
  /** UUID. */
  leadId: string;
  trace?: string | undefined;
  fields: Readonly<Record<string, unknown>>;
  /** Its word in the document. */
  event: string;
  /** The event of its delivery. */
  delivery: string;
  eventId: string;
  value: Amount;
}

function deliveriesOf(told: Told, { conversions, country, currency }: Campaign, now: Date): NewDelivery[] {
  const { leadId, trace, fields, event, delivery, eventId, value } = told;
  return conversions.flatMap((conversion) => {
    const name = conversion.events.get(event);
    if (name === undefined) return [];
    const happening = { leadId: leadIdOf(leadId), fields, country, eventId, name, at: now.getTime() };
    return {
      id: newUuid(),
      lead: leadId,
      recipient: `conversion:${conversion.id}` as const,
      event: delivery,
      contentType: "application/json",
      body: graphEvent({ ...happening, value: formatAmount(value, currency), currency }, conversion),
      subject: null,
      trace,
      giveUpAt: new Date(now.getTime() + OLDEST_EVENT_SECONDS * 1000).toISOString(),
    };
  });
}
