import type { Campaign, Cap, Contract } from "#campaigns/campaign.ts";
import type { Alert } from "#handover/alert.ts";
import { canPay, reachedCap, type Usage } from "#intake/decide/caps.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { newSales } from "#leads/decided-lead.ts";
import type { Sale } from "#leads/sale.ts";
import { type Amount, add, amountOfTenThousandths, formatAmount, sum } from "#money/amount.ts";
import { CLOCK_PERIODS } from "#time/period.ts";
import type { LeadEntry } from "./entry.ts";

/**
 * What operators are to hear of a batch: the caps that have no room for another lead now, and the wallets and credits that have run low or
 * empty. It is made of what the batch holds in memory, and looks at those alone that were sold something.
 */
export function noticesOf(leads: readonly LeadEntry[], states: ReadonlyMap<string, BatchState>): Alert[] {
  const sold = leads.flatMap((entry) =>
    entry.isTest
      ? []
      : newSales(entry).map((sale) => ({
          sale,
          buyerId: sale.buyerId,
          supplierId: entry.lead.supplierId,
          campaignId: entry.lead.campaignId,
        })),
  );
  if (sold.length === 0) return [];
  const byBuyer = Map.groupBy(sold, ({ buyerId }) => buyerId);
  return [...Map.groupBy(sold, ({ campaignId }) => campaignId)].flatMap(([campaignId, of]) => {
    const state = states.get(campaignId);
    if (state === undefined) return [];
    const suppliers = Map.groupBy(of, ({ supplierId }) => supplierId);
    const buyers = Map.groupBy(of, ({ buyerId }) => buyerId);
    return [
      ...[...buyers].flatMap(([buyerId, each]) => {
        const contract = state.campaign.contracts.find((known) => known.buyerId === buyerId);
        // Its balance is one, over all campaigns.
        const taken = byBuyer.get(buyerId) ?? each;
        return contract === undefined
          ? []
          : contractNotices(contract, saleOfEach(each), saleOfEach(taken), state);
      }),
      ...[...suppliers].flatMap(([supplierId, each]) => supplierNotices(supplierId, saleOfEach(each), state)),
    ];
  });
}

function saleOfEach(sold: readonly { sale: Sale }[]): Sale[] {
  return sold.map(({ sale }) => sale);
}

function supplierNotices(supplierId: string, sales: readonly Sale[], state: BatchState): Alert[] {
  const { campaign, links } = state;
  const caps = campaign.suppliers.get(supplierId)?.caps ?? [];
  const payout = smallest(sales.map((sale) => sale.payout));
  const holder = { campaign_id: campaign.id, buyer_id: null, supplier_id: supplierId };
  return capNotices(caps, links.get(supplierId)?.usage, payout, holder, state);
}

/** `taken`: what the buyer was sold in the whole batch, other campaigns' too. */
function contractNotices(
  contract: Contract,
  sales: readonly Sale[],
  taken: readonly Sale[],
  state: BatchState,
): Alert[] {
  const { campaign } = state;
  const { buyerId, caps, buyerCaps } = contract;
  const price = nextPrice(contract, sales);
  const party = { campaign_id: campaign.id, buyer_id: buyerId, supplier_id: null };
  const buyer = state.buyers.get(buyerId);
  return [
    ...capNotices(caps, state.contracts.get(buyerId)?.usage, price, party, state),
    ...capNotices(buyerCaps, buyer?.usage, price, { ...party, campaign_id: null }, state),
    ...(buyer?.pays ? balanceNotices(contract, taken, { balance: buyer.balance, price, campaign }) : []),
  ];
}

/** What the buyer's next lead costs at least. */
function nextPrice({ price, priceRules, bidsLive }: Contract, sales: readonly Sale[]): Amount {
  const cheapest = smallest([price, ...priceRules.map((rule) => rule.price)]);
  return bidsLive || cheapest === NOTHING ? smallest(sales.map((sale) => sale.price)) : cheapest;
}

type CapHolder = Record<"campaign_id" | "buyer_id" | "supplier_id", string | null>;

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
  const clock = CLOCK_PERIODS.find((each) => each === period);
  const start = clock === undefined ? null : usage[clock].start;
  const limit = unit === "leads" ? cap.leads : formatAmount(cap.amount ?? NOTHING, currency);
  const whose = Object.values(party).map((id) => id ?? "");
  return [
    {
      event: "cap.reached",
      key: ["cap.reached", ...whose, period, unit, limit, start].join(":"),
      campaignId: party.campaign_id,
      data: {
        ...party,
        period,
        since: start === null ? null : new Date(start).toISOString(),
        unit,
        limit,
        currency: unit === "leads" ? null : currency,
      },
    },
  ];
}

/** Once when it falls below: what there was before is what is left and what this batch took. */
function balanceNotices(
  { buyerId, creditLimit, lowBalance }: Contract,
  sales: readonly Sale[],
  { balance, price, campaign }: { balance: Amount; price: Amount; campaign: Campaign },
): Alert[] {
  const before = add(balance, sum(sales.map((sale) => sale.price)));
  const left = add(balance, creditLimit ?? NOTHING);
  const leftBefore = add(before, creditLimit ?? NOTHING);
  const isEmpty = !canPay(balance, price, creditLimit) && canPay(before, price, creditLimit);
  const isLow = lowBalance !== null && left < lowBalance && leftBefore >= lowBalance;
  const alert = (event: "balance.low" | "balance.empty"): Alert => ({
    event,
    key: `${event}:${buyerId}:${sales.at(-1)?.id}`,
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

function smallest(amounts: readonly Amount[]): Amount {
  return amounts.reduce((least, amount) => (amount < least ? amount : least), amounts[0] ?? NOTHING);
}

const NOTHING = amountOfTenThousandths(0);
