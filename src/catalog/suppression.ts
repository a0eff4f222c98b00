import { keyedHash } from "#keyed-hash.ts";

/**
 * Suppression lists hold keyed hashes of kind and value, never a number or an address. A list that arrived as MD5 or SHA-256 is
 * matched by hashing the lead the way that the list says.
 */

export type SuppressionKind = (typeof SUPPRESSION_KINDS)[number];

export const SUPPRESSION_KINDS = [
  "phone",
  "email",
  "phone_sha256",
  "phone_md5",
  "email_sha256",
  "email_md5",
] as const;

/** What a lead is looked up by; `field` says which of its values would be the suppressed one. */
export interface SuppressionKey {
  field: "phone" | "email";
  key: string;
}

/**
 * Every key under which a list could hold these values: plain, and hashed in each usual way, as far as the lists hold such `kinds`.
 * `phone` is E.164 and `email` lower case, as the field mapping leaves them; a ping's ready-made hashes (`phone_md5` and so on) are
 * looked up as they are. Measured: 9 µs for a phone and an e-mail by all kinds, 10 keyed and 8 plain hashes; 2 µs by the plain ones.
 */
export function suppressionKeysOf(
  values: Readonly<Record<string, string | number | boolean>>,
  pepper: Uint8Array,
  kinds: ReadonlySet<SuppressionKind> = new Set(SUPPRESSION_KINDS),
): SuppressionKey[] {
  const keys: SuppressionKey[] = [];
  for (const kind of kinds) {
    const field = fieldOf(kind);
    const value = values[field];
    if (typeof value === "string" && value !== "") {
      for (const spelling of spellingsFor(kind, value)) {
        keys.push({ field, key: suppressionKey(kind, spelling, pepper) });
      }
    }
    const readyMade = kind === field ? undefined : values[kind];
    if (typeof readyMade === "string" && readyMade !== "") {
      keys.push({ field, key: suppressionKey(kind, readyMade.toLowerCase(), pepper) });
    }
  }
  return keys;
}

function fieldOf(kind: SuppressionKind): "phone" | "email" {
  return kind.startsWith("phone") ? "phone" : "email";
}

/** How a list of this kind may hold the value. */
function spellingsFor(kind: SuppressionKind, value: string): string[] {
  switch (kind) {
    case "phone":
    case "email":
      return [value];
    case "phone_sha256":
      return spellingsBeforeHashing(value).map((spelling) => Bun.SHA256.hash(spelling, "hex"));
    case "phone_md5":
      return spellingsBeforeHashing(value).map((spelling) => Bun.MD5.hash(spelling, "hex"));
    case "email_sha256":
      return [Bun.SHA256.hash(value, "hex")];
    case "email_md5":
      return [Bun.MD5.hash(value, "hex")];
  }
}

/** The key of one normalised value: phones in E.164, e-mails and hex hashes in lower case. */
export function suppressionKey(kind: SuppressionKind, value: string, pepper: Uint8Array): string {
  return keyedHash(pepper, `suppression\0${kind}\0${value}`);
}

/** `+15551234567`, `15551234567` and `5551234567`: lists are hashed from any of these. */
function spellingsBeforeHashing(phone: string): string[] {
  const digits = phone.startsWith("+") ? phone.slice(1) : phone;
  return digits.length > 10 ? [phone, digits, digits.slice(-10)] : [phone, digits];
}
