import { responseRuleProblems, responseValueProblems } from "#endpoints/answers/response-rule-problems.ts";
import { askVariableNames } from "#endpoints/message/ask-variables.ts";
import { placeholderProblems } from "#endpoints/message/placeholder.ts";
import { saleVariableNames } from "#endpoints/message/sale-variables.ts";
import type { FieldKinds, VariableNames } from "#endpoints/message/variables.ts";
import { isMapping, joinPath, type Mapping, type Problem, prefixed } from "#text/problem.ts";
import { bodyProblems } from "./body-problems.ts";
import { hasBrace } from "./compose-request.ts";
import { headerNameProblem, headerProblems } from "./header-problems.ts";

/**
 * Finds what is wrong with a buyer's delivery beyond what its schema says, by path. It takes anything, never throws and looks past what
 * has the wrong shape. `knownFields` are the types of the fields of all campaigns that the buyer is in, and `pingedFields`
 * those that pings to them can hold; without them a template may name any.
 */
export function deliveryProblems(
  definition: unknown,
  knownFields?: FieldKinds,
  pingedFields = knownFields,
): Problem[] {
  if (!isMapping(definition)) return [];
  const known = saleVariableNames(knownFields);
  return definition.method === "email"
    ? emailDeliveryProblems(definition, known)
    : webhookDeliveryProblems(definition, known, askVariableNames(pingedFields));
}

function webhookDeliveryProblems(
  definition: Mapping,
  known: VariableNames,
  pinged: VariableNames,
): Problem[] {
  const { ping, legacy_signature_header } = definition;
  return [
    ...sendingProblems(definition, known, "delivery"),
    ...urlProblems(definition.test_url, known).map((problem) => ({ ...problem, path: "test_url" })),
    ...testProblems(definition),
    ...thinProblems(definition),
    ...eventProblems(definition),
    ...legacyHeaderProblems(definition),
    // The ping is signed as the lead is, so its headers may not have that name either.
    ...(isMapping(ping)
      ? allWithin("ping", [
          ...sendingProblems(ping, pinged, "ping"),
          ...noBidProblems(ping),
          ...takenHeaderProblems(ping.headers, legacy_signature_header),
        ])
      : []),
  ];
}

/** Problems of the settings that leads, pings and checks have in common. */
export function sendingProblems(
  definition: Mapping,
  known: VariableNames,
  of: "delivery" | "ping",
): Problem[] {
  const { url, headers, response_rules, response_values } = definition;
  return [
    ...bodyProblems(definition, known),
    ...bodilessProblems(definition),
    ...urlProblems(url, known),
    ...ownHeaderProblems(headers, known),
    ...(response_rules === undefined
      ? []
      : allWithin("response_rules", responseRuleProblems(response_rules))),
    ...(response_values === undefined
      ? []
      : allWithin("response_values", responseValueProblems(response_values, of))),
  ];
}

/** What is dropped goes nowhere. */
function testProblems({ test_leads, test_url }: Mapping): Problem[] {
  if (test_leads !== "drop" || test_url === undefined) return [];
  return [{ path: "test_url", message: "must not be set beside test_leads: drop, by which nothing is sent" }];
}

function emailDeliveryProblems(definition: Mapping, known: VariableNames): Problem[] {
  const texts = (["subject", "template"] as const).flatMap((path) => {
    const text = definition[path];
    if (typeof text !== "string") return [];
    return placeholderProblems(text, known).map((message) => ({ path, message }));
  });
  return [...texts, ...thinProblems(definition)];
}

/** A template says itself what it holds, so `thin` would have no effect. */
function thinProblems({ template, body }: Mapping): Problem[] {
  if (template === undefined || body !== "thin") return [];
  return [{ path: "body", message: "must not be thin beside a template, which says itself what it holds" }];
}

/** What is of a body, beside a GET, which has none. */
function bodilessProblems(definition: Mapping): Problem[] {
  if (definition.http_method !== "GET") return [];
  return ["template", "format", "xml_root", "body"]
    .filter((path) => definition[path] !== undefined)
    .map((path) => ({
      path,
      message: "is only for a body, which a GET has not: everything stands in its url",
    }));
}

/** Of what comes after a lead no more is known than its id, and it is told in a body of its own. */
function eventProblems({ events, http_method, url, headers }: Mapping): Problem[] {
  if (!Array.isArray(events) || events.length === 0) return [];
  const texts = [url, ...(isMapping(headers) ? Object.values(headers) : [])];
  const isFilled = texts.some((text) => typeof text === "string" && hasBrace(text));
  if (!isFilled && (http_method === undefined || http_method === "POST")) return [];
  return [
    { path: "events", message: "must be told by POST, to a url and with headers without placeholders" },
  ];
}

function urlProblems(url: unknown, known: VariableNames): Problem[] {
  if (typeof url !== "string" || !hasBrace(url)) return [];
  if (hasBrace(/^[^/]*\/\/[^/?#\\]*/.exec(url)?.[0] ?? url))
    return [{ path: "url", message: "must have placeholders behind its host alone" }];
  return placeholderProblems(url, known).map((message) => ({ path: "url", message }));
}

/** Problems of headers that are sent as they are, with no lead to fill them in from. */
export function plainHeaderProblems(headers: unknown): Problem[] {
  return ownHeaderProblems(headers, undefined);
}

function ownHeaderProblems(headers: unknown, known: VariableNames | undefined): Problem[] {
  if (headers === undefined) return [];
  if (!isMapping(headers)) return [{ path: "headers", message: "must be a mapping of names to texts" }];
  return allWithin("headers", headerProblems(headers, known));
}

/** Without rules it is the price that makes an answer a bid: one that is looked for nowhere is never found. */
function noBidProblems({ response_rules: rules, response_values: values }: Mapping): Problem[] {
  const hasRules = Array.isArray(rules) && rules.length > 0;
  if (hasRules || !isMapping(values) || values.bid_price !== undefined) return [];
  return [{ path: "response_values", message: "must have bid_price where there are no response_rules" }];
}

function takenHeaderProblems(headers: unknown, legacyHeader: unknown): Problem[] {
  if (!isMapping(headers) || typeof legacyHeader !== "string") return [];
  return Object.keys(headers)
    .filter((name) => name.toLowerCase() === legacyHeader.toLowerCase())
    .map((name) => ({ path: joinPath("headers", name), message: "is the legacy_signature_header too" }));
}

function legacyHeaderProblems({ legacy_signature_header: name, headers }: Mapping): Problem[] {
  if (typeof name !== "string") return [];
  const given = isMapping(headers) ? Object.keys(headers).map((header) => header.toLowerCase()) : [];
  const taken = given.includes(name.toLowerCase()) ? "is one of the headers too" : undefined;
  const message = headerNameProblem(name) ?? taken;
  return message === undefined ? [] : [{ path: "legacy_signature_header", message }];
}

function allWithin(path: string, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => prefixed(path, problem));
}
