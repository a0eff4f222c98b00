import { type TSchema, Type } from "@sinclair/typebox";

/**
 * How the schemas of what operators write are put together. `mustBe` on a schema ends the sentence about a value that does not fit,
 * where the schema's own bounds don't say enough.
 */

/** A mapping with no other names than these. */
export function strict<P extends Record<string, TSchema>>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}

/** One of a few words. */
export function oneOf<const T extends readonly string[]>(values: readonly [...T]) {
  return Type.Unsafe<T[number]>(Type.Union(values.map((value) => Type.Literal(value))));
}

/** Something that explains itself better than its schema would: that is there for the documents alone. */
export function checkedElsewhere<T>(schema: TSchema) {
  return Type.Unsafe<T>({ ...schema, checkedElsewhere: true });
}

/** A mapping with every name there: those of `Absent` are null where the document says nothing and nothing stands in for it. */
export type Complete<Entry, Absent extends keyof Entry = never> = {
  [Name in keyof Entry]-?: Name extends Absent ? NonNullable<Entry[Name]> | null : Entry[Name];
};
