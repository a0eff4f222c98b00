const FULL = /^(full[_ ]?)?name$/i;
const FIRST = /^(first[_ ]?name|fname|given[_ ]?name|first)$/i;
const LAST = /^(last[_ ]?name|lname|family[_ ]?name|surname|last)$/i;

/** What a person is called, by fields under whatever names a buyer is sent them; undefined when that is not to be seen. */
export function nameIn(fields: Readonly<Record<string, unknown>> | null): string | undefined {
  if (fields === null) return undefined;
  const valueOf = (pattern: RegExp) => {
    const [, value] = Object.entries(fields).find(([name]) => pattern.test(name)) ?? [];
    return typeof value === "string" ? value : "";
  };
  const name = `${valueOf(FIRST)} ${valueOf(LAST)}`.trim() || valueOf(FULL).trim();
  return name === "" ? undefined : name;
}

/** A field by one of the names that it may have, as text. */
export function fieldLike(
  fields: Readonly<Record<string, unknown>> | null,
  pattern: RegExp,
): string | undefined {
  const [, value] = Object.entries(fields ?? {}).find(([name]) => pattern.test(name)) ?? [];
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
