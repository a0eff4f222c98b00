import { compileMapping, type FieldMapping, type FieldValues } from "#fields/mapping.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import {
  SUPPRESSION_COLUMNS,
  type SuppressionColumn,
  type SuppressionKind,
  suppressionKey,
  suppressionKeysOf,
} from "#people/suppression-key.ts";
import { isMapping, type Mapping } from "#text/problem.ts";
import { kindOf, type Recipes } from "./recipe.ts";

/** The keys for one person, or the errors in what was said, by name. */
export type ReadEntry =
  | { ok: true; keys: string[]; kinds: SuppressionKind[] }
  | { ok: false; errors: ReplyFieldError[] };

/** By which phones without a country code are understood, ISO 3166, where nobody says. */
export const USUAL_COUNTRY = "US";

/** A ping's reading of no fields of its own: phones, e-mails and their hashes, understood as those of a country's leads are. */
function peopleOf(country: string): FieldMapping {
  const known = people.get(country) ?? compileMapping([], { country, unknownFields: "reject" });
  people.set(country, known);
  return known;
}

const people = new Map<string, FieldMapping>();

/**
 * Reads what goes on a list: `{ phone?, email?, phone_sha256?, … }`, at least one of them, each a key of its own. Phones
 * without a country code are taken for those of `country`. Hashes are hexadecimal, SHA-256 also base64; they were made by `recipes`.
 */
export function readEntry(
  entry: unknown,
  pepper: Uint8Array,
  recipes: Recipes = {},
  country = USUAL_COUNTRY,
): ReadEntry {
  return readAs(entry, SUPPRESSION_COLUMNS, country, (values) =>
    SUPPRESSION_COLUMNS.flatMap((column) => {
      const value = values[column];
      if (typeof value !== "string" || value === "") return [];
      const kind = kindOf(column, recipes);
      return [{ kind, key: suppressionKey(kind, value, pepper) }];
    }),
  );
}

/** Reads one value of a column that holds entries of this kind. */
export function readValue(
  column: SuppressionColumn,
  kind: SuppressionKind,
  value: string,
  { pepper, country }: { pepper: Uint8Array; country: string },
): ReadEntry {
  return readAs({ [column]: value }, [column], country, (values) => [
    { kind, key: suppressionKey(kind, String(values[column]), pepper) },
  ]);
}

/** Reads what is to be taken off a list, as `readEntry` does, into every key under which the list could hold it. */
export function readHeld(entry: unknown, pepper: Uint8Array, country = USUAL_COUNTRY): ReadEntry {
  return readAs(entry, SUPPRESSION_COLUMNS, country, (values) => suppressionKeysOf(values, pepper));
}

/** Reads `{ phone?, email? }` and answers with every key under which a list could hold that person. */
export function readPerson(person: unknown, pepper: Uint8Array, country = USUAL_COUNTRY): ReadEntry {
  return readAs(person, ["phone", "email"], country, (values) => suppressionKeysOf(values, pepper));
}

function readAs(
  entry: unknown,
  columns: readonly SuppressionColumn[],
  country: string,
  keysOf: (values: FieldValues) => { key: string; kind?: SuppressionKind }[],
): ReadEntry {
  const known = columns.join(", ");
  if (!isMapping(entry))
    return refuseEntry({ field: "", code: "invalid_type", message: `must be a mapping with ${known}` });
  if (Object.keys(entry).some((name) => !columns.some((column) => column === name))) {
    return refuseEntry({
      field: "",
      code: "unknown_field",
      message: `must have no other names than ${known}`,
    });
  }
  const understood = peopleOf(country).read(inHex(entry), "ping");
  if (!understood.ok) return refuseEntry(...understood.errors);
  const found = keysOf(understood.values);
  if (found.length === 0)
    return refuseEntry({ field: "", code: "required", message: `must have one of ${known}` });
  return {
    ok: true,
    keys: found.map(({ key }) => key),
    kinds: [...new Set(found.flatMap(({ kind }) => kind ?? []))],
  };
}

/** California's deletion platform writes SHA-256 in base64. */
const BASE64_SHA256 = /^[A-Za-z0-9+/]{43}=$/;

function inHex(entry: Mapping): Mapping {
  const inBase64 = (["phone_sha256", "email_sha256"] as const).filter((column) => {
    const value = entry[column];
    return typeof value === "string" && BASE64_SHA256.test(value.trim());
  });
  if (inBase64.length === 0) return entry;
  const hex = inBase64.map((column) => [
    column,
    Buffer.from(String(entry[column]), "base64").toString("hex"),
  ]);
  return { ...entry, ...Object.fromEntries(hex) };
}

function refuseEntry(...errors: ReplyFieldError[]): ReadEntry {
  return { ok: false, errors };
}
