import { BID_VALUE_WORDS, RESPONSE_RULE_WORDS, VALUE_WORDS } from "#endpoints/answers/response-rule-words.ts";
import type { WordsFor } from "#text/setting-words.ts";
import type { DeliveryDefinition, PingDefinition } from "./delivery-definition.ts";
import { STANDARD_SCHEDULE } from "./delivery-settings.ts";

/** What both a delivery and a ping say of the request that they send. */
const REQUEST_WORDS = {
  url: {
    means: "Where it is sent. Placeholders such as {lead_id} may stand behind the host.",
    example: "https://sunco.example/leads",
  },
  http_method: {
    means: "How it is sent. A GET has no body: all that it says stands in its url and headers.",
    default: "POST",
    example: "PUT",
  },
  headers: {
    means:
      "Headers that go with it; values may hold placeholders. They are never shown in plans or the history.",
    default: {},
    example: { "x-source": "leadgate" },
  },
  xml_root: {
    means: "With format: xml, the name of the outermost element.",
    otherwise: "lead; ping for a ping",
    example: "Lead",
  },
} as const;

/** What operators read about `delivery.ping`. */
const PING_WORDS: WordsFor<PingDefinition> = {
  ...REQUEST_WORDS,
  format: { means: "The form of the body: json, form, xml or text.", default: "json", example: "form" },
  body: {
    means: "The body as a text with placeholders, escaped by the format, in place of a template.",
    otherwise: "the template, or the default body",
    example: "state={state}&zip={zip_code|zip5}",
  },
  template: {
    means: "The body in the buyer's own names.",
    otherwise: "the default body, without name, phone and e-mail",
    example: { state: "{state}" },
  },
  timeout_ms: { means: "How long to wait for its bid.", default: 1000, example: 800 },
  max_in_flight: {
    means: "How many pings may be on their way to it at once, from one server.",
    default: 100,
    example: 200,
  },
  response_rules: {
    means: "How its answers are read: the first rule that fits decides. A yes is a bid.",
    otherwise: "a 2xx that names a price is a bid",
    example: [{ when: { json_path: "$.buy", equals: true }, outcome: "accepted" }],
    within: RESPONSE_RULE_WORDS,
  },
  response_values: {
    means: "Where its answer tells what is bid, its reference, and why it does not bid.",
    default: {
      bid_price: { json_path: "$.bid_price" },
      reference: { json_path: "$.reference" },
      reason: { json_path: "$.reason" },
    },
    example: { bid_price: { json_path: "$.offer.usd" } },
    within: BID_VALUE_WORDS,
  },
};

/** How long and how often something is tried. */
export const RETRY_WORDS: WordsFor<{
  timeout_seconds: number;
  retry_schedule: number[];
  max_in_flight: number;
}> = {
  timeout_seconds: { means: "How long an attempt may take.", default: 15, example: 10 },
  retry_schedule: {
    means: "Seconds from one attempt to the next; the last one is repeated.",
    default: STANDARD_SCHEDULE,
    example: [5, 60, 600],
  },
  max_in_flight: { means: "How many attempts may go on at once.", default: 20, example: 5 },
};

/** What operators read about how a buyer gets its leads. */
export const DELIVERY_WORDS: WordsFor<DeliveryDefinition> = {
  ...REQUEST_WORDS,
  ...RETRY_WORDS,
  method: { means: "webhook, or email, which needs SMTP_URL to be set.", example: "webhook" },
  format: {
    means: "The form of the body: json, form, xml or text; text or html of an e-mail.",
    otherwise: "json; text of an e-mail",
    example: "form",
  },
  template: {
    means:
      "The body in the buyer's own names, with placeholders such as {phone|national}; a text for an e-mail.",
    otherwise: "the default body; a list of all fields for an e-mail",
    example: { tel: "{phone|national}", test: "{is_test}" },
  },
  body: {
    means:
      "thin leaves the lead's fields out of the default body. Else a text with placeholders, in place of a template.",
    default: "full",
    example: "thin",
  },
  legacy_signature_header: {
    means: "A header that carries the hex HMAC-SHA256 of the body alone, for receivers from another system.",
    otherwise: "no such header",
    example: "x-signature",
  },
  response_rules: {
    means:
      "How its answers are read: the first rule that fits decides. Once there are rules, a 2xx that none of them knows is no yes.",
    otherwise: "any 2xx is a yes",
    example: [
      { when: { regex: "OK" }, outcome: "accepted" },
      { when: { status: 200 }, outcome: "rejected" },
    ],
    within: RESPONSE_RULE_WORDS,
  },
  response_values: {
    means: "Where its answers tell a price, its reference and a reason; kept with the delivery.",
    default: {},
    example: { reference: { json_path: "$.id" } },
    within: VALUE_WORDS,
  },
  confirm: {
    means: "Whether it is asked before the supplier is answered, so that a no goes to the next buyer.",
    otherwise: "false; true where there is a ping",
    example: true,
  },
  ping: {
    means: "How it is asked for a bid, in campaigns with mode: ping_post.",
    otherwise: "it makes no live bids",
    example: { url: "https://sunco.example/ping", timeout_ms: 800 },
    within: PING_WORDS,
  },
  test_leads: {
    means:
      "What becomes of leads of a supplier in test mode: send, marked by is_test, or drop: they are on record alone.",
    default: "send",
    example: "drop",
  },
  test_url: {
    means: "Of a webhook: where those leads are sent instead, with the same headers.",
    otherwise: "where all leads are",
    example: "https://sunco.example/sandbox",
  },
  events: {
    means: "The events after a sale that it hears of.",
    default: [],
    example: ["lead.updated"],
  },
  when_down: {
    means: "While its endpoint is down: skip passes the buyer over, keep lets its leads wait.",
    default: "skip",
    example: "keep",
  },
  give_up_after_seconds: {
    means: "How long a lead is tried before its delivery is dead.",
    default: 86_400,
    example: 3600,
  },
  to: { means: "Of an e-mail: the addresses that get it.", example: ["leads@sunco.example"] },
  subject: {
    means: "Of an e-mail: its subject, with placeholders.",
    default: "{campaign_name}: new lead {lead_id}",
    example: "Lead from {state}",
  },
};
