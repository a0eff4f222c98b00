import type { CompiledRecipient } from "#delivery/recipients/compiled-recipient.ts";
import type { Attempt } from "#delivery/transport/answer.ts";
import { type Failure, isEndpointDown, isShut, isSilentOnEndpoint } from "#delivery/transport/failure.ts";
import { isAtAnotherHost } from "#delivery/transport/outgoing.ts";
import type { AnswerVerdict } from "#endpoints/answers/response-rules.ts";
import { STANDARD_SCHEDULE } from "#endpoints/delivery-settings.ts";
import type { AttemptRecord, Claimed } from "./outbox-records.ts";
import { nextAttempt } from "./retry.ts";

/** The meaning of an attempt's end: what is said of its answer, or why there is none to judge. */
export type AttemptVerdict =
  | AnswerVerdict
  | (Pick<AnswerVerdict, "price" | "reference" | "reason"> & { outcome: "error"; failure: Failure });

/** An attempt that has ended. */
export interface Ended {
  delivery: Claimed;
  lease: string;
  recipient: CompiledRecipient;
  sent: Attempt;
  verdict: AttemptVerdict;
  now: Date;
  /** From 0 up to 1. */
  random: number;
}

/** How much of an answer is recorded, in characters. */
const EXCERPT_LENGTH = 2_000;

/** What goes on record of an attempt, and what becomes of its delivery. */
export function recordOf(ended: Ended): AttemptRecord {
  const { delivery, lease, verdict, sent } = ended;
  const { startedAt, durationMs, result } = sent;
  return {
    id: delivery.id,
    lease,
    attempt: delivery.attempt,
    trigger: delivery.byHand ? "hand" : "schedule",
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(durationMs),
    httpStatus: result.status,
    failure: verdict.outcome === "error" ? verdict.failure.kind : null,
    excerpt: result.kind === "answered" ? result.body.slice(0, EXCERPT_LENGTH).toWellFormed() : null,
    verdict: verdict.outcome,
    price: verdict.price ?? null,
    reference: verdict.reference ?? null,
    reason: verdict.reason ?? null,
    ...nextStep(ended),
  };
}

/** What an attempt says of the endpoint; null: nothing. */
export type EndpointAfter = "ok" | "failed" | "gone" | null;

export function endpointAfter(verdict: AttemptVerdict): EndpointAfter {
  if (verdict.outcome !== "error") return "ok";
  if (isShut(verdict.failure)) return "gone";
  if (isSilentOnEndpoint(verdict.failure)) return null;
  return isEndpointDown(verdict.failure) ? "failed" : "ok";
}

/** A failure's name for people who look at the endpoint: `timeout`, `http_503`; undefined: it did not fail. */
export function failureReason({ failure, httpStatus }: Pick<AttemptRecord, "failure" | "httpStatus">) {
  return failure === "http_status" ? `http_${httpStatus}` : (failure ?? undefined);
}

type NextStep = Pick<AttemptRecord, "state" | "nextAt">;

function nextStep({ delivery, recipient, sent: { result }, verdict, now, random }: Ended): NextStep {
  const ended = (state: "paused" | "delivered" | "rejected" | "dead") => ({
    state,
    nextAt: now.toISOString(),
  });
  if (delivery.asks && verdict.outcome === "error") return ended("dead");
  if (verdict.outcome !== "error") {
    // A buyer that knows the lead already has it: that is what was to be achieved.
    return ended(verdict.outcome === "rejected" ? "rejected" : "delivered");
  }
  const next = nextAttempt({
    attempt: delivery.attempt,
    failure: verdict.failure,
    retryAfterSeconds: result.kind === "answered" ? result.retryAfterSeconds : null,
    schedule: recipient.delivery?.retrySchedule ?? STANDARD_SCHEDULE,
    giveUpAt: new Date(delivery.giveUpAt),
    now,
    random,
  });
  switch (next.kind) {
    case "again":
      return { state: "pending", nextAt: next.at.toISOString() };
    case "paused":
      // What is elsewhere is no endpoint of its own, which could be resumed.
      return ended(goesElsewhere(delivery, recipient.delivery) ? "dead" : "paused");
    case "dead":
      return ended("dead");
  }
}

/**
 * Whether a delivery goes elsewhere than where its recipient takes leads now: to where it takes tests, or to a host that it has left since
 * the request was composed. How that stands says nothing of the recipient's endpoint.
 */
export function goesElsewhere(
  { request }: Pick<Claimed, "request">,
  settings: CompiledRecipient["delivery"],
): boolean {
  if (request === null || request.method === "mail") return false;
  return (
    request.to === "test" || (settings?.method === "webhook" && isAtAnotherHost(request.url, settings.url))
  );
}
