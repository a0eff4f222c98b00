import type { BidValues } from "#endpoints/answers/bid-rules.ts";
import type { ResponseRule, ResponseValues } from "#endpoints/answers/response-rules.ts";
import type { BodyFormat } from "#endpoints/message/body-text.ts";
import { isBodyText } from "./body-problems.ts";
import { type StoredText, shownText } from "./credentials/stored-text.ts";
import type {
  CompleteDelivery,
  CompleteEmail,
  CompletePing,
  CompleteWebhook,
  HttpMethod,
} from "./delivery-definition.ts";

/** Seconds from one attempt to the next: Standard Webhooks' own, https://www.standardwebhooks.com (75 hours in all). */
export const STANDARD_SCHEDULE = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

/** How a recipient is sent to, compiled from its complete delivery. */
export type DeliverySettings = WebhookSettings | EmailSettings;

/** Where something is sent, and in which form. */
export interface RequestFormat {
  /** With `{name}` placeholders behind its host. */
  readonly url: string;
  readonly httpMethod: HttpMethod;
  readonly format: BodyFormat;
  /** JSON text; null: the default body. */
  readonly template: string | null;
  /** A body that is a text with placeholders; null: it is made of the template. */
  readonly text: string | null;
  readonly xmlRoot: string;
  /** Values with `{name}` placeholders. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface WebhookSettings extends RetryPolicy, RequestFormat {
  readonly method: "webhook";
  /** The header that carries the hex HMAC-SHA256 of the body alone, for receivers moving from another system. */
  readonly legacySignatureHeader: string | null;
  readonly responseRules: readonly ResponseRule[];
  readonly responseValues: ResponseValues;
  /** The buyer is asked before the supplier is answered. */
  readonly confirm: boolean;
  /** How the buyer is asked for a bid before it is sold anything; null: it is not asked. */
  readonly ping: PingSettings | null;
  /** The events that the buyer hears of, other than its leads. */
  readonly events: readonly string[];
  /** Where leads go that are tests, with placeholders as in `url`; null: where all go. */
  readonly testUrl: string | null;
}

/** Signed as the buyer's leads are, the header for receivers from another system included. */
export interface PingSettings extends RequestFormat {
  /** For one bid; the time for all bids of an auction is the campaign's. */
  readonly timeoutMs: number;
  /** Asks that may be on their way to the buyer at once, from one server. */
  readonly maxInFlight: number;
  readonly responseRules: readonly ResponseRule[];
  readonly responseValues: BidValues;
}

export interface EmailSettings extends RetryPolicy {
  readonly method: "email";
  readonly to: readonly string[];
  /** A text with `{name}` placeholders. */
  readonly subject: string;
  readonly format: "text" | "html";
  /** A text with `{name}` placeholders; null: a list of all that the body holds. */
  readonly template: string | null;
}

interface RetryPolicy {
  /** Nothing is sent of leads that are tests. */
  readonly dropsTests: boolean;
  /** `thin` leaves the lead's fields out of the default body. */
  readonly body: "full" | "thin";
  /** While its endpoint is down, routing passes the buyer over, or lets its leads wait. */
  readonly whenDown: "skip" | "keep";
  readonly timeoutSeconds: number;
  readonly retrySchedule: readonly number[];
  readonly giveUpAfterSeconds: number;
  readonly maxInFlight: number;
}

/** Compiles with secrets hidden, as who only composes needs it, unless `read` opens them. */
export function compileDelivery(delivery: CompleteDelivery, read: ReadText = shownText): DeliverySettings {
  return delivery.method === "webhook" ? compileWebhook(delivery, read) : compileEmail(delivery);
}

type ReadText = (text: StoredText) => string;

function compileWebhook(webhook: CompleteWebhook, read: ReadText): WebhookSettings {
  return {
    method: "webhook",
    ...requestFormat(webhook, read),
    legacySignatureHeader: webhook.legacy_signature_header,
    responseRules: webhook.response_rules,
    responseValues: webhook.response_values,
    confirm: webhook.confirm,
    ping: webhook.ping && compilePing(webhook.ping, read),
    events: webhook.events,
    testUrl: webhook.test_url === undefined ? null : read(webhook.test_url),
    ...retryPolicy(webhook),
  };
}

function compilePing(ping: CompletePing, read: ReadText): PingSettings {
  return {
    ...requestFormat(ping, read),
    timeoutMs: ping.timeout_ms,
    maxInFlight: ping.max_in_flight,
    responseRules: ping.response_rules,
    responseValues: ping.response_values,
  };
}

function requestFormat(request: CompleteWebhook | CompletePing, read: ReadText): RequestFormat {
  return {
    url: read(request.url),
    httpMethod: request.http_method ?? "POST",
    format: request.format,
    template: request.template,
    text: isBodyText(request.body) ? request.body : null,
    xmlRoot: request.xml_root,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, text]) => [name, read(text)])),
  };
}

function compileEmail(email: CompleteEmail): EmailSettings {
  const { to, subject, format, template } = email;
  return { method: "email", to, subject, format, template, ...retryPolicy(email) };
}

function retryPolicy(delivery: CompleteDelivery): RetryPolicy {
  return {
    dropsTests: delivery.test_leads === "drop",
    body: delivery.body === "thin" ? "thin" : "full",
    whenDown: delivery.when_down,
    timeoutSeconds: delivery.timeout_seconds,
    retrySchedule: delivery.retry_schedule,
    giveUpAfterSeconds: delivery.give_up_after_seconds,
    maxInFlight: delivery.max_in_flight,
  };
}
