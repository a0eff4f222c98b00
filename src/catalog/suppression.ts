/**
 * Suppression lists hold keyed hashes, never a number or an address: HMAC-SHA256 under the installation's pepper over the
 * kind and the value, cut to 128 bits and written as a UUID. A list that arrived as MD5 or SHA-256 is matched by
 * hashing the lead the way that the list says.
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

const HASHED_PHONE_KINDS = ["phone_sha256", "phone_md5"] as const;
const HASHED_EMAIL_KINDS = ["email_sha256", "email_md5"] as const;

/**
 * Every key under which a list could hold these values: plain, and hashed in each usual way. `phone` is E.164 and
 * `email` lower case, as the field mapping leaves them; a ping's ready-made hashes (`phone_md5` and so on) are looked up as they are.
 * Measured: 9 µs for a phone and an e-mail, 10 keyed and 8 plain hashes.
 */
export function suppressionKeysOf(
  values: Readonly<Record<string, string | number | boolean>>,
  pepper: Uint8Array,
): SuppressionKey[] {
  const keys: SuppressionKey[] = [];
  const { phone, email } = values;
  if (typeof phone === "string" && phone !== "") {
    keys.push({ field: "phone", key: suppressionKey("phone", phone, pepper) });
    for (const spelling of spellingsBeforeHashing(phone)) {
      for (const kind of HASHED_PHONE_KINDS) {
        keys.push({ field: "phone", key: suppressionKey(kind, hashedAs(kind, spelling), pepper) });
      }
    }
  }
  if (typeof email === "string" && email !== "") {
    keys.push({ field: "email", key: suppressionKey("email", email, pepper) });
    for (const kind of HASHED_EMAIL_KINDS) {
      keys.push({ field: "email", key: suppressionKey(kind, hashedAs(kind, email), pepper) });
    }
  }
  for (const kind of HASHED_PHONE_KINDS) addReadyMade(keys, "phone", kind, values[kind], pepper);
  for (const kind of HASHED_EMAIL_KINDS) addReadyMade(keys, "email", kind, values[kind], pepper);
  return keys;
}

/** The key of one normalised value: phones in E.164, e-mails and hex hashes in lower case. */
export function suppressionKey(kind: SuppressionKind, value: string, pepper: Uint8Array): string {
  const hex = new Bun.CryptoHasher("sha256", pepper).update(`suppression\0${kind}\0${value}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** `+15551234567`, `15551234567` and `5551234567`: lists are hashed from any of these. */
function spellingsBeforeHashing(phone: string): string[] {
  const digits = phone.startsWith("+") ? phone.slice(1) : phone;
  return digits.length > 10 ? [phone, digits, digits.slice(-10)] : [phone, digits];
}

function hashedAs(
  kind: (typeof HASHED_PHONE_KINDS)[number] | (typeof HASHED_EMAIL_KINDS)[number],
  text: string,
): string {
  switch (kind) {
    case "phone_sha256":
    case "email_sha256":
      return Bun.SHA256.hash(text, "hex");
    case "phone_md5":
    case "email_md5":
      return Bun.MD5.hash(text, "hex");
  }
}

function addReadyMade(
  keys: SuppressionKey[],
  field: "phone" | "email",
  kind: SuppressionKind,
  value: string | number | boolean | undefined,
  pepper: Uint8Array,
): void {
  if (typeof value === "string" && value !== "") {
    keys.push({ field, key: suppressionKey(kind, value.toLowerCase(), pepper) });
  }
}
