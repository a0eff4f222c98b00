import { ConfigurationDocument } from "#campaigns/document.ts";
import type { FilterUse } from "#rules/filter-definition.ts";
import { scheduleProblems } from "#rules/schedule.ts";
import { isMapping, joinPath, type Mapping } from "#text/problem.ts";
import { conversionProblems } from "./conversion-problems.ts";
import {
  buyerFieldProblems,
  countryProblems,
  duplicateFieldProblems,
  fieldProblems,
  filtersProblems,
  readableFields,
  stateProblems,
} from "./field-problems.ts";
import { currencyProblems, percentProblems } from "./money-problems.ts";
import { namedPaths } from "./named-path.ts";
import { entriesOf, foundWithin, idSetOf, type PlacedEntry, problem } from "./placed-entry.ts";
import {
  alertsProblems,
  buyerDeliveryProblems,
  campaignCheckProblems,
  checkedNames,
  operatorWebhookProblems,
} from "./recipient-problems.ts";
import { recordsProblems } from "./records-problems.ts";
import {
  identityProblems,
  linkProblems,
  referenceProblems,
  repetitionProblems,
} from "./reference-problems.ts";
import { type DocumentProblem, schemaProblems } from "./schema-problems.ts";
import { unstorableProblems } from "./storable-problems.ts";

/**
 * Everything that is wrong with a configuration document, by path, all at once; empty for one that can be applied. Takes any
 * value that JSON or YAML can give and never throws.
 */
export function problemsIn(document: unknown): DocumentProblem[] {
  const named = namedPaths(document);
  return problemsByPlace(document).map((found) => ({ ...found, path: named(found.path) }));
}

function problemsByPlace(document: unknown): DocumentProblem[] {
  const unstorable = unstorableProblems(document);
  if (unstorable.length > 0) return unstorable;
  const shape = schemaProblems(ConfigurationDocument, document, "");
  if (!isMapping(document)) return shape;
  return [...shape, ...meaningProblems(document)];
}

/** What the schema cannot say. It looks past what has the wrong shape: that was told already. */
function meaningProblems(document: Mapping): DocumentProblem[] {
  const lists = entriesOf(document, "suppression_lists", "");
  const suppliers = entriesOf(document, "suppliers", "");
  const buyers = entriesOf(document, "buyers", "");
  const campaigns = entriesOf(document, "campaigns", "");
  const webhooks = entriesOf(document, "webhooks", "");
  const conversions = entriesOf(document, "conversions", "");
  const reports = entriesOf(document, "reports", "");
  const known = {
    lists: idSetOf(lists),
    suppliers: idSetOf(suppliers),
    buyers: idSetOf(buyers),
  };
  const campaignsByBuyer = byBuyer(campaigns);
  return [
    ...[lists, suppliers, buyers, campaigns, webhooks, conversions, reports].flatMap(identityProblems),
    ...suppliers.flatMap(rateLimitProblems),
    ...buyers.flatMap((buyer) => [
      ...referenceProblems(buyer, "suppression_lists", known.lists, "suppression list"),
      ...buyerFieldProblems(buyer, campaignsByBuyer.get(buyer.entry.id) ?? []),
      ...currencyProblems(buyer, campaignsByBuyer.get(buyer.entry.id) ?? []),
      ...buyerDeliveryProblems(buyer, campaignsByBuyer.get(buyer.entry.id) ?? []),
    ]),
    ...campaigns.flatMap((campaign) => campaignProblems(campaign, known)),
    ...webhooks.flatMap((webhook) => [
      ...referenceProblems(webhook, "campaigns", idSetOf(campaigns), "campaign"),
      ...operatorWebhookProblems(webhook),
    ]),
    ...alertsProblems(document.alerts),
    ...recordsProblems(document.records_days, buyers, campaigns),
    ...conversions.flatMap((conversion) => [
      ...referenceProblems(conversion, "campaigns", idSetOf(campaigns), "campaign"),
      ...conversionProblems(conversion, campaigns),
    ]),
    ...reports.flatMap((report) => [
      ...referenceProblems(report, "campaigns", idSetOf(campaigns), "campaign"),
      ...["to", "group_by"].flatMap((name) => repetitionProblems(report, name)),
    ]),
  ];
}

interface KnownIds {
  lists: ReadonlySet<unknown>;
  suppliers: ReadonlySet<unknown>;
  buyers: ReadonlySet<unknown>;
}

function campaignProblems(campaign: PlacedEntry, known: KnownIds): DocumentProblem[] {
  const { entry, path } = campaign;
  const fields = readableFields(entry);
  const names = new Map(fields?.map((field) => [field.name, field]));
  const country = typeof entry.country === "string" ? entry.country : "US";
  const filters = (part: PlacedEntry, use: FilterUse, name = "filters") =>
    fields === null ? [] : filtersProblems(part, name, names, use);
  const checks = entriesOf(entry, "checks", path);
  const offered = (part: PlacedEntry, name?: string) =>
    fields === null ? [] : filtersProblems(part, name ?? "filters", names, "chooses", checkedNames(checks));
  const links = entriesOf(entry, "suppliers", path);
  const contracts = entriesOf(entry, "buyers", path);
  return [
    ...countryProblems(campaign),
    ...fieldProblems(campaign),
    ...percentProblems(campaign, "margin"),
    ...(fields === null ? [] : duplicateFieldProblems(campaign, names)),
    ...filters(campaign, "turns_away"),
    ...referenceProblems(campaign, "suppression_lists", known.lists, "suppression list"),
    ...campaignCheckProblems(checks, fields),
    ...checks.flatMap((check) => filters(check, "chooses", "when")),
    ...links.flatMap((link) => [
      ...linkProblems(link, "supplier", known.suppliers, links),
      ...percentProblems(link, "payout"),
      ...percentProblems(link, "margin"),
      ...filters(link, "turns_away"),
    ]),
    ...contracts.flatMap((contract) => [
      ...linkProblems(contract, "buyer", known.buyers, contracts),
      ...stateProblems(contract, country),
      ...offered(contract),
      ...entriesOf(contract.entry, "price_rules", contract.path).flatMap((rule) => offered(rule, "when")),
      ...openingProblems(contract),
    ]),
  ];
}

function rateLimitProblems({ entry, path }: PlacedEntry): DocumentProblem[] {
  if (!isMapping(entry.rate_limits)) return [];
  return Object.entries(entry.rate_limits).flatMap(([route, limit]) => {
    if (!isMapping(limit) || typeof limit.burst_per_second !== "number") return [];
    if (typeof limit.per_second !== "number" || limit.burst_per_second >= limit.per_second) return [];
    const place = `${path}.rate_limits.${route}.burst_per_second`;
    return [problem(place, "out_of_range", "must not be below per_second")];
  });
}

function openingProblems({ entry, path }: PlacedEntry): DocumentProblem[] {
  if (entry.schedule === undefined) return [];
  return scheduleProblems(entry.schedule).map((found) => foundWithin(joinPath(path, "schedule"), found));
}

/** The campaigns that each buyer is linked to. */
function byBuyer(campaigns: PlacedEntry[]): ReadonlyMap<unknown, PlacedEntry[]> {
  const linked = new Map<unknown, PlacedEntry[]>();
  for (const campaign of campaigns) {
    for (const contract of entriesOf(campaign.entry, "buyers", "")) {
      const known = linked.get(contract.entry.buyer);
      if (known === undefined) linked.set(contract.entry.buyer, [campaign]);
      else if (!known.includes(campaign)) known.push(campaign);
    }
  }
  return linked;
}
