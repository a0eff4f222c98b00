/**
 * What two leads are compared by, without keeping the value itself: HMAC-SHA256 of one normalised field value under the
 * installation's pepper, cut to 128 bits and written as a UUID. Its last digit says which leads it compares
 * with, so that live and test leads never see each other, nor sold and unsold ones.
 */
export interface DuplicateKey {
  field: string;
  accepted: string;
  unmatched: string;
  acceptedTest: string;
  unmatchedTest: string;
}

/** The key of `value` in `scope` (a campaign, or a buyer). Text compares without case. */
export function duplicateKey(
  pepper: Uint8Array,
  scope: string,
  field: string,
  value: string | number | boolean,
): DuplicateKey {
  const hex = new Bun.CryptoHasher("sha256", pepper)
    .update(`duplicate\0${scope}\0${field}\0${String(value).toLowerCase()}`)
    .digest("hex");
  const stem = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 31)}`;
  return {
    field,
    accepted: `${stem}0`,
    unmatched: `${stem}1`,
    acceptedTest: `${stem}2`,
    unmatchedTest: `${stem}3`,
  };
}
