import type { Snapshot } from "#database/database.ts";
import { newestStep } from "#database/migrate.ts";
import { type Header, openTally, type Part } from "./part.ts";
import {
  closeRows,
  everyTable,
  fetchRows,
  openRows,
  readSchemaStep,
  writeValuesAlike,
} from "./table-records.ts";

/**
 * Reads a whole database out of a snapshot, in chunks, as fast as they are taken. A chunk is asked for while the one before it is dealt
 * with.
 *
 * @throws NewerSchema when another program has brought the schema further than this one knows.
 */
export async function* dump(
  snapshot: Snapshot,
  about: Omit<Header, "schema" | "tables">,
): AsyncGenerator<Part> {
  const schema = await snapshot.read(readSchemaStep);
  if (schema !== newestStep()) throw new NewerSchema();
  const tables = everyTable();
  yield { part: "header", header: { ...about, schema, tables } };
  await snapshot.read(writeValuesAlike);
  for (const table of tables) {
    const tally = openTally();
    await snapshot.read((db) => openRows(db, table));
    let asked = snapshot.read(fetchRows);
    for (let lines = await asked; lines.length > 0; lines = await asked) {
      asked = snapshot.read(fetchRows);
      // Whoever takes no more chunks never hears how this one ended.
      asked.catch(() => undefined);
      for (const line of lines) tally.add(line);
      yield { part: "rows", table, lines };
    }
    await snapshot.read(closeRows);
    yield { part: "table", table, tally: tally.read() };
  }
  yield { part: "end" };
}

/** A newer version of the program works on the same database. */
export class NewerSchema extends Error {
  override readonly name = "NewerSchema";
  constructor() {
    super(
      "The database was brought up to date by a newer version of Leadgate; have that one make the backup.",
    );
  }
}
