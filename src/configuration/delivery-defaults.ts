import type { BidValues } from "#endpoints/answers/bid-rules.ts";
import type {
  CompleteDelivery,
  CompleteEmail,
  CompletePing,
  CompleteWebhook,
  DeliveryDefinition,
  EmailDeliveryDefinition,
  PingDefinition,
  WebhookDeliveryDefinition,
} from "#endpoints/delivery-definition.ts";
import { STANDARD_SCHEDULE } from "#endpoints/delivery-settings.ts";
import type { EndpointDefinition } from "#endpoints/webhook-endpoint.ts";

/** Standard Webhooks' whole schedule, 75 h 35 min: what an operator keeps books by is still worth having after days. */
const ENDPOINT_GIVES_UP_AFTER_SECONDS = 272_100;

/** Where a bid stands in an answer in the form of our own. */
const USUAL_BID: BidValues = {
  bid_price: { json_path: "$.bid_price" },
  reference: { json_path: "$.reference" },
  reason: { json_path: "$.reason" },
};

/** A buyer's delivery with its defaults written out. It must have no problems. */
export function withDeliveryDefaults(definition: DeliveryDefinition): CompleteDelivery {
  return definition.method === "webhook" ? completeWebhook(definition) : completeEmail(definition);
}

/** How an operator's endpoint is sent to, with its defaults written out. */
export function withEndpointDefaults({ events, ...definition }: EndpointDefinition): CompleteWebhook {
  const give_up_after_seconds = ENDPOINT_GIVES_UP_AFTER_SECONDS;
  return { ...completeWebhook({ method: "webhook", give_up_after_seconds, ...definition }), events };
}

function completeWebhook(definition: WebhookDeliveryDefinition): CompleteWebhook {
  return {
    method: "webhook",
    ...completeRequest(definition, "lead"),
    body: definition.body ?? "full",
    legacy_signature_header: definition.legacy_signature_header ?? null,
    response_rules: definition.response_rules ?? [],
    response_values: definition.response_values ?? {},
    // One that bids may still refuse what it bid for: then the next bid is to get the lead.
    confirm: definition.confirm ?? definition.ping !== undefined,
    ping: definition.ping === undefined ? null : completePing(definition.ping),
    events: definition.events ?? [],
    ...(definition.test_url === undefined ? {} : { test_url: definition.test_url }),
    ...completeTests(definition),
    ...completeRetrying(definition),
  };
}

function completePing(definition: PingDefinition): CompletePing {
  return {
    ...completeRequest(definition, "ping"),
    ...(definition.body === undefined ? {} : { body: definition.body }),
    timeout_ms: definition.timeout_ms ?? 1_000,
    max_in_flight: definition.max_in_flight ?? 100,
    response_rules: definition.response_rules ?? [],
    response_values: definition.response_values ?? USUAL_BID,
  };
}

function completeRequest(definition: WebhookDeliveryDefinition | PingDefinition, xmlRoot: string) {
  return {
    url: definition.url,
    ...(definition.http_method === undefined ? {} : { http_method: definition.http_method }),
    format: definition.format ?? "json",
    template: definition.template === undefined ? null : JSON.stringify(definition.template),
    xml_root: definition.xml_root ?? xmlRoot,
    headers: definition.headers ?? {},
  };
}

function completeEmail(definition: EmailDeliveryDefinition): CompleteEmail {
  return {
    method: "email",
    to: definition.to,
    subject: definition.subject ?? "{campaign_name}: new lead {lead_id}",
    format: definition.format ?? "text",
    template: definition.template ?? null,
    body: definition.body ?? "full",
    ...completeTests(definition),
    ...completeRetrying(definition),
  };
}

function completeTests({ test_leads }: DeliveryDefinition) {
  return test_leads === "drop" ? { test_leads } : {};
}

function completeRetrying(definition: DeliveryDefinition) {
  return {
    when_down: definition.when_down ?? "skip",
    timeout_seconds: definition.timeout_seconds ?? 15,
    retry_schedule: definition.retry_schedule ?? STANDARD_SCHEDULE,
    give_up_after_seconds: definition.give_up_after_seconds ?? 86_400,
    max_in_flight: definition.max_in_flight ?? 20,
  };
}
