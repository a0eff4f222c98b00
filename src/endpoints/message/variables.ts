/** The value that a template's `{name}` stands for; undefined when there is none. */
export type ValueOf = (name: string) => unknown;

/** The names that a template may use. */
export interface VariableNames {
  /** The thing that has the values, as messages name it. */
  readonly of: "sale" | "ping";
  has(name: string): boolean;
}

const FIELD_PREFIX = "fields.";

/** A field that has the name of a value of the sale's or the ping's own, such as a house's `price`, is `{fields.price}`. */
export function fieldValue(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  const field = fieldNamed(name);
  return Object.hasOwn(fields, field) ? (fields[field] ?? undefined) : undefined;
}

/** Whether `{name}` can stand for a field. Without the known fields, any field's name may. */
export function isFieldName(name: string, knownFields: ReadonlySet<string> | undefined): boolean {
  const field = fieldNamed(name);
  return knownFields === undefined ? !field.includes(".") : knownFields.has(field);
}

function fieldNamed(name: string): string {
  return name.startsWith(FIELD_PREFIX) ? name.slice(FIELD_PREFIX.length) : name;
}
