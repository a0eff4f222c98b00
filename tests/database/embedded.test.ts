import { afterAll, describe, expect, test } from "bun:test";
import { chmod, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { builderOn } from "#database/builder.ts";
import type { Database } from "#database/database.ts";
import type { DatabaseSettings } from "#database/engine/connect.ts";
import { prepareDirectory } from "#database/pglite/data-directory.ts";
import { startEngine } from "#database/pglite/engine.ts";
import { suppliers } from "#database/tables.ts";
import { discard, embeddedSettings, failureOf, migratedTemplate, openFresh } from "../support/database.ts";

const add = (database: Database, id: string) =>
  database.write((tx) => builderOn(tx).insert(suppliers).values({ id, definition: {} }));
const idsIn = async (database: Database) =>
  (await database.read((db) => builderOn(db).select().from(suppliers).orderBy(suppliers.id))).map(
    ({ id }) => id,
  );

const made: DatabaseSettings[] = [];
async function newSettings(changes: Partial<DatabaseSettings> = {}): Promise<DatabaseSettings> {
  const settings = await embeddedSettings(changes);
  made.push(settings);
  return settings;
}
afterAll(() => Promise.all(made.map(discard)));

describe("the embedded database", () => {
  test("is there again, with what was in it, when it is opened a second time", async () => {
    const settings = await newSettings();
    const first = await openFresh(settings);
    await add(first, "acme");
    await first.close();
    const second = await openFresh(settings);
    expect(await idsIn(second)).toEqual(["acme"]);
    await second.close();
  });

  test("lets nobody else on the machine read its files, also where a folder was there before", async () => {
    const settings = await newSettings();
    await (await openFresh(settings)).close();
    const directory = join(settings.dataDir, "database");
    await chmod(directory, 0o755);
    await chmod(join(directory, "PG_VERSION"), 0o644);
    await (await openFresh(settings)).close();
    const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    expect(await modeOf(directory)).toBe("700");
    expect(await modeOf(join(directory, "base"))).toBe("700");
    expect(await modeOf(join(directory, "PG_VERSION"))).toBe("600");
  });

  test("is refused to a second opener, with a sentence that names the first", async () => {
    const settings = await newSettings();
    const first = await openFresh(settings);
    const error = await failureOf(openFresh(settings));
    expect(error).toMatchObject({
      name: "DatabaseRefused",
      message: expect.stringMatching(
        new RegExp(`in use by process ${process.pid}, started \\d{4}-\\d\\d-\\d\\dT`),
      ),
    });
    await add(first, "acme");
    await first.close();
    await (await openFresh(settings)).close();
  });

  test("is refused to another process while this one has it", async () => {
    const settings = await newSettings();
    const database = await openFresh(settings);
    const other = writer(settings.dataDir, await migratedTemplate());
    expect(await new Response(other.stderr).text()).toContain(`in use by process ${process.pid}`);
    expect(await other.exited).not.toBe(0);
    await database.close();
  }, 120_000);

  test("gives up a statement that takes too long, and goes on with what had been committed", async () => {
    const database = await openFresh(await newSettings());
    await add(database, "before");
    const endless = database.write(async (tx) => {
      await builderOn(tx).insert(suppliers).values({ id: "never", definition: {} });
      await tx.execute(sql`select pg_sleep(3600)`);
    }, 1_000);
    expect(await failureOf(endless)).toMatchObject({ name: "DatabaseUnavailable", certain: true });
    await untilAnswered(database);
    await add(database, "after");
    expect(await idsIn(database)).toEqual(["after", "before"]);
    await database.close();
  }, 120_000);

  test("finds out that a COMMIT which took too long was not made", async () => {
    const settings = await newSettings();
    const began = performance.now();
    await (await openFresh(settings)).close();
    // It is opened again to find that out, which takes long on a busy machine; and while it waits it does not rest.
    const deadlineMs = Math.max(3_000, 8 * (performance.now() - began));
    const database = await openFresh({ ...settings, deadlineMs });
    const slowCommit = sql`
      create function dawdle() returns trigger language plpgsql as $$ begin
        perform pg_sleep(3600);
        return null;
      end $$;
      create constraint trigger dawdle after insert on suppliers deferrable initially deferred
        for each row execute function dawdle()`;
    await database.write((tx) => tx.execute(slowCommit));
    expect(await failureOf(add(database, "acme"))).toMatchObject({
      name: "DatabaseUnavailable",
      certain: true,
    });
    expect(await idsIn(database)).toEqual([]);
    await database.close();
  }, 120_000);

  test("does not keep this thread from other things while it works", async () => {
    const database = await openFresh(await newSettings());
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    await database.read((db) => db.execute(sql`select count(*) from generate_series(1, 1000000)`));
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(1);
    await database.close();
  });

  test("loses nothing that was reported committed, and splits nothing, when it is killed", async () => {
    const settings = await newSettings();
    const acknowledged: string[] = [];
    for (const acknowledgements of [3, 120, 40]) {
      const child = writer(settings.dataDir, await migratedTemplate());
      acknowledged.push(...(await killAfter(child, acknowledgements)));
    }
    const database = await openFresh(settings);
    const present = new Set(await idsIn(database));
    expect(acknowledged.length).toBeGreaterThanOrEqual(163);
    for (const id of acknowledged) expect(present.has(`${id}-a`)).toBe(true);
    for (const id of present)
      expect(present.has(id.replace(/-[ab]$/, "-a")) && present.has(id.replace(/-[ab]$/, "-b"))).toBe(true);
    await database.close();
  }, 120_000);

  test("is made anew when the making of it was cut off", async () => {
    const settings = await newSettings();
    const directory = join(settings.dataDir, "database");
    await prepareDirectory(`${directory}.init`, archive);
    await rm(join(`${directory}.init`, "base"), { recursive: true });
    const database = await openFresh(settings);
    await add(database, "acme");
    expect(await readdir(settings.dataDir)).not.toContain("database.init");
    await database.close();
  });

  test("says so when its files can't be opened, and lets go of the directory", async () => {
    const settings = await newSettings();
    const directory = join(settings.dataDir, "database");
    await prepareDirectory(directory, archive);
    await Bun.write(join(directory, "PG_VERSION"), "12\n");
    expect(await failureOf(openFresh(settings))).toMatchObject({
      message: expect.stringMatching(/^The embedded database/),
    });
    await rm(directory, { recursive: true });
    await (await openFresh(settings)).close();
  });
});

describe("the embedded database's thread", () => {
  test("can be ended in the middle of a statement", async () => {
    const settings = await newSettings();
    const engine = await startEngine(join(settings.dataDir, "database"), await migratedTemplate());
    engine.socket.write(simpleQuery("select count(*) from generate_series(1, 1e12::bigint)"));
    await engine.kill();
  });
});

async function archive(): Promise<Uint8Array> {
  return await Bun.file(await migratedTemplate()).bytes();
}

function simpleQuery(text: string): Uint8Array {
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(5, "Q");
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

async function untilAnswered(database: Database): Promise<void> {
  while (
    !(await database.ping().then(
      () => true,
      () => false,
    ))
  );
}

function writer(dataDir: string, archive: string) {
  return Bun.spawn([process.execPath, join(import.meta.dir, "embedded-writer.ts"), dataDir, archive], {
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Kills the process once it has reported `count` transactions, and returns all that it reported. */
async function killAfter(child: ReturnType<typeof writer>, count: number): Promise<string[]> {
  let output = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    output += decoder.decode(chunk, { stream: true });
    if (output.split("\n").length > count + 2) child.kill("SIGKILL");
  }
  await child.exited;
  // The last line may have been cut off.
  return output.split("\n").slice(1, -1);
}
