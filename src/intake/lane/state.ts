import { type Usage, withChange, withOneMore } from "#intake/decide/caps.ts";
import type { Contender } from "#intake/decide/contender.ts";
import { type Decision, type Ending, recordStatusOf, salesOf, standingOf } from "#intake/decide/decision.ts";
import { redeemedBy } from "#intake/decide/ping.ts";
import type { ParsedLead } from "#intake/decide/reading.ts";
import { acceptedKey, type BatchState, type CountedLead, unmatchedKey } from "#intake/decide/state.ts";
import { debtsAfter } from "#intake/decide/winners.ts";
import type { Candidate, PriorDecision, Reopened } from "#leads/candidate.ts";
import { decidedAt, undoSales } from "#leads/decided-lead.ts";
import { countedFirst, isPayoutDue, type Sale, type SaleTerms } from "#leads/sale.ts";
import { type Amount, nearestAmount, subtract, sum } from "#money/amount.ts";

/** Takes in what a decision changes, so that the next lead of the batch sees it as if it were in the database. */
export function applyDecision(state: BatchState, parsed: ParsedLead, decision: Decision, now: Date): void {
  const { lead, reading } = parsed;
  const { ending } = decision;
  const quote = redeemedBy(parsed, ending);
  if (quote !== undefined) state.redeemed.add(quote.id);
  const status = recordStatusOf(ending);
  const [sales, standing] = [salesOf(ending), standingOf(ending)];
  const all = [...standing, ...sales];
  if (forgetsPerson(lead) && (all.length > 0 || status === "UNMATCHED") && !isPendingDuplicate(ending)) {
    rememberPerson(state, parsed, all, decidedAt(lead, now));
  }
  // A test lead shows who would get it, and leaves caps, money and turns as they were.
  if (reading.isTest) return;
  countLead(state, lead, sales);
  countSales(state, sales, decision.contenders, heldBefore(lead));
}

/** The buyers that the lead was held for and that were not asked: chosen once more, they have spent their turn on it. */
function heldBefore(lead: Candidate): ReadonlySet<string> {
  if (lead.kind !== "reopened" || lead.prior.status !== "PENDING") return NOBODY;
  const { undone, refusedBy } = lead.prior;
  return new Set(undone.map(({ buyerId }) => buyerId).filter((id) => !refusedBy.has(id)));
}

const NOBODY: ReadonlySet<string> = new Set();

/** Whether a lead is remembered anew, and what was remembered of it before forgotten: not when a buyer confirms or returns it. */
export function forgetsPerson(lead: Candidate): boolean {
  return lead.kind !== "reopened" || (lead.prior.cause !== "confirmed" && lead.prior.cause !== "returned");
}

/** A duplicate takes its original's place once it is sold: while its buyer is asked, and when that refuses, the original counts. */
function isPendingDuplicate(ending: Ending): boolean {
  return ending.kind === "pending" && ending.duplicateOf !== null;
}

function rememberPerson(
  state: BatchState,
  { lead, reading }: ParsedLead,
  sales: readonly SaleTerms[],
  countedAt: number,
): void {
  const { isTest } = reading;
  const buyerId = sales.at(0)?.buyerId ?? null;
  const counted: CountedLead = { leadId: lead.id, buyerId, countedAt };
  for (const key of reading.duplicateKeys) {
    state.earlier.set(buyerId === null ? unmatchedKey(key, isTest) : acceptedKey(key, isTest), counted);
  }
  for (const sale of sales) {
    for (const key of reading.buyerDuplicateKeys.get(sale.buyerId) ?? []) {
      state.receivedByBuyer.set(acceptedKey(key, isTest), { ...counted, buyerId: sale.buyerId });
    }
  }
}

/** For its supplier it is one lead, however often it is sold, from the first sale that counts on; and all its payouts. */
function countLead(state: BatchState, lead: Candidate, sales: readonly SaleTerms[]): void {
  const link = state.links.get(lead.supplierId);
  if (link === undefined) return;
  const payouts = sum(sales.map(({ payout }) => payout));
  const before = lead.kind === "reopened" ? salesAfterUndoing(lead.prior) : [];
  const since = countedFirst(before);
  if (since !== undefined) {
    const counted = withChange(link.usage, 1, NOTHING, since);
    link.usage = withChange(counted, 0, payouts, IN_EVERY_PERIOD);
  } else if (sales.length > 0) link.usage = withOneMore(link.usage, payouts);
}

const IN_EVERY_PERIOD = Number.POSITIVE_INFINITY;

function salesAfterUndoing(prior: PriorDecision): readonly Sale[] {
  const { standing, undone, former } = undoSales(prior);
  return [...standing, ...undone, ...former];
}

/** For each buyer it is one lead. */
function countSales(
  state: BatchState,
  sales: readonly SaleTerms[],
  contenders: readonly Contender[],
  heldBefore: ReadonlySet<string>,
): void {
  for (const sale of sales) countSale(state, sale);
  const served = sales.map(({ buyerId }) => buyerId).filter((id) => !heldBefore.has(id));
  for (const buyerId of served) countTurn(state, buyerId);
  if (state.campaign.distribution !== "weighted") return;
  const inTurn = contenders.filter(
    ({ contract: { buyerId } }) =>
      served.includes(buyerId) || sales.every((sale) => sale.buyerId !== buyerId),
  );
  for (const [buyerId, deficit] of debtsAfter(served, inTurn, state.campaign)) {
    const standing = state.contracts.get(buyerId);
    if (standing !== undefined) standing.turn = { lastTurn: standing.turn.lastTurn, deficit };
  }
}

function countSale(state: BatchState, sale: SaleTerms): void {
  const buyer = state.buyers.get(sale.buyerId);
  if (buyer !== undefined) {
    buyer.usage = withOneMore(buyer.usage, sale.price);
    if (buyer.pays) buyer.balance = nearestAmount(buyer.balance - sale.price);
  }
  const contract = state.contracts.get(sale.buyerId);
  if (contract !== undefined) contract.usage = withOneMore(contract.usage, sale.price);
}

function countTurn(state: BatchState, buyerId: string): void {
  const contract = state.contracts.get(buyerId);
  if (contract === undefined) return;
  state.turns += 1;
  contract.turn = { lastTurn: state.turns, deficit: contract.turn.deficit };
}

/**
 * Takes what is undone of a lead out of the state, as if it had never been sold: its caps and money are given back, its keys forgotten.
 * Until it is decided, what stands of it is no lead of its supplier's, so that the supplier's caps have room for it.
 */
export function undoDecision(state: BatchState, lead: Candidate): void {
  if (lead.kind !== "reopened") return;
  if (forgetsPerson(lead)) {
    for (const seen of [state.earlier, state.receivedByBuyer]) {
      for (const [key, counted] of seen) if (counted.leadId === lead.id) seen.delete(key);
    }
  }
  const { prior } = lead;
  if (prior.isTest) return;
  uncountLead(state, lead);
  for (const sale of undoSales(prior).undone) giveBackTo(state, sale);
}

function uncountLead(state: BatchState, { supplierId, prior }: Reopened): void {
  const link = state.links.get(supplierId);
  if (link === undefined) return;
  const before = [...prior.sales, ...prior.former];
  const since = countedFirst(before);
  if (since !== undefined) link.usage = withChange(link.usage, -1, NOTHING, since);
  const due = new Map(
    salesAfterUndoing(prior).map((sale) => [sale.id, isPayoutDue(sale) ? sale.payout : NOTHING]),
  );
  for (const sale of before) {
    const was = isPayoutDue(sale) ? sale.payout : NOTHING;
    const change = subtract(due.get(sale.id) ?? NOTHING, was);
    if (change !== NOTHING) link.usage = withChange(link.usage, 0, change, sale.soldAt);
  }
}

function giveBackTo(state: BatchState, { buyerId, price, soldAt, keepsCap }: Sale): void {
  const less = (usage: Usage) => (keepsCap ? usage : withChange(usage, -1, subtract(NOTHING, price), soldAt));
  const contract = state.contracts.get(buyerId);
  if (contract !== undefined) contract.usage = less(contract.usage);
  const buyer = state.buyers.get(buyerId);
  if (buyer === undefined) return;
  buyer.usage = less(buyer.usage);
  if (buyer.pays) buyer.balance = nearestAmount(buyer.balance + price);
}

const NOTHING = 0 as Amount;
