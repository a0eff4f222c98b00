import { withChange } from "#intake/decide/caps.ts";
import { type Amount, add, amountOfTenThousandths, negate } from "#money/amount.ts";
import type { States } from "./opening.ts";
import type { PastLead, PastSale } from "./past-lead.ts";

/** What happened by the record and is not decided anew, but takes of the same caps and money. Times in ms since 1970. */
export type ChangeOnRecord =
  /** A buyer paid, or was given or charged something. */
  | { kind: "paid"; at: number; buyerId: string; amount: Amount }
  /** A sale of a lead that is left as it is: made, or undone. */
  | ({ kind: "sold" | "undone"; at: number } & RecordedSale);

export interface RecordedSale {
  campaignId: string;
  supplierId: string;
  buyerId: string;
  price: Amount;
  payout: Amount;
  soldAt: number;
  /** It is the sale that its lead counts with against the caps of its supplier. */
  isFirst: boolean;
  keepsPayout: boolean;
  keepsCap: boolean;
}

/** What became of a lead that is left as it is: what was declined soon after it was reserved is left out. */
export function recordedOf({ campaignId, supplierId, sales, isTest }: PastLead): ChangeOnRecord[] {
  const made = isTest ? [] : sales.filter(({ status }) => status !== "declined");
  return made.flatMap((sale, place): ChangeOnRecord[] => {
    const recorded = { ...recordedSale(sale), campaignId, supplierId, isFirst: place === 0 };
    const sold = { kind: "sold", at: sale.soldAt, ...recorded } as const;
    return sale.undoneAt === null ? [sold] : [sold, { kind: "undone", at: sale.undoneAt, ...recorded }];
  });
}

function recordedSale({ buyerId, price, payout, soldAt, keepsPayout, keepsCap }: PastSale) {
  return { buyerId, price, payout, soldAt, keepsPayout, keepsCap };
}

/** Counts it as it counted then. */
export function countRecorded(states: States, recorded: ChangeOnRecord): void {
  const [any] = states.values();
  const buyer = any?.buyers.get(recorded.buyerId);
  if (recorded.kind === "paid") {
    if (buyer !== undefined) buyer.balance = add(buyer.balance, recorded.amount);
    return;
  }
  const { kind, campaignId, supplierId, buyerId, soldAt, isFirst, keepsCap, keepsPayout } = recorded;
  const [sign, price, payout] =
    kind === "sold"
      ? [1, recorded.price, recorded.payout]
      : [-1, negate(recorded.price), negate(recorded.payout)];
  if (buyer?.pays) buyer.balance = add(buyer.balance, negate(price));
  const state = states.get(campaignId);
  const [contract, link] = [state?.contracts.get(buyerId), state?.links.get(supplierId)];
  const isCounted = kind === "sold" || !keepsCap;
  for (const party of isCounted ? [buyer, contract] : []) {
    if (party !== undefined) party.usage = withChange(party.usage, sign, price, soldAt);
  }
  if (link !== undefined) {
    const leads = isFirst && isCounted ? sign : 0;
    const amount = kind === "undone" && keepsPayout ? NOTHING : payout;
    link.usage = withChange(link.usage, leads, amount, soldAt);
  }
  if (kind === "sold" && state !== undefined && contract !== undefined) {
    state.turns += 1;
    contract.turn = { ...contract.turn, lastTurn: state.turns };
  }
}

const NOTHING = amountOfTenThousandths(0);
