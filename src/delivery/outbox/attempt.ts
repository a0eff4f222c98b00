import type { CompiledRecipient } from "#delivery/recipients/compiled-recipient.ts";
import { type Attempt, noAnswer } from "#delivery/transport/answer.ts";
import { type Failure, isEndpointDown } from "#delivery/transport/failure.ts";
import type { Mailer } from "#delivery/transport/mail.ts";
import { outgoingRequest } from "#delivery/transport/outgoing.ts";
import type { Sender } from "#delivery/transport/send.ts";
import { requestHeaders } from "#delivery/transport/sign.ts";
import type { AnswerVerdict } from "#endpoints/answers/response-rules.ts";
import type { EmailSettings } from "#endpoints/delivery-settings.ts";
import { STANDARD_SCHEDULE } from "#endpoints/delivery-settings.ts";
import { deliveryIdOf } from "#text/ids.ts";
import type { Clock } from "#time/clock.ts";
import type { AttemptRecord, Claimed } from "./outbox-records.ts";
import { nextAttempt } from "./retry.ts";

export interface AttemptParts {
  sender: Sender;
  /** Null: no mail server is set. */
  mailer: Mailer | null;
  clock: Clock;
  /** From 0 up to 1. */
  random(): number;
  /** Sent as `user-agent`. */
  userAgent: string;
}

/** The meaning of an attempt's end: what the recipient's rules say of its answer, or why there is none to judge. */
type AttemptVerdict =
  | AnswerVerdict
  | (Pick<AnswerVerdict, "price" | "reference" | "reason"> & { outcome: "error"; failure: Failure });

/** How an attempt ended, and what it says of the endpoint. */
export interface AttemptResult {
  result: AttemptRecord;
  endpoint: "ok" | "failed" | "gone";
}

/** How much of an answer is recorded, in characters. */
const EXCERPT_LENGTH = 2_000;

/** One attempt to be made, and its limits. */
export interface AttemptRequest {
  delivery: Claimed;
  lease: string;
  recipient: CompiledRecipient;
  /** Breaks the attempt off. */
  signal: AbortSignal;
  /** A limit in ms that holds together with the recipient's own. */
  withinMs?: number | undefined;
}

/** Tries to deliver once: the stored request, signed anew, and the answer read by the recipient's rules. */
export async function attempt(request: AttemptRequest, parts: AttemptParts): Promise<AttemptResult> {
  const sent = await send(request, parts);
  const verdict = verdictOn(sent, request.recipient);
  const failure = verdict.outcome === "error" ? verdict.failure : undefined;
  const gone = failure?.kind === "http_status" && failure.status === 410;
  return {
    result: { ...recordOf(request, sent, verdict), ...nextStep(request, sent, verdict, parts) },
    endpoint: gone ? "gone" : failure !== undefined && isEndpointDown(failure) ? "failed" : "ok",
  };
}

async function send(
  { delivery, recipient, signal, withinMs = Number.POSITIVE_INFINITY }: AttemptRequest,
  { sender, mailer, clock, userAgent }: AttemptParts,
): Promise<Attempt> {
  const { delivery: settings, secrets } = recipient;
  switch (settings?.method) {
    case "webhook": {
      const { method, url, headers, signed } = outgoingRequest(delivery, settings);
      return await sender.send({
        url,
        method,
        headers: requestHeaders(
          { ...delivery, id: deliveryIdOf(delivery.id), signed },
          { ...settings, headers, secrets },
          { now: clock.now(), userAgent },
        ),
        body: delivery.body,
        timeoutMs: Math.min(settings.timeoutSeconds * 1000, withinMs),
        signal,
      });
    }
    case "email":
      return mailer === null
        ? unsent(clock, "no_endpoint")
        : await mailer.send({
            ...mailOf(delivery, settings),
            timeoutMs: settings.timeoutSeconds * 1000,
            signal,
          });
    case undefined:
      return unsent(clock, "no_endpoint");
  }
}

function mailOf({ id, subject, body }: Claimed, { to, format }: EmailSettings) {
  return { id: deliveryIdOf(id), to, subject: subject ?? "", body, format };
}

function unsent(clock: Clock, kind: "no_endpoint"): Attempt {
  return { startedAt: clock.now(), durationMs: 0, result: noAnswer(kind) };
}

function verdictOn({ result }: Attempt, recipient: CompiledRecipient): AttemptVerdict {
  if (result.kind === "failed") return { outcome: "error", failure: result.failure };
  return recipient.judge(result);
}

function recordOf(
  { delivery, lease }: AttemptRequest,
  { startedAt, durationMs, result }: Attempt,
  verdict: AttemptVerdict,
): Omit<AttemptRecord, keyof NextStep> {
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
  };
}

type NextStep = Pick<AttemptRecord, "state" | "nextAt">;

function nextStep(
  { delivery, recipient }: AttemptRequest,
  { result }: Attempt,
  verdict: AttemptVerdict,
  { clock, random }: AttemptParts,
): NextStep {
  const now = clock.now();
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
    random: random(),
  });
  switch (next.kind) {
    case "again":
      return { state: "pending", nextAt: next.at.toISOString() };
    case "paused":
    case "dead":
      return ended(next.kind);
  }
}
