import type {
  CompleteCampaign,
  CompleteDocument,
  PortalDefinition,
  WebhookDefinition,
} from "#campaigns/definition.ts";
import type { AlertsEntry, BuyerEntry } from "#campaigns/document.ts";
import type { WithId } from "#configuration/identify.ts";
import type { ResponseRule, StatusDefinition } from "#endpoints/answers/response-rules.ts";
import type { DeliveryDefinition } from "#endpoints/delivery-definition.ts";
import { addressWarnings, mailboxWarnings } from "./address-warnings.ts";
import { bodyWarnings } from "./body-warnings.ts";
import type { BuyerPlace } from "./buyer-place.ts";
import { type Surroundings, type Warning, warning } from "./warning.ts";
import { buyerWithoutZone } from "./zone-warnings.ts";

/** How a buyer's leads would not reach it, or would be misunderstood. */
export function buyerDeliveryWarnings(
  { id, delivery, timezone }: WithId<BuyerEntry>,
  place: BuyerPlace,
  surroundings: Surroundings,
): Warning[] {
  const path = `buyers[${id}]`;
  const isLinked = place.complete.status === "active" && place.purchases.length > 0;
  const zone = timezone === undefined ? buyerWithoutZone(id, place) : [];
  if (delivery === undefined) {
    const nothing = warning(`${path}.delivery`, "no_delivery", "is not written: the buyer is sent nothing");
    return [...zone, ...(isLinked ? [nothing] : [])];
  }
  const at = `${path}.delivery`;
  return [
    ...zone,
    ...reachWarnings(delivery, at, surroundings),
    ...(delivery.method === "webhook" ? answerWarnings(delivery, at, place) : []),
    ...retryWarnings(delivery, at),
    ...bodyWarnings(delivery, at, place.getsTests),
  ];
}

function reachWarnings(delivery: DeliveryDefinition, path: string, surroundings: Surroundings): Warning[] {
  if (delivery.method === "email") {
    return [
      ...(surroundings.mailIsSetUp
        ? []
        : [
            warning(path, "mail_not_set_up", "is by e-mail, and the server has no SMTP_URL: nothing is sent"),
          ]),
      ...mailboxWarnings(delivery.to, `${path}.to`),
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

/** Webhooks to which an earlier one's address, credentials and campaigns are given, with an event that it hears of too. */
export function webhooksAlike(webhooks: readonly WebhookDefinition[]): Warning[] {
  const active = webhooks.filter(({ status }) => status === "active");
  const by = ({ url, headers, campaigns }: WebhookDefinition) => JSON.stringify([url, headers, campaigns]);
  return [...Map.groupBy(active, by).values()].flatMap(([first, ...others]) =>
    others
      .filter(({ events }) => events.some((event) => first?.events.includes(event)))
      .map(({ id }) =>
        warning(
          `webhooks[${id}]`,
          "told_twice",
          `is told the same as ${String(first?.id)}, at the same address`,
        ),
      ),
  );
}

/** What Meta is told, and takes nothing of or little. */
export function conversionWarnings(
  { id, status, action_source, map }: CompleteDocument["conversions"][number],
  { withoutToken }: Surroundings,
): Warning[] {
  if (status !== "active") return [];
  const path = `conversions[${id}]`;
  const missing = ["event_source_url", "client_user_agent"].filter((name) => map[name] === undefined);
  const wanted = `is website, of which Meta also wants ${missing.join(" and ")}: map says from which field`;
  return [
    ...(withoutToken.has(id)
      ? [warning(path, "no_token", `has no access token yet: leadgate conversions token ${id} gives it one`)]
      : []),
    ...(action_source === "website" && missing.length > 0
      ? [warning(`${path}.action_source`, "conversion_incomplete", wanted)]
      : []),
  ];
}

/** Whom the server is to tell by e-mail. */
export function alertsWarnings(alerts: AlertsEntry | undefined, { mailIsSetUp }: Surroundings): Warning[] {
  if (alerts?.email === undefined) return [];
  if (mailIsSetUp) return mailboxWarnings(alerts.email, "alerts.email");
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
  { purchases, settlesRefusals }: BuyerPlace,
): Warning[] {
  const knowsNo = rules.some(({ outcome }) => outcome === "rejected" || outcome === "duplicate");
  const isSaid = confirm !== undefined || ping !== undefined || settlesRefusals;
  const isIdlePing =
    ping !== undefined &&
    purchases.length > 0 &&
    !purchases.some(({ campaign }) => campaign.mode === "ping_post");
  return [
    ...neverAccepting(rules, `${path}.response_rules`),
    ...unreachedRules(rules, `${path}.response_rules`),
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

/** A first retry that comes when the delivery was given up already. */
function retryWarnings(
  { retry_schedule, give_up_after_seconds = 86_400 }: DeliveryDefinition,
  path: string,
): Warning[] {
  const [first] = retry_schedule ?? [];
  if (first === undefined || first < give_up_after_seconds) return [];
  const message = `does nothing: all is given up after ${give_up_after_seconds} seconds`;
  return [warning(`${path}.retry_schedule`, "without_effect", message)];
}

/** Once there are rules, an answer that none of them knows is no yes. */
function neverAccepting(rules: readonly ResponseRule[], path: string): Warning[] {
  if (rules.length === 0 || rules.some(({ outcome }) => outcome === "accepted")) return [];
  return [
    warning(path, "rules_never_accept", "have no rule with outcome: accepted, so that no answer is a yes"),
  ];
}

/** Rules that say when as one before them does, or whose status that one takes whatever the body says. */
function unreachedRules(rules: readonly ResponseRule[], path: string): Warning[] {
  return rules.flatMap(({ when }, index) => {
    const isTaken = rules.slice(0, index).some((earlier) => takesAll(earlier.when, when));
    if (!isTaken) return [];
    return [
      warning(
        `${path}[${index}]`,
        "never_reached",
        "is never reached: a rule before it takes all such answers",
      ),
    ];
  });
}

function takesAll(earlier: ResponseRule["when"], later: ResponseRule["when"]): boolean {
  if (JSON.stringify(earlier) === JSON.stringify(later)) return true;
  if (Array.isArray(earlier) || Array.isArray(later) || later.status === undefined) return false;
  if (Object.keys(earlier).join() !== "status" || earlier.status === undefined) return false;
  const taken = new Set(statusesIn(earlier.status));
  return statusesIn(later.status).every((status) => taken.has(status));
}

function statusesIn(status: StatusDefinition): number[] {
  if (typeof status === "number") return [status];
  if (typeof status !== "string") return status;
  return Array.from({ length: 100 }, (_, index) => Number(status[0]) * 100 + index);
}
