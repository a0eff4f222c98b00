import { type AskVariables, valuesOfAsk } from "#endpoints/message/ask-variables.ts";
import { type BodyFormat, fillInBody } from "#endpoints/message/body-text.ts";
import { writeForm } from "#endpoints/message/form.ts";
import { listingHtml, listingOf, listingText, oneTextLine } from "#endpoints/message/mail-listing.ts";
import { fillInText } from "#endpoints/message/placeholder.ts";
import { type SaleVariables, valuesOfSale } from "#endpoints/message/sale-variables.ts";
import { render, type Template } from "#endpoints/message/template.ts";
import type { TemplateValues } from "#endpoints/message/variables.ts";
import { type WireMapping, wireMapping } from "#endpoints/message/wire-value.ts";
import { escapeXml, writeXml } from "#endpoints/message/xml.ts";
import { oneLine } from "#text/one-line.ts";
import { type ComposedRequest, composeRequest, composeTestRequest } from "./compose-request.ts";
import type {
  DeliverySettings,
  EmailSettings,
  PingSettings,
  RequestFormat,
  WebhookSettings,
} from "./delivery-settings.ts";
import type { MailFile } from "./mail-file.ts";

/** A message, composed once: every attempt repeats these bytes, so that a receiver sees the same lead each time. */
export interface Composed {
  readonly contentType: string;
  readonly body: string;
  /** Of an e-mail, in one line; null for a webhook. */
  readonly subject: string | null;
  /** What else is made of the lead; absent: nothing. */
  readonly request?: ComposedRequest | ComposedEnvelope | undefined;
}

/** What of an e-mail stands beside its body and subject. */
export interface ComposedEnvelope {
  readonly method: "mail";
  /** To whom an answer goes: the lead's person. */
  readonly replyTo?: string | undefined;
  readonly file?: MailFile | undefined;
}

const MAX_SUBJECT_LENGTH = 200;

/** The body that tells a buyer of a lead. Never throws, whatever the lead's fields hold. */
export function compose(sale: SaleVariables, delivery: DeliverySettings): Composed {
  switch (delivery.method) {
    case "webhook":
      return composeWebhook(sale, delivery);
    case "email":
      return composeEmail(sale, delivery);
  }
}

/** The body that asks a buyer for a bid, by the ping's template, which was parsed before. Never throws, whatever was pinged. */
export function composeAsk(ask: AskVariables, ping: PingSettings, template: Template | null): Composed {
  const values = valuesOfAsk(ask);
  if (ping.text !== null) return withRequest(writeText(ping.text, ping.format, values), ping, values);
  const content = template === null ? envelope("ping", ask.askedAt, askData(ask)) : render(template, values);
  return withRequest(writeBody(content, ping, template !== null), ping, values);
}

/** The JSON body of any event. `timestamp` is RFC 3339. */
export function eventBody(
  type: string,
  timestamp: string,
  data: Readonly<Record<string, unknown>>,
): Composed {
  return {
    contentType: "application/json",
    body: JSON.stringify(envelope(type, timestamp, data)),
    subject: null,
  };
}

function composeWebhook(sale: SaleVariables, delivery: WebhookSettings): Composed {
  const values = valuesOfSale(sale);
  const composed = composeLead(sale, delivery, values);
  if (!sale.isTest || delivery.testUrl === null) return withRequest(composed, delivery, values);
  return carriedBy(composeTestRequest(delivery, delivery.testUrl, values), composed);
}

function composeLead(sale: SaleVariables, delivery: WebhookSettings, values: TemplateValues): Composed {
  if (delivery.text !== null) return writeText(delivery.text, delivery.format, values);
  const content =
    delivery.template === null
      ? envelope("lead.accepted", sale.decidedAt, saleData(sale, delivery.body))
      : render(JSON.parse(delivery.template) as Template, values);
  return writeBody(content, delivery, delivery.template !== null);
}

/** The same with what the endpoint's URL and headers make of the values. A GET has no body. */
export function withRequest(composed: Composed, format: RequestFormat, values: TemplateValues): Composed {
  const request = composeRequest(format, values);
  return request === undefined ? composed : carriedBy(request, composed);
}

function carriedBy(request: ComposedRequest, composed: Composed): Composed {
  return request.method === "GET"
    ? { contentType: "", body: "", subject: null, request }
    : { ...composed, request };
}

const CONTENT_TYPES = {
  json: "application/json",
  form: "application/x-www-form-urlencoded",
  xml: "application/xml",
  text: "text/plain; charset=utf-8",
} as const satisfies Record<BodyFormat, string>;

function writeText(text: string, format: BodyFormat, values: TemplateValues): Composed {
  return { contentType: CONTENT_TYPES[format], body: fillInBody(text, format, values), subject: null };
}

function writeBody(content: WireMapping, { format, xmlRoot }: RequestFormat, ofTemplate: boolean): Composed {
  return { contentType: CONTENT_TYPES[format], body: bodyIn(format), subject: null };

  function bodyIn(written: BodyFormat): string {
    switch (written) {
      case "form":
        return writeForm(content);
      case "xml":
        return writeXml(xmlRoot, content, ofTemplate ? "template" : "lead");
      // A text is never made of a template.
      case "text":
      case "json":
        return JSON.stringify(content);
    }
  }
}

function envelope(type: string, timestamp: string, data: Readonly<Record<string, unknown>>): WireMapping {
  return { type, timestamp, data: wireMapping(Object.entries(data)) };
}

function saleData(sale: SaleVariables, body: "full" | "thin"): Readonly<Record<string, unknown>> {
  return {
    lead_id: sale.leadId,
    campaign_id: sale.campaignId,
    buyer_id: sale.buyerId,
    is_test: sale.isTest,
    price: sale.price,
    currency: sale.currency,
    ...(body === "full" ? { fields: sale.fields } : {}),
  };
}

function askData(ask: AskVariables): Readonly<Record<string, unknown>> {
  return {
    ping_id: ask.pingId,
    campaign_id: ask.campaignId,
    buyer_id: ask.buyerId,
    is_test: ask.isTest,
    currency: ask.currency,
    fields: withoutPerson(ask.fields),
  };
}

/** A buyer that knows the person need not buy the lead any more. A template that names these fields tells them, if they were pinged. */
function withoutPerson(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { first_name: _first, last_name: _last, phone: _phone, email: _email, ...others } = fields;
  return others;
}

function composeEmail(sale: SaleVariables, delivery: EmailSettings): Composed {
  const html = delivery.format === "html";
  const values = valuesOfSale(sale);
  const replyTo = delivery.body === "full" ? replyAddress(sale.fields["email"]) : undefined;
  return {
    contentType: html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8",
    body:
      delivery.template === null
        ? (html ? listingHtml : listingText)(listingOf(sale, delivery.body))
        : fillInText(delivery.template, values, html ? escapeXml : oneTextLine),
    subject: oneLine(
      `${sale.isTest ? "[TEST] " : ""}${fillInText(delivery.subject, values, oneTextLine)}`,
      MAX_SUBJECT_LENGTH,
    ),
    ...(replyTo !== undefined && { request: { method: "mail", replyTo } }),
  };
}

/** An answer to the mail goes to the person. What could be more than one address is none. */
function replyAddress(email: unknown): string | undefined {
  return typeof email === "string" && /^[^\s<>,;:"()[\]\\]+@[^\s<>,;:"()[\]\\]+$/.test(email)
    ? email
    : undefined;
}
