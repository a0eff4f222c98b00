import type { CapPeriod } from "#time/period.ts";
import type { NoBid } from "./bid.ts";

/** The checks in the words of the trace, in the order in which they are made. */
export type CheckName =
  | "access"
  | "fields"
  | "filters"
  | "suppression"
  | "duplicates"
  | "ping"
  | "checks"
  | "hold"
  | "confirmation"
  | "refusal"
  | "return"
  | "buyers";

/** One line of a lead's trace: what a check found. */
export type TraceLine =
  | {
      check: "confirmation";
      result: "passed" | "ended";
      buyer_id: string;
      answer: BuyersAnswer | "by_hand";
    }
  | {
      check: "refusal";
      result: "ended";
      buyer_id: string;
      answer: "rejected" | "duplicate";
      follows: RefusalCourse;
    }
  | { check: "return"; result: "ended"; buyer_id: string }
  | { check: Exclude<CheckName, NamesABuyer>; result: "passed" | "ended"; detail?: TraceDetail }
  | { check: "buyers"; result: "passed" | "ended"; method: string; buyers: readonly BuyerLine[] };

type NamesABuyer = "buyers" | "confirmation" | "refusal" | "return";

export interface TraceDetail {
  by?: string;
  rules?: readonly string[];
  lists?: readonly string[];
  duplicate_of?: string;
  ping_id?: string;
  /** Of checks by others: those that let the lead pass, refused it, brought no verdict (and why), or were not asked. */
  passed?: readonly string[];
  rejected?: readonly string[];
  failed?: readonly string[];
  not_asked?: readonly string[];
  reason?: string;
}

export type BuyerLine =
  | { buyer_id: string; chosen: true; price?: string }
  | ({ buyer_id: string } & PassedOver);

/** Why a buyer was passed over. */
export type PassedOver =
  | { reason: "contract_paused" }
  | { reason: "buyer_paused" }
  /** An invoice of its was not paid in time. */
  | { reason: "overdue" }
  /** It was asked before, or has had the lead before, and did not take it. */
  | { reason: "refused_lead" }
  /** The lead is sold to it already. */
  | { reason: "has_lead" }
  /** It takes a lead alone, and others have this one. */
  | { reason: "sold_to_others" }
  /** It wants to be asked, and the time for asking is over. */
  | { reason: "no_time_to_ask" }
  /** Nothing can be sent to it now. */
  | { reason: "endpoint_down" }
  | { reason: "outside_schedule" }
  | { reason: "state_not_listed" }
  | { reason: "state_excluded" }
  | { reason: "filtered"; rules: readonly string[] }
  | { reason: "suppressed"; list: string }
  | { reason: "buyer_duplicate"; of: string }
  | { reason: "contract_cap"; cap: ReachedCap }
  | { reason: "buyer_cap"; cap: ReachedCap }
  | { reason: "supplier_cap"; cap: ReachedCap }
  | { reason: "insufficient_funds" }
  /** The ping that promised the price had no bid of it, or it was asked and made none. */
  | { reason: "no_bid"; why?: NoBid }
  | { reason: "below_min_price" }
  /** Its price would leave less than the operator's margin, or nothing, over the payout. */
  | { reason: "below_payout" }
  /** It could have taken the lead; another's turn came first. */
  | { reason: "outranked" }
  /** The lead goes back to its original buyer or to nobody. */
  | { reason: "not_the_original_buyer" }
  /** The lead repeats one that nobody bought. */
  | { reason: "no_original_buyer" }
  /** The contract with the original buyer has ended. */
  | { reason: "no_contract" };

export interface ReachedCap {
  period: CapPeriod;
  unit: "leads" | "amount";
}

/** How it came that a lead on record is decided once more. Refused: when its buyer was asked, or after it had been sold. */
export type ReopenCause = BuyersAnswer | "by_hand" | "returned" | HoldEnd;

/** How what was put aside goes on: it is decided, or refused. */
export type HoldEnd = "released" | "rejected";

/** What a buyer that is asked first says. Unclear: it may have taken the lead, but has not said so. */
export type BuyersAnswer = "confirmed" | "refused" | "unclear";

/** What follows when a buyer refuses what it was sold: the contract's setting, or it was too late for another buyer. */
export type RefusalCourse = "next_buyer" | "reverse" | "keep" | "too_late";

/**
 * Lines as they are stored, mostly a sixth of what they are when they are read; what is usual is not said. A number stands for so many
 * of the usual checks, all passed; a check that was passed, with nothing else to say, is its name; of the buyers' line only the words are
 * kept. What earlier releases stored says more: with `passed` before the buyers, with the names of the usual checks, or as lines are read.
 */
export type StoredLine = TraceLine | CheckName | number | [method: string, StoredBuyer[]] | SaidLine;

/** The buyers' line, with its result. */
type SaidLine = [method: string, result: "passed" | "ended", StoredBuyer[]];

/** Its id alone: it was outranked. In a list of its own: it was chosen. */
type StoredBuyer = BuyerLine | string | [buyerId: string] | [buyerId: string, PassedOver["reason"]];

/** What a lead passes that gets as far as its buyers. */
const USUAL: readonly CheckName[] = ["access", "fields", "filters", "suppression", "duplicates"];

export function storedTrace(lines: readonly TraceLine[]): StoredLine[] {
  const others = lines.findIndex((line, index) => line.check !== USUAL[index] || !isPlain(line));
  const usual = others < 0 ? lines.length : others;
  const stored = lines.slice(usual).map(storedLine);
  return usual === 0 ? stored : [usual, ...stored];
}

function storedLine(line: TraceLine): StoredLine {
  if (line.check !== "buyers") return isPlain(line) ? line.check : line;
  const buyers = line.buyers.map(storedBuyer);
  return line.result === "passed" ? [line.method, buyers] : [line.method, line.result, buyers];
}

/** Passed, with nothing else to say. */
function isPlain(line: TraceLine): boolean {
  return line.result === "passed" && hasOnlyTwo(line);
}

function storedBuyer(line: BuyerLine): StoredBuyer {
  if (!hasOnlyTwo(line)) return line;
  if ("chosen" in line) return [line.buyer_id];
  return line.reason === "outranked" ? line.buyer_id : [line.buyer_id, line.reason];
}

function hasOnlyTwo(line: TraceLine | BuyerLine): boolean {
  let properties = 0;
  for (const _ in line) properties += 1;
  return properties === 2;
}

export function readTrace(stored: readonly StoredLine[]): TraceLine[] {
  return stored.flatMap((line) =>
    typeof line === "number" ? USUAL.slice(0, line).map(passed) : readLine(line),
  );
}

function passed(check: CheckName): TraceLine {
  return { check, result: "passed" } as TraceLine;
}

function readLine(line: Exclude<StoredLine, number>): TraceLine {
  if (typeof line === "string") return passed(line);
  if (!Array.isArray(line)) return line;
  const [method, result, buyers] = line.length === 2 ? ([line[0], "passed", line[1]] as const) : line;
  return { check: "buyers", result, method, buyers: buyers.map(readBuyer) };
}

function readBuyer(stored: StoredBuyer): BuyerLine {
  if (typeof stored === "string") return { buyer_id: stored, reason: "outranked" };
  if (!Array.isArray(stored)) return stored;
  const [buyer_id, reason] = stored;
  return reason === undefined ? { buyer_id, chosen: true } : ({ buyer_id, reason } as BuyerLine);
}
