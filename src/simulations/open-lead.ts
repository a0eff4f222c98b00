import type { Campaign } from "#campaigns/campaign.ts";
import { readAnswers } from "#intake/confirm.ts";
import { asksFirst } from "#intake/decide/buyers.ts";
import type { CheckFinding, PriorDecision } from "#leads/candidate.ts";
import type { PromisedBids } from "#leads/quote.ts";
import type { Sale } from "#leads/sale.ts";
import type { RecordStatus } from "#leads/status.ts";
import type { BuyersAnswer, HoldEnd, TraceLine } from "#leads/trace.ts";
import type { LeadEnd } from "./comparison.ts";
import type { PastAnswers } from "./past-lead.ts";

/** A lead that was decided anew, until nothing more happens to it. Small, as many of them wait for a return weeks later. */
export interface OpenLead {
  id: string;
  campaignId: string;
  supplierId: string;
  currency: string;
  before: LeadEnd;
  traces: { before: readonly TraceLine[]; after: readonly TraceLine[] };
  onRecord: PastAnswers;
  checks: readonly CheckFinding[];
  /** What its ping would have promised. */
  ping: { quote: PromisedBids; wants: string | null } | null;
  standing: LeadStanding;
  /** All that it was ever held for or sold to. */
  held: ReadonlySet<string>;
  refusedBy: ReadonlySet<string>;
  mayHave: ReadonlySet<string>;
  /** What of the record has happened to it again. */
  happened: ReadonlySet<string>;
  /** Buyers, and checks, of which it is not on record what they would have bid, answered or found. */
  unknown: Record<Unknown, readonly string[]>;
}

/** What is taken to be so where nobody was asked. */
export type Unknown = "bids" | "answers" | "checks";

/** How it stands. */
export interface LeadStanding
  extends Pick<PriorDecision, "sales" | "former" | "duplicateOf" | "decidedAt" | "firstDecidedAt"> {
  /** Null: it was not taken in. */
  status: RecordStatus | null;
  reason: string | null;
}

/** Why a lead is decided once more, at a time in ms since 1970. */
export type NextReopening = { at: number; name: string } & (
  | {
      kind: "answers";
      answers: ReadonlyMap<string, BuyersAnswer>;
      unknown: readonly string[];
      /** Nobody else can be asked after that. */
      outOfTime: boolean;
    }
  | { kind: "refused"; sale: Sale; verdict: "rejected" | "duplicate" }
  | { kind: "returned"; sale: Sale; keeps: PriorDecision["keeps"] }
  | { kind: "by_hand"; undone: readonly Sale[] }
  | { kind: "hold_end"; cause: HoldEnd }
);

/** What happens to a lead next by what others did about it then; undefined: nothing more. It is never before `now`. */
export function nextReopening(lead: OpenLead, campaign: Campaign, now: number): NextReopening | undefined {
  if (lead.standing.status === "PENDING") return answersOf(lead, campaign, now);
  return [...holdEndOf(lead), ...refusalsOf(lead), ...returnsOf(lead), ...roundsOf(lead)]
    .filter(({ name }) => !lead.happened.has(name))
    .map((each) => ({ ...each, at: Math.max(each.at, now) }))
    .toSorted((one, other) => one.at - other.at)
    .at(0);
}

/** The answers of all that are asked; one that never was is taken to agree. */
function answersOf({ standing, onRecord }: OpenLead, { contracts }: Campaign, now: number): NextReopening {
  const held = standing.sales.filter(({ status }) => status === "reserved");
  const asked = held.filter(({ buyerId }) => {
    const contract = contracts.find((each) => each.buyerId === buyerId);
    return contract !== undefined && asksFirst(contract.buyer.delivery, false);
  });
  const known = asked.map(({ buyerId }) => onRecord.answers.get(buyerId));
  const answers = asked.map(({ buyerId }, place) => [buyerId, known[place]?.answer ?? "confirmed"] as const);
  return {
    kind: "answers",
    name: "answers",
    at: now + Math.max(0, ...known.map((each) => each?.afterMs ?? 0)),
    answers: new Map(answers),
    outOfTime: known.some((each) => each?.outOfTime),
    unknown: asked.filter((_, place) => known[place] === undefined).map(({ buyerId }) => buyerId),
  };
}

/** What nobody decided about on record stays put aside. */
function holdEndOf({ standing, onRecord: { holdEnd } }: OpenLead): NextReopening[] {
  if (standing.status !== "HELD" || holdEnd === null) return [];
  return [{ kind: "hold_end", name: "hold end", ...holdEnd }];
}

function refusalsOf({ standing, onRecord }: OpenLead): NextReopening[] {
  return standing.sales.flatMap((sale): NextReopening[] => {
    const refusal = onRecord.refusals.get(sale.buyerId);
    if (refusal === undefined) return [];
    return [{ kind: "refused", name: `refused ${sale.buyerId}`, sale, ...refusal }];
  });
}

function returnsOf({ standing, onRecord }: OpenLead): NextReopening[] {
  return standing.sales.flatMap((sale): NextReopening[] => {
    const returned = onRecord.returns.get(sale.buyerId);
    if (returned === undefined) return [];
    return [{ kind: "returned", name: `returned ${sale.buyerId}`, sale, ...returned }];
  });
}

/** An operator sends round what nobody has, or what a buyer did not get. */
function roundsOf({ standing, onRecord }: OpenLead): NextReopening[] {
  return onRecord.byHand.flatMap(({ at, undone }, place): NextReopening[] => {
    const sales = standing.sales.filter(({ buyerId }) => undone.includes(buyerId));
    const isOpen = undone.length === 0 ? standing.status === "UNMATCHED" : sales.length > 0;
    return isOpen ? [{ kind: "by_hand", name: `by hand ${place}`, at, undone: sales }] : [];
  });
}

/** The lead as what is decided once more. */
export function priorOf(lead: OpenLead, reopening: NextReopening): PriorDecision {
  const { standing, held } = lead;
  const usual = {
    ...standing,
    status: standing.status ?? "UNMATCHED",
    keeps: { payout: false, cap: false },
    returnId: null,
    refusal: null,
    answers: new Map(),
    mayHave: lead.mayHave,
    isErased: false,
    isTest: false,
    by: null,
    outOfTime: false,
  };
  const without = (undone: readonly Sale[]) => {
    const stand = standing.sales.filter((sale) => !undone.includes(sale)).map(({ buyerId }) => buyerId);
    return { undone, refusedBy: new Set([...held].filter((buyer) => !stand.includes(buyer))) };
  };
  switch (reopening.kind) {
    case "answers":
      return { ...usual, ...answeredBy(lead, reopening.answers), outOfTime: reopening.outOfTime };
    case "refused": {
      const { sale, verdict } = reopening;
      const refusal = { buyerId: sale.buyerId, verdict, course: null };
      return { ...usual, ...without([sale]), cause: "refused", refusal };
    }
    case "returned":
      return { ...usual, ...without([reopening.sale]), cause: "returned", keeps: reopening.keeps };
    case "hold_end":
      return { ...usual, ...without([]), cause: reopening.cause };
    case "by_hand":
      return { ...usual, ...without(reopening.undone), cause: "by_hand", mayHave: new Set() };
  }
}

function answeredBy({ standing, mayHave, refusedBy }: OpenLead, answers: ReadonlyMap<string, BuyersAnswer>) {
  const { lost, ...answered } = readAnswers(standing.sales, answers, mayHave);
  return { ...answered, refusedBy: new Set([...refusedBy, ...lost]) };
}
