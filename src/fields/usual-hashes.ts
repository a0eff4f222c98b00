/** A name under which a ping may send a phone or an e-mail hashed. */
export type HashedName = "phone_sha256" | "phone_md5" | "email_sha256" | "email_md5";

/**
 * The hashes (lower-case hexadecimal) under which others know a phone (E.164) or an e-mail (lower case): of a phone as
 * `+15551234567`, `15551234567` and `5551234567`, for partners hash any of these.
 */
export function usualHashesOf(name: HashedName, value: string): string[] {
  switch (name) {
    case "phone_sha256":
      return spellingsOf(value).map((spelling) => Bun.SHA256.hash(spelling, "hex"));
    case "phone_md5":
      return spellingsOf(value).map((spelling) => Bun.MD5.hash(spelling, "hex"));
    case "email_sha256":
      return [Bun.SHA256.hash(value, "hex")];
    case "email_md5":
      return [Bun.MD5.hash(value, "hex")];
  }
}

function spellingsOf(phone: string): string[] {
  const digits = phone.startsWith("+") ? phone.slice(1) : phone;
  return digits.length > 10 ? [phone, digits, digits.slice(-10)] : [phone, digits];
}
