import type { CompleteCampaign } from "#campaigns/definition.ts";
import { spellingsOf } from "#fields/spellings.ts";
import { withSystemFields } from "#fields/system.ts";
import type { FieldDefinition } from "#fields/types/definition.ts";
import { type FilterDefinition, type FilterRule, refusingPart } from "#rules/filter-definition.ts";
import { joinPath } from "#text/problem.ts";
import { impossibleField } from "./satisfiable.ts";
import { type Warning, warning } from "./warning.ts";

/** Filters that no lead can pass, by themselves or behind those of the campaign, and states of which none is left. */
export function filterWarnings(campaign: CompleteCampaign, path: string): Warning[] {
  const fields = new Map(withSystemFields(campaign.fields).map((field) => [field.name, field]));
  const { stored } = spellingsOf([...fields.values()], campaign.country);
  const spelled = (filter: FilterDefinition): FilterDefinition => spelledBy(stored, filter);
  // What is only held may be released, and come to buyers after all.
  const refusing = campaign.filters && refusingPart(campaign.filters);
  const own = refusing === null ? [] : [spelled(refusing)];
  const check = (filter: FilterDefinition | null, place: string, before: FilterDefinition[]) =>
    filter === null ? [] : oneFilterWarnings(spelled(filter), place, before, fields);
  return [
    ...check(campaign.filters, joinPath(path, "filters"), []),
    ...campaign.checks.flatMap(({ id, when }) => check(when, `${path}.checks[${id}].when`, own)),
    ...campaign.suppliers.flatMap((link) =>
      check(link.filters, `${path}.suppliers[${link.supplier}].filters`, own),
    ),
    ...campaign.buyers.flatMap((contract) => {
      const place = `${path}.buyers[${contract.buyer}]`;
      const states = statesLeft(contract);
      if (states?.length === 0) {
        return [
          warning(
            joinPath(place, "exclude_states"),
            "no_state_left",
            "leaves none of the states: the buyer gets no lead",
          ),
        ];
      }
      const inStates: FilterDefinition[] =
        states === null ? [] : [{ field: "state", op: "in", value: states }];
      const rules = contract.price_rules.flatMap(({ when }, index) =>
        check(when, `${place}.price_rules[${index}].when`, [...own, ...inStates]),
      );
      return [...check(contract.filters, joinPath(place, "filters"), [...own, ...inStates]), ...rules];
    }),
  ];
}

/** Null: any state, and none. */
function statesLeft({ states, exclude_states }: CompleteCampaign["buyers"][number]): string[] | null {
  return states.length === 0 ? null : states.filter((state) => !exclude_states.includes(state));
}

/** The rules that cannot be passed at all, else the filter for what contradicts itself or what comes before. */
function oneFilterWarnings(
  filter: FilterDefinition,
  path: string,
  before: readonly FilterDefinition[],
  fields: ReadonlyMap<string, FieldDefinition>,
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

function impossibleRules(
  filter: FilterDefinition,
  path: string,
  fields: ReadonlyMap<string, FieldDefinition>,
): Warning[] {
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
