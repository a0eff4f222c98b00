import { Type } from "@sinclair/typebox";
import type { FieldType } from "#fields/types/field-type.ts";
import { invalidFormat, invalidType } from "#fields/types/refusal.ts";

/** A phone or e-mail that a ping sends hashed: so many hexadecimal digits, lower-cased. */
export function hash(digits: 32 | 64): FieldType {
  const pattern = `^[0-9a-f]{${digits}}$`;
  const hexadecimal = new RegExp(pattern);
  return {
    options: [],
    normaliser: () => (raw) => {
      if (typeof raw !== "string") return invalidType;
      const lower = raw.toLowerCase();
      return hexadecimal.test(lower) ? lower : invalidFormat;
    },
    schema: () => Type.String({ pattern }),
    expects: () => `${digits} hexadecimal digits`,
  };
}
