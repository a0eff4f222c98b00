import type { Party } from "#access/party-key.ts";
import {
  type CreatedPortalLink,
  createPortalLink,
  type NewPortalLink,
  revokePortalLink,
} from "#access/sessions/portal-link-records.ts";
import { operation } from "#configuration/history.ts";
import { type Author, recordChange } from "#configuration/history-records.ts";
import type { Database } from "#database/database.ts";

/** Makes a link to a party's portal for an operator to hand over, shown this once. */
export function givePortalLink(
  party: Party,
  wanted: Omit<NewPortalLink, "email">,
  database: Database,
  author: Author,
): Promise<CreatedPortalLink | "no_such_party"> {
  return database.write(async (tx) => {
    const made = await createPortalLink(tx, party, { ...wanted, email: null }, author.now);
    if (made === "no_such_party") return made;
    const to = { once: wanted.once, expires_at: wanted.expiresAt.toISOString() };
    const difference = { path: `portal_links[${made.id}]`, to };
    await recordChange(tx, author, operation(party, "link_created", difference));
    return made;
  });
}

/** Ends a link to a party's portal, and every session that it opened; false when the party has none such. */
export function endPortalLink(
  party: Party,
  id: string,
  database: Database,
  author: Author,
): Promise<boolean> {
  return database.write(async (tx) => {
    const isThere = await revokePortalLink(tx, party, id, author.now);
    const difference = { path: `portal_links[${id}].revoked_at`, to: author.now.toISOString() };
    if (isThere) await recordChange(tx, author, operation(party, "link_revoked", difference));
    return isThere;
  });
}
