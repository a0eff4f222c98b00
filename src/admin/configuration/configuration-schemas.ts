import type { FirstKey } from "#access/party-key-records.ts";
import { CREATED_KEY } from "#admin/keys/key-dates.ts";
import type { RecordedChange } from "#configuration/history.ts";
import { type Change, describeChange } from "#configuration/plan.ts";
import { RESOURCE_KINDS } from "#configuration/resource-kind.ts";
import { listOf, named, objectOf, text, wordOf } from "#http/schema.ts";

/** What answers show of the configuration and of what is changed in it, and how that is documented. */

export const CHANGE = named(
  "Change",
  objectOf({
    kind: wordOf([...RESOURCE_KINDS, "setting"]),
    id: text,
    name: text,
    action: wordOf(["created", "restored", "changed", "archived", "deleted"]),
    differences: listOf(objectOf({ path: text }, { from: {}, to: {} })),
    summary: { type: "string", description: "The change in words." },
  }),
);

export function changeAnswer(change: Change | RecordedChange) {
  return { ...change, summary: describeChange(change) };
}

/** The first keys of new suppliers, shown this once. */
export const CREATED_KEYS = listOf({ allOf: [CREATED_KEY, objectOf({ supplier_id: text })] });

export function createdKeysAnswer(keys: readonly FirstKey[]) {
  return keys.map(({ supplierId, id, key, prefix }) => ({ supplier_id: supplierId, id, key, prefix }));
}
