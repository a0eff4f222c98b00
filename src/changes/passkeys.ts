import {
  deletePasskey,
  insertPasskey,
  type NewPasskey,
  type Passkey,
  renamePasskey,
} from "#access/sessions/passkey-records.ts";
import { operation } from "#configuration/history.ts";
import { type Author, recordChange } from "#configuration/history-records.ts";
import type { Database } from "#database/database.ts";

type PasskeyOf = Pick<Passkey, "personId" | "id">;

/** Adds a passkey to a person's: from now on a link alone does not let the person in. `taken`: it is on record already. */
export function addPasskey(
  personId: string,
  wanted: NewPasskey & { name: string },
  database: Database,
  author: Author,
): Promise<Passkey | "taken"> {
  return database.write(async (tx) => {
    const made = await insertPasskey(tx, personId, wanted, author.now);
    if (made === "taken") return made;
    const difference = { path: pathOf(made.id), to: wanted.name };
    await recordChange(tx, author, operation({ kind: "person", id: personId }, "passkey_added", difference));
    return made;
  });
}

/** Gives a passkey another name; false when the person has none such. */
export function nameAnew(
  passkey: PasskeyOf,
  name: string,
  database: Database,
  author: Author,
): Promise<boolean> {
  return database.write(async (tx) => {
    const before = await renamePasskey(tx, passkey, name);
    if (before === undefined) return false;
    const difference = { path: pathOf(passkey.id), from: before, to: name };
    await recordChange(
      tx,
      author,
      operation({ kind: "person", id: passkey.personId }, "changed", difference),
    );
    return true;
  });
}

/** Takes a passkey from a person, who logs in by a link alone when it was the last; false when the person has none such. */
export function endPasskey(passkey: PasskeyOf, database: Database, author: Author): Promise<boolean> {
  return database.write(async (tx) => {
    const name = await deletePasskey(tx, passkey);
    if (name === undefined) return false;
    const difference = { path: pathOf(passkey.id), from: name };
    await recordChange(
      tx,
      author,
      operation({ kind: "person", id: passkey.personId }, "passkey_removed", difference),
    );
    return true;
  });
}

function pathOf(id: string): string {
  return `passkeys[${id}]`;
}
