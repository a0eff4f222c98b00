import { type Static, Type } from "@sinclair/typebox";

const Flag = Type.Boolean();
const Length = Type.Integer({ minimum: 0, maximum: 100_000 });
const Bound = Type.Union([Type.Number(), Type.String({ minLength: 1, maxLength: 40 })]);
const Scalar = Type.Union([Type.String({ maxLength: 2000 }), Type.Number(), Type.Boolean()]);

/** One entry of a campaign's `fields`. What a schema cannot say about it, `problemsOf` does. */
export const FieldDefinition = Type.Object(
  {
    name: Type.String({ pattern: "^[a-z][a-z0-9_]{0,63}$" }),
    type: Type.Union([
      Type.Literal("text"),
      Type.Literal("number"),
      Type.Literal("integer"),
      Type.Literal("boolean"),
      Type.Literal("date"),
      Type.Literal("datetime"),
      Type.Literal("email"),
      Type.Literal("phone"),
      Type.Literal("state"),
      Type.Literal("zip"),
      Type.Literal("url"),
      Type.Literal("enum"),
    ]),
    required: Type.Optional(Flag),
    required_for_ping: Type.Optional(Flag),
    label: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    description: Type.Optional(Type.String({ maxLength: 1000 })),
    example: Type.Optional(Scalar),
    aliases: Type.Optional(
      Type.Array(Type.String({ maxLength: 1000 }), {
        maxItems: 20,
        description:
          "Other names under which the field comes: keys exactly as they are sent, or paths such as data.email[0]",
      }),
    ),
    map: Type.Optional(
      Type.Record(Type.String(), Scalar, {
        maxProperties: 1000,
        description: "What a supplier sends (in any case) → what is understood",
      }),
    ),
    min: Type.Optional(Bound),
    max: Type.Optional(Bound),
    min_length: Type.Optional(Length),
    max_length: Type.Optional(Length),
    pattern: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 500,
        description: "RE2 syntax; found anywhere in the stored form unless anchored",
      }),
    ),
    values: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 1000 }),
    ),
    strict: Type.Optional(Flag),
  },
  { additionalProperties: false },
);
export type FieldDefinition = Static<typeof FieldDefinition>;
export type FieldTypeName = FieldDefinition["type"];

/** The options that only some field types take. */
export type FieldOption = "min" | "max" | "min_length" | "max_length" | "pattern" | "values" | "strict";

/** How a field is called in a sentence: its label, else its name read aloud (`roof_age` → "Roof age"). */
export function titleOf(field: FieldDefinition): string {
  if (field.label !== undefined) return field.label;
  const words = field.name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
