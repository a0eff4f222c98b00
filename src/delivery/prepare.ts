import type { Campaign } from "#catalog/campaign.ts";
import { leadIdOf, newUuid } from "#ids.ts";
import { type Amount, formatAmount } from "#money/amount.ts";
import { compose, eventBody } from "./compose.ts";
import type { Settled } from "./held-records.ts";
import type { NewDelivery } from "./outbox.ts";

/** A lead that has just gone on record, or was settled there. */
export interface RecordedLead {
  lead: {
    id: string;
    campaignId: string;
    supplierId: string;
    again?: {
      because: "confirmed" | "refused" | "unclear" | "by_hand";
      was: { sale: { buyerId: string } | null };
    };
  };
  status: "ACCEPTED" | "UNMATCHED" | "DUPLICATE" | "REJECTED" | "PENDING";
  sale: { buyerId: string; price: Amount } | null;
  isTest: boolean;
  fields: Readonly<Record<string, unknown>>;
}

/** How long an asked delivery is held by the server that wrote it, in ms; then another one asks again. */
const HELD_FOR_ASKING_MS = 60_000;
/** How long a lead is held at most for a buyer that cannot be asked again because its endpoint is down, in ms. */
const ASK_WITHIN_MS = 600_000;

/** What has to be sent to the lead's buyer. One that has confirmed the lead has had it. */
export function toItsBuyer(recorded: RecordedLead, campaign: Campaign, now: Date): NewDelivery | undefined {
  const { lead, sale, status, isTest, fields } = recorded;
  const contract = sale && campaign.contracts.find((each) => each.buyerId === sale.buyerId);
  const delivery = contract?.definition.buyer.delivery ?? null;
  if (sale === null || delivery === null || lead.again?.because === "confirmed") return undefined;
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
  return {
    id: newUuid(),
    lead: lead.id,
    recipient: `buyer:${sale.buyerId}`,
    event: "lead.accepted",
    giveUpAt: after(now, status === "PENDING" ? ASK_WITHIN_MS : delivery.giveUpAfterSeconds * 1000),
    ...compose(facts, delivery),
    ...(status === "PENDING" && { asks: { lease: newUuid(), until: after(now, HELD_FOR_ASKING_MS) } }),
  };
}

/** How the delivery ends that a lead was held by, or that could not be made, now that the lead is decided once more. */
export function settledBy({ lead: { id, again } }: RecordedLead): Settled[] {
  if (again === undefined || again.was.sale === null) return [];
  const { buyerId } = again.was.sale;
  return [{ lead: id, recipient: `buyer:${buyerId}`, state: STATE_AFTER[again.because] }];
}

const STATE_AFTER = {
  confirmed: "delivered",
  refused: "dead",
  unclear: "dead",
  by_hand: "dead",
} as const;

/** What the operator's webhooks are to be told of the lead. */
export function toWebhooks(recorded: RecordedLead, campaign: Campaign, now: Date): NewDelivery[] {
  const events = eventsOf(recorded);
  return campaign.definition.webhooks.flatMap((webhook) =>
    events
      .filter((event) => webhook.events.includes(event))
      .map((event) => ({
        id: newUuid(),
        lead: recorded.lead.id,
        recipient: `webhook:${webhook.id}` as const,
        event,
        giveUpAt: after(now, webhook.giveUpAfterSeconds * 1000),
        ...eventBody(event, now.toISOString(), eventData(recorded, campaign)),
      })),
  );
}

/** A lead is created once, when it first goes on record; how it ends is told once that is settled. */
function eventsOf({ status, lead }: RecordedLead): string[] {
  const created = lead.again === undefined ? ["lead.created"] : [];
  const updated = lead.again?.because === "by_hand" ? ["lead.updated"] : [];
  return [...created, ...updated, ...(status === "PENDING" ? [] : [EVENT_OF[status]])];
}

const EVENT_OF = {
  ACCEPTED: "lead.accepted",
  UNMATCHED: "lead.unmatched",
  DUPLICATE: "lead.rejected",
  REJECTED: "lead.rejected",
} as const;

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

function after(now: Date, ms: number): string {
  return new Date(now.getTime() + ms).toISOString();
}
