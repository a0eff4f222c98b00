import { type FieldDefinition, type FieldTypeName, titleOf } from "#fields/types/definition.ts";
import type { Stored } from "#fields/types/field-type.ts";
import { placeOfZip } from "#fields/types/zip.ts";
import { fieldTypes } from "./types.ts";
import { visiblePart } from "./visible.ts";

/** How values are spelled that others compare with a lead's. */
export interface Spellings {
  /** A value of an operator's as the field would store a lead's; without blanks around it where the field can't read it. */
  stored(field: string, value: Stored): Stored;
  /** The five digits of a ZIP code with four more, for which a code of five stands; else the value itself. */
  whole(field: string, value: Stored): Stored;
  /** How the campaign calls the field in a sentence; its name where it has none such. */
  title(field: string): string;
  /** The same of all fields, by name. */
  titles: ReadonlyMap<string, string>;
}

/** The types whose values are written in many ways. */
const SPELLED: readonly FieldTypeName[] = ["phone", "email", "state", "zip"];

export function spellingsOf(fields: readonly FieldDefinition[], country: string): Spellings {
  const readers = new Map(
    fields
      .filter(({ type }) => SPELLED.includes(type))
      .map((field) => [field.name, fieldTypes[field.type].normaliser(field, country)] as const),
  );
  const titles = new Map(fields.map((field) => [field.name, titleOf(field)]));
  const zips = new Set(fields.filter(({ type }) => type === "zip").map(({ name }) => name));
  return {
    stored(field, value) {
      const said = typeof value === "string" ? visiblePart(value) : value;
      const stored = readers.get(field)?.(said);
      return stored === undefined || typeof stored === "object" ? said : stored;
    },
    whole: (field, value) => (typeof value === "string" && zips.has(field) ? placeOfZip(value) : value),
    titles,
    title: (field) => titles.get(field) ?? field,
  };
}
