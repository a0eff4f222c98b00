import type { Campaign } from "#campaigns/campaign.ts";
import type { Settled } from "#delivery/outbox/lead-deliveries-records.ts";
import type { NewDelivery } from "#delivery/outbox/outbox-records.ts";
import { compose, eventBody } from "#endpoints/compose.ts";
import type { SaleFacts } from "#endpoints/message/sale-variables.ts";
import type { DecidedLead } from "#leads/decided-lead.ts";
import { type Sale, saleSummaries } from "#leads/sale.ts";
import { formatAmount } from "#money/amount.ts";
import { leadIdOf, newUuid, pingIdOf } from "#text/ids.ts";

/** How long an asked delivery is held by the server that wrote it, in ms; then another one asks again. */
const HELD_FOR_ASKING_MS = 60_000;
/** How long a lead is held at most for a buyer that cannot be asked again because its endpoint is down, in ms. */
const ASK_WITHIN_MS = 600_000;

/** What has to be sent to the lead's buyers. One that has confirmed the lead has had it. */
export function toItsBuyers(recorded: DecidedLead, campaign: Campaign, now: Date): NewDelivery[] {
  if (recorded.prior?.cause === "confirmed") return [];
  return recorded.sales.flatMap((each) => toBuyer(each, recorded, campaign, now));
}

function toBuyer(
  sale: Sale,
  { lead, status, isTest, fields, pingId }: DecidedLead,
  campaign: Campaign,
  now: Date,
): NewDelivery[] {
  const contract = campaign.contracts.find((each) => each.buyerId === sale.buyerId);
  const delivery = contract?.buyer.delivery ?? null;
  if (delivery === null) return [];
  const { currency } = campaign;
  const price = formatAmount(sale.price, currency);
  const facts: SaleFacts = {
    leadId: leadIdOf(lead.id),
    campaignId: campaign.id,
    buyerId: sale.buyerId,
    supplierId: lead.supplierId,
    isTest,
    price,
    currency,
    decidedAt: now.toISOString(),
    fields,
    // The promised price holds, so it is what was bid.
    ping:
      pingId === null && sale.reference === null
        ? null
        : { id: pingId === null ? null : pingIdOf(pingId), reference: sale.reference, price },
  };
  const toSend: NewDelivery = {
    id: newUuid(),
    lead: lead.id,
    recipient: `buyer:${sale.buyerId}`,
    event: "lead.accepted",
    trace: lead.trace,
    giveUpAt: after(now, status === "PENDING" ? ASK_WITHIN_MS : delivery.giveUpAfterSeconds * 1000),
    ...compose(facts, delivery),
    ...(status === "PENDING" && { asks: { lease: newUuid(), until: after(now, HELD_FOR_ASKING_MS) } }),
  };
  return [toSend];
}

/** How the delivery ends that a lead was held by, or that could not be made, now that the lead is decided once more. */
export function settledBy({ lead: { id }, prior }: DecidedLead): Settled[] {
  if (prior === null) return [];
  const state = STATE_AFTER[prior.cause];
  return prior.sales.map(({ buyerId }) => ({ lead: id, recipient: `buyer:${buyerId}`, state }));
}

const STATE_AFTER = {
  confirmed: "delivered",
  refused: "dead",
  unclear: "dead",
  by_hand: "dead",
} as const;

/** What the operator's webhooks are to be told of the lead. */
export function toWebhooks(recorded: DecidedLead, campaign: Campaign, now: Date): NewDelivery[] {
  const events = eventsOf(recorded);
  return campaign.webhooks.flatMap((webhook) =>
    events
      .filter((event) => webhook.events.includes(event))
      .map((event) => ({
        id: newUuid(),
        lead: recorded.lead.id,
        recipient: `webhook:${webhook.id}` as const,
        event,
        trace: recorded.lead.trace,
        giveUpAt: after(now, webhook.giveUpAfterSeconds * 1000),
        ...eventBody(event, now.toISOString(), eventData(recorded, campaign)),
      })),
  );
}

/** A lead is created once, when it first goes on record; how it ends is told once that is settled. */
function eventsOf({ status, prior }: DecidedLead): string[] {
  const created = prior === null ? ["lead.created"] : [];
  const updated = prior?.cause === "by_hand" ? ["lead.updated"] : [];
  return [...created, ...updated, ...(status === "PENDING" ? [] : [EVENT_OF[status]])];
}

const EVENT_OF = {
  ACCEPTED: "lead.accepted",
  UNMATCHED: "lead.unmatched",
  DUPLICATE: "lead.rejected",
  REJECTED: "lead.rejected",
} as const;

/** What operators are told of any lead. */
function eventData({ lead, status, sales, isTest, fields, decidedAt }: DecidedLead, campaign: Campaign) {
  const { currency } = campaign;
  const [first] = sales;
  return {
    lead_id: leadIdOf(lead.id),
    status,
    campaign_id: campaign.id,
    supplier_id: lead.supplierId,
    buyer_id: first?.buyerId ?? null,
    is_test: isTest,
    price: first === undefined ? null : formatAmount(first.price, currency),
    currency,
    sales: status === "PENDING" ? [] : saleSummaries(sales, currency, decidedAt),
    fields,
  };
}

function after(now: Date, ms: number): string {
  return new Date(now.getTime() + ms).toISOString();
}
