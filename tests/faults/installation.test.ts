import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import type { Database } from "#database/database.ts";
import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { backedUp, restoreInto, talliesOf } from "../backup/round-trip.ts";
import { SHORT_LIFE } from "../support/at-end.ts";
import { embeddedSettings, postgresSettings } from "../support/database.ts";
import { aDocument, OPERATOR_KEY } from "../support/leadgate.ts";
import { startLoad } from "../support/load.ts";
import { leads } from "../support/people.ts";
import { prepareLeadgate, program, untilTrue } from "../support/process.ts";
import { discardOnceLeft, preparedDatabase } from "./record.ts";
import { ROUNDS, someMoment } from "./rounds.ts";

/** So many that a process can be killed while they are put in. */
const STORED = 6_000;

/** A process is started for each, which takes a while. */
const KILLS = Math.ceil(ROUNDS / 2);

describe.each(["postgres", "embedded"] as const)("backup that is made under load (%s)", (kind) => {
  test("a backup under load that is killed, or whose server is, leaves no file; a whole one fits together", async () => {
    const settings = await preparedDatabase(kind);
    const folder = await mkdtemp(join(tmpdir(), "leadgate-backups-"));
    const file = join(folder, "leadgate.backup");
    await using server = await prepareLeadgate(settings);
    await grow(settings, 2_000);
    await server.start();
    const { keys } = await server.configure(aDocument());
    await using load = await startLoad({
      ports: [server.port],
      lines: 2,
      key: keys["acme"] ?? "",
      leads: leads(),
      // For as long as backups are made, which is long: what is sent need only never stop.
      restMs: 10,
    });
    const backup = () => leadgate(["backup", "--out", file], { LEADGATE_URL: server.url });
    const isBegun = async () => (await sizesIn(folder)).length > 0;

    /** The server is done with one that was killed a moment after that, and refuses another until then. */
    async function begunBackup(): Promise<ReturnType<typeof backup>> {
      for (;;) {
        const made = backup();
        let hasEnded = false;
        void made.ended.then(() => (hasEnded = true));
        await untilTrue(async () => hasEnded || (await isBegun()), "a backup to begin");
        if (await isBegun()) return made;
      }
    }

    const killed = await begunBackup();
    await someMoment();
    killed.process.kill("SIGKILL");
    // Small as it is, it may have been whole before.
    expect(existsSync(file)).toBe((await killed.ended).code === 0);
    for (const left of await readdir(folder)) await rm(join(folder, left));

    const cutOff = await begunBackup();
    await server.kill();
    const { code, said } = await cutOff.ended;
    if (code === 0) await rm(file);
    else
      expect([code, said]).toEqual([
        1,
        expect.stringMatching(/Nothing was written|cut off|No server answers/),
      ]);
    await server.start();

    expect(await backup().ended).toMatchObject({ code: 0, said: expect.stringContaining("found whole") });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["leadgate.backup"]);
    expect(await backup().ended).toMatchObject({
      code: 1,
      said: expect.stringContaining("is there already"),
    });
    await load.finish();
    expect(await server.stop()).toBe(0);
    expect((await readdir(settings.dataDir).catch(() => [])).filter((name) => name.includes("copy"))).toEqual(
      [],
    );

    const restored = await embeddedSettings();
    await restoreInto(restored, await Bun.file(file).bytes());
    const copy = await openDatabase(restored);
    const rows = await copy.read((db) =>
      db.execute<{
        leads: number;
        counted: number;
      }>(`select (select count(*)::int from leads where request_id is distinct from 'stored') as leads,
          (select coalesce(sum(total_leads), 0)::int from campaign_counters where party = 'contract') as counted`),
    );
    await copy.close();
    // At the moment of the backup, whichever it was, the counters equalled the leads.
    expect(rows[0]?.counted).toBe(rows[0]?.leads ?? -1);
    expect(rows[0]?.leads).toBeGreaterThan(0);
    await rm(folder, { recursive: true });
    await discardOnceLeft(restored);
    await discardOnceLeft(settings);
  }, 300_000);
});

describe("database that is being filled when its process is killed", () => {
  test("a database that restore fills when it is killed is as empty as before, and can be filled then", async () => {
    const source = await preparedDatabase("embedded");
    const { bytes, tallies } = await grow(source, STORED, async (database) => ({
      bytes: await backedUp(database),
      tallies: await talliesOf(database),
    }));
    const file = join(source.dataDir, "leadgate.backup");
    await Bun.write(file, bytes);
    const target = await embeddedSettings();
    const script = join(import.meta.dir, "../backup/restoring.ts");
    for (let round = 0; round < KILLS; round++) {
      const restoring = Bun.spawn([process.execPath, script, target.dataDir, file], {
        env: { ...process.env, NODE_ENV: "production" },
        stdio: ["ignore", "inherit", "inherit"],
      });
      await untilTrue(
        () => existsSync(join(target.dataDir, "filling", "database", "PG_VERSION")),
        "it to begin",
      );
      for (let moment = 0; moment < 8 * round; moment++) await someMoment();
      restoring.kill("SIGKILL");
      await restoring.exited;
      expect(existsSync(join(target.dataDir, "database"))).toBe(false);
    }
    await restoreInto(target, bytes);
    expect(await readdir(target.dataDir)).not.toContain("filling");
    const restored = await openDatabase(target);
    expect(await talliesOf(restored)).toEqual(tallies);
    await restored.close();
    await discardOnceLeft(target);
    await discardOnceLeft(source);
  }, 300_000);

  test("a database that migrate-db fills when it is killed is as empty as before, and can be filled then", async () => {
    const source = await preparedDatabase("embedded");
    const tallies = await grow(source, STORED, talliesOf);
    const target = await postgresSettings();
    const url = target.databaseUrl ?? "";
    const observer = postgres(url, { max: 1, onnotice: () => undefined });
    const move = () => leadgate(["migrate-db", "--to", url], { DATA_DIR: source.dataDir });
    for (let round = 0; round < KILLS; round++) {
      const moving = move();
      await untilTrue(async () => {
        const writing = await observer`select from pg_stat_activity
            where datname = current_database() and query like 'insert into public.%' and backend_xid is not null`;
        return writing.length > 0;
      }, "rows to be put in");
      await someMoment();
      moving.process.kill("SIGKILL");
      await moving.ended;
      await untilTrue(async () => {
        const [left] = await observer`select count(*)::int as leads from leads`;
        return left?.["leads"] === 0;
      }, "nothing to be left of it");
    }
    expect(await move().ended).toMatchObject({
      code: 0,
      said: expect.stringContaining("rows copied and verified"),
    });
    expect(await move().ended).toMatchObject({ code: 1, said: expect.stringContaining("is not empty") });
    await observer.end();
    for (const settings of [target, source]) {
      const database = await openDatabase(settings);
      expect(await talliesOf(database)).toEqual(tallies);
      await database.close();
    }
    await discardOnceLeft(target);
    await discardOnceLeft(source);
  }, 300_000);
});

/** Puts leads in that were decided long ago, and does something with the database then. */
async function grow<T>(
  settings: DatabaseSettings,
  count: number,
  then?: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({ ...settings, deadlineMs: 60_000 });
  try {
    await database.write((tx) =>
      tx.execute(`insert into leads
          (id, campaign_id, supplier_id, status, is_test, currency, revision, decided_at, request_id, fields, trace)
        select gen_random_uuid(), 'old', 'acme', 'UNMATCHED', false, 'USD', 1, '2020-01-01', 'stored',
          jsonb_build_object('note', repeat(md5(number::text), 20)), '[]'
        from generate_series(1, ${count}) as number`),
    );
    return (await then?.(database)) as T;
  } finally {
    await database.close();
  }
}

/** Runs a command; `said` is all that it wrote. */
function leadgate(words: string[], environment: Record<string, string>) {
  const child = Bun.spawn([...program(), ...words], {
    env: {
      ...SHORT_LIFE,
      LEADGATE_ADMIN_KEY: OPERATOR_KEY,
      LEADGATE_SECRET: "one-secret-for-all-servers-of-the-tests",
      ...environment,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const said = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const ended = Promise.all([child.exited, said]).then(([code, texts]) => ({ code, said: texts.join("") }));
  return { process: child, ended };
}

async function sizesIn(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  // One that was there may have got its name, or be gone, by now.
  const found = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => ({ size: 0 }))));
  return found.map(({ size }) => size).filter((size) => size > 0);
}
