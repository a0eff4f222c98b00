import { isUnclearStatus, mayHaveArrived } from "#delivery/transport/failure.ts";
import type { BuyersAnswer } from "#leads/trace.ts";

/** An attempt to ask a buyer for a lead, as it is recorded; all null: none has been. */
export interface AskingRecord {
  verdict: string | null;
  /** The name of its failure. */
  failure: string | null;
  httpStatus: number | null;
  /** The beginning of what was answered. */
  excerpt: string | null;
}

/**
 * The buyer's answer. What none of its rules explains is a no, unless it may have taken the lead. `isOneLost`: how an attempt before ended
 * is not known, as its server was killed; then it may have, and only its own no says that it has not.
 */
export function buyersAnswer(
  { verdict, failure, httpStatus, excerpt }: AskingRecord,
  isOneLost = false,
): BuyersAnswer {
  if (verdict === "accepted") return "confirmed";
  if (verdict === "rejected") return "refused";
  if (isOneLost) return "unclear";
  if (verdict === "duplicate") return "refused";
  if (failure === "http_status")
    return isUnclearStatus(httpStatus ?? 0, excerpt ?? "") ? "unclear" : "refused";
  return failure === null || mayHaveArrived(failure) ? "unclear" : "refused";
}
