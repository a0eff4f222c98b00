import type { CompleteCampaign, CompleteContract } from "#campaigns/definition.ts";
import { spellingsOf } from "#fields/spellings.ts";
import { withSystemFields } from "#fields/system.ts";
import type { FieldDefinition } from "#fields/types/definition.ts";
import { type FilterDefinition, type FilterRule, refusingPart } from "#rules/filter-definition.ts";
import { joinPath } from "#text/problem.ts";
import { impossibleField } from "./satisfiable.ts";
import { valueWarnings } from "./value-warnings.ts";
import { type Warning, warning } from "./warning.ts";

/** Filters that no lead can pass, by themselves or behind those of the campaign, or that every lead does, and who is left without leads. */
export function filterWarnings(campaign: CompleteCampaign, path: string): Warning[] {
  const fields = new Map(withSystemFields(campaign.fields).map((field) => [field.name, field]));
  const { stored } = spellingsOf([...fields.values()], campaign.country);
  const spelled = (filter: FilterDefinition): FilterDefinition => spelledBy(stored, filter);
  const own = refusingOf(campaign.filters, spelled);
  const check = (filter: FilterDefinition | null, place: string, before: FilterDefinition[]) => {
    if (filter === null) return [];
    const values = valueWarnings(filter, place, fields, campaign.country);
    return values.length > 0 ? values : oneFilterWarnings(spelled(filter), place, before, fields);
  };
  const asked = (contract: CompleteContract): FilterDefinition[] => [...own, ...stateRules(contract)];
  return [
    ...check(campaign.filters, joinPath(path, "filters"), []),
    ...campaign.checks.flatMap(({ id, when }) => check(when, `${path}.checks[${id}].when`, own)),
    ...campaign.suppliers.flatMap((link) =>
      check(link.filters, `${path}.suppliers[${link.supplier}].filters`, own),
    ),
    ...campaign.buyers.flatMap((contract) => {
      const place = `${path}.buyers[${contract.buyer}]`;
      const left = stateWarnings(contract, place, own, fields);
      if (left.length > 0) return left;
      return [
        ...check(contract.filters, joinPath(place, "filters"), asked(contract)),
        ...priceRuleWarnings(contract, place, { spelled, before: asked(contract), fields }),
      ];
    }),
    ...supplierWarnings(campaign, path, { spelled, own, fields }),
  ];
}

type Fields = ReadonlyMap<string, FieldDefinition>;
type Spelled = (filter: FilterDefinition) => FilterDefinition;

/** What of a filter refuses leads: what is only held may be released, and come to buyers after all. */
function refusingOf(filter: FilterDefinition | null, spelled: Spelled): FilterDefinition[] {
  const refusing = filter && refusingPart(filter);
  return refusing === null ? [] : [spelled(refusing)];
}

/** The states of a contract as rules. */
function stateRules({ states, exclude_states }: CompleteContract): FilterDefinition[] {
  return [
    ...(states.length === 0 ? [] : [{ field: "state", op: "in", value: states } as const]),
    ...(exclude_states.length === 0
      ? []
      : [{ field: "state", op: "not_in", value: exclude_states } as const]),
  ];
}

function stateWarnings(
  contract: CompleteContract,
  path: string,
  own: readonly FilterDefinition[],
  fields: Fields,
): Warning[] {
  const rules = stateRules(contract);
  if (rules.length === 0) return [];
  const place = joinPath(path, contract.exclude_states.length === 0 ? "states" : "exclude_states");
  if (impossibleField(rules, fields) !== undefined) {
    return [warning(place, "no_state_left", "leaves none of the states: the buyer gets no lead")];
  }
  if (impossibleField(own, fields) !== undefined) return [];
  if (impossibleField([...own, ...rules], fields) === undefined) return [];
  const message = "leaves none of the states that the campaign's filters let pass: the buyer gets no lead";
  return [warning(place, "no_state_left", message)];
}

/** So many price rules of a contract are looked at together. */
const MOST_RULES = 20;

/** Price rules that no lead can pass, or none that the rules before them leave. */
function priceRuleWarnings(
  { price_rules }: CompleteContract,
  path: string,
  { spelled, before, fields }: { spelled: Spelled; before: FilterDefinition[]; fields: Fields },
): Warning[] {
  const rules = price_rules.map(({ when }) => spelled(when));
  return rules.flatMap((when, index) => {
    const place = `${path}.price_rules[${index}].when`;
    const found = impassable(when, place, before, fields);
    if (found.length > 0 || index === 0 || index >= MOST_RULES) return found;
    const earlier = rules.slice(0, index).map((each) => ({ not: each }));
    if (impossibleField([...before, ...earlier, when], fields) === undefined) return [];
    return [warning(place, "never_reached", "is never reached: the rules before it take all such leads")];
  });
}

/** So many pairs of suppliers and buyers are compared. */
const MOST_PAIRS = 2_000;

/** Suppliers whose filters let only such leads pass as no buyer takes. */
function supplierWarnings(
  { suppliers, buyers }: CompleteCampaign,
  path: string,
  { spelled, own, fields }: { spelled: Spelled; own: FilterDefinition[]; fields: Fields },
): Warning[] {
  const links = suppliers.filter(({ status, filters }) => status === "active" && filters !== null);
  const contracts = buyers.filter(({ status }) => status === "active");
  if (contracts.length === 0 || links.length * contracts.length > MOST_PAIRS) return [];
  const wanted = contracts.map((contract) => [
    ...stateRules(contract),
    ...(contract.filters === null ? [] : [spelled(contract.filters)]),
  ]);
  const fits = (rules: readonly FilterDefinition[]) => impossibleField(rules, fields) === undefined;
  const open = wanted.filter((rules) => fits([...own, ...rules]));
  return links.flatMap(({ supplier, filters }) => {
    const sent = [...own, ...refusingOf(filters, spelled)];
    if (open.length === 0 || !fits(sent) || open.some((rules) => fits([...sent, ...rules]))) return [];
    const message = "let only leads pass that no buyer takes";
    return [warning(`${path}.suppliers[${supplier}].filters`, "no_buyer_fits", message)];
  });
}

/** What is wrong with one filter: that nothing passes it, or everything. */
function oneFilterWarnings(
  filter: FilterDefinition,
  path: string,
  before: readonly FilterDefinition[],
  fields: Fields,
): Warning[] {
  const found = impassable(filter, path, before, fields);
  return found.length > 0 ? found : partsPassedByAll(filter, path, fields);
}

/** Groups that every lead passes, as `any` of two `ne` is: a single rule that all pass is only more than was needed. */
function partsPassedByAll(filter: FilterDefinition, path: string, fields: Fields): Warning[] {
  if ("all" in filter)
    return filter.all.flatMap((part, index) => partsPassedByAll(part, `${path}.all[${index}]`, fields));
  if ("field" in filter || impossibleField([{ not: filter }], fields) === undefined) return [];
  const message = "is passed by every lead: it turns none away";
  return [warning(path, "filter_always_passes", message)];
}

/** The rules that cannot be passed at all, else the filter for what contradicts itself or what comes before. */
function impassable(
  filter: FilterDefinition,
  path: string,
  before: readonly FilterDefinition[],
  fields: Fields,
): Warning[] {
  const alone = impossibleRules(filter, path, fields);
  if (alone.length > 0) return alone;
  const within = impossibleField([filter], fields);
  if (within !== undefined) {
    return [
      warning(
        path,
        "filter_never_passes",
        `can never be passed: what it asks of ${within} contradicts itself`,
      ),
    ];
  }
  if (impossibleField(before, fields) !== undefined) return [];
  const behind = impossibleField([...before, filter], fields);
  if (behind === undefined) return [];
  const message = `can never be passed: no lead that passes the campaign's filters, and the states, has such a ${behind}`;
  return [warning(path, "filter_never_passes", message)];
}

function impossibleRules(filter: FilterDefinition, path: string, fields: Fields): Warning[] {
  if ("field" in filter) {
    if (impossibleField([filter], fields) === undefined) return [];
    const message = `can never be passed: ${filter.field} has no such value${boundsOf(fields.get(filter.field))}`;
    return [warning(path, "filter_never_passes", message)];
  }
  // What is under a `not` is to fail.
  if ("not" in filter) return [];
  const group = "all" in filter ? "all" : "any";
  const parts = "all" in filter ? filter.all : filter.any;
  return parts.flatMap((part, index) => impossibleRules(part, `${path}.${group}[${index}]`, fields));
}

function boundsOf(field: FieldDefinition | undefined): string {
  if (field?.min !== undefined && field.max !== undefined) return `, it is from ${field.min} to ${field.max}`;
  if (field?.min !== undefined) return `, it is at least ${field.min}`;
  return field?.max === undefined ? "" : `, it is at most ${field.max}`;
}

/** The filter with its values as a lead's would be stored: `Texas` is `TX`. */
function spelledBy(
  stored: (field: string, value: string | number | boolean) => string | number | boolean,
  filter: FilterDefinition,
): FilterDefinition {
  if ("all" in filter) return { all: filter.all.map((part) => spelledBy(stored, part)) };
  if ("any" in filter) return { any: filter.any.map((part) => spelledBy(stored, part)) };
  if ("not" in filter) return { not: spelledBy(stored, filter.not) };
  return { ...filter, ...spelledValue(stored, filter) };
}

function spelledValue(
  stored: (field: string, value: string | number | boolean) => string | number | boolean,
  { field, value }: FilterRule,
): Partial<FilterRule> {
  if (value === undefined) return {};
  return {
    value: typeof value === "object" ? value.map((each) => stored(field, each)) : stored(field, value),
  };
}
