import { type JsonSchema, REFERRED } from "#http/schema.ts";

/** The schemas that are referred to by name in any of these, and in one another, by these names. */
export function schemasReferredTo(...values: readonly unknown[]): Record<string, JsonSchema> {
  const found: Record<string, JsonSchema> = {};
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if (REFERRED in value) {
      const { name, schema } = value[REFERRED] as { name: string; schema: JsonSchema };
      if (Object.hasOwn(found, name)) return;
      found[name] = schema;
      walk(schema);
      return;
    }
    for (const each of Object.values(value)) walk(each);
  };
  for (const value of values) walk(value);
  return found;
}
