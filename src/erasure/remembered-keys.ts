import { hashedKeysOf } from "#campaigns/campaign.ts";
import { keysOfEveryKind, possibleKeys, scopeOf } from "#people/duplicate-key.ts";

/** Every key under which a lead's values may be remembered by campaigns and buyers: as they are, and as a ping may hash them. */
export function rememberedKeys(
  pepper: Uint8Array,
  values: Readonly<Record<string, string | number | boolean>>,
  by: { campaigns: readonly string[]; buyers: readonly string[] },
): string[] {
  const campaigns = by.campaigns.map((id) => scopeOf("campaign", id));
  const scopes = [...campaigns, ...by.buyers.map((id) => scopeOf("buyer", id))];
  const plain = Object.entries(values).flatMap(([field, value]) =>
    scopes.flatMap((scope) => possibleKeys(pepper, scope, field, value)),
  );
  const hashed = campaigns.flatMap((scope) => hashedKeysOf(pepper, scope, values));
  return [...plain, ...hashed].flatMap(keysOfEveryKind);
}
