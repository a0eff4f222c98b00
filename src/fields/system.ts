import type { FieldDefinition, FieldTypeName } from "#fields/types/definition.ts";
import type { FieldType } from "#fields/types/field-type.ts";
import { httpsUrl } from "#fields/types/url.ts";
import { isForbiddenKey } from "#text/json.ts";
import { hash } from "./hash.ts";
import type { HashedName } from "./usual-hashes.ts";

/** The fields that every campaign has; a campaign may list one to tighten it. */
export const systemFields: readonly FieldDefinition[] = [
  { name: "first_name", type: "text", required: true, max_length: 200 },
  { name: "last_name", type: "text", required: true, max_length: 200 },
  { name: "phone", type: "phone", required: true },
  { name: "email", type: "email", required: true, label: "E-mail" },
  { name: "state", type: "state" },
  { name: "zip_code", type: "zip", label: "ZIP code" },
  { name: "source", type: "text", max_length: 200 },
  { name: "trustedform_cert_url", type: "url", label: "TrustedForm certificate URL" },
];

/** The types under which a campaign may list a system field; nothing for a field of its own. */
export function typesOfSystemField(name: string): readonly FieldTypeName[] | undefined {
  const system = systemFields.find((field) => field.name === name);
  if (system === undefined) return undefined;
  return name === "source" ? ["text", "enum"] : [system.type];
}

/** System fields first, each with what the campaign says about it, then the campaign's own in their order. */
export function withSystemFields(fields: readonly FieldDefinition[]): FieldDefinition[] {
  const listed = new Map(fields.map((field) => [field.name, field]));
  const isSystem = new Set(systemFields.map((field) => field.name));
  return [
    ...systemFields.map((system) => tightened(system, listed.get(system.name))),
    ...fields.filter((field) => !isSystem.has(field.name)),
  ];
}

function tightened(system: FieldDefinition, listed: FieldDefinition | undefined): FieldDefinition {
  if (listed === undefined) return system;
  // Listed as an enum, a source has no lengths: the system field's own must not stay behind.
  const kept: FieldDefinition =
    listed.type === system.type ? system : { name: system.name, type: listed.type };
  return { ...kept, ...listed, required: system.required === true || listed.required === true };
}

/** System fields whose type is narrower than the one that operators see. */
export const narrowerTypes: ReadonlyMap<string, FieldType> = new Map([["trustedform_cert_url", httpsUrl]]);

/** What a ping may send instead of a phone or an e-mail. */
export const hashedFields: readonly { name: HashedName; of: "phone" | "email"; type: FieldType }[] = [
  { name: "phone_sha256", of: "phone", type: hash(64) },
  { name: "phone_md5", of: "phone", type: hash(32) },
  { name: "email_sha256", of: "email", type: hash(64) },
  { name: "email_md5", of: "email", type: hash(32) },
];

/** True for names that no mapping may use: control fields, hashes, and those that objects are born with. */
export function isReservedName(name: string): boolean {
  return (
    name.startsWith("flo_") || isForbiddenKey(name) || hashedFields.some((hashed) => hashed.name === name)
  );
}
