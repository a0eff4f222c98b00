import { withAsciiDomain } from "#fields/types/email.ts";

/** A name under which a phone or an e-mail may come hashed. */
export type HashedName = "phone_sha256" | "phone_md5" | "email_sha256" | "email_md5";

/**
 * How a value was spelled before it was hashed. Phones: `e164` is +15551234567, `digits` 15551234567, `last_ten` 5551234567. E-mails:
 * `lower` is lower case, `gmail` also leaves out the dots before @gmail.com and @googlemail.com, as Google does; an
 * international domain may have been hashed in its own letters or as xn--….
 */
export type Recipe = PhoneRecipe | EmailRecipe;
type PhoneRecipe = (typeof PHONE_RECIPES)[number];
type EmailRecipe = (typeof EMAIL_RECIPES)[number];

export const PHONE_RECIPES = ["e164", "digits", "last_ten"] as const;
export const EMAIL_RECIPES = ["lower", "gmail"] as const;

/** The hashes (lower-case hexadecimal) under which others may know a phone (E.164) or an e-mail (lower case), whatever their recipe. */
export function usualHashesOf(name: HashedName, value: string): string[] {
  return hashesOf(name, value, name.startsWith("phone") ? PHONE_RECIPES : EMAIL_RECIPES);
}

/** The same by these recipes alone, each hash once. */
export function hashesOf(name: HashedName, value: string, recipes: readonly Recipe[]): string[] {
  const hash = name.endsWith("md5") ? Bun.MD5 : Bun.SHA256;
  return [...new Set(recipes.flatMap((recipe) => spelled(value, recipe)))].map((text) =>
    hash.hash(text, "hex"),
  );
}

function spelled(value: string, recipe: Recipe): string[] {
  switch (recipe) {
    case "e164":
      return [value];
    case "lower":
      return [value, withAsciiDomain(value)];
    case "digits":
      return [digitsOf(value)];
    case "last_ten":
      return [digitsOf(value).slice(-10)];
    case "gmail": {
      const [name = "", domain = ""] = value.split("@");
      return domain === "gmail.com" || domain === "googlemail.com"
        ? [`${name.replaceAll(".", "")}@${domain}`]
        : [value, withAsciiDomain(value)];
    }
  }
}

function digitsOf(phone: string): string {
  return phone.startsWith("+") ? phone.slice(1) : phone;
}
