import type {
  BuyerDefinition,
  CompleteCampaign,
  CompleteDocument,
  PortalDefinition,
  WebhookDefinition,
} from "#campaigns/definition.ts";
import type { AlertsEntry, BuyerEntry } from "#campaigns/document.ts";
import type { WithId } from "#configuration/identify.ts";
import type { ResponseRule } from "#endpoints/answers/response-rules.ts";
import { type StoredText, shownText } from "#endpoints/credentials/stored-text.ts";
import type { DeliveryDefinition } from "#endpoints/delivery-definition.ts";
import { isMapping } from "#text/problem.ts";
import { type Surroundings, type Warning, warning } from "./warning.ts";

/** What is known of a buyer beside what was written of it. */
export interface BuyerPlace {
  complete: BuyerDefinition;
  /** The campaigns that it buys from. */
  campaigns: readonly CompleteCampaign[];
  /** Whether it may be sold leads of a supplier in test mode. */
  getsTests: boolean;
  /** Whether each of its contracts says what becomes of a lead that it refuses. */
  settlesRefusals: boolean;
}

/** How a buyer's leads would not reach it, or would be misunderstood. */
export function buyerDeliveryWarnings(
  { id, delivery, timezone }: WithId<BuyerEntry>,
  place: BuyerPlace,
  surroundings: Surroundings,
): Warning[] {
  const path = `buyers[${id}]`;
  const isLinked = place.complete.status === "active" && place.campaigns.length > 0;
  const opens = place.campaigns.some(({ buyers }) =>
    buyers.some((each) => each.buyer === id && each.schedule !== null),
  );
  const zone =
    timezone === undefined && opens
      ? [warning(`${path}.timezone`, "zone_not_said", "is not written, so that its schedules open by UTC")]
      : [];
  if (delivery === undefined) {
    const nothing = warning(`${path}.delivery`, "no_delivery", "is not written: the buyer is sent nothing");
    return [...zone, ...(isLinked ? [nothing] : [])];
  }
  const at = `${path}.delivery`;
  return [
    ...zone,
    ...reachWarnings(delivery, at, surroundings),
    ...(delivery.method === "webhook" ? answerWarnings(delivery, at, place) : []),
    ...(place.getsTests ? testWarnings(delivery, at) : []),
  ];
}

function reachWarnings(delivery: DeliveryDefinition, path: string, surroundings: Surroundings): Warning[] {
  if (delivery.method === "email") {
    if (surroundings.mailIsSetUp) return [];
    return [
      warning(path, "mail_not_set_up", "is by e-mail, and the server has no SMTP_URL: nothing is sent"),
    ];
  }
  const { url, ping } = delivery;
  return [
    ...addressWarnings(url, path, surroundings),
    ...(delivery.test_url === undefined
      ? []
      : addressWarnings(delivery.test_url, path, surroundings, "test_url")),
    ...(ping === undefined ? [] : addressWarnings(ping.url, `${path}.ping`, surroundings)),
  ];
}

/** Of an address that the server will not dial. */
function addressWarnings(
  url: StoredText,
  path: string,
  { isRefused }: Surroundings,
  name = "url",
): Warning[] {
  if (!isRefused(shownText(url))) return [];
  const message =
    "is an address that is not dialled, since it is no public one; WEBHOOK_ALLOW_CIDRS opens ranges, such as 127.0.0.0/8";
  return [warning(`${path}.${name}`, "address_refused", message)];
}

/** Checks that are never asked, or never let a lead pass; filters tell of a `when` that no lead passes. */
export function checkWarnings(
  { checks, check_budget_ms }: CompleteCampaign,
  path: string,
  surroundings: Surroundings,
): Warning[] {
  return checks.flatMap(({ id, url, timeout_ms, response_rules }) => {
    const place = `${path}.checks[${id}]`;
    const late = `is ${timeout_ms}, and the campaign's check_budget_ms ends all after ${check_budget_ms}`;
    return [
      ...addressWarnings(url, place, surroundings),
      ...neverAccepting(response_rules, `${place}.response_rules`),
      ...(timeout_ms > check_budget_ms ? [warning(`${place}.timeout_ms`, "check_above_budget", late)] : []),
    ];
  });
}

/** An endpoint of the operator's own. */
export function webhookWarnings(
  { id, url, status }: WebhookDefinition,
  surroundings: Surroundings,
): Warning[] {
  return status === "active" ? addressWarnings(url, `webhooks[${id}]`, surroundings) : [];
}

/** Whom the server is to tell by e-mail. */
export function alertsWarnings(alerts: AlertsEntry | undefined, { mailIsSetUp }: Surroundings): Warning[] {
  if (alerts?.email === undefined || mailIsSetUp) return [];
  return [warning("alerts.email", "mail_not_set_up", "hears of nothing: the server has no SMTP_URL")];
}

/** Who is to be sent links to a portal by e-mail. */
export function portalWarnings(
  { suppliers, buyers }: Pick<CompleteDocument, "suppliers" | "buyers">,
  { mailIsSetUp }: Surroundings,
): Warning[] {
  if (mailIsSetUp) return [];
  const linked = ([list, parts]: [string, readonly { id: string; portal: PortalDefinition }[]]) =>
    parts.filter(({ portal }) => portal.email.length > 0).map(({ id }) => `${list}[${id}].portal.email`);
  return [linked(["suppliers", suppliers]), linked(["buyers", buyers])]
    .flat()
    .map((path) => warning(path, "mail_not_set_up", "is sent no link: the server has no SMTP_URL"));
}

type WebhookDelivery = Extract<DeliveryDefinition, { method: "webhook" }>;

function answerWarnings(
  { response_rules: rules = [], confirm, ping }: WebhookDelivery,
  path: string,
  { campaigns, settlesRefusals }: BuyerPlace,
): Warning[] {
  const knowsNo = rules.some(({ outcome }) => outcome === "rejected" || outcome === "duplicate");
  const isSaid = confirm !== undefined || ping !== undefined || settlesRefusals;
  const isIdlePing =
    ping !== undefined && campaigns.length > 0 && !campaigns.some(({ mode }) => mode === "ping_post");
  return [
    ...neverAccepting(rules, `${path}.response_rules`),
    ...(ping === undefined ? [] : neverAccepting(ping.response_rules ?? [], `${path}.ping.response_rules`)),
    ...(knowsNo && !isSaid
      ? [
          warning(
            `${path}.response_rules`,
            "refusal_not_settled",
            "know a no, and nothing says what becomes of such a lead: confirm: true asks the buyer before the supplier is " +
              "answered; on_refusal in its contract says it otherwise",
          ),
        ]
      : []),
    ...(isIdlePing
      ? [
          warning(
            `${path}.ping`,
            "without_effect",
            "does nothing: none of the buyer's campaigns has mode: ping_post",
          ),
        ]
      : []),
  ];
}

/** Once there are rules, an answer that none of them knows is no yes. */
function neverAccepting(rules: readonly ResponseRule[], path: string): Warning[] {
  if (rules.length === 0 || rules.some(({ outcome }) => outcome === "accepted")) return [];
  return [
    warning(path, "rules_never_accept", "have no rule with outcome: accepted, so that no answer is a yes"),
  ];
}

/** The buyer's words for a lead that is a test, where it is sent some. */
function testWarnings(delivery: DeliveryDefinition, path: string): Warning[] {
  const settings: Record<string, unknown> = { ...delivery };
  const staysAway = delivery.test_leads === "drop" || settings.test_url !== undefined;
  const own =
    settings.template ??
    (typeof settings.body === "string" && settings.body.includes("{") ? settings.body : undefined);
  if (own === undefined || staysAway || saysTest(settings)) return [];
  const message =
    "does not say {is_test}, and the buyer gets leads of a supplier in test mode: it takes them for real ones";
  return [warning(`${path}.template`, "test_not_marked", message)];
}

function saysTest(value: unknown): boolean {
  if (typeof value === "string") return /\{is_test[|}]/.test(value) || value === "is_test";
  if (Array.isArray(value)) return value.some(saysTest);
  return isMapping(value) && Object.values(value).some(saysTest);
}
