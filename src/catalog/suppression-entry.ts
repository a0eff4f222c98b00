import { compileMapping, type FieldValues } from "#fields/mapping.ts";
import { isMapping } from "#problem.ts";
import type { ReplyFieldError } from "#reply.ts";
import { SUPPRESSION_KINDS, type SuppressionKind, suppressionKey, suppressionKeysOf } from "./suppression.ts";

/** The keys for one person, or the errors in what was said, by kind. */
export type ReadEntry =
  | { ok: true; keys: string[]; kinds: SuppressionKind[] }
  | { ok: false; errors: ReplyFieldError[] };

/** A ping's reading of no fields of its own: phones, e-mails and their hashes, understood as a lead's are. */
const people = compileMapping([], { country: "US", unknownFields: "reject" });

/**
 * Reads what goes on a list: `{ phone?, email?, phone_sha256?, … }`, at least one of them, each a key of its own. Phones
 * without a country code are taken for US ones.
 */
export function readEntry(entry: unknown, pepper: Uint8Array): ReadEntry {
  return read(entry, SUPPRESSION_KINDS, (values) =>
    SUPPRESSION_KINDS.flatMap((kind) => {
      const value = values[kind];
      return typeof value === "string" && value !== "" ? [suppressionKey(kind, value, pepper)] : [];
    }),
  );
}

/** Reads `{ phone?, email? }` and answers with every key under which a list could hold that person. */
export function readPerson(person: unknown, pepper: Uint8Array): ReadEntry {
  return read(person, ["phone", "email"], (values) =>
    suppressionKeysOf(values, pepper).map((candidate) => candidate.key),
  );
}

function read(
  entry: unknown,
  kinds: readonly SuppressionKind[],
  keysOf: (values: FieldValues) => string[],
): ReadEntry {
  const known = kinds.join(", ");
  if (!isMapping(entry))
    return wrong({ field: "", code: "invalid_type", message: `must be a mapping with ${known}` });
  if (Object.keys(entry).some((name) => !kinds.some((kind) => kind === name))) {
    return wrong({ field: "", code: "unknown_field", message: `must have no other names than ${known}` });
  }
  const understood = people.read(entry, "ping");
  if (!understood.ok) return wrong(...understood.errors);
  const keys = keysOf(understood.values);
  if (keys.length > 0) return { ok: true, keys, kinds: kinds.filter((kind) => kind in understood.values) };
  return wrong({ field: "", code: "required", message: `must have one of ${known}` });
}

function wrong(...errors: ReplyFieldError[]): ReadEntry {
  return { ok: false, errors };
}
