import type { Within } from "#database/engine/empty-database.ts";
import type { Header, Part } from "./part.ts";
import { insertRows, readTally, type Table, writeValuesAlike } from "./table-records.ts";

/**
 * Puts a backup's rows into a database that has its tables and nothing in them, and has the database count and add up what it then
 * holds. What was read before an error must be thrown away by the caller.
 *
 * @throws WronglyLoaded when that is not what was to be put in, and whatever reading the parts throws.
 */
export async function load(
  parts: AsyncIterator<Part>,
  within: Within,
  tell: (table: string, rows: number) => void,
): Promise<void> {
  let loaded = 0;
  for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
    const part = next.value;
    switch (part.part) {
      case "header":
      case "end":
        break;
      case "rows":
        await within((tx) => insertRows(tx, part.table, part.lines));
        loaded += part.lines.length;
        tell(part.table.name, loaded);
        break;
      case "table":
        await within((tx) => refuseUnlessSame(tx, part));
        tell(part.table.name, loaded);
        loaded = 0;
        break;
    }
  }
}

async function refuseUnlessSame(
  tx: Parameters<Parameters<Within>[0]>[0],
  { table, tally }: Extract<Part, { part: "table" }>,
): Promise<void> {
  await writeValuesAlike(tx);
  const held = await readTally(tx, table);
  if (held.rows !== tally.rows || held.checksum !== tally.checksum) throw new WronglyLoaded(table);
}

/** The database holds something else than what was put into it. */
export class WronglyLoaded extends Error {
  override readonly name = "WronglyLoaded";
  constructor({ name }: Table) {
    super(`The database does not hold the rows of ${name} as they were read. Nothing was kept.`);
  }
}

/** The header that a backup begins with; what follows is still to be read. */
export async function headerOf(parts: AsyncIterator<Part>): Promise<Header> {
  const next = await parts.next();
  if (next.done === true || next.value.part !== "header") throw new Error("a backup begins with its header");
  return next.value.header;
}
