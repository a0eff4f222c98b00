/** A value of a body, before it is written as JSON, form or XML. */
export type WireValue = null | boolean | number | string | readonly WireValue[] | WireMapping;
export interface WireMapping {
  readonly [name: string]: WireValue;
}

export function isWireList(value: WireValue): value is readonly WireValue[] {
  return Array.isArray(value);
}

export function isWireMapping(value: WireValue): value is WireMapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A lead's value as it can be written. Leads come out of JSON, but a body must be made of any value: members
 * without a value are left out, and what no format can hold (a function, a symbol) counts as no value.
 */
export function wireValue(value: unknown): WireValue | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "bigint":
      return String(value);
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) return value.map((item: unknown) => wireValue(item) ?? null);
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
      return wireMapping(Object.entries(value));
    case "undefined":
    case "function":
    case "symbol":
      return undefined;
  }
}

/** A mapping of the members that have a value. */
export function wireMapping(members: readonly (readonly [string, unknown])[]): WireMapping {
  const written: [string, WireValue][] = [];
  for (const [name, member] of members) {
    const value = wireValue(member);
    if (value !== undefined) written.push([name, value]);
  }
  return Object.fromEntries(written);
}

/** A value within running text: nothing for null, JSON for lists and mappings. */
export function wireText(value: WireValue): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
