import type { TSchema } from "@sinclair/typebox";
import { type FieldDefinition, titleOf } from "#fields/types/definition.ts";
import { comparedWord } from "#fields/types/enum.ts";
import type { FieldType, Stored } from "#fields/types/field-type.ts";
import {
  type FieldError,
  invalidType,
  several,
  unstorable,
  type ValueRefusal,
} from "#fields/types/refusal.ts";
import { visiblePart } from "./visible.ts";

/** One field made ready to read leads. */
export interface FieldReader {
  readonly name: string;
  readonly names: readonly string[];
  readonly schema: TSchema;
  /**
   * The stored form of what was sent, nothing when nothing was said (null, blanks), or why it can't be understood. A list whose items say
   * the same is that value.
   */
  read(raw: unknown): Stored | undefined | ValueRefusal;
  /** What a value that was read says besides, and the name that it is kept under. */
  beside(raw: unknown): { name: string; value: string } | undefined;
  /** The error for a refusal, in a sentence written from the definition. */
  error(refusal: ValueRefusal): FieldError;
}

/** Throws when the definition's pattern or bounds can't be compiled; `problemsOf` tells beforehand. */
export function readerOf(field: FieldDefinition, type: FieldType, country: string): FieldReader {
  const normalise = type.normaliser(field, country);
  const translate = field.map === undefined ? undefined : translator(field.map);
  const readOne = (raw: unknown): Stored | undefined | ValueRefusal => {
    const said = saidIn(raw);
    if (said === undefined || typeof said === "object") return said;
    return normalise(translate === undefined ? said : translate(said));
  };
  return {
    name: field.name,
    names: [field.name, ...(field.aliases ?? [])],
    schema: described(type.schema(field, country), field),
    read: (raw) => (Array.isArray(raw) ? readList(raw, readOne) : readOne(raw)),
    beside(raw) {
      const found = type.beside?.(Array.isArray(raw) ? raw.find(isSaid) : raw, country);
      return found && { ...found, name: `${field.name}_${found.name}` };
    },
    error: (refusal) => ({
      field: field.name,
      code: refusal.code,
      message: `${titleOf(field)} ${refusalText(refusal, () => type.expects(field, country))}`,
    }),
  };
}

/** More different items are not read: each may cost a parse. */
const MOST_ITEMS = 10;

/** What the items of a list all say. False and then true is a checkbox behind the hidden field that is sent when it is not ticked. */
function readList(
  items: readonly unknown[],
  readOne: (raw: unknown) => Stored | undefined | ValueRefusal,
): Stored | undefined | ValueRefusal {
  const different = new Set(items.filter(isSaid));
  if (different.size > MOST_ITEMS) return several;
  const read = [...different].map(readOne);
  const refused = read.find((each) => typeof each === "object");
  if (refused !== undefined) return refused;
  const values = new Set(read);
  if (values.size <= 1) return read[0];
  return values.size === 2 && read[0] === false && read[1] === true && items.length === 2 ? true : several;
}

/** Whether a value says anything. */
export function isSaid(raw: unknown): boolean {
  return Array.isArray(raw) ? raw.some(isSaid) : saidIn(raw) !== undefined;
}

/** What a raw value says: text trimmed, nothing for null, blanks and what cannot be seen, a refusal for what no field can hold. */
export function saidIn(raw: unknown): Stored | undefined | ValueRefusal {
  if (typeof raw === "string") {
    const trimmed = visiblePart(raw);
    if (trimmed === "") return undefined;
    return isStorable(trimmed) ? trimmed : unstorable;
  }
  if (typeof raw === "number" || typeof raw === "boolean") return raw;
  return raw === null || raw === undefined ? undefined : invalidType;
}

/** False for text with NUL or half of a surrogate pair, which Postgres refuses. */
export function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

function translator(map: Readonly<Record<string, Stored>>): (said: Stored) => Stored {
  const meanings = new Map(Object.entries(map).map(([said, meaning]) => [comparedWord(said), meaning]));
  return (said) => {
    const meaning = meanings.get(comparedWord(String(said)));
    return meaning === undefined ? said : typeof meaning === "string" ? meaning.trim() : meaning;
  };
}

function described(schema: TSchema, field: FieldDefinition): TSchema {
  return {
    ...schema,
    title: titleOf(field),
    ...(field.description === undefined ? {} : { description: field.description }),
    ...(field.example === undefined ? {} : { examples: [field.example] }),
  };
}

function refusalText({ code, says, limit }: ValueRefusal, expects: () => string): string {
  if (says !== undefined) return says;
  switch (code) {
    case "required":
      return "is required";
    case "too_short":
      return `must be at least ${limit} characters long`;
    case "too_long":
      return `must be at most ${limit} characters long`;
    case "unknown_field":
      return "is not a field of this campaign";
    case "invalid_type":
    case "invalid_format":
    case "out_of_range":
    case "not_allowed":
      return `must be ${expects()}`;
  }
}
