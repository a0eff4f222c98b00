import { withChange } from "#intake/decide/caps.ts";
import { isPayoutDue } from "#leads/sale.ts";
import { type Amount, add, amountOfTenThousandths, negate } from "#money/amount.ts";
import type { States } from "./opening.ts";
import { declinedAt, type PastSale } from "./past-lead.ts";

/** What happened by the record and is not decided anew, but takes of the same caps and money. Times in ms since 1970. */
export type ChangeOnRecord =
  /** A buyer paid, or was given or charged something. */
  | { kind: "paid"; at: number; buyerId: string; amount: Amount }
  /** A sale of a lead that is left as it is: made, or undone. */
  | ({ kind: "sold" | "undone"; at: number } & RecordedSale);

interface RecordedSale {
  campaignId: string;
  supplierId: string;
  sale: PastSale;
  /** When its lead was counted against its supplier's caps, as of before this and of after it; undefined: it was not. */
  counted: { before: number | undefined; after: number | undefined };
}

/** A lead that is left as it is. */
export interface FollowedLead {
  campaignId: string;
  supplierId: string;
  isTest: boolean;
  /** Null: nothing but its sales is on record any more. */
  decidedAt: number | null;
  sales: readonly PastSale[];
}

/** What became of a lead that is left as it is, in the order of time. */
export function recordedOf({ campaignId, supplierId, isTest, ...lead }: FollowedLead): ChangeOnRecord[] {
  if (isTest) return [];
  const counting = new Map<string, number>();
  const counted = () => (counting.size === 0 ? undefined : Math.min(...counting.values()));
  return changesOf(lead).map(({ kind, at, sale }) => {
    const before = counted();
    if (kind === "sold") counting.set(sale.id, sale.soldAt);
    else if (!sale.keepsCap) counting.delete(sale.id);
    return { kind, at, campaignId, supplierId, sale, counted: { before, after: counted() } };
  });
}

function changesOf({ sales, decidedAt }: Pick<FollowedLead, "sales" | "decidedAt">) {
  const changes = sales.flatMap((sale) => {
    const sold = { kind: "sold" as const, at: sale.soldAt, sale };
    const until = sale.status === "declined" ? declinedAt(sale, sales, decidedAt) : sale.undoneAt;
    return until === null ? [sold] : [sold, { kind: "undone" as const, at: until, sale }];
  });
  return changes.toSorted((one, other) => one.at - other.at);
}

/** Counts it as it counted then. */
export function countRecorded(states: States, recorded: ChangeOnRecord): void {
  const [any] = states.values();
  if (recorded.kind === "paid") {
    const buyer = any?.buyers.get(recorded.buyerId);
    if (buyer !== undefined) buyer.balance = add(buyer.balance, recorded.amount);
    return;
  }
  const { kind, campaignId, supplierId, sale, counted } = recorded;
  const buyer = any?.buyers.get(sale.buyerId);
  const [sign, price] = kind === "sold" ? [1, sale.price] : [-1, negate(sale.price)];
  if (buyer?.pays) buyer.balance = add(buyer.balance, negate(price));
  const state = states.get(campaignId);
  const [contract, link] = [state?.contracts.get(sale.buyerId), state?.links.get(supplierId)];
  for (const party of kind === "sold" || !sale.keepsCap ? [buyer, contract] : []) {
    if (party !== undefined) party.usage = withChange(party.usage, sign, price, sale.soldAt);
  }
  if (link !== undefined) {
    const { before, after } = counted;
    if (before !== undefined) link.usage = withChange(link.usage, -1, NOTHING, before);
    if (after !== undefined) link.usage = withChange(link.usage, 1, NOTHING, after);
    link.usage = withChange(link.usage, 0, payoutChange(recorded), sale.soldAt);
  }
  if (kind === "sold" && state !== undefined && contract !== undefined) {
    state.turns += 1;
    contract.turn = { ...contract.turn, lastTurn: state.turns };
  }
}

/** What was to be paid for a lead with a sale that was declined passed to another, or was not owed to anybody. */
function payoutChange({ kind, sale }: Pick<RecordedSale, "sale"> & { kind: "sold" | "undone" }): Amount {
  if (sale.status === "declined" && sale.paysForLead) return NOTHING;
  if (kind === "sold") return sale.payout;
  return isPayoutDue(sale) ? NOTHING : negate(sale.payout);
}

const NOTHING = amountOfTenThousandths(0);
