import { FormatRegistry, Type } from "@sinclair/typebox";
import type { FieldType } from "./field-type.ts";
import { expectedWithPattern, withPattern } from "./pattern.ts";
import { invalidType } from "./refusal.ts";

const FORMAT = "leadgate:email";
FormatRegistry.Set(FORMAT, isEmail);

/** An e-mail address, lower-cased. Lengths are those of RFC 5321 4.5.3.1: 64 before the @, 254 in all. */
export const email: FieldType = {
  options: ["pattern"],
  normaliser: () => (raw) => (typeof raw === "string" ? raw.toLowerCase() : invalidType),
  schema: (field) => withPattern(Type.String({ format: FORMAT, maxLength: 254 }), field),
  expects: (field) => expectedWithPattern("an e-mail address", field),
};

// RFC 5322 atoms, and letters of any script (RFC 6531); quoted local parts and address literals are refused.
const LOCAL_PART = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN_LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?$/u;

function isEmail(value: string): boolean {
  const at = value.indexOf("@");
  if (at < 1 || at > 64 || at !== value.lastIndexOf("@")) return false;
  if (!LOCAL_PART.test(value.slice(0, at))) return false;
  const labels = value.slice(at + 1).split(".");
  const last = labels.at(-1);
  if (labels.length < 2 || last === undefined || last.length < 2 || /^\d+$/.test(last)) return false;
  return labels.every((label) => DOMAIN_LABEL.test(label));
}
