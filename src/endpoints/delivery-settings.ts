import { FormatRegistry, type Static, type TSchema, Type } from "@sinclair/typebox";
import type { BidValues } from "#endpoints/answers/bid-rules.ts";
import type { ResponseRule, ResponseValues } from "#endpoints/answers/response-rules.ts";
import type { Template } from "#endpoints/message/template.ts";
import { checkedElsewhere, oneOf, strict } from "#text/typebox.ts";

/**
 * How a buyer gets its leads, as operators write it. `deliveryProblems` says what this schema cannot.
 */

const FORMATS = { "leadgate:web-address": isWebAddress, "leadgate:mail-address": isMailAddress };
for (const [name, accepts] of Object.entries(FORMATS)) FormatRegistry.Set(name, accepts);

/** Seconds from one attempt to the next: Standard Webhooks' own, https://www.standardwebhooks.com (75 hours in all). */
export const STANDARD_SCHEDULE: readonly number[] = [
  5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
];

const BUYER_EVENTS = ["lead.returned", "lead.updated"] as const;

/** How long and how often something is tried. */
export const RetryDefinition = {
  timeout_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 30 })),
  retry_schedule: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 604_800 }), { maxItems: 50 })),
  give_up_after_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_592_000 })),
  max_in_flight: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
};

/** Where webhooks go, and the headers that they carry. */
export const TargetDefinition = {
  url: Type.String({
    maxLength: 2000,
    format: "leadgate:web-address",
    mustBe: "an http or https address without user or password, at most 2,000 characters",
  }),
  headers: Type.Optional(checkedElsewhere<Record<string, string>>(Type.Record(Type.String(), Type.String()))),
};

/** What both methods share. */
const CommonDefinition = {
  body: Type.Optional(oneOf(["full", "thin"])),
  when_down: Type.Optional(oneOf(["skip", "keep"])),
  ...RetryDefinition,
};

/** What a webhook sends, in the buyer's own words. */
const BodyDefinition = {
  format: Type.Optional(oneOf(["json", "form", "xml"])),
  template: Type.Optional(checkedElsewhere<Template>(Type.Record(Type.String(), Type.Unknown()))),
  xml_root: Type.Optional(
    Type.String({
      pattern: "^[A-Za-z_][A-Za-z0-9_.-]{0,99}$",
      mustBe: "an element's name: a letter or _, then letters, digits, _, - or .",
    }),
  ),
};

const PingDefinition = strict({
  ...TargetDefinition,
  ...BodyDefinition,
  timeout_ms: Type.Optional(Type.Integer({ minimum: 50, maximum: 10_000 })),
  max_in_flight: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  response_rules: Type.Optional(checkedElsewhere<ResponseRule[]>(responseRules())),
  response_values: Type.Optional(
    checkedElsewhere<BidValues>(readersOf(["bid_price", "reference", "reason"])),
  ),
});
type PingDefinition = Static<typeof PingDefinition>;

const WebhookDefinition = strict({
  method: Type.Literal("webhook"),
  ...TargetDefinition,
  ...BodyDefinition,
  legacy_signature_header: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  response_rules: Type.Optional(checkedElsewhere<ResponseRule[]>(responseRules())),
  response_values: Type.Optional(
    checkedElsewhere<ResponseValues>(readersOf(["price", "reference", "reason"])),
  ),
  confirm: Type.Optional(Type.Boolean()),
  ping: Type.Optional(PingDefinition),
  events: Type.Optional(Type.Array(oneOf(BUYER_EVENTS), { maxItems: BUYER_EVENTS.length })),
  ...CommonDefinition,
});

const EmailDefinition = strict({
  method: Type.Literal("email"),
  to: Type.Array(
    Type.String({ format: "leadgate:mail-address", mustBe: "an e-mail address without a name" }),
    {
      minItems: 1,
      maxItems: 20,
    },
  ),
  subject: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  format: Type.Optional(oneOf(["text", "html"])),
  template: Type.Optional(Type.String({ minLength: 1, maxLength: 20_000 })),
  ...CommonDefinition,
});

export const DeliveryDefinition = Type.Union([WebhookDefinition, EmailDefinition], {
  mustBe: "a mapping such as { method: webhook, url: … } or { method: email, to: […] }",
});
export type DeliveryDefinition = Static<typeof DeliveryDefinition>;
type WebhookDefinition = Static<typeof WebhookDefinition>;
type EmailDefinition = Static<typeof EmailDefinition>;

/** A buyer's delivery with nothing left to guess. */
export type DeliverySettings = WebhookSettings | EmailSettings;

/** Where something is sent, and in which form. */
export interface RequestFormat {
  readonly url: string;
  readonly format: "json" | "form" | "xml";
  /** As JSON text: what is kept as jsonb forgets the order of names, and an XML schema may insist on it. Null: the default body. */
  readonly template: string | null;
  readonly xmlRoot: string;
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
  /** What the buyer is told beside its leads. */
  readonly events: readonly BuyerEvent[];
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

export type BuyerEvent = (typeof BUYER_EVENTS)[number];

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
  /** `thin` leaves the lead's fields out of the default body. */
  readonly body: "full" | "thin";
  /** What routing does with the buyer while its endpoint is down: pass it over, or let its leads wait. */
  readonly whenDown: "skip" | "keep";
  readonly timeoutSeconds: number;
  readonly retrySchedule: readonly number[];
  readonly giveUpAfterSeconds: number;
  readonly maxInFlight: number;
}

/** Fills in what a checked definition leaves out. */
export function completeDelivery(definition: DeliveryDefinition): DeliverySettings {
  return definition.method === "webhook" ? completeWebhook(definition) : completeEmail(definition);
}

export function completeWebhook(definition: WebhookDefinition): WebhookSettings {
  return {
    method: "webhook",
    ...requestFormat(definition, "lead"),
    legacySignatureHeader: definition.legacy_signature_header ?? null,
    responseRules: definition.response_rules ?? [],
    responseValues: definition.response_values ?? {},
    // One that bids may still refuse what it bid for: then the next bid is to get the lead.
    confirm: definition.confirm ?? definition.ping !== undefined,
    ping: definition.ping === undefined ? null : completePing(definition.ping),
    events: definition.events ?? [],
    ...retryPolicy(definition),
  };
}

function completePing(definition: PingDefinition): PingSettings {
  return {
    ...requestFormat(definition, "ping"),
    timeoutMs: definition.timeout_ms ?? 1_000,
    maxInFlight: definition.max_in_flight ?? 100,
    responseRules: definition.response_rules ?? [],
    responseValues: definition.response_values ?? USUAL_BID,
  };
}

/** Where a bid stands in an answer in the form of our own. */
const USUAL_BID: BidValues = {
  bid_price: { json_path: "$.bid_price" },
  reference: { json_path: "$.reference" },
  reason: { json_path: "$.reason" },
};

function requestFormat(definition: WebhookDefinition | PingDefinition, xmlRoot: string): RequestFormat {
  return {
    url: definition.url,
    format: definition.format ?? "json",
    template: definition.template === undefined ? null : JSON.stringify(definition.template),
    xmlRoot: definition.xml_root ?? xmlRoot,
    headers: definition.headers ?? {},
  };
}

function completeEmail(definition: EmailDefinition): EmailSettings {
  return {
    method: "email",
    to: definition.to,
    subject: definition.subject ?? "New lead {lead_id}",
    format: definition.format ?? "text",
    template: definition.template ?? null,
    ...retryPolicy(definition),
  };
}

function retryPolicy(definition: DeliveryDefinition): RetryPolicy {
  return {
    body: definition.body ?? "full",
    whenDown: definition.when_down ?? "skip",
    timeoutSeconds: definition.timeout_seconds ?? 15,
    retrySchedule: definition.retry_schedule ?? STANDARD_SCHEDULE,
    giveUpAfterSeconds: definition.give_up_after_seconds ?? 86_400,
    maxInFlight: definition.max_in_flight ?? 20,
  };
}

function responseRules(): TSchema {
  const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);
  const status = Type.Integer({ minimum: 100, maximum: 599 });
  const condition = strict({
    status: Type.Optional(
      Type.Union([status, Type.Array(status, { minItems: 1 }), Type.String({ pattern: "^[2-5]xx$" })]),
    ),
    ...readers(),
    equals: Type.Optional(scalar),
    in: Type.Optional(Type.Array(scalar, { minItems: 1 })),
    matches: Type.Optional(Type.String()),
    exists: Type.Optional(Type.Boolean()),
  });
  return Type.Array(
    strict({
      when: Type.Union([condition, Type.Array(condition, { minItems: 1, maxItems: 10 })]),
      outcome: oneOf(["accepted", "rejected", "duplicate", "error"]),
    }),
    { maxItems: 50 },
  );
}

function readersOf(names: readonly string[]): TSchema {
  return strict(Object.fromEntries(names.map((name) => [name, Type.Optional(strict(readers()))])));
}

function readers() {
  return {
    json_path: Type.Optional(Type.String()),
    xpath: Type.Optional(Type.String()),
    regex: Type.Optional(Type.String()),
  };
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return false;
  return url.hostname !== "" && url.username === "" && url.password === "";
}

/** The address alone: no name, no list, nothing that could begin another header. */
function isMailAddress(text: string): boolean {
  return (
    text.length <= 254 &&
    /^[^\s@<>,;:"()[\]\\\p{Cc}]{1,64}@[^\s@<>,;:"()[\]\\\p{Cc}]+\.[^\s@<>,;:"()[\]\\\p{Cc}.]{2,}$/u.test(text)
  );
}

/** A delivery that an earlier version stored, with what is new since as if it had been left out of the document. */
export function upgradeDelivery(stored: DeliverySettings): DeliverySettings {
  return stored.method === "webhook" ? { ...NEW_IN_WEBHOOKS, ...stored } : stored;
}

const NEW_IN_WEBHOOKS = { ping: null };
