import { dump } from "#backup/dump.ts";
import { asFile, fromFile } from "#backup/file.ts";
import { headerOf, load } from "#backup/load.ts";
import type { Part } from "#backup/part.ts";
import { everyTable, readTally, type TableTally, writeValuesAlike } from "#backup/table-records.ts";
import { recountOfCampaigns } from "#campaigns/recount-records.ts";
import type { Database } from "#database/database.ts";
import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { fillEmptyDatabase } from "#database/engine/empty-database.ts";
import { discard, embeddedSettings, migratedTemplate, postgresSettings } from "../support/database.ts";

export type Kind = Database["kind"];

/** What backups are signed with. */
export const SECRET_KEY = new Uint8Array(32).fill(4);

/** A backup of a database in use, as the bytes of its file. */
export async function backedUp(database: Database): Promise<Uint8Array> {
  const snapshot = await database.snapshot();
  try {
    const about = { version: "0", madeAt: "2026-03-04T12:00:00Z", secretFingerprint: "" };
    const chunks = await Array.fromAsync(
      asFile(
        dump(snapshot, { ...about, database: database.kind, spread: database.isSpread || undefined }),
        SECRET_KEY,
      ),
    );
    return Buffer.concat(chunks);
  } finally {
    await snapshot.close();
  }
}

/** Where a backup can be put: a database that was never there. */
export async function blankSettings(kind: Kind): Promise<DatabaseSettings> {
  return kind === "embedded" ? await embeddedSettings() : await postgresSettings();
}

/** Puts a backup into a database, as the command does. */
export async function restoreInto(settings: DatabaseSettings, bytes: Uint8Array): Promise<void> {
  const parts = fromFile(chunksOf(bytes), undefined);
  const { schema, spread } = await headerOf(parts);
  const target = { ...settings, template: await migratedTemplate() };
  await fillEmptyDatabase(target, schema, async (within) => {
    await load(parts, within, () => undefined);
    if (spread === true) await within((tx) => recountOfCampaigns(tx, new Date()));
  });
}

/** Does something with a copy of a database, made through a backup on a database of the other kind or the same. */
export async function withCopy<T>(
  database: Database,
  kind: Kind,
  work: (copy: Database, settings: DatabaseSettings) => Promise<T>,
): Promise<T> {
  const settings = await blankSettings(kind);
  await restoreInto(settings, await backedUp(database));
  const copy = await openDatabase(settings);
  try {
    return await work(copy, settings);
  } finally {
    await copy.close();
    await discard(settings);
  }
}

/** What every table comes to. */
export async function talliesOf(database: Database): Promise<Record<string, TableTally>> {
  const tallies: Record<string, TableTally> = {};
  for (const table of everyTable()) {
    tallies[table.name] = await database.write(async (tx) => {
      await writeValuesAlike(tx);
      return await readTally(tx, table);
    });
  }
  return tallies;
}

/** Bytes as a network or a disk hands them over. */
export async function* chunksOf(bytes: Uint8Array, size = 16_384): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

/** All that a file says, if this key has signed it when one is given. */
export async function partsOf(bytes: Uint8Array, secretKey?: Uint8Array): Promise<Part[]> {
  return await Array.fromAsync(fromFile(chunksOf(bytes), secretKey));
}
