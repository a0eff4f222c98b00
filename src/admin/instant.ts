/** A time as operators write it: RFC 3339, with its offset. Undefined when it is none, or of a day that does not exist. */
export function instantFrom(text: unknown): Date | undefined {
  if (typeof text !== "string" || !FORM.test(text)) return undefined;
  try {
    return new Date(Temporal.Instant.from(text).epochMilliseconds);
  } catch {
    return undefined;
  }
}

const FORM = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
