import type { Campaign } from "#campaigns/campaign.ts";
import type { EarlierLead } from "#leads/candidate.ts";
import type { SaleTerms } from "#leads/sale.ts";
import { type Amount, subtract, sum } from "#money/amount.ts";
import type { DuplicateKey } from "#people/duplicate-key.ts";
import type { Contender, Turn } from "./contender.ts";
import { isTestLead, type Lead, readLead } from "./lead.ts";
import { type Decision, type Ending, salesOf, statusOf } from "./outcome.ts";
import { redeemedBy } from "./redeemed.ts";
import { owedAfter } from "./turn.ts";
import { type Usage, withOneMore } from "./usage.ts";

/**
 * What is known when leads are decided: the facts of the database, and what the leads before in the same batch
 * have changed since. Reading it decides nothing; only `remember` changes it, and `takeBack` for a lead that is decided once more.
 */
export interface Known {
  campaign: Campaign;
  /** Buyers whose endpoints are down, and who want their leads to go to others meanwhile. */
  down: ReadonlySet<string>;
  /** Suppression key → the lists that hold it. */
  suppressed: ReadonlyMap<string, readonly string[]>;
  /** Duplicate key → the last lead that counts for it. */
  earlier: Map<string, CountedLead>;
  /** A buyer's duplicate key → the last such lead it received, in any campaign. */
  receivedByBuyer: Map<string, CountedLead>;
  /** The pings whose tokens have bought their lead. */
  redeemed: Set<string>;
  contracts: Map<string, { usage: Usage; turn: Turn }>;
  /** How many turns the campaign has given. */
  turns: number;
  links: Map<string, Usage>;
  /** Only of a buyer with a wallet or on credit does a sale take from the balance. */
  buyers: Map<string, { usage: Usage; balance: Amount; pays: boolean }>;
}

/** `countedAt` in ms since 1970. */
export interface CountedLead extends EarlierLead {
  countedAt: number;
}

/** The key under which accepted leads of the same kind, live or test, are remembered. */
export function acceptedKey(key: DuplicateKey, isTest: boolean): string {
  return isTest ? key.acceptedTest : key.accepted;
}

export function unmatchedKey(key: DuplicateKey, isTest: boolean): string {
  return isTest ? key.unmatchedTest : key.unmatched;
}

/** Takes in what a decision changes, so that the next lead of the batch sees it as if it were in the database. */
export function remember(known: Known, lead: Lead, decision: Decision, now: Date): void {
  const { ending } = decision;
  const quote = redeemedBy(lead, ending, known.campaign);
  if (quote !== undefined) known.redeemed.add(quote.id);
  // What a buyer has confirmed was counted when it was reserved.
  if (lead.prior?.cause === "confirmed") return;
  const isTest = isTestLead(lead, known.campaign);
  const status = statusOf(ending);
  const sales = salesOf(ending);
  if (sales.length === 0 && status !== "UNMATCHED") return;
  if (!isPendingDuplicate(ending)) rememberPerson(known, lead, sales, now);
  // A test lead shows who would get it, and leaves caps, money and turns as they were.
  if (sales.length > 0 && !isTest) countSales(known, lead, sales, decision.contenders);
}

/** A lead that its original buyer is asked about stands in for the original once it is sold: if it is refused, the original still counts. */
export function isPendingDuplicate(ending: Ending): boolean {
  return ending.kind === "pending" && ending.duplicateOf !== null;
}

function rememberPerson(known: Known, lead: Lead, sales: readonly SaleTerms[], now: Date): void {
  const isTest = isTestLead(lead, known.campaign);
  const reading = readLead(lead, known.campaign);
  const buyerId = sales.at(0)?.buyerId ?? null;
  const counted: CountedLead = { leadId: lead.id, buyerId, countedAt: now.getTime() };
  for (const key of reading.duplicateKeys) {
    known.earlier.set(buyerId === null ? unmatchedKey(key, isTest) : acceptedKey(key, isTest), counted);
  }
  for (const sale of sales) {
    for (const key of reading.buyerDuplicateKeys.get(sale.buyerId) ?? []) {
      known.receivedByBuyer.set(acceptedKey(key, isTest), { ...counted, buyerId: sale.buyerId });
    }
  }
}

/** For its supplier it is one lead, however often it is sold; for each buyer it is one. */
function countSales(
  known: Known,
  lead: Lead,
  sales: readonly SaleTerms[],
  contenders: readonly Contender[],
): void {
  const link = known.links.get(lead.supplierId);
  if (link !== undefined)
    known.links.set(lead.supplierId, withOneMore(link, sum(sales.map(({ payout }) => payout))));
  const served = new Set<string>();
  for (const sale of sales) {
    const left = contenders.filter(({ contract }) => !served.has(contract.buyerId));
    countSale(known, sale, served.size === 0 ? contenders : left.map((each) => asNow(each, known)));
    served.add(sale.buyerId);
  }
}

/** A sale of the same lead has moved what it is owed. */
function asNow(contender: Contender, known: Known): Contender {
  return { ...contender, turn: known.contracts.get(contender.contract.buyerId)?.turn ?? contender.turn };
}

function countSale(known: Known, sale: SaleTerms, contenders: readonly Contender[]): void {
  const buyer = known.buyers.get(sale.buyerId);
  if (buyer !== undefined) {
    known.buyers.set(sale.buyerId, {
      ...buyer,
      usage: withOneMore(buyer.usage, sale.price),
      balance: buyer.pays ? subtract(buyer.balance, sale.price) : buyer.balance,
    });
  }
  const contract = known.contracts.get(sale.buyerId);
  if (contract === undefined) return;
  known.turns += 1;
  contract.usage = withOneMore(contract.usage, sale.price);
  contract.turn = { ...contract.turn, lastTurn: known.turns };
  if (known.campaign.distribution !== "weighted") return;
  for (const [buyerId, owed] of owedAfter(contenders, sale.buyerId)) {
    const state = known.contracts.get(buyerId);
    if (state !== undefined) state.turn = { ...state.turn, owed };
  }
}
