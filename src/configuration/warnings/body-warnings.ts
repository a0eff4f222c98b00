import { isBodyText } from "#endpoints/body-problems.ts";
import { shownText } from "#endpoints/credentials/stored-text.ts";
import type { DeliveryDefinition } from "#endpoints/delivery-definition.ts";
import { isMapping } from "#text/problem.ts";
import { type Warning, warning } from "./warning.ts";

/** What the buyer is told in its own words: nothing of the lead, or of a test not that it is one. */
export function bodyWarnings(delivery: DeliveryDefinition, path: string, getsTests: boolean): Warning[] {
  const own = ownWords(delivery);
  if (own === undefined) return [];
  const place = `${path}.${own.name}`;
  if (!own.texts.some(namesSomething)) {
    const message = "tells nothing of the lead: a field stands in braces there, as in {phone}";
    return [warning(place, "lead_not_told", message)];
  }
  const staysAway =
    delivery.test_leads === "drop" || ("test_url" in delivery && delivery.test_url !== undefined);
  if (!getsTests || staysAway || saysTest({ ...delivery })) return [];
  const message =
    "does not say {is_test}, and the buyer gets leads of a supplier in test mode: it takes them for real ones";
  return [warning(place, "test_not_marked", message)];
}

/** Where a delivery says in words of its own what is sent; undefined: the default body says it. */
function ownWords(delivery: DeliveryDefinition): { name: string; texts: unknown[] } | undefined {
  if (delivery.template !== undefined)
    return { name: "template", texts: wordsBeside(delivery, delivery.template) };
  if (delivery.method === "email") return undefined;
  if (isBodyText(delivery.body)) return { name: "body", texts: wordsBeside(delivery, delivery.body) };
  return delivery.http_method === "GET"
    ? { name: "url", texts: wordsBeside(delivery, undefined) }
    : undefined;
}

/** A body, and what else can hold something of the lead. */
function wordsBeside(delivery: DeliveryDefinition, body: unknown): unknown[] {
  if (delivery.method === "email") return [body];
  return [body, shownText(delivery.url), ...Object.values(delivery.headers ?? {}).map(shownText)];
}

/** A brace that is doubled stands for itself. */
function namesSomething(value: unknown): boolean {
  if (typeof value === "string") return value.replaceAll(/\{\{|\}\}/g, "").includes("{");
  if (Array.isArray(value)) return value.some(namesSomething);
  return isMapping(value) && (value.$from !== undefined || Object.values(value).some(namesSomething));
}

function saysTest(value: unknown): boolean {
  if (typeof value === "string") return /\{is_test[|}]/.test(value) || value === "is_test";
  if (Array.isArray(value)) return value.some(saysTest);
  return isMapping(value) && Object.values(value).some(saysTest);
}
