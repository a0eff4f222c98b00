import type { Campaign } from "#campaigns/campaign.ts";
import type { EndedDelivery } from "#delivery/outbox/lead-deliveries-records.ts";
import type { NewDelivery } from "#delivery/outbox/outbox-records.ts";
import type { RefusedSale } from "#delivery/outbox/refusal-records.ts";
import { compose, eventBody } from "#endpoints/compose.ts";
import type { SaleVariables } from "#endpoints/message/sale-variables.ts";
import { checkedValues, type SaleRefusal } from "#leads/candidate.ts";
import { confirmedSales, type DecidedLead, newSales, soldSales } from "#leads/decided-lead.ts";
import { type Sale, saleSummaries } from "#leads/sale.ts";
import type { RecordStatus } from "#leads/status.ts";
import { formatAmount } from "#money/amount.ts";
import { leadIdOf, newUuid, pingIdOf, saleIdOf, timeOfUuid } from "#text/ids.ts";

/** How long the server that wrote it may ask with a delivery, in ms; then another one asks again. */
const ASK_LEASE_MS = 60_000;
/** How long a lead is pending at most for a buyer that cannot be asked again because its endpoint is down, in ms. */
const ASK_WITHIN_MS = 600_000;

/**
 * The deliveries to the lead's new buyers. While it is pending, those that want to be asked are; the others are sent it once it is theirs.
 * One that has confirmed the lead has had it.
 */
export function buyerDeliveries(decided: DecidedLead, campaign: Campaign, now: Date): NewDelivery[] {
  const answers = decided.prior?.answers;
  const confirmed = confirmedSales(decided).filter(({ buyerId }) => answers?.has(buyerId) !== true);
  return [...confirmed, ...newSales(decided)].flatMap((each) => saleDelivery(each, decided, campaign, now));
}

function saleDelivery(
  sale: Sale,
  { lead, isTest, fields, pingId }: DecidedLead,
  campaign: Campaign,
  now: Date,
): NewDelivery[] {
  const contract = campaign.contracts.find((each) => each.buyerId === sale.buyerId);
  const delivery = contract?.buyer.delivery ?? null;
  if (delivery === null || (isTest && delivery.dropsTests)) return [];
  const asks = sale.status === "reserved";
  if (asks && !(delivery.method === "webhook" && delivery.confirm)) return [];
  const { currency } = campaign;
  const price = formatAmount(sale.price, currency);
  const facts: SaleVariables = {
    leadId: leadIdOf(lead.id),
    campaignId: campaign.id,
    campaignName: campaign.name,
    buyerId: sale.buyerId,
    supplierId: lead.supplierId,
    isTest,
    price,
    currency,
    decidedAt: now.toISOString(),
    // Made for the few bodies that name them.
    get receivedAt() {
      return new Date(timeOfUuid(lead.id)).toISOString();
    },
    get saleId() {
      return saleIdOf(sale.id);
    },
    timezone: campaign.timezone,
    fields,
    checked: checkedValues(lead.checks),
    labels: campaign.mapping.spellings.titles,
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
    giveUpAt: after(now, asks ? ASK_WITHIN_MS : delivery.giveUpAfterSeconds * 1000),
    ...compose(facts, delivery),
    ...(asks && { asks: true, lease: { id: newUuid(), until: after(now, ASK_LEASE_MS) } }),
  };
  return [toSend];
}

/** The deliveries that end because the lead is decided once more: those that it was pending for, or whose sale is undone. */
export function endedDeliveries(decided: DecidedLead): EndedDelivery[] {
  const { lead, prior } = decided;
  const { id } = lead;
  if (prior === null) return [];
  const end = (state: EndedDelivery["state"]) => (sale: Sale) => ({
    lead: id,
    recipient: `buyer:${sale.buyerId}`,
    state,
  });
  return [...confirmedSales(decided).map(end("delivered")), ...prior.undone.map(end("dead"))];
}

/** The refusals that a decision has dealt with. */
export function settledRefusals({ lead: { id }, prior }: DecidedLead): RefusedSale[] {
  const refusal = prior?.refusal ?? null;
  return refusal === null ? [] : [{ leadId: id, buyerId: refusal.buyerId }];
}

/** The deliveries to the operator's webhooks that have subscribed to what happened to the lead. */
export function webhookDeliveries(decided: DecidedLead, campaign: Campaign, now: Date): NewDelivery[] {
  const events = eventsOf(decided);
  return campaign.webhooks.flatMap((webhook) =>
    events
      .filter((event) => webhook.events.includes(event))
      .map((event) => ({
        id: newUuid(),
        lead: decided.lead.id,
        recipient: `webhook:${webhook.id}` as const,
        event,
        trace: decided.lead.trace,
        giveUpAt: after(now, webhook.giveUpAfterSeconds * 1000),
        ...eventBody(event, now.toISOString(), eventData(decided, campaign)),
      })),
  );
}

/** What buyers are told that gave the lead back and want to hear of it: each of its own sale alone. */
export function returnDeliveries(decided: DecidedLead, campaign: Campaign, now: Date): NewDelivery[] {
  const { lead, prior, isTest } = decided;
  if (prior?.cause !== "returned") return [];
  return prior.undone.flatMap((sale) => {
    const delivery = campaign.contracts.find((each) => each.buyerId === sale.buyerId)?.buyer.delivery;
    if (delivery?.method !== "webhook" || !delivery.events.includes(RETURNED)) return [];
    if (isTest && delivery.dropsTests) return [];
    const data = {
      lead_id: leadIdOf(lead.id),
      sale_id: saleIdOf(sale.id),
      campaign_id: campaign.id,
      buyer_id: sale.buyerId,
      is_test: isTest,
      price: formatAmount(sale.price, campaign.currency),
      currency: campaign.currency,
    };
    return [
      {
        id: newUuid(),
        lead: lead.id,
        recipient: `buyer:${sale.buyerId}` as const,
        event: RETURNED,
        trace: lead.trace,
        giveUpAt: after(now, delivery.giveUpAfterSeconds * 1000),
        ...eventBody(RETURNED, now.toISOString(), data),
      },
    ];
  });
}

const RETURNED = "lead.returned";

/** A lead is created once, when it first goes on record; how it ended is told once it is not pending any more. */
function eventsOf(decided: DecidedLead): string[] {
  const { status, prior } = decided;
  if (prior === null) return ["lead.created", ...endingEvents(status)];
  if (prior.cause === "returned") return [RETURNED];
  // What others have of it is no news.
  const isNews = status !== "ACCEPTED" || prior.former.length === 0 || soldSales(decided).length > 0;
  if (prior.refusal !== null) {
    const isSold = soldSales(decided).length > 0;
    return ["lead.refused", ...(isSold || status !== "ACCEPTED" ? endingEvents(status) : [])];
  }
  return [...(prior.cause === "by_hand" ? ["lead.updated"] : []), ...(isNews ? endingEvents(status) : [])];
}

function endingEvents(status: RecordStatus): readonly string[] {
  switch (status) {
    case "ACCEPTED":
      return ["lead.accepted"];
    case "UNMATCHED":
      return ["lead.unmatched"];
    case "DUPLICATE":
    case "REJECTED":
      return ["lead.rejected"];
    case "HELD":
      return ["lead.held"];
    case "RETURNED":
    case "PENDING":
      return [];
  }
}

/** The data of an event for operators, of any lead. */
function eventData(decided: DecidedLead, campaign: Campaign) {
  const { lead, status, sales, former, isTest, fields, prior } = decided;
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
    sales: saleSummaries([...sales, ...former], currency),
    ...(prior !== null && prior.refusal !== null && { refusal: refusalData(prior.refusal) }),
    fields,
  };
}

function refusalData({ buyerId, verdict, course }: SaleRefusal) {
  return { buyer_id: buyerId, answer: verdict, follows: course };
}

function after(now: Date, ms: number): string {
  return new Date(now.getTime() + ms).toISOString();
}
