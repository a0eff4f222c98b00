import { acceptanceOf } from "#fields/problems.ts";
import type { FieldDefinition, FieldTypeName } from "#fields/types/definition.ts";
import type { FilterDefinition, FilterRule } from "#rules/filter-definition.ts";
import { asksForSameness } from "#rules/operators.ts";
import { type Warning, warning } from "./warning.ts";

/** So many values of a list are looked at. */
const MOST_VALUES = 100;

/** Values in a filter that its fields never have as they are stored: a state that is none, a phone that does not begin with its country. */
export function valueWarnings(
  filter: FilterDefinition,
  path: string,
  fields: ReadonlyMap<string, FieldDefinition>,
  country: string,
): Warning[] {
  if ("not" in filter) return valueWarnings(filter.not, `${path}.not`, fields, country);
  if ("field" in filter) {
    const field = fields.get(filter.field);
    return field === undefined ? [] : ruleWarnings(filter, `${path}.value`, field, country);
  }
  const group = "all" in filter ? "all" : "any";
  const parts = "all" in filter ? filter.all : filter.any;
  return parts.flatMap((part, index) => valueWarnings(part, `${path}.${group}[${index}]`, fields, country));
}

function ruleWarnings(
  { op, value }: FilterRule,
  path: string,
  field: FieldDefinition,
  country: string,
): Warning[] {
  const part = PARTS[field.type];
  if (part !== undefined && typeof value === "string" && TEXT_RULES.has(op)) {
    const form = op === "starts_with" ? part.beginning : part.form;
    return form.test(value) ? [] : [never(path, field, `; ${part.hint}`)];
  }
  if (!asksForSameness(op) || !READ.has(field.type)) return [];
  const accepts = acceptanceOf(field, country);
  const isKnown = (each: string | number | boolean) =>
    [each, ...(typeof each === "string" ? [each.toUpperCase(), each.toLowerCase()] : [])].some(accepts);
  if (!Array.isArray(value)) return value === undefined || isKnown(value) ? [] : [never(path, field)];
  return value
    .slice(0, MOST_VALUES)
    .flatMap((each, index) => (isKnown(each) ? [] : [never(`${path}[${index}]`, field)]));
}

function never(path: string, { name }: FieldDefinition, hint = ""): Warning {
  return warning(path, "value_never_sent", `is nothing that ${name} can ever be${hint}`);
}

/** Types whose values are judged by reading them; of the others a value out of bounds is told elsewhere. */
const READ: ReadonlySet<FieldTypeName> = new Set(["text", "email", "phone", "state", "zip", "url"]);

const TEXT_RULES: ReadonlySet<FilterRule["op"]> = new Set([
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
]);

/** What parts of stored values look like, where all of them look alike. */
const PARTS: Partial<Record<FieldTypeName, { form: RegExp; beginning: RegExp; hint: string }>> = {
  phone: {
    form: /^\+?\d+$/,
    beginning: /^\+\d*$/,
    hint: "phones are stored as +15125550100, so that +1512 begins one of area code 512",
  },
  state: {
    form: /^[a-z0-9]{1,3}$/i,
    beginning: /^[a-z0-9]{1,3}$/i,
    hint: "states are stored by their codes, as TX",
  },
};
