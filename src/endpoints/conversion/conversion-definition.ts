import { type Static, Type } from "@sinclair/typebox";
import { type Complete, checkedElsewhere, oneOf } from "#text/typebox.ts";

/**
 * What Meta is told of leads by its Conversions API, as operators write it. `conversionProblems` says what this schema cannot; of which
 * campaigns it is stands in the document.
 */

const DatasetId = Type.Union(
  [
    Type.String({ pattern: "^[0-9]{5,20}$" }),
    Type.Integer({ minimum: 10_000, maximum: Number.MAX_SAFE_INTEGER }),
  ],
  { mustBe: 'the id of a dataset, once called pixel: 5 to 20 digits, as in "1234567890123456"' },
);

export const MetaDefinition = Type.Object({
  type: Type.Literal("meta"),
  dataset_id: DatasetId,
  events: checkedElsewhere<Record<string, string>>(Type.Record(Type.String(), Type.String())),
  action_source: Type.Optional(oneOf(["system_generated", "website"])),
  test_event_code: Type.Optional(
    Type.String({
      pattern: "^[A-Za-z0-9_-]{1,50}$",
      mustBe: "a code of Meta's test events such as TEST12345",
    }),
  ),
  map: Type.Optional(checkedElsewhere<Record<string, string>>(Type.Record(Type.String(), Type.String()))),
});
export type MetaDefinition = Static<typeof MetaDefinition>;

/** The same with every setting written out. */
export interface CompleteMeta extends Omit<Complete<MetaDefinition, "test_event_code">, "dataset_id"> {
  dataset_id: string;
}
