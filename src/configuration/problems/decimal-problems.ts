import type {
  BuyerDefinition,
  CapsDefinition,
  CompleteCampaign,
  CompleteDocument,
} from "#campaigns/definition.ts";
import { decimalsProblem, parseAmount } from "#money/amount.ts";
import { type DocumentProblem } from "./schema-problems.ts";

/** An amount of the document, and the currency that it is in. */
interface PlacedAmount {
  path: string;
  amount: string;
  currency: string;
}

/**
 * The amounts that are finer than their currency's smallest unit. What is in force already may stay, as earlier releases took it: a
 * campaign could not even be paused otherwise.
 */
export function decimalProblems(
  before: CompleteDocument | null,
  wanted: CompleteDocument,
): DocumentProblem[] {
  const inForce = new Set((before === null ? [] : amountsIn(before)).map(nameOf));
  return amountsIn(wanted).flatMap((placed) => {
    const amount = parseAmount(placed.amount);
    const message = amount === undefined ? undefined : decimalsProblem(amount, placed.currency);
    if (message === undefined || inForce.has(nameOf(placed))) return [];
    return [{ path: placed.path, code: "invalid_format", message }];
  });
}

function nameOf({ path, amount, currency }: PlacedAmount): string {
  return `${path} ${amount} ${currency}`;
}

function amountsIn({ buyers, campaigns }: CompleteDocument): PlacedAmount[] {
  const currencies = new Map<string, Set<string>>();
  for (const { currency, buyers: contracts } of campaigns) {
    for (const { buyer } of contracts)
      currencies.set(buyer, (currencies.get(buyer) ?? new Set()).add(currency));
  }
  return [
    ...buyers.flatMap((buyer) => amountsOfBuyer(buyer, [...(currencies.get(buyer.id) ?? [])])),
    ...campaigns.flatMap(amountsOfCampaign),
  ];
}

/** Of a buyer in several currencies no amount is watched; of one that is in no campaign it is not known yet in which they are. */
function amountsOfBuyer(
  { id, caps, billing }: BuyerDefinition,
  currencies: readonly string[],
): PlacedAmount[] {
  const [currency, ...others] = currencies;
  if (currency === undefined || others.length > 0) return [];
  const path = `buyers[${id}]`;
  return [
    ...amountsOfCaps(caps, path, currency),
    ...placed(`${path}.billing.limit`, billing.mode === "credit" ? billing.limit : undefined, currency),
    ...placed(`${path}.billing.low_balance`, billing.low_balance, currency),
  ];
}

function amountsOfCampaign(campaign: CompleteCampaign): PlacedAmount[] {
  const { id, currency, margin, min_price, suppliers, buyers } = campaign;
  const path = `campaigns[${id}]`;
  return [
    ...placed(`${path}.margin.flat`, margin?.flat, currency),
    ...placed(`${path}.min_price`, min_price ?? undefined, currency),
    ...suppliers.flatMap((link) => {
      const place = `${path}.suppliers[${link.supplier}]`;
      return [
        ...placed(
          `${place}.payout.amount`,
          link.payout.mode === "fixed" ? link.payout.amount : undefined,
          currency,
        ),
        ...placed(`${place}.margin.flat`, link.margin?.flat, currency),
        ...amountsOfCaps(link.caps, place, currency),
      ];
    }),
    ...buyers.flatMap((contract) => {
      const place = `${path}.buyers[${contract.buyer}]`;
      return [
        ...placed(`${place}.price`, contract.price, currency),
        ...contract.price_rules.flatMap((rule, index) =>
          placed(`${place}.price_rules[${index}].price`, rule.price, currency),
        ),
        ...amountsOfCaps(contract.caps, place, currency),
      ];
    }),
  ];
}

function amountsOfCaps(caps: CapsDefinition, path: string, currency: string): PlacedAmount[] {
  return Object.entries(caps).flatMap(([period, { amount }]) =>
    placed(`${path}.caps.${period}.amount`, amount, currency),
  );
}

function placed(path: string, amount: string | undefined, currency: string): PlacedAmount[] {
  return amount === undefined ? [] : [{ path, amount, currency }];
}
