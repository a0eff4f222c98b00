import type { Campaign } from "#campaigns/campaign.ts";
import type { NoBid } from "#leads/bid.ts";
import type { CheckFinding } from "#leads/candidate.ts";
import type { QuotedBid } from "#leads/quote.ts";
import type { Sale } from "#leads/sale.ts";
import type { RecordStatus } from "#leads/status.ts";
import type { BuyerLine, BuyersAnswer, HoldEnd, TraceLine } from "#leads/trace.ts";

/** A lead as it is on record, with what became of it. Ids are UUIDs, times ms since 1970. */
export interface PastLead {
  id: string;
  campaignId: string;
  supplierId: string;
  /** Of its campaign then. */
  currency: string;
  status: RecordStatus;
  reason: string | null;
  isTest: boolean;
  isErased: boolean;
  /** Last; the same as `firstDecidedAt` of a lead that was never decided once more. */
  decidedAt: number;
  firstDecidedAt: number;
  /** What was understood of it. */
  body: Readonly<Record<string, unknown>>;
  trace: readonly TraceLine[];
  /** What others found about it; of those who were not asked, what they are taken to have found. */
  checks: readonly CheckFinding[];
  /** The ids of checks that it has not been asked about. */
  assumed: readonly string[];
  /** In their order, those that were declined or undone too. */
  sales: readonly PastSale[];
  /** What its ping had promised; null: it followed none, or ended before that mattered. */
  bids: readonly QuotedBid[] | null;
  /** UUID of that ping. */
  pingId: string | null;
}

/** The lead as if all whom the campaign has asked had been: who was not is taken to let it pass. */
export function asIfChecked(lead: PastLead, campaign: Campaign | undefined): PastLead {
  const missing = campaign?.checks.filter(({ id }) => lead.checks.every((found) => found.id !== id)) ?? [];
  if (missing.length === 0) return lead;
  const assumed = missing.map(({ id }) => id);
  return { ...lead, assumed, checks: [...lead.checks, ...assumed.map(passedCheck)] };
}

function passedCheck(id: string): CheckFinding {
  return {
    id,
    verdict: "passed",
    failure: null,
    values: {},
    askedAt: "",
    tookMs: 0,
    status: null,
    isKept: false,
    request: null,
  };
}

/** `undoneAt`: when it was refused or returned; null: it stands, or was declined before it was sold. */
export interface PastSale extends Sale {
  undoneAt: number | null;
}

/** What others did about a lead, as far as it is on record: of a buyer that is not named nothing is known. */
export interface PastAnswers {
  /** What buyers said that were asked first, after how many ms, and whether there was no time then to ask others. */
  answers: ReadonlyMap<string, { answer: BuyersAnswer; afterMs: number; outOfTime: boolean }>;
  refusals: ReadonlyMap<string, { verdict: "rejected" | "duplicate"; at: number }>;
  returns: ReadonlyMap<string, { at: number; keeps: { payout: boolean; cap: boolean } }>;
  /** When an operator sent it round again, and what was undone with that. */
  byHand: readonly { at: number; undone: readonly string[] }[];
  /** How a person decided about it when it was put aside; null: nobody did. */
  holdEnd: { at: number; cause: HoldEnd } | null;
  /** What buyers bid live. */
  bids: ReadonlyMap<string, QuotedBid>;
  noBids: ReadonlyMap<string, NoBid>;
  /** The bid that its supplier chose. */
  wants: string | null;
  /** The buyers whose endpoints were down, and those that were seen not to be; null: it did not come so far. */
  endpoints: { down: readonly string[]; up: readonly string[] } | null;
}

/** Reads what others did about a lead out of its trace and its sales. */
export function pastAnswersOf(lead: PastLead): PastAnswers {
  const { trace, bids } = lead;
  const first = buyerLines(trace)[0] ?? [];
  return {
    answers: answersIn(lead),
    refusals: refusalsIn(lead),
    returns: returnsIn(lead),
    byHand: roundsByHand(lead),
    holdEnd: holdEndIn(lead),
    bids: new Map((bids ?? []).map((bid) => [bid.buyerId, bid])),
    noBids: new Map(first.flatMap((line) => noBidIn(line))),
    wants: wantedIn(lead, first),
    endpoints: first.length === 0 ? null : endpointsIn(first),
  };
}

/** The buyers that each decision of the lead looked at. */
function buyerLines(trace: readonly TraceLine[]): (readonly BuyerLine[])[] {
  return trace.flatMap((line) => (line.check === "buyers" ? [line.buyers] : []));
}

function hasReason(line: BuyerLine, reason: string): boolean {
  return "reason" in line && line.reason === reason;
}

function noBidIn(line: BuyerLine): [string, NoBid][] {
  return "reason" in line && line.reason === "no_bid" && line.why !== undefined
    ? [[line.buyer_id, line.why]]
    : [];
}

/**
 * When a buyer declined what was reserved for it: an answer of no is followed by the next decision at once, whose time is on record.
 * `decidedAt`: when the lead was decided last; null: that is not known any more.
 */
export function declinedAt(
  { soldAt }: Pick<PastSale, "soldAt">,
  sales: readonly PastSale[],
  decidedAt: number | null,
): number {
  const next = sales.map((sale) => sale.soldAt).filter((at) => at > soldAt);
  return Math.min(...next, Math.max(decidedAt ?? soldAt, soldAt));
}

/** A yes changes nothing, and its time is not on record. */
function answersIn({ trace, sales, decidedAt }: PastLead): PastAnswers["answers"] {
  const answers = new Map<string, { answer: BuyersAnswer; afterMs: number; outOfTime: boolean }>();
  for (const [index, line] of trace.entries()) {
    if (line.check !== "confirmation" || line.answer === "by_hand") continue;
    const asked = sales.find(({ buyerId }) => buyerId === line.buyer_id);
    const soldAt = asked?.soldAt ?? decidedAt;
    const at = line.answer === "confirmed" ? soldAt : declinedAt({ soldAt }, sales, decidedAt);
    const [following = []] = buyerLines(trace.slice(index));
    const outOfTime = following.some((each) => hasReason(each, "no_time_to_ask"));
    answers.set(line.buyer_id, { answer: line.answer, afterMs: at - soldAt, outOfTime });
  }
  return answers;
}

function refusalsIn({ trace, sales }: PastLead): PastAnswers["refusals"] {
  return new Map(
    trace.flatMap((line) => {
      if (line.check !== "refusal") return [];
      const sale = sales.findLast(({ buyerId }) => buyerId === line.buyer_id);
      if (sale === undefined) return [];
      return [[line.buyer_id, { verdict: line.answer, at: sale.undoneAt ?? sale.soldAt }] as const];
    }),
  );
}

function returnsIn({ trace, sales }: PastLead): PastAnswers["returns"] {
  const returned = new Set(trace.flatMap((line) => (line.check === "return" ? [line.buyer_id] : [])));
  return new Map(
    sales.flatMap(({ buyerId, status, undoneAt, keepsPayout, keepsCap }) =>
      status === "returned" && undoneAt !== null && returned.has(buyerId)
        ? [[buyerId, { at: undoneAt, keeps: { payout: keepsPayout, cap: keepsCap } }] as const]
        : [],
    ),
  );
}

/** A lead that an operator sends round again is decided anew from its fields on, with or without a sale that is undone. */
function roundsByHand({ trace, sales, decidedAt }: PastLead): PastAnswers["byHand"] {
  const rounds: { at: number; undone: string[] }[] = [];
  for (const [index, line] of trace.entries()) {
    const before = trace[index - 1];
    if (line.check === "confirmation" && line.answer === "by_hand") {
      const at = sales.find(
        ({ buyerId, undoneAt }) => buyerId === line.buyer_id && undoneAt !== null,
      )?.undoneAt;
      rounds.push({ at: at ?? decidedAt, undone: [line.buyer_id] });
    } else if (line.check === "fields" && before?.check === "buyers") {
      rounds.push({ at: decidedAt, undone: [] });
    }
  }
  return rounds;
}

/** It is told by a line of its own behind the one by which the lead was put aside. */
function holdEndIn({ trace, sales, decidedAt }: PastLead): PastAnswers["holdEnd"] {
  const end = trace.filter(({ check }) => check === "hold").at(1);
  if (end === undefined) return null;
  const at = Math.min(decidedAt, ...sales.map(({ soldAt }) => soldAt));
  return { at, cause: end.result === "passed" ? "released" : "rejected" };
}

/** What a supplier chose shows where a better bid that could have had the lead came behind it. */
function wantedIn({ sales, bids }: PastLead, lines: readonly BuyerLine[]): string | null {
  const chosen = sales[0]?.buyerId;
  if (chosen === undefined || bids === null) return null;
  const rank = (buyer: string) => bids.findIndex(({ buyerId }) => buyerId === buyer);
  const isBehind = lines.some(
    (line) =>
      line.buyer_id !== chosen &&
      ("chosen" in line || line.reason === "outranked") &&
      rank(line.buyer_id) < rank(chosen),
  );
  return isBehind ? chosen : null;
}

/** Those that were passed over before their endpoint mattered say nothing of it. */
function endpointsIn(lines: readonly BuyerLine[]): PastAnswers["endpoints"] {
  const down = lines.filter((line) => hasReason(line, "endpoint_down"));
  const up = lines.filter((line) => "chosen" in line || !SAYS_NOTHING.has(line.reason));
  return { down: down.map((line) => line.buyer_id), up: up.map((line) => line.buyer_id) };
}

const SAYS_NOTHING: ReadonlySet<string> = new Set([
  "endpoint_down",
  "contract_paused",
  "buyer_paused",
  "overdue",
  "not_the_original_buyer",
  "no_original_buyer",
  "no_contract",
]);
