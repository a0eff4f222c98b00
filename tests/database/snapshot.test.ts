import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Database, Queryable } from "#database/database.ts";
import { failureOf, onBothDatabases } from "../support/database.ts";

onBothDatabases("a snapshot", (world) => {
  test("shows one moment for as long as it is open, while others go on writing", async () => {
    await add(world.database, "before");
    const snapshot = await world.database.snapshot();
    await add(world.database, "after");
    expect(await snapshot.read(names)).toEqual(["before"]);
    expect(await world.database.read(names)).toEqual(["after", "before"]);
    await add(world.database, "later");
    expect(await snapshot.read(names)).toEqual(["before"]);

    const second = await world.database.snapshot().catch((error: unknown) => error);
    if (world.kind === "embedded") expect(second).toMatchObject({ name: "DatabaseRefused" });
    else await (second as typeof snapshot).close();

    await snapshot.close();
    await snapshot.close();
    expect(await failureOf(snapshot.read(names))).toMatchObject({ name: "DatabaseUnavailable" });
    expect(existsSync(join(world.settings.dataDir, "database.copy"))).toBe(false);
  });

  test("of a database that nobody else uses needs no copy, and lets others in again when it is closed", async () => {
    await add(world.database, "before");
    const snapshot = await world.database.snapshot("alone");
    expect(await snapshot.read(names)).toEqual(["before"]);
    expect(existsSync(join(world.settings.dataDir, "database.copy"))).toBe(false);
    await snapshot.close();
    await add(world.database, "after");
    expect(await world.database.read(names)).toEqual(["after", "before"]);
  });

  test("can't be written to", async () => {
    const snapshot = await world.database.snapshot("alone");
    expect(await failureOf(snapshot.read((db) => db.execute(insert("stray"))))).toMatchObject({
      name: "StatementRefused",
      sqlstate: "25006",
    });
    await snapshot.close();
    expect(await world.database.read(names)).toEqual([]);
  });
});

const insert = (name: string) => `insert into endpoints (recipient, breaker) values ('${name}', '')`;

async function add(database: Database, name: string): Promise<void> {
  await database.write((tx) => tx.execute(insert(name)));
}

async function names(db: Queryable): Promise<string[]> {
  const rows = await db.execute<{
    recipient: string;
  }>("select recipient from endpoints order by recipient");
  return rows.map((row) => row.recipient);
}
