import { FormatRegistry, type Static, type TSchema, Type } from "@sinclair/typebox";
import type { BidValues } from "#endpoints/answers/bid-rules.ts";
import type { ResponseRule, ResponseValues } from "#endpoints/answers/response-rules.ts";
import type { StoredText } from "#endpoints/credentials/stored-text.ts";
import type { Template } from "#endpoints/message/template.ts";
import { type Complete, checkedElsewhere, oneOf, strict } from "#text/typebox.ts";

/**
 * How a buyer gets its leads, as operators write it. `deliveryProblems` says what this schema cannot.
 */

const FORMATS = { "leadgate:web-address": isWebAddress, "leadgate:mail-address": isMailAddress };
for (const [name, accepts] of Object.entries(FORMATS)) FormatRegistry.Set(name, accepts);

/** How a webhook is sent. */
const HTTP_METHODS = ["POST", "PUT", "PATCH", "GET"] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];
export const HttpMethods = oneOf(HTTP_METHODS);

const BUYER_EVENTS = ["lead.returned", "lead.updated"] as const;

/** How long and how often something is tried. */
export const RetryDefinition = {
  timeout_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 30 })),
  retry_schedule: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 604_800 }), { maxItems: 50 })),
  give_up_after_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_592_000 })),
  max_in_flight: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
};

/** Where webhooks go, and the headers that they carry. Written as texts; stored with their secrets sealed. */
export const TargetDefinition = {
  url: Type.Unsafe<StoredText>(
    Type.String({
      maxLength: 2000,
      format: "leadgate:web-address",
      mustBe: "an http or https address without user or password, at most 2,000 characters",
    }),
  ),
  headers: Type.Optional(
    checkedElsewhere<Record<string, StoredText>>(Type.Record(Type.String(), Type.String())),
  ),
};

/** The settings that both methods share. */
const CommonDefinition = {
  test_leads: Type.Optional(oneOf(["send", "drop"])),
  when_down: Type.Optional(oneOf(["skip", "keep"])),
  ...RetryDefinition,
};

/** The request of a webhook, in the buyer's own words. */
const BodyDefinition = {
  http_method: Type.Optional(HttpMethods),
  format: Type.Optional(oneOf(["json", "form", "xml", "text"])),
  body: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 20_000,
      mustBe: "full, thin, or a text with placeholders of at most 20,000 characters",
    }),
  ),
  template: Type.Optional(checkedElsewhere<Template>(Type.Record(Type.String(), Type.Unknown()))),
  xml_root: Type.Optional(
    Type.String({
      pattern: "^([A-Za-z_][A-Za-z0-9_.-]{0,48}:)?[A-Za-z_][A-Za-z0-9_.-]{0,49}$",
      mustBe:
        "an element's name: a letter or _, then letters, digits, _, - or ., behind a prefix and a colon or not",
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
    checkedElsewhere<BidValues>(valueReaders(["bid_price", "reference", "reason"])),
  ),
});
export type PingDefinition = Static<typeof PingDefinition>;

const WebhookDeliveryDefinition = strict({
  method: Type.Literal("webhook"),
  ...TargetDefinition,
  test_url: Type.Optional(TargetDefinition.url),
  ...BodyDefinition,
  legacy_signature_header: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  response_rules: Type.Optional(checkedElsewhere<ResponseRule[]>(responseRules())),
  response_values: Type.Optional(
    checkedElsewhere<ResponseValues>(valueReaders(["price", "reference", "reason"])),
  ),
  confirm: Type.Optional(Type.Boolean()),
  ping: Type.Optional(PingDefinition),
  events: Type.Optional(Type.Array(oneOf(BUYER_EVENTS), { maxItems: BUYER_EVENTS.length })),
  ...CommonDefinition,
});

export const MailAddresses = Type.Array(
  Type.String({ format: "leadgate:mail-address", mustBe: "an e-mail address without a name" }),
  { minItems: 1, maxItems: 20 },
);

const EmailDeliveryDefinition = strict({
  method: Type.Literal("email"),
  to: MailAddresses,
  subject: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  format: Type.Optional(oneOf(["text", "html"])),
  template: Type.Optional(Type.String({ minLength: 1, maxLength: 20_000 })),
  body: Type.Optional(oneOf(["full", "thin"])),
  ...CommonDefinition,
});

export const DeliveryDefinition = Type.Union([WebhookDeliveryDefinition, EmailDeliveryDefinition], {
  mustBe: "a mapping such as { method: webhook, url: … } or { method: email, to: […] }",
});
export type DeliveryDefinition = Static<typeof DeliveryDefinition>;
export type WebhookDeliveryDefinition = Static<typeof WebhookDeliveryDefinition>;
export type EmailDeliveryDefinition = Static<typeof EmailDeliveryDefinition>;

/** A delivery with every setting written out: what is stored, and compiled to be sent by. */
export type CompleteDelivery = CompleteWebhook | CompleteEmail;

/** As JSON text: jsonb forgets the order of names, and an XML schema may insist on it. Null: the default body. */
interface TemplateText {
  template: string | null;
}

/** Absent: POST, as in all that was stored before there was a choice. */
interface MethodText {
  http_method?: HttpMethod;
}

/** Absent: tests are sent as leads are, as in all that was stored before there was a choice. */
interface TestLeads {
  test_leads?: "drop";
  test_url?: StoredText;
}

export interface CompleteWebhook
  extends Omit<
      Complete<WebhookDeliveryDefinition, "legacy_signature_header">,
      "template" | "ping" | "events" | "http_method" | "test_leads" | "test_url"
    >,
    MethodText,
    TestLeads,
    TemplateText {
  ping: CompletePing | null;
  events: readonly string[];
}

export interface CompletePing
  extends Omit<Complete<PingDefinition>, "template" | "http_method" | "body">,
    MethodText,
    TemplateText {
  /** Absent: no text, as in all that was stored before there could be one. */
  body?: string;
}

export interface CompleteEmail
  extends Omit<Complete<EmailDeliveryDefinition, "template">, "test_leads">,
    Pick<TestLeads, "test_leads"> {}

/** The shape of response rules, for documents and docs: `responseRuleProblems` says what is wrong with them. */
export function responseRules(): TSchema {
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

function valueReaders(names: readonly string[]): TSchema {
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
