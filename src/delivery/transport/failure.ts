import type { AnswerFailure } from "#endpoints/answers/answer-failure.ts";
import type { GraphFailure } from "#endpoints/conversion/graph-answer.ts";
import type { AskFailure } from "#leads/bid.ts";

/**
 * Every way in which an attempt to deliver can fail. It is recorded with the attempt, and decides with `retry.ts` what
 * happens next and with `breaker.ts` what is thought of the endpoint. A buyer that refuses a lead is no failure: see `response-rules.ts`.
 */
export type Failure = EndpointFailure | DatasetFailure;

/** Those of buyers and webhooks. */
export type EndpointFailure =
  | AnswerFailure
  | { readonly kind: TransportFailure }
  /** The mail server said "later" (a reply of 400 to 499), or "never" of us and not of this message (our password, say). */
  | { readonly kind: "mail_deferred"; readonly status: number }
  /** The mail server said "never" (a reply of 500 to 599) of this message or its recipients. */
  | { readonly kind: "mail_refused"; readonly status: number };

/** Those of Meta's datasets alone. */
type DatasetFailure =
  | GraphFailure
  /** It was given no token. */
  | { readonly kind: "no_token" }
  /** The event is older than Meta takes any. */
  | { readonly kind: "too_old" };

/** No whole answer came, or none that may be used. */
export type TransportFailure =
  /** The recipient is gone, has no delivery any more, or is sent e-mail by a server that has no mail server. */
  | "no_endpoint"
  /** The URL cannot be called, or its name leads only to addresses that must not be called. */
  | "refused_address"
  | "dns_failure"
  /** Nothing listens there, or there is no way to it. */
  | "connect_failed"
  | "connect_timeout"
  /** The certificate is not for this name, not trusted or expired, or no TLS could be agreed on. */
  | "tls_failure"
  /** Connected, but the whole answer was not there in time. */
  | "timeout"
  /** The connection ended before the whole answer was there. */
  | "reset"
  /** A 3xx answer; redirects are not followed. */
  | "redirect"
  | "header_too_large"
  /** The answer is no HTTP, or no SMTP. */
  | "bad_answer"
  /** We broke off ourselves, to stop the server. */
  | "interrupted";

/**
 * Whether a failure speaks against the endpoint as a whole, and so counts for the breaker. An endpoint that answers "not
 * this request" (4xx, a redirect, an error by rule) is up.
 */
export function isEndpointDown(failure: Failure): boolean {
  switch (failure.kind) {
    case "refused_address":
    case "dns_failure":
    case "connect_failed":
    case "connect_timeout":
    case "tls_failure":
    case "timeout":
    case "reset":
    case "header_too_large":
    case "bad_answer":
    case "mail_deferred":
      return true;
    case "http_status":
    case "error_by_rule":
      return failure.status >= 500 || failure.status === 429;
    case "rate_limited":
      return true;
    case "token_refused":
    case "access_refused":
    case "no_token":
    case "too_old":
    case "no_endpoint":
    case "redirect":
    case "no_rule_matched":
    case "mail_refused":
    case "interrupted":
      return false;
  }
}

/** Whether a failure says nothing of the endpoint: it was not asked at all, or we did not wait for what it would say. */
export function isSilentOnEndpoint({ kind }: Failure): boolean {
  return SILENT.has(kind);
}

const SILENT: ReadonlySet<Failure["kind"]> = new Set(["no_endpoint", "too_old", "interrupted"]);

/** Whether nothing more may go there until an operator has seen to it: it said that it is gone, or does not let us in. */
export function isShut(failure: Failure): boolean {
  return SHUT.has(failure.kind) || (failure.kind === "http_status" && failure.status === 410);
}

const SHUT: ReadonlySet<Failure["kind"]> = new Set(["token_refused", "access_refused", "no_token"]);

/**
 * Whether the recipient may have taken what was sent although the attempt failed in this way. Then a lead must not go to anyone
 * else: it could be in two hands.
 */
export function mayHaveArrived(kind: string): boolean {
  return !CERTAINLY_NOT_TAKEN.has(kind);
}

/** It was never reached, or it answered that it does not take this. */
export const CERTAINLY_NOT_TAKEN: ReadonlySet<string> = new Set<Failure["kind"]>([
  "no_endpoint",
  "refused_address",
  "dns_failure",
  "connect_failed",
  "connect_timeout",
  "tls_failure",
  "redirect",
  "http_status",
  "error_by_rule",
  "mail_deferred",
  "mail_refused",
  "rate_limited",
  "token_refused",
  "access_refused",
  "no_token",
  "too_old",
]);

/**
 * Whether something on the way may have answered for a recipient that has taken what was sent: a gateway that waited in vain for its
 * answer, or lost it. A 503 is a refusal to begin, unless the recipient's own words come with it.
 */
export function isUnclearStatus(status: number, body: string): boolean {
  return status === 503 ? body.trim() !== "" : UNCLEAR_STATUSES.has(status);
}

export const UNCLEAR_STATUSES: ReadonlySet<number> = new Set([
  408, 499, 502, 504, 520, 521, 522, 523, 524, 525, 526, 527,
]);

/** Who was given less was given no chance; no ping, check or budget may be set below it. */
const LEAST_CHANCE_MS = 50;

/** The outcome for the endpoint; undefined: none. One that never answers within the budget is as good as down, whatever its own time. */
export function endpointOutcome(
  failure: EndpointFailure | undefined,
  durationMs: number,
): "ok" | "failed" | undefined {
  if (failure?.kind === "interrupted") return durationMs < LEAST_CHANCE_MS ? undefined : "failed";
  return failure !== undefined && isEndpointDown(failure) ? "failed" : "ok";
}

/** The word for why an endpoint gave no answer that can be read. */
export function reasonFor(failure: EndpointFailure): AskFailure {
  switch (failure.kind) {
    case "timeout":
    case "connect_timeout":
      return "timed_out";
    case "interrupted":
      return "out_of_budget";
    case "dns_failure":
    case "connect_failed":
    case "tls_failure":
      return "unreachable";
    case "refused_address":
      return "not_allowed";
    case "reset":
      return "broken_off";
    case "redirect":
    case "http_status":
      return "http_status";
    case "error_by_rule":
      return "error_by_rule";
    case "header_too_large":
    case "bad_answer":
    case "no_rule_matched":
      return "unreadable";
    case "no_endpoint":
    case "mail_deferred":
    case "mail_refused":
      // What only an e-mail ends in.
      return "not_asked";
  }
}
