import { withOneLess, withOneMore } from "#intake/decide/caps.ts";
import type { Contender } from "#intake/decide/contender.ts";
import { type Decision, type Ending, recordStatusOf, salesOf } from "#intake/decide/decision.ts";
import { redeemedBy } from "#intake/decide/quote.ts";
import type { ParsedLead } from "#intake/decide/reading.ts";
import { deficitsAfter } from "#intake/decide/rotation.ts";
import { acceptedKey, type BatchState, type CountedLead, unmatchedKey } from "#intake/decide/state.ts";
import type { Candidate } from "#leads/candidate.ts";
import type { SaleTerms } from "#leads/sale.ts";
import { add, subtract, sum } from "#money/amount.ts";

/** Takes in what a decision changes, so that the next lead of the batch sees it as if it were in the database. */
export function applyDecision(state: BatchState, parsed: ParsedLead, decision: Decision, now: Date): void {
  const { lead, reading } = parsed;
  const { ending } = decision;
  const quote = redeemedBy(parsed, ending);
  if (quote !== undefined) state.redeemed.add(quote.id);
  // What a buyer has confirmed was counted when it was reserved.
  if (lead.kind === "reopened" && lead.prior.cause === "confirmed") return;
  const status = recordStatusOf(ending);
  const sales = salesOf(ending);
  if (sales.length === 0 && status !== "UNMATCHED") return;
  if (!isPendingDuplicate(ending)) rememberPerson(state, parsed, sales, now);
  // A test lead shows who would get it, and leaves caps, money and turns as they were.
  if (sales.length > 0 && !reading.isTest) countSales(state, lead, sales, decision.contenders);
}

/** A duplicate takes its original's place once it is sold: while its buyer is asked, and when that refuses, the original counts. */
function isPendingDuplicate(ending: Ending): boolean {
  return ending.kind === "pending" && ending.duplicateOf !== null;
}

function rememberPerson(
  state: BatchState,
  { lead, reading }: ParsedLead,
  sales: readonly SaleTerms[],
  now: Date,
): void {
  const { isTest } = reading;
  const buyerId = sales.at(0)?.buyerId ?? null;
  const counted: CountedLead = { leadId: lead.id, buyerId, countedAt: now.getTime() };
  for (const key of reading.duplicateKeys) {
    state.earlier.set(buyerId === null ? unmatchedKey(key, isTest) : acceptedKey(key, isTest), counted);
  }
  for (const sale of sales) {
    for (const key of reading.buyerDuplicateKeys.get(sale.buyerId) ?? []) {
      state.receivedByBuyer.set(acceptedKey(key, isTest), { ...counted, buyerId: sale.buyerId });
    }
  }
}

/** For its supplier it is one lead, however often it is sold; for each buyer it is one. */
function countSales(
  state: BatchState,
  lead: Candidate,
  sales: readonly SaleTerms[],
  contenders: readonly Contender[],
): void {
  const link = state.links.get(lead.supplierId);
  if (link !== undefined) link.usage = withOneMore(link.usage, sum(sales.map(({ payout }) => payout)));
  const served = new Set<string>();
  for (const sale of sales) {
    const left = contenders.filter(({ contract }) => !served.has(contract.buyerId));
    countSale(state, sale, served.size === 0 ? contenders : left.map((each) => asNow(each, state)));
    served.add(sale.buyerId);
  }
}

/** A sale of the same lead has moved what it is owed. */
function asNow(contender: Contender, state: BatchState): Contender {
  return { ...contender, turn: state.contracts.get(contender.contract.buyerId)?.turn ?? contender.turn };
}

function countSale(state: BatchState, sale: SaleTerms, contenders: readonly Contender[]): void {
  const buyer = state.buyers.get(sale.buyerId);
  if (buyer !== undefined) {
    buyer.usage = withOneMore(buyer.usage, sale.price);
    if (buyer.pays) buyer.balance = subtract(buyer.balance, sale.price);
  }
  const contract = state.contracts.get(sale.buyerId);
  if (contract === undefined) return;
  state.turns += 1;
  contract.usage = withOneMore(contract.usage, sale.price);
  contract.turn = { ...contract.turn, lastTurn: state.turns };
  if (state.campaign.distribution !== "weighted") return;
  for (const [buyerId, deficit] of deficitsAfter(contenders, sale.buyerId)) {
    const standing = state.contracts.get(buyerId);
    if (standing !== undefined) standing.turn = { ...standing.turn, deficit };
  }
}

/** Takes a lead out of the state, as if it had never been decided: its caps and money are given back, its keys forgotten. */
export function undoDecision(state: BatchState, lead: Candidate): void {
  if (lead.kind !== "reopened" || lead.prior.cause === "confirmed") return;
  for (const seen of [state.earlier, state.receivedByBuyer]) {
    for (const [key, counted] of seen) if (counted.leadId === lead.id) seen.delete(key);
  }
  const { sales, isTest, decidedAt } = lead.prior;
  if (isTest || sales.length === 0) return;
  const link = state.links.get(lead.supplierId);
  const payout = sum(sales.map((sale) => sale.payout));
  if (link !== undefined) link.usage = withOneLess(link.usage, payout, decidedAt);
  for (const sale of sales) {
    const contract = state.contracts.get(sale.buyerId);
    if (contract !== undefined) contract.usage = withOneLess(contract.usage, sale.price, decidedAt);
    const buyer = state.buyers.get(sale.buyerId);
    if (buyer === undefined) continue;
    buyer.usage = withOneLess(buyer.usage, sale.price, decidedAt);
    if (buyer.pays) buyer.balance = add(buyer.balance, sale.price);
  }
}
