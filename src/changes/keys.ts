import {
  type CreatedOperatorKey,
  createOperatorKey,
  type NewOperatorKey,
  revokeOperatorKey,
} from "#access/operator-key-records.ts";
import type { Party } from "#access/party-key.ts";
import {
  type CreatedKey,
  createPartyKey,
  type KeyOfParty,
  type NewKey,
  type RotatedKey,
  revokePartyKey,
  rotatePartyKey,
} from "#access/party-key-records.ts";
import { type CreatedPostingUrl, createPostingUrl, type NewPostingUrl } from "#access/posting-url-records.ts";
import { operation } from "#configuration/history.ts";
import { type Author, recordChange } from "#configuration/history-records.ts";
import type { Database } from "#database/database.ts";
import { changeAndRecord } from "./change-and-record.ts";

/** Makes an operator's key, shown this once. */
export function giveOperatorKey(
  wanted: NewOperatorKey,
  database: Database,
  author: Author,
): Promise<CreatedOperatorKey> {
  return database.write(async (tx) => {
    const made = await createOperatorKey(tx, wanted, author.now);
    const { name, role, expiresAt } = wanted;
    const settings = { name, role, prefix: made.prefix, expires_at: expiresAt?.toISOString() ?? null };
    const differences = Object.entries(settings).map(([path, to]) => ({ path, to }));
    await recordChange(
      tx,
      author,
      operation({ kind: "operator_key", id: made.id }, "key_created", ...differences),
    );
    return made;
  });
}

/** Ends an operator's key at once, on every server; false when there is none with this id. */
export function endOperatorKey(id: string, database: Database, author: Author): Promise<boolean> {
  return database.write(async (tx) => {
    const isThere = await revokeOperatorKey(tx, id, author.now);
    const difference = { path: "revoked_at", to: author.now.toISOString() };
    if (isThere) {
      await recordChange(tx, author, operation({ kind: "operator_key", id }, "key_revoked", difference));
    }
    return isThere;
  });
}

/** Gives a supplier or buyer one more key, shown this once. `taken`: somebody's key is this very secret. */
export function givePartyKey(
  party: Party,
  wanted: NewKey,
  database: Database,
  author: Author,
): Promise<CreatedKey | "no_such_party" | "taken"> {
  return database.write((tx) =>
    changeAndRecord(
      tx,
      author,
      () => createPartyKey(tx, party, wanted, author.now),
      (made) => {
        if (typeof made === "string") return undefined;
        const to = {
          prefix: made.prefix,
          name: wanted.name,
          expires_at: wanted.expiresAt?.toISOString() ?? null,
        };
        return operation(party, "key_created", { path: `keys[${made.id}]`, to });
      },
    ),
  );
}

/** Gives a supplier or buyer a key in place of one that is live, which is good beside it for a while. */
export function replacePartyKey(
  key: Omit<KeyOfParty, "shownIn">,
  overlapSeconds: number,
  database: Database,
  author: Author,
): Promise<RotatedKey | "no_such_key" | "not_live"> {
  return database.write((tx) =>
    changeAndRecord(
      tx,
      author,
      () => rotatePartyKey(tx, key, overlapSeconds, author.now),
      (made) => {
        if (typeof made === "string") return undefined;
        return operation(
          key.party,
          "key_rotated",
          { path: `keys[${key.keyId}].expires_at`, to: made.replacedUntil.toISOString() },
          { path: `keys[${made.id}]`, to: { prefix: made.prefix } },
        );
      },
    ),
  );
}

/** Gives a supplier one more address to post to, shown this once. */
export function givePostingUrl(
  supplierId: string,
  wanted: NewPostingUrl,
  database: Database,
  author: Author,
): Promise<CreatedPostingUrl | "no_such_supplier" | "no_such_campaign"> {
  return database.write((tx) =>
    changeAndRecord(
      tx,
      author,
      () => createPostingUrl(tx, supplierId, wanted, author.now),
      (made) => {
        if (typeof made === "string") return undefined;
        const { name, campaignId, expiresAt } = wanted;
        const to = {
          prefix: made.prefix,
          name,
          campaign: campaignId,
          expires_at: expiresAt?.toISOString() ?? null,
        };
        const difference = { path: `posting_urls[${made.id}]`, to };
        return operation({ kind: "supplier", id: supplierId }, "key_created", difference);
      },
    ),
  );
}

/** Ends a party's key or posting URL at once: not one more lead comes in by it. False when this party has none such. */
export function endPartyKey(key: KeyOfParty, database: Database, author: Author): Promise<boolean> {
  return database.write((tx) =>
    changeAndRecord(
      tx,
      author,
      () => revokePartyKey(tx, key, author.now),
      (isThere) => {
        if (!isThere) return undefined;
        const list = key.shownIn === "url" ? "posting_urls" : "keys";
        const difference = { path: `${list}[${key.keyId}].revoked_at`, to: author.now.toISOString() };
        return operation(key.party, "key_revoked", difference);
      },
    ),
  );
}
