import { zonedAt } from "#time/wall-clock.ts";
import type { ValueKind } from "./formats.ts";

/** The values that a template is filled with. */
export interface TemplateValues {
  /** What `{name}` stands for; undefined: nothing. */
  of(name: string): unknown;
  /** The IANA zone in which moments have their day. */
  readonly timezone: string;
}

/** The names that a template may use. */
export interface VariableNames {
  /** The thing that has the values, as messages name it. */
  readonly of: "sale" | "ping" | "lead";
  /** The kinds of values that it can stand for; undefined: it stands for nothing. */
  kindsOf(name: string): readonly ValueKind[] | undefined;
  /** All that are known, to find the one that a mistyped name was meant for. */
  readonly names: readonly string[];
}

/** The types of fields, by name; several where campaigns differ. */
export type FieldKinds = ReadonlyMap<string, readonly ValueKind[]>;

const FIELD_PREFIX = "fields.";

/** A value that a template can name beside the fields, and how it is read off the sale or ping that is told of. */
export interface OwnValue<Told> {
  readonly kind: ValueKind;
  of(told: Told): unknown;
}

interface ToldOf {
  readonly timezone: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a template's names stand for: one of the own values of what is told of, else its field. */
export function templateValues<Told extends ToldOf>(
  own: Readonly<Record<string, OwnValue<Told>>>,
  told: Told,
): TemplateValues {
  return {
    timezone: told.timezone,
    of(name) {
      const value = Object.hasOwn(own, name) ? own[name] : undefined;
      return value === undefined ? fieldValue(told.fields, name) : value.of(told);
    },
  };
}

/** A field that has the name of a value of the sale's or the ping's own, such as a house's `price`, is `{fields.price}`. */
function fieldValue(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  const field = fieldNamed(name);
  return Object.hasOwn(fields, field) ? (fields[field] ?? undefined) : undefined;
}

/** The names of a sale or ping: its own values, else fields. Without the known fields, any field's name may stand there. */
export function variableNames(
  of: VariableNames["of"],
  own: Readonly<Record<string, { readonly kind: ValueKind }>>,
  fields: FieldKinds | undefined,
): VariableNames {
  return {
    of,
    kindsOf: (name) =>
      Object.hasOwn(own, name) && own[name] ? [own[name].kind] : kindsOfField(name, fields),
    names: [...Object.keys(own), ...(fields?.keys() ?? [])],
  };
}

function kindsOfField(name: string, fields: FieldKinds | undefined): readonly ValueKind[] | undefined {
  const field = fieldNamed(name);
  if (fields !== undefined) return fields.get(field);
  return field.includes(".") ? undefined : ["any"];
}

function fieldNamed(name: string): string {
  return name.startsWith(FIELD_PREFIX) ? name.slice(FIELD_PREFIX.length) : name;
}

/** The day of a moment (RFC 3339) in a zone, as YYYY-MM-DD. */
export function dayIn(moment: string, timezone: string): string {
  return zonedAt(Date.parse(moment), timezone).toPlainDate().toString();
}
