import { Type } from "@sinclair/typebox";
import { type BodyForm, optionalJson } from "#http/body-form.ts";

/** How long what is replaced stays good beside what replaces it, in `overlap_seconds`: a day when nothing is said. */
export const OVERLAP = optionalJson(
  Type.Object({
    overlap_seconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 604_800,
        default: 86_400,
        mustBe: "a whole number from 0 to 604,800",
        code: "out_of_range",
      }),
    ),
  }),
) as BodyForm<{ overlap_seconds: number }>;
