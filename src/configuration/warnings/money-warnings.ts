import type {
  BuyerDefinition,
  CapsDefinition,
  CompleteCampaign,
  CompleteContract,
  CompleteLink,
} from "#campaigns/definition.ts";
import { type Amount, amountOfTenThousandths, formatAmount, parseAmount, sum } from "#money/amount.ts";
import { isWorthwhile, type Margin, type Payout, payoutFor } from "#money/price.ts";
import type { BuyerPlace } from "./buyer-place.ts";
import type { WrittenCampaign } from "./campaign-warnings.ts";
import { type Warning, warning } from "./warning.ts";

const NOTHING = amountOfTenThousandths(0);

/** A buyer's terms with the prices that it may pay; null: it bids. */
interface Taker {
  contract: CompleteContract;
  path: string;
  prices: readonly Amount[] | null;
}

/** Prices, payouts and margins by which nothing is sold, or only at a loss, and caps that nothing fits into. */
export function moneyWarnings(
  { written, complete: campaign, path }: WrittenCampaign,
  buyers: ReadonlyMap<string, BuyerDefinition>,
): Warning[] {
  const takers = campaign.buyers
    .filter(({ status, buyer }) => status === "active" && buyers.get(buyer)?.status === "active")
    .map((contract) => ({
      contract,
      path: `${path}.buyers[${contract.buyer}]`,
      prices: pricesOf(contract, campaign, buyers.get(contract.buyer)),
    }));
  const links = campaign.suppliers.filter(({ status }) => status === "active");
  const mostPaid = highest(takers.flatMap(({ prices }) => prices ?? []));
  return [
    ...links.flatMap((link) => linkWarnings(link, campaign, `${path}.suppliers[${link.supplier}]`, takers)),
    ...takers.flatMap((taker) => takerWarnings(taker, campaign, links)),
    ...(written.allow_loss === undefined
      ? takers.flatMap((taker) => lossWarnings(taker, campaign, links, mostPaid))
      : []),
  ];
}

function pricesOf(
  { price, price_rules }: CompleteContract,
  { mode }: CompleteCampaign,
  buyer: BuyerDefinition | undefined,
): Amount[] | null {
  const bids = mode === "ping_post" && buyer?.delivery?.method === "webhook" && buyer.delivery.ping !== null;
  return bids ? null : [amountIn(price), ...price_rules.map((rule) => amountIn(rule.price))];
}

/** The least that a buyer pays for a lead; undefined: it bids somewhere, or buys nothing. */
export function cheapestPrice({ complete, purchases }: BuyerPlace): Amount | undefined {
  const all = purchases
    .filter(({ contract }) => contract.status === "active")
    .map(({ contract, campaign }) => pricesOf(contract, campaign, complete));
  if (all.includes(null)) return undefined;
  return lowest(all.flatMap((prices) => prices ?? []));
}

function linkWarnings(
  link: CompleteLink,
  campaign: CompleteCampaign,
  path: string,
  takers: readonly Taker[],
): Warning[] {
  const all = takers.map(({ prices }) => prices);
  if (all.length === 0 || all.includes(null)) return capWarnings(link.caps, path, undefined, campaign);
  const prices = all.flatMap((each) => each ?? []);
  const most = sum(
    all
      .map((each) => highest(each ?? []))
      .toSorted((one, other) => other - one)
      .slice(0, campaign.max_sells),
  );
  const { payout } = link;
  const fixed = payout.mode === "fixed" ? amountIn(payout.amount) : undefined;
  const caps = capWarnings(link.caps, path, fixed, campaign);
  if (fixed !== undefined && fixed > most) {
    const outcome = campaign.allow_loss
      ? "every lead is sold at a loss"
      : "no lead of this supplier is ever sold";
    const message = `is more than all that is paid for a lead, ${shown(most, campaign)}: ${outcome}`;
    return [warning(`${path}.payout.amount`, "payout_above_prices", message), ...caps];
  }
  if (campaign.allow_loss || campaign.max_sells > 1) return caps;
  if (prices.some((price) => leavesMargin(price, link, campaign))) return caps;
  const place = link.margin === null ? `${path}.payout` : `${path}.margin`;
  return [
    warning(
      place,
      "margin_never_reached",
      "leaves no price its margin: no lead of this supplier is ever sold",
    ),
    ...caps,
  ];
}

function takerWarnings(
  { contract, path, prices }: Taker,
  campaign: CompleteCampaign,
  links: readonly CompleteLink[],
): Warning[] {
  const cheapest = prices === null ? undefined : lowest(prices);
  const caps = capWarnings(contract.caps, path, cheapest, campaign);
  if (prices === null) return caps;
  const place = `${path}.price`;
  const least = campaign.min_price === null ? NOTHING : amountIn(campaign.min_price);
  if (prices.every((price) => price < least)) {
    return [
      warning(place, "below_min_price", "is below the campaign's min_price: the buyer gets no lead"),
      ...caps,
    ];
  }
  const isChecked = !campaign.allow_loss && campaign.max_sells === 1 && links.length > 0;
  const isHopeless = links.every((link) => !prices.some((price) => leavesMargin(price, link, campaign)));
  if (!isChecked || !isHopeless) return caps;
  const message = "leaves no margin over any supplier's payout: the buyer gets no lead";
  return [warning(place, "price_never_enough", message), ...caps];
}

/** A price below a payout that others pay, where nothing says that leads are to be sold at a loss, as they are by default. */
function lossWarnings(
  { path, prices }: Taker,
  campaign: CompleteCampaign,
  links: readonly CompleteLink[],
  mostPaid: Amount,
): Warning[] {
  if (prices === null || !campaign.allow_loss || campaign.max_sells > 1) return [];
  const most = highest(prices);
  const payouts = links.map(({ payout }) => (payout.mode === "fixed" ? amountIn(payout.amount) : NOTHING));
  const dear = highest(payouts.filter((payout) => payout <= mostPaid));
  if (most === NOTHING || dear <= most) return [];
  const message =
    `is less than a supplier is paid for a lead, ${shown(dear, campaign)}: such leads are sold at a loss; ` +
    "allow_loss: true says that this is meant, and false keeps them from the buyer";
  return [warning(`${path}.price`, "sold_at_loss", message)];
}

function leavesMargin(price: Amount, link: CompleteLink, campaign: CompleteCampaign): boolean {
  const margin = marginOf(link.margin ?? campaign.margin);
  const payout = payoutFor(payoutOf(link), price, margin, campaign.currency);
  return isWorthwhile(price, payout, margin, campaign.currency);
}

function payoutOf({ payout }: CompleteLink): Payout {
  return payout.mode === "fixed" ? { mode: "fixed", amount: amountIn(payout.amount) } : payout;
}

function marginOf(margin: CompleteLink["margin"]): Margin | null {
  return margin && { flat: amountIn(margin.flat), percent: margin.percent };
}

/** Caps of nothing, and of less money than a lead costs. */
export function capWarnings(
  caps: CapsDefinition,
  path: string,
  price: Amount | undefined,
  { currency }: { currency: string },
): Warning[] {
  return Object.entries(caps).flatMap(([period, { leads, amount }]): Warning[] => {
    const place = `${path}.caps.${period}`;
    if (leads === 0)
      return [warning(`${place}.leads`, "cap_of_zero", "lets nothing through; status: paused says that")];
    if (amount === undefined) return [];
    if (amountIn(amount) === NOTHING) {
      return [warning(`${place}.amount`, "cap_of_zero", "lets nothing through that costs anything")];
    }
    if (price === undefined || amountIn(amount) >= price) return [];
    const message = `is less than one lead comes to, ${formatAmount(price, currency)}: nothing gets through`;
    return [warning(`${place}.amount`, "cap_below_price", message)];
  });
}

function highest(prices: readonly Amount[]): Amount {
  return prices.reduce((one, other) => (other > one ? other : one), NOTHING);
}

function lowest(prices: readonly Amount[]): Amount | undefined {
  return prices.toSorted((one, other) => one - other)[0];
}

function shown(amount: Amount, { currency }: CompleteCampaign): string {
  return `${formatAmount(amount, currency)} ${currency}`;
}

/** The document has no problems: its amounts are ones. */
function amountIn(text: string): Amount {
  return parseAmount(text) ?? NOTHING;
}
