import { domainToASCII, domainToUnicode } from "node:url";
import { FormatRegistry, Type } from "@sinclair/typebox";
import type { FieldType } from "./field-type.ts";
import { expectedWithPattern, withPattern } from "./pattern.ts";
import { invalidType } from "./refusal.ts";

const FORMAT = "leadgate:email";
FormatRegistry.Set(FORMAT, isEmail);

/**
 * An e-mail address in one form, by which people are compared, hashed and suppressed: lower case, its characters as Unicode composes them
 * (NFKC), an international domain in its own letters (IDNA). Lengths are those of RFC 5321 4.5.3.1: 64 before the @, 254 in all.
 */
export const email: FieldType = {
  options: ["pattern"],
  normaliser: () => (raw) => (typeof raw === "string" ? storedEmail(raw) : invalidType),
  schema: (field) => withPattern(Type.String({ format: FORMAT, maxLength: 254 }), field),
  expects: (field) => expectedWithPattern("an e-mail address", field),
};

const ASCII = /^[!-~]+$/;
// What comes along when an address is copied: its link, quotes, what parts it from the next, the stop that ends a sentence or a domain.
const BEFORE = /^["'‘’“”<\s]*(?:mailto:)?/;
const BEHIND = /["'‘’“”>,;.\s]+$/;

function storedEmail(raw: string): string {
  const lower = raw.toLowerCase().replace(BEFORE, "").replace(BEHIND, "");
  if (ASCII.test(lower) && !lower.includes("xn--")) return lower;
  // Composed, lower-cased and composed once more: a capital may fall apart in lower case.
  const address = lower.normalize("NFKC").toLowerCase().normalize("NFKC");
  const at = address.lastIndexOf("@");
  const domain = unicodeDomain(address.slice(at + 1));
  return domain === "" ? address : `${address.slice(0, at + 1)}${domain}`;
}

/** The domain in its own letters; empty when it is none. */
function unicodeDomain(domain: string): string {
  // What ends a host in a URL would be cut off with all that follows.
  return /[\s/?#:@%[\]\\]/.test(domain) ? "" : domainToUnicode(domainToASCII(domain));
}

/** The address with its domain as the mail system knows it (xn--…), as some write it before they hash it. */
export function withAsciiDomain(stored: string): string {
  if (ASCII.test(stored)) return stored;
  const at = stored.lastIndexOf("@");
  return `${stored.slice(0, at + 1)}${domainToASCII(stored.slice(at + 1))}`;
}

// RFC 5322 atoms, and letters of any script (RFC 6531); quoted local parts and address literals are refused.
const LOCAL_PART = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN_LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?$/u;

/** The same in ASCII, for a domain whose last label begins with a letter: nearly every address, and no class of Unicode to be looked up. */
const ATOM = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const USUAL = new RegExp(`^${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$`);

function isEmail(value: string): boolean {
  const at = value.indexOf("@");
  if (at < 1 || at > 64 || at !== value.lastIndexOf("@")) return false;
  if (USUAL.test(value)) return true;
  if (!LOCAL_PART.test(value.slice(0, at))) return false;
  const labels = value.slice(at + 1).split(".");
  const last = labels.at(-1);
  if (labels.length < 2 || last === undefined || last.length < 2 || /^\d+$/.test(last)) return false;
  return labels.every((label) => DOMAIN_LABEL.test(label));
}
