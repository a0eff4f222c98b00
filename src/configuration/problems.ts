import { Value } from "@sinclair/typebox/value";
import { ConfigurationDocument } from "#campaigns/document.ts";
import { deliveryProblems } from "#endpoints/delivery-problems.ts";
import { problemsOf } from "#fields/problems.ts";
import { hashedFields, withSystemFields } from "#fields/system.ts";
import { type FieldDefinition, FieldDefinition as FieldDefinitionSchema } from "#fields/types/definition.ts";
import { fieldTypes } from "#fields/types.ts";
import { isPercent } from "#money/amount.ts";
import { filterProblems } from "#rules/filter-definition.ts";
import { scheduleProblems } from "#rules/schedule.ts";
import { nearest } from "#text/did-you-mean.ts";
import { isMapping, joinPath, type Mapping, type Problem, prefixed } from "#text/problem.ts";
import { type DocumentProblem, shapeProblems } from "./schema-problems.ts";
import { unstorableProblems } from "./storable-problems.ts";

/** One entry of a list of the document, and where it stands. */
interface PlacedEntry {
  entry: Mapping;
  path: string;
}

/**
 * Everything that is wrong with a configuration document, by path, all at once; empty for one that can be applied. Takes any
 * value that JSON or YAML can give and never throws.
 */
export function problemsIn(document: unknown): DocumentProblem[] {
  const unstorable = unstorableProblems(document);
  if (unstorable.length > 0) return unstorable;
  const shape = shapeProblems(ConfigurationDocument, document, "");
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
  const known = {
    lists: idsOf(lists),
    suppliers: idsOf(suppliers),
    buyers: idsOf(buyers),
    asking: idsOf(buyers.filter(isAskedFirst)),
  };
  const campaignsByBuyer = byBuyer(campaigns);
  return [
    ...[lists, suppliers, buyers, campaigns, webhooks].flatMap(identityProblems),
    ...suppliers.flatMap(rateLimitProblems),
    ...buyers.flatMap((buyer) => [
      ...referenceProblems(buyer, "suppression_lists", known.lists, "suppression list"),
      ...buyerFieldProblems(buyer, campaignsByBuyer.get(buyer.entry.id) ?? []),
      ...currencyProblems(buyer, campaignsByBuyer.get(buyer.entry.id) ?? []),
      ...buyerDeliveryProblems(buyer, campaignsByBuyer.get(buyer.entry.id) ?? []),
    ]),
    ...campaigns.flatMap((campaign) => campaignProblems(campaign, known)),
    ...webhooks.flatMap((webhook) => [
      ...referenceProblems(webhook, "campaigns", idsOf(campaigns), "campaign"),
      ...webhookProblems(webhook),
    ]),
  ];
}

interface KnownIds {
  lists: ReadonlySet<unknown>;
  suppliers: ReadonlySet<unknown>;
  buyers: ReadonlySet<unknown>;
  /** Those that confirm a lead before they have it. */
  asking: ReadonlySet<unknown>;
}

function campaignProblems(campaign: PlacedEntry, known: KnownIds): DocumentProblem[] {
  const { entry, path } = campaign;
  const fields = fieldsOf(entry);
  const names = new Map(fields?.map((field) => [field.name, field.type]));
  const country = typeof entry.country === "string" ? entry.country : "US";
  const filters = (part: PlacedEntry, name = "filters") =>
    fields === null ? [] : filtersProblems(part, name, names);
  const links = entriesOf(entry, "suppliers", path);
  const contracts = entriesOf(entry, "buyers", path);
  return [
    ...fieldProblems(campaign),
    ...percentProblems(campaign, "margin"),
    ...(fields === null ? [] : duplicateFieldProblems(campaign, names)),
    ...filters(campaign),
    ...referenceProblems(campaign, "suppression_lists", known.lists, "suppression list"),
    ...links.flatMap((link) => [
      ...linkProblems(link, "supplier", known.suppliers, links),
      ...percentProblems(link, "payout"),
      ...percentProblems(link, "margin"),
      ...filters(link),
    ]),
    ...severalSalesProblems(campaign, contracts, known.asking),
    ...contracts.flatMap((contract) => [
      ...linkProblems(contract, "buyer", known.buyers, contracts),
      ...stateProblems(contract, country),
      ...filters(contract),
      ...entriesOf(contract.entry, "price_rules", contract.path).flatMap((rule) => filters(rule, "when")),
      ...openingProblems(contract),
    ]),
  ];
}

function identityProblems(parts: PlacedEntry[]): DocumentProblem[] {
  const ids = new Set<unknown>();
  const namesWithoutId = new Set<unknown>();
  return parts.flatMap(({ entry: { id, name }, path }) => {
    const place = joinPath(path, "id");
    if (id !== undefined) {
      if (ids.has(id)) return [problem(place, "not_allowed", "is the id of an earlier entry too")];
      ids.add(id);
      return [];
    }
    if (name === undefined) return [problem(place, "required", "is required when there is no name")];
    // Without an id the name is what tells whether this is the one that was applied before.
    if (namesWithoutId.has(name)) {
      return [problem(place, "required", "is required: an earlier entry without an id has the same name")];
    }
    namesWithoutId.add(name);
    return [];
  });
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

function referenceProblems(
  part: PlacedEntry,
  name: string,
  ids: ReadonlySet<unknown>,
  what: string,
): DocumentProblem[] {
  const references = part.entry[name];
  if (!Array.isArray(references)) return [];
  return references.flatMap((id: unknown, index) => {
    if (typeof id !== "string") return [];
    const place = joinPath(joinPath(part.path, name), index);
    if (references.indexOf(id) < index) return [problem(place, "not_allowed", "is listed twice")];
    return ids.has(id) ? [] : [problem(place, "not_allowed", `must be the id of a ${what} in this document`)];
  });
}

function linkProblems(
  link: PlacedEntry,
  kind: "supplier" | "buyer",
  ids: ReadonlySet<unknown>,
  links: PlacedEntry[],
): DocumentProblem[] {
  const id = link.entry[kind];
  if (typeof id !== "string") return [];
  const place = joinPath(link.path, kind);
  const first = links.find((other) => other.entry[kind] === id);
  if (first !== link)
    return [problem(place, "not_allowed", `is linked twice: one campaign has each ${kind} once`)];
  return ids.has(id) ? [] : [problem(place, "not_allowed", `must be the id of a ${kind} in this document`)];
}

/** The campaign's fields with the system's, or null while its own cannot be read. */
function fieldsOf(campaign: Mapping): FieldDefinition[] | null {
  const own = campaign.fields ?? [];
  if (!Array.isArray(own) || !own.every(isFieldDefinition)) return null;
  return withSystemFields(own);
}

function fieldProblems({ entry, path }: PlacedEntry): DocumentProblem[] {
  const { fields, country } = entry;
  if (!Array.isArray(fields) || !fields.every(isFieldDefinition)) return [];
  return problemsOf(fields, typeof country === "string" ? country : "US").map((found) =>
    foundWithin(joinPath(path, "fields"), found),
  );
}

function isFieldDefinition(value: unknown): value is FieldDefinition {
  return Value.Check(FieldDefinitionSchema, value);
}

function duplicateFieldProblems(
  { entry, path }: PlacedEntry,
  names: ReadonlyMap<string, unknown>,
): DocumentProblem[] {
  if (!isMapping(entry.duplicates) || !Array.isArray(entry.duplicates.fields)) return [];
  return unknownFields(
    entry.duplicates.fields,
    names,
    `${path}.duplicates.fields`,
    "a field of this campaign",
  );
}

/** A buyer's own window looks at leads of several campaigns, so a field of any of them will do. */
function buyerFieldProblems(
  { entry, path }: PlacedEntry,
  campaigns: readonly PlacedEntry[],
): DocumentProblem[] {
  if (!isMapping(entry.duplicates) || !Array.isArray(entry.duplicates.fields)) return [];
  const names = fieldsOfAll(campaigns);
  if (names === null) return [];
  const what = "a field of a campaign that the buyer is linked to";
  return unknownFields(entry.duplicates.fields, names, `${path}.duplicates.fields`, what);
}

/** The fields of any of these campaigns, the system's among them, or null while one's own cannot be read. */
function fieldsOfAll(campaigns: readonly PlacedEntry[]): ReadonlyMap<string, FieldDefinition> | null {
  const names = new Map(withSystemFields([]).map((field) => [field.name, field]));
  for (const campaign of campaigns) {
    const fields = fieldsOf(campaign.entry);
    if (fields === null) return null;
    for (const field of fields) names.set(field.name, field);
  }
  return names;
}

/** What the buyer is sent may name any field of any of its campaigns: a lead without it leaves its place empty. */
function buyerDeliveryProblems(
  { entry, path }: PlacedEntry,
  campaigns: readonly PlacedEntry[],
): DocumentProblem[] {
  const names = fieldsOfAll(campaigns);
  const known = names === null ? undefined : new Set(names.keys());
  const pinged = known?.union(new Set(hashedFields.map(({ name }) => name)));
  return [...deliveryProblems(entry.delivery, known, pinged), ...repeatedEvents(entry.delivery)].map(
    (found) => foundWithin(joinPath(path, "delivery"), found),
  );
}

function webhookProblems({ entry, path }: PlacedEntry): DocumentProblem[] {
  const headers = entry.headers === undefined ? [] : deliveryProblems({ headers: entry.headers });
  return [...headers, ...repeatedEvents(entry)].map((found) => foundWithin(path, found));
}

function repeatedEvents(subscriber: unknown): Problem[] {
  if (!isMapping(subscriber) || !Array.isArray(subscriber.events)) return [];
  const { events } = subscriber;
  return events.flatMap((event: unknown, index) =>
    events.indexOf(event) < index ? [{ path: joinPath("events", index), message: "is listed twice" }] : [],
  );
}

function unknownFields(
  fields: readonly unknown[],
  names: ReadonlyMap<string, unknown>,
  path: string,
  what: string,
): DocumentProblem[] {
  return fields.flatMap((field, index) => {
    if (typeof field !== "string") return [];
    if (fields.indexOf(field) < index)
      return [problem(joinPath(path, index), "not_allowed", "is listed twice")];
    return names.has(field)
      ? []
      : [problem(joinPath(path, index), "not_allowed", `must be ${what}${hint(field, names)}`)];
  });
}

/** What a buyer used and owes is counted in one figure, so all its campaigns must be in one currency. */
function currencyProblems(
  { entry, path }: PlacedEntry,
  campaigns: readonly PlacedEntry[],
): DocumentProblem[] {
  const currencies = new Set(campaigns.map((campaign) => campaign.entry.currency ?? "USD"));
  if (currencies.size < 2) return [];
  const message = "must not watch money: the buyer's campaigns are in different currencies";
  const capped = isMapping(entry.caps)
    ? Object.entries(entry.caps).filter(([, cap]) => isMapping(cap) && cap.amount !== undefined)
    : [];
  const watched = capped.map(([period]) => problem(`${path}.caps.${period}.amount`, "not_allowed", message));
  const billed =
    isMapping(entry.billing) && entry.billing.mode !== undefined && entry.billing.mode !== "manual";
  return billed ? [...watched, problem(`${path}.billing.mode`, "not_allowed", message)] : watched;
}

function percentProblems({ entry, path }: PlacedEntry, name: "payout" | "margin"): DocumentProblem[] {
  const said = entry[name];
  if (!isMapping(said) || typeof said.percent !== "number") return [];
  const { percent } = said;
  if (isPercent(percent) || percent < 0 || percent > 100) return [];
  return [problem(`${path}.${name}.percent`, "invalid_format", "must have at most 4 decimals")];
}

/** Buyers that are asked first are asked one after another, so one lead cannot be held for several at once. */
function severalSalesProblems(
  { entry }: PlacedEntry,
  contracts: readonly PlacedEntry[],
  asking: ReadonlySet<unknown>,
): DocumentProblem[] {
  if (typeof entry.max_sells !== "number" || entry.max_sells < 2) return [];
  const message = "must not be asked first where max_sells is above 1: its delivery needs confirm: false";
  return contracts
    .filter((contract) => asking.has(contract.entry.buyer))
    .map(({ path }) => problem(joinPath(path, "buyer"), "not_allowed", message));
}

/** A buyer that bids live is asked again when the lead comes, unless it says otherwise. */
function isAskedFirst({ entry }: PlacedEntry): boolean {
  const { delivery } = entry;
  return isMapping(delivery) && (delivery.confirm ?? delivery.ping !== undefined) === true;
}

function filtersProblems(
  { entry, path }: PlacedEntry,
  name: string,
  names: ReadonlyMap<string, FieldDefinition["type"]>,
): DocumentProblem[] {
  if (entry[name] === undefined) return [];
  const place = joinPath(path, name);
  const found = filterProblems(entry[name], names);
  if (found.length > 0) return found.map((each) => foundWithin(place, each));
  return namedFields(entry[name], place).flatMap(({ field, path: fieldPath }) =>
    names.has(field)
      ? []
      : [problem(fieldPath, "not_allowed", `must be a field of this campaign${hint(field, names)}`)],
  );
}

/** The fields that a filter without problems looks at, and where. */
function namedFields(filter: unknown, path: string): { field: string; path: string }[] {
  if (!isMapping(filter)) return [];
  if (typeof filter.field === "string") return [{ field: filter.field, path: joinPath(path, "field") }];
  if (filter.not !== undefined) return namedFields(filter.not, joinPath(path, "not"));
  return (["all", "any"] as const).flatMap((group) => {
    const parts = filter[group];
    if (!Array.isArray(parts)) return [];
    return parts.flatMap((part: unknown, index) => namedFields(part, joinPath(joinPath(path, group), index)));
  });
}

function stateProblems({ entry, path }: PlacedEntry, country: string): DocumentProblem[] {
  const normalise = fieldTypes.state.normaliser({ name: "state", type: "state" }, country);
  return ["states", "exclude_states"].flatMap((list) => {
    const states = entry[list];
    if (!Array.isArray(states)) return [];
    return states.flatMap((state: unknown, index) => {
      if (typeof state !== "string" || !/^[A-Za-z0-9]{1,3}$/.test(state)) return [];
      if (typeof normalise(state) === "string") return [];
      return [
        problem(`${path}.${list}[${index}]`, "not_allowed", `must be a state of ${country} such as TX`),
      ];
    });
  });
}

function openingProblems({ entry, path }: PlacedEntry): DocumentProblem[] {
  if (entry.schedule === undefined) return [];
  return scheduleProblems(entry.schedule).map((found) => foundWithin(joinPath(path, "schedule"), found));
}

function entriesOf(parent: Mapping, name: string, path: string): PlacedEntry[] {
  const entries = parent[name];
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown, index) =>
    isMapping(entry) ? [{ entry, path: joinPath(joinPath(path, name), index) }] : [],
  );
}

function idsOf(parts: PlacedEntry[]): ReadonlySet<unknown> {
  return new Set(parts.map(({ entry }) => entry.id).filter((id) => typeof id === "string"));
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

function problem(path: string, code: DocumentProblem["code"], message: string): DocumentProblem {
  return { path, code, message };
}

/** What another part says of its own, which has no code. */
function foundWithin(path: string, found: Problem): DocumentProblem {
  return { ...prefixed(path, found), code: "not_allowed" };
}

function hint(name: string, names: ReadonlyMap<string, unknown>): string {
  const meant = nearest(name, [...names.keys()]);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}
