import type { Campaign, Cap, Contract } from "#campaigns/campaign.ts";
import type { Alert } from "#handover/alert.ts";
import { canPay, reachedCap, type Usage } from "#intake/decide/caps.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { type CapHolder, capReached } from "#intake/usage/cap-alert.ts";
import { newSales } from "#leads/decided-lead.ts";
import type { Sale } from "#leads/sale.ts";
import { type Amount, add, amountOfTenThousandths, formatAmount, nearestAmount } from "#money/amount.ts";
import type { LeadEntry } from "./entry.ts";

/**
 * What operators are to hear of a batch: the caps that have no room for another lead now, and the wallets and credits that have run low or
 * empty. It is made of what the batch holds in memory, and looks at those alone that were sold something.
 */
export function noticesOf(leads: readonly LeadEntry[], states: ReadonlyMap<string, BatchState>): Alert[] {
  const [campaigns, byBuyer] = [new Map<string, SoldOfCampaign>(), new Map<string, Sold>()];
  for (const entry of leads) {
    if (entry.isTest) continue;
    const { campaignId, supplierId } = entry.lead;
    for (const sale of newSales(entry)) {
      const of = campaigns.get(campaignId) ?? { buyers: new Map(), suppliers: new Map() };
      campaigns.set(campaignId, of);
      addSale(of.buyers, sale.buyerId, sale);
      addSale(of.suppliers, supplierId, sale);
      addSale(byBuyer, sale.buyerId, sale);
    }
  }
  return [...campaigns].flatMap(([campaignId, { buyers, suppliers }]) => {
    const state = states.get(campaignId);
    if (state === undefined) return [];
    return [
      ...[...buyers].flatMap(([buyerId, sold]) => {
        const contract = state.campaign.contracts.find((known) => known.buyerId === buyerId);
        // Its balance is one, over all campaigns.
        const taken = byBuyer.get(buyerId) ?? sold;
        return contract === undefined ? [] : contractNotices(contract, sold, taken, state);
      }),
      ...[...suppliers].flatMap(([supplierId, sold]) => supplierNotices(supplierId, sold, state)),
    ];
  });
}

/** What was sold to a buyer, or of a supplier. Summed up as it is gone through: lists of sales cost 25 µs a lead. */
interface Sold {
  leastPrice: Amount;
  leastPayout: Amount;
  /** What all of it costs. */
  total: Amount;
  lastSaleId: string;
}

interface SoldOfCampaign {
  buyers: Map<string, Sold>;
  suppliers: Map<string, Sold>;
}

function addSale(parties: Map<string, Sold>, id: string, { price, payout, id: lastSaleId }: Sale): void {
  const sold = parties.get(id);
  if (sold === undefined) {
    parties.set(id, { leastPrice: price, leastPayout: payout, total: price, lastSaleId });
    return;
  }
  if (price < sold.leastPrice) sold.leastPrice = price;
  if (payout < sold.leastPayout) sold.leastPayout = payout;
  sold.total = add(sold.total, price);
  sold.lastSaleId = lastSaleId;
}

function supplierNotices(supplierId: string, { leastPayout }: Sold, state: BatchState): Alert[] {
  const { campaign, links } = state;
  const caps = campaign.suppliers.get(supplierId)?.caps ?? [];
  const holder = { campaign_id: campaign.id, buyer_id: null, supplier_id: supplierId };
  return capNotices(caps, links.get(supplierId)?.usage, leastPayout, holder, state);
}

/** `taken`: what the buyer was sold in the whole batch, other campaigns' too. */
function contractNotices(contract: Contract, sold: Sold, taken: Sold, state: BatchState): Alert[] {
  const { campaign } = state;
  const { buyerId, caps, buyerCaps } = contract;
  const price = nextPrice(contract, sold);
  const party = { campaign_id: campaign.id, buyer_id: buyerId, supplier_id: null };
  const buyer = state.buyers.get(buyerId);
  return [
    ...capNotices(caps, state.contracts.get(buyerId)?.usage, price, party, state),
    // Of a share that is used up it is not known whether anything is left of the limit.
    ...(buyer?.share === undefined
      ? capNotices(buyerCaps, buyer?.usage, price, { ...party, campaign_id: null }, state)
      : []),
    ...(buyer?.pays && buyer.share === undefined
      ? balanceNotices(contract, taken, { balance: buyer.balance, price, campaign })
      : []),
  ];
}

/** What the buyer's next lead costs at least. */
function nextPrice({ price, priceRules, bidsLive }: Contract, { leastPrice }: Sold): Amount {
  const cheapest = priceRules.reduce((least, rule) => (rule.price < least ? rule.price : least), price);
  return bidsLive || cheapest === NOTHING ? leastPrice : cheapest;
}

function capNotices(
  caps: readonly Cap[],
  usage: Usage | undefined,
  amount: Amount,
  party: CapHolder,
  { campaign: { currency } }: BatchState,
): Alert[] {
  const reached = usage && reachedCap(caps, usage, amount);
  const cap = reached && caps.find(({ period }) => period === reached.period);
  if (usage === undefined || reached === undefined || cap === undefined) return [];
  const { period, unit } = reached;
  const limit = unit === "leads" ? (cap.leads ?? 0) : (cap.amount ?? NOTHING);
  const start = period === "total" ? null : usage[period].start;
  return [capReached(party, { period, unit, start, limit, currency })];
}

/** Once when it falls below: what there was before is what is left and what this batch took. */
function balanceNotices(
  { buyerId, creditLimit, lowBalance }: Contract,
  { total, lastSaleId }: Sold,
  { balance, price, campaign }: { balance: Amount; price: Amount; campaign: Campaign },
): Alert[] {
  const before = nearestAmount(balance + total);
  const left = nearestAmount(balance + (creditLimit ?? NOTHING));
  const leftBefore = nearestAmount(before + (creditLimit ?? NOTHING));
  const isEmpty = !canPay(balance, price, creditLimit) && canPay(before, price, creditLimit);
  const isLow = lowBalance !== null && left < lowBalance && leftBefore >= lowBalance;
  const alert = (event: "balance.low" | "balance.empty"): Alert => ({
    event,
    key: `${event}:${buyerId}:${lastSaleId}`,
    campaignId: null,
    data: {
      buyer_id: buyerId,
      campaign_id: campaign.id,
      spendable: formatAmount(left, campaign.currency),
      low_balance: lowBalance === null ? null : formatAmount(lowBalance, campaign.currency),
      currency: campaign.currency,
    },
  });
  return [...(isLow ? [alert("balance.low")] : []), ...(isEmpty ? [alert("balance.empty")] : [])];
}

const NOTHING = amountOfTenThousandths(0);
