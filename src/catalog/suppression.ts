import { keyedHash } from "#keyed-hash.ts";

/**
 * Suppression lists hold keyed hashes of kind and value, never a number or an address. A list that arrived as MD5 or SHA-256 is
 * matched by hashing the lead the way that the list says, or in every usual way when it does not say.
 */

/** What an entry may be given as. */
export type SuppressionColumn = (typeof SUPPRESSION_COLUMNS)[number];

export const SUPPRESSION_COLUMNS = [
  "phone",
  "email",
  "phone_sha256",
  "phone_md5",
  "email_sha256",
  "email_md5",
] as const;

/**
 * How a value was spelled before it was hashed. Phones: `e164` is +15551234567, `digits` 15551234567, `last_ten` 5551234567. E-mails:
 * `lower` is lower case, `gmail` also leaves out the dots before @gmail.com and @googlemail.com, as Google does.
 */
export type Recipe = PhoneRecipe | EmailRecipe;
type PhoneRecipe = (typeof PHONE_RECIPES)[number];
type EmailRecipe = (typeof EMAIL_RECIPES)[number];

export const PHONE_RECIPES = ["e164", "digits", "last_ten"] as const;
export const EMAIL_RECIPES = ["lower", "gmail"] as const;

/** What a list holds, and so what leads are looked up by. A hash without a recipe may have been made by any. */
export type SuppressionKind =
  | SuppressionColumn
  | `${"phone_sha256" | "phone_md5"}:${PhoneRecipe}`
  | `${"email_sha256" | "email_md5"}:${EmailRecipe}`;

/** What a lead is looked up by; `field` says which of its values would be the suppressed one. */
export interface SuppressionKey {
  field: "phone" | "email";
  key: string;
}

interface LookUp {
  field: "phone" | "email";
  column: SuppressionColumn;
  /** What a list of this kind may hold for the value of a lead's field. */
  entriesFor(value: string): string[];
}

/** Every kind that there is, and how leads are looked up by it. */
const LOOK_UPS: ReadonlyMap<SuppressionKind, LookUp> = new Map<SuppressionKind, LookUp>([
  ["phone", { field: "phone", column: "phone", entriesFor: (phone) => [phone] }],
  ["email", { field: "email", column: "email", entriesFor: (email) => [email] }],
  ...(["phone_sha256", "phone_md5"] as const).flatMap((column) => [
    hashed(column, column, PHONE_RECIPES, phoneBy),
    ...PHONE_RECIPES.map((recipe) => hashed(`${column}:${recipe}`, column, [recipe], phoneBy)),
  ]),
  ...(["email_sha256", "email_md5"] as const).flatMap((column) => [
    hashed(column, column, EMAIL_RECIPES, emailBy),
    ...EMAIL_RECIPES.map((recipe) => hashed(`${column}:${recipe}`, column, [recipe], emailBy)),
  ]),
]);

const EVERY_KIND: ReadonlySet<SuppressionKind> = new Set(LOOK_UPS.keys());

/**
 * Every key under which a list could hold these values: plain, and hashed in each usual way, as far as the lists hold such `kinds`.
 * `phone` is E.164 and `email` lower case, as the field mapping leaves them; a ping's ready-made hashes (`phone_md5` and so on) are
 * looked up as they are. Measured: 9 µs for a phone and an e-mail by all kinds without a recipe, 2 µs by the plain ones.
 */
export function suppressionKeysOf(
  values: Readonly<Record<string, string | number | boolean>>,
  pepper: Uint8Array,
  kinds: ReadonlySet<SuppressionKind> = EVERY_KIND,
): SuppressionKey[] {
  const keys: SuppressionKey[] = [];
  for (const kind of kinds) {
    const lookUp = LOOK_UPS.get(kind);
    // What a newer version put on a list, this one can't look up.
    if (lookUp === undefined) continue;
    const { field, column, entriesFor } = lookUp;
    const value = values[field];
    if (typeof value === "string" && value !== "") {
      for (const entry of entriesFor(value)) keys.push({ field, key: suppressionKey(kind, entry, pepper) });
    }
    const readyMade = column === field ? undefined : values[column];
    if (typeof readyMade === "string" && readyMade !== "") {
      keys.push({ field, key: suppressionKey(kind, readyMade.toLowerCase(), pepper) });
    }
  }
  return keys;
}

function hashed<By extends Recipe>(
  kind: SuppressionKind,
  column: SuppressionColumn,
  recipes: readonly By[],
  spelled: (value: string, recipe: By) => string,
): [SuppressionKind, LookUp] {
  const field = column.startsWith("phone") ? "phone" : "email";
  const hash = column.endsWith("md5") ? Bun.MD5 : Bun.SHA256;
  const entriesFor = (value: string) =>
    [...new Set(recipes.map((recipe) => spelled(value, recipe)))].map((text) => hash.hash(text, "hex"));
  return [kind, { field, column, entriesFor }];
}

function phoneBy(phone: string, recipe: PhoneRecipe): string {
  const digits = phone.startsWith("+") ? phone.slice(1) : phone;
  switch (recipe) {
    case "e164":
      return phone;
    case "digits":
      return digits;
    case "last_ten":
      return digits.slice(-10);
  }
}

function emailBy(email: string, recipe: EmailRecipe): string {
  switch (recipe) {
    case "lower":
      return email;
    case "gmail": {
      const [name = "", domain = ""] = email.split("@");
      return domain === "gmail.com" || domain === "googlemail.com"
        ? `${name.replaceAll(".", "")}@${domain}`
        : email;
    }
  }
}

/** The key of one normalised value: phones in E.164, e-mails and hex hashes in lower case. */
export function suppressionKey(kind: SuppressionKind, value: string, pepper: Uint8Array): string {
  return keyedHash(pepper, `suppression\0${kind}\0${value}`);
}
