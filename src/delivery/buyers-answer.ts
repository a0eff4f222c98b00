import type { AttemptVerdict } from "#delivery/outbox/attempt.ts";
import { mayHaveArrived } from "#delivery/transport/failure.ts";
import type { BuyersAnswer } from "#handover/outbox.ts";

/** The answer of a buyer that was asked for a lead. */
export function buyersAnswer(verdict: AttemptVerdict): BuyersAnswer {
  return recordedAnswer(verdict.outcome, verdict.outcome === "error" ? verdict.failure.kind : null);
}

/** The same, by what is on record of the attempt: its verdict, and the name of its failure. */
export function recordedAnswer(verdict: string | null, failure: string | null): BuyersAnswer {
  if (verdict === "accepted") return "confirmed";
  if (verdict === "rejected" || verdict === "duplicate") return "refused";
  return failure === null || mayHaveArrived(failure) ? "unclear" : "refused";
}
