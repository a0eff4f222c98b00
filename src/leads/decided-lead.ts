import { type Amount, add } from "#money/amount.ts";
import type { Arrived, Candidate, EarlierLead, PriorDecision, Reopened } from "./candidate.ts";
import { isPayoutDue, type Sale } from "./sale.ts";
import type { RecordStatus } from "./status.ts";

/** A lead that was decided and goes on record, and what was sold of it. */
export interface DecidedLead {
  lead: Arrived | Reopened;
  status: RecordStatus;
  /** All that stand, in the order in which their buyers were chosen; of a pending lead, also those that are to be asked. */
  sales: readonly Sale[];
  /** What was sold of it and is undone. */
  former: readonly Sale[];
  isTest: boolean;
  /** In which its campaign deals. */
  currency: string;
  duplicateOf: EarlierLead | null;
  /** ms since 1970. */
  decidedAt: number;
  /** The same as `decidedAt` for a lead that was never decided once more. */
  firstDecidedAt: number;
  /** What was understood of it, unmapped values included. */
  fields: Readonly<Record<string, unknown>>;
  /** How it was decided before; null for a lead that has just come. */
  prior: PriorDecision | null;
  /** UUID of the ping that it was posted after. */
  pingId: string | null;
}

/** When a lead is decided, in ms since 1970. Where nobody is offered it once more, it stays decided when it was. */
export function decidedAt(lead: Candidate, now: Date): number {
  return lead.kind === "reopened" && staysDecided(lead.prior) ? lead.prior.decidedAt : now.getTime();
}

export function staysDecided({ cause, refusal }: PriorDecision): boolean {
  if (cause === "confirmed" || cause === "returned") return true;
  return refusal !== null && refusal.course !== "next_buyer";
}

/** Of a lead that was pending: the sales that its buyers have confirmed, or that waited for others. */
export function confirmedSales({ prior, sales }: Pick<DecidedLead, "prior" | "sales">): readonly Sale[] {
  const held = prior?.sales.filter(({ status }) => status === "reserved") ?? [];
  return sales.filter(({ id }) => held.some((sale) => sale.id === id));
}

/** The sales that a decision makes, or reserves. What a buyer confirms was reserved by the decision before. */
export function newSales({ prior, sales }: Pick<DecidedLead, "prior" | "sales">): readonly Sale[] {
  return prior === null ? sales : sales.filter(({ id }) => prior.sales.every((before) => before.id !== id));
}

/** The sales that are sold by a decision: the new ones, and those that their buyers have confirmed. */
export function soldSales({ prior, sales }: Pick<DecidedLead, "prior" | "sales">): readonly Sale[] {
  const before = new Set(prior?.sales.filter(({ status }) => status === "sold").map(({ id }) => id) ?? []);
  return sales.filter(({ id, status }) => status === "sold" && !before.has(id));
}

/** The sales of a lead on record once those are undone that are to be, and before anything new is sold. */
export interface SalesAfterUndoing {
  /** Those that stand; of a confirmed lead, sold now. */
  standing: readonly Sale[];
  undone: readonly Sale[];
  /** Those that were undone before. */
  former: readonly Sale[];
}

/**
 * Undoes the sales of a lead that are to be undone. A payout that is for the lead is due while any sale stands: of what was sold it is left
 * where it is, since what was sold never changes; of what was only reserved it passes to a sale that is to be.
 */
export function undoSales(prior: PriorDecision): SalesAfterUndoing {
  const { keeps, former } = prior;
  // What is held and not undone was confirmed, or its buyer is not asked.
  const standing = standingSales(prior).map((sale): Sale => ({ ...sale, status: "sold" }));
  const isLast = standing.length === 0;
  return {
    standing: withBequest(standing, bequestOf(prior)),
    undone: prior.undone.map((sale) => ({
      ...sale,
      status: undoneStatus(prior),
      keepsPayout: keeps.payout,
      keepsCap: keeps.cap,
      paysForLead: sale.paysForLead && !isLast,
    })),
    former: isLast && !keeps.payout ? former.map((sale) => ({ ...sale, paysForLead: false })) : former,
  };
}

/** The sales that are not undone, as they stood. */
function standingSales({ sales, undone }: PriorDecision): readonly Sale[] {
  const ids = new Set(undone.map(({ id }) => id));
  return sales.filter(({ id }) => !ids.has(id));
}

/** What becomes of the sales that are undone. Declined: they were reserved and never sold, so no ledger tells of them. */
export function undoneStatus({ status, cause }: PriorDecision): "declined" | "refused" | "returned" {
  if (status === "PENDING") return "declined";
  return cause === "refused" ? "refused" : "returned";
}

/** What was reserved with the payout for the lead, and is undone while another sale stands. */
function bequestOf(prior: PriorDecision): Sale | undefined {
  return standingSales(prior).length === 0
    ? undefined
    : prior.undone.find((sale) => sale.status === "reserved" && sale.paysForLead);
}

function withBequest(standing: readonly Sale[], bequest: Sale | undefined): readonly Sale[] {
  const [heir, ...others] = standing;
  if (heir === undefined || bequest === undefined) return standing;
  return [{ ...heir, payout: add(heir.payout, bequest.payout), paysForLead: true }, ...others];
}

/**
 * The sales that are undone, each with what its supplier gives back for it as its payout: nothing of what is kept, and with the last one
 * that stood also what was kept for the lead so far.
 */
export function undoneSales({ prior }: { prior: PriorDecision | null }): readonly Sale[] {
  if (prior === null) return [];
  const { undone, former } = undoSales(prior);
  const bequest = bequestOf(prior);
  const ofFormer = prior.former
    .map((was, index) => givenBack(was, former[index] ?? was))
    .reduce(add, NOTHING);
  return prior.undone.map((was, index) => {
    const own = was.id === bequest?.id ? NOTHING : givenBack(was, undone[index] ?? was);
    return { ...was, payout: index === 0 ? add(own, ofFormer) : own };
  });
}

function givenBack(was: Sale, now: Sale): Amount {
  return isPayoutDue(was) && !isPayoutDue(now) ? was.payout : NOTHING;
}

const NOTHING = 0 as Amount;
