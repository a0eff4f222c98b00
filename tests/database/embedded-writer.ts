// Writes pairs of rows to an embedded database until it is killed, and prints each id once its transaction was reported committed.
import { sql } from "drizzle-orm";
import { openDatabase } from "#database/engine/connect.ts";

const [dataDir = "", template = ""] = process.argv.slice(2);
const settings = { dataDir, connections: 2, writers: 2, deadlineMs: 20_000 };
const database = await openDatabase(settings, { template });
process.stdout.write("open\n");
for (;;) {
  const id = crypto.randomUUID();
  await database.write(async (tx) => {
    await tx.execute(sql`insert into suppliers (id, definition) values (${`${id}-a`}, '{}')`);
    await tx.execute(sql`insert into suppliers (id, definition) values (${`${id}-b`}, '{}')`);
  });
  process.stdout.write(`${id}\n`);
}
