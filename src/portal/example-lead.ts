import type { Campaign } from "#campaigns/campaign.ts";
import type { FieldDefinition } from "#fields/types/definition.ts";
import { usualHashesOf } from "#fields/usual-hashes.ts";
import type { FilterDefinition } from "#rules/filter.ts";
import { DAY_MS } from "#time/durations.ts";

type Value = string | number | boolean;

const YOUR_SUPPLIER_ID = "YOUR_SUPPLIER_ID";

/**
 * A lead of a person who does not exist that the campaign would take: each field that is required of it or of its ping, and
 * those that a filter asks for. Where the
 * operator gave an example, that is it; a pattern without one cannot be guessed. Dates are near `now`, or a filter would find them old.
 */
export function exampleLead(
  campaign: Campaign,
  supplierId: string | undefined,
  now: Date,
): Record<string, Value> {
  const fields = campaign.mapping.fields;
  const values = new Map<string, Value>(
    fields
      .filter((field) => isAskedFor(field, campaign) || field.example !== undefined)
      .map((field) => [field.name, exampleOf(field, campaign.country, now)]),
  );
  const filters = [
    ...(supplierId === undefined ? [] : [campaign.suppliers.get(supplierId)?.filters?.definition]),
    campaign.filters?.definition,
  ];
  for (const filter of filters) if (filter) satisfy(filter, values, now);
  return {
    flo_campaign_id: campaign.id,
    flo_supplier_id: supplierId ?? YOUR_SUPPLIER_ID,
    ...Object.fromEntries(fields.flatMap(({ name }) => withName(name, values.get(name)))),
  };
}

/** Stands in an example for what only a ping's answer says. */
export const YOUR_PING_ID = "YOUR_PING_ID";

/** The example lead as it is posted: to a campaign that is pinged first, with a ping's token. */
export function examplePost(
  campaign: Campaign,
  supplierId: string | undefined,
  now: Date,
): Record<string, Value> {
  const { flo_campaign_id = "", flo_supplier_id = "", ...lead } = exampleLead(campaign, supplierId, now);
  const ofPing = campaign.mode === "ping_post" ? { flo_ping_id: YOUR_PING_ID } : {};
  return { flo_campaign_id, flo_supplier_id, ...ofPing, ...lead };
}

/**
 * What is pinged of the example lead: nothing that tells who the person is, unless the campaign asks for it, and the phone and the e-mail
 * hashed, by which duplicates are found.
 */
export function examplePing(
  campaign: Campaign,
  supplierId: string | undefined,
  now: Date,
): Record<string, Value> {
  const { flo_campaign_id = "", flo_supplier_id = "", ...lead } = exampleLead(campaign, supplierId, now);
  const read = campaign.mapping.read(lead, "post");
  const understood = read.ok ? read.values : {};
  const said = campaign.mapping.fields
    .filter((field) => !tellsWho(field) || (field.required_for_ping === true && !isHashed(field.name)))
    .flatMap(({ name }) => withName(name, lead[name]));
  const hashes = HASHES.flatMap(({ name, of }) => {
    const [hash] = of in understood ? usualHashesOf(name, String(understood[of])) : [];
    return withName(name, hash);
  });
  return { flo_campaign_id, flo_supplier_id, ...Object.fromEntries([...said, ...hashes]) };
}

function tellsWho({ name, type }: FieldDefinition): boolean {
  return type === "phone" || type === "email" || name === "first_name" || name === "last_name";
}

function isHashed(name: string): boolean {
  return HASHES.some(({ of }) => of === name);
}

const HASHES = [
  { name: "phone_sha256", of: "phone" },
  { name: "email_sha256", of: "email" },
] as const;

function isAskedFor({ required, required_for_ping }: FieldDefinition, { mode }: Campaign): boolean {
  return required === true || (mode === "ping_post" && required_for_ping === true);
}

function withName(name: string, value: Value | undefined): [string, Value][] {
  return value === undefined ? [] : [[name, value]];
}

/** A value of a field that the campaign would take: the operator's example, or one that its limits allow. */
export function exampleOf(field: FieldDefinition, country: string, now: Date): Value {
  return field.example ?? madeExample(field, country, now);
}

function madeExample(field: FieldDefinition, country: string, now: Date): Value {
  const monthAgo = new Date(now.getTime() - 30 * DAY_MS).toISOString();
  switch (field.type) {
    case "text":
      return padded(TEXTS[field.name] ?? "Example", field);
    case "number":
    case "integer":
      return numberWithin(field);
    case "boolean":
      return true;
    case "date":
      return textWithin(field, monthAgo.slice(0, 10));
    case "datetime":
      return textWithin(field, `${monthAgo.slice(0, 19)}Z`);
    case "email":
      return "ada@example.com";
    case "phone":
      return country === "US" ? "(512) 555-0147" : "+1 512 555 0147";
    case "state":
      return country === "US" ? "TX" : "ON";
    case "zip":
      return ZIPS[country] ?? "78701";
    case "url":
      return field.name === "trustedform_cert_url"
        ? "https://cert.trustedform.com/0123456789abcdef0123456789abcdef01234567"
        : "https://example.com/";
    case "enum":
      return field.values?.[0] ?? "";
  }
}

const ZIPS: Readonly<Record<string, string>> = { CA: "K1A 0B1", GB: "SW1A 1AA" };

const TEXTS: Readonly<Record<string, string>> = {
  first_name: "Ada",
  last_name: "Lovelace",
  source: "example.com",
};

function padded(text: string, { min_length: least = 1, max_length: most = 2000 }: FieldDefinition): string {
  return text.padEnd(least, "x").slice(0, most);
}

function numberWithin({ min, max }: FieldDefinition): number {
  const least = typeof min === "number" ? min : 0;
  const most = typeof max === "number" ? max : Math.max(least, 10);
  return Math.min(Math.max(least, 10), most);
}

function textWithin({ min, max }: FieldDefinition, usual: string): string {
  if (typeof min === "string" && usual < min) return min;
  return typeof max === "string" && usual > max ? max : usual;
}

/** Changes the values so that they pass, as far as plain rules say how: all of `all`, the first of `any`. */
function satisfy(filter: FilterDefinition, values: Map<string, Value>, now: Date): void {
  if ("all" in filter) for (const part of filter.all) satisfy(part, values, now);
  else if ("any" in filter) for (const part of filter.any.slice(0, 1)) satisfy(part, values, now);
  else if (!("not" in filter)) satisfyRule(filter, values, now);
}

type Rule = Exclude<FilterDefinition, { all: unknown } | { any: unknown } | { not: unknown }>;

function satisfyRule({ field, op, value }: Rule, values: Map<string, Value>, now: Date): void {
  const [one, other] = Array.isArray(value) ? value : [value];
  if (op === "is_empty") values.delete(field);
  if (one === undefined || isWithin(op, values.get(field), one, other)) return;
  switch (op) {
    case "eq":
    case "in":
    case "gte":
    case "lte":
    case "between":
    case "contains":
    case "starts_with":
    case "ends_with":
      values.set(field, one);
      break;
    case "gt":
      if (typeof one === "number") values.set(field, one + 1);
      break;
    case "lt":
      if (typeof one === "number") values.set(field, one - 1);
      break;
    case "within_days":
      values.set(field, daysBefore(now, Math.min(30, Number(one))));
      break;
    case "older_than_days":
      values.set(field, daysBefore(now, Number(one) + 1));
      break;
    case "ne":
    case "not_in":
    case "not_contains":
    case "matches":
    case "is_empty":
    case "is_not_empty":
      break;
  }
}

/** Whether a number that is there already, such as the operator's example, is what a rule asks for. */
function isWithin(op: Rule["op"], present: Value | undefined, one: Value, other: Value | undefined): boolean {
  if (typeof present !== "number" || typeof one !== "number") return false;
  return COMPARISONS[op]?.(present, one, typeof other === "number" ? other : one) ?? false;
}

const COMPARISONS: Partial<Record<Rule["op"], (present: number, one: number, other: number) => boolean>> = {
  gte: (present, one) => present >= one,
  gt: (present, one) => present > one,
  lte: (present, one) => present <= one,
  lt: (present, one) => present < one,
  between: (present, one, other) => present >= one && present <= other,
};

function daysBefore(now: Date, days: number): string {
  return new Date(now.getTime() - days * DAY_MS).toISOString().slice(0, 10);
}
