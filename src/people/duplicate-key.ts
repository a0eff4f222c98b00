import { placeOfZip } from "#fields/types/zip.ts";
import { keyedHash } from "#text/hmac.ts";

/**
 * What two leads are compared by, without keeping the value itself: a keyed hash of one normalised field value. Its last digit
 * says which leads it compares with, so that live and test leads never see each other, nor sold and unsold ones.
 */
export interface DuplicateKey {
  field: string;
  accepted: string;
  unmatched: string;
  acceptedTest: string;
  unmatchedTest: string;
}

/** Leads are compared with those of the same campaign, or with those that the same buyer received. */
export function scopeOf(party: "campaign" | "buyer", id: string): string {
  return `${party}:${id}`;
}

/** All that a lead may be remembered under by a value. */
export function keysOfEveryKind({
  accepted,
  unmatched,
  acceptedTest,
  unmatchedTest,
}: DuplicateKey): string[] {
  return [accepted, unmatched, acceptedTest, unmatchedTest];
}

/** The key of `value` in `scope`. Text compares without case, and as Unicode composes it. */
export function duplicateKey(
  pepper: Uint8Array,
  scope: string,
  field: string,
  value: string | number | boolean,
): DuplicateKey {
  const hash = keyedHash(pepper, `duplicate\0${scope}\0${field}\0${String(value).toLowerCase().normalize()}`);
  const stem = hash.slice(0, -1);
  return {
    field,
    accepted: `${stem}0`,
    unmatched: `${stem}1`,
    acceptedTest: `${stem}2`,
    unmatchedTest: `${stem}3`,
  };
}

/** The keys that `value` can have in `scope` while its field's type is not known: of a longer ZIP code, its place is compared. */
export function possibleKeys(
  pepper: Uint8Array,
  scope: string,
  field: string,
  value: string | number | boolean,
): DuplicateKey[] {
  const place = typeof value === "string" ? placeOfZip(value) : value;
  const spelled = place === value ? [value] : [value, place];
  return spelled.map((each) => duplicateKey(pepper, scope, field, each));
}
