import type { TSchema } from "@sinclair/typebox";
import type { FieldDefinition, FieldOption } from "./definition.ts";
import type { ValueRefusal } from "./refusal.ts";

/** The form in which a value is kept, compared and delivered. */
export type Stored = string | number | boolean;

/** Understands one raw value; text arrives trimmed, not empty and storable. */
type Normalise = (raw: Stored) => Stored | ValueRefusal;

/** The questions that every field type answers, one file per type. `country` is the campaign's, ISO 3166-1 alpha-2. */
export interface FieldType {
  /** The options it takes besides those that every field has. */
  readonly options: readonly FieldOption[];
  /** How a raw value becomes its stored form. Throws when the definition's own options can't be read. */
  normaliser(field: FieldDefinition, country: string): Normalise;
  /** What the stored form must satisfy. Throws when the pattern is refused. */
  schema(field: FieldDefinition, country: string): TSchema;
  /** What a raw value says that its stored form leaves out, and under which name behind the field's own it is kept. */
  beside?(raw: unknown, country: string): { name: string; value: string } | undefined;
  /** The end of the sentence "Roof age must be …". */
  expects(field: FieldDefinition, country: string): string;
}
