import { FormatRegistry } from "@sinclair/typebox";
import { readInstant } from "#time/calendar.ts";

/** A time as operators write it: RFC 3339, with its offset. Undefined when it is none, or of a day that does not exist. */
export function instantFrom(text: unknown): Date | undefined {
  const instant = typeof text === "string" ? readInstant(text) : undefined;
  return instant && new Date(instant.epochMilliseconds);
}

FormatRegistry.Set("leadgate:instant", (text) => instantFrom(text) !== undefined);
