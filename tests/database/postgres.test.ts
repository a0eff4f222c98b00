import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { builderOn } from "#database/builder.ts";
import type { Database, Queryable } from "#database/database.ts";
import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { statement } from "#database/statement.ts";
import { suppliers } from "#database/tables.ts";
import { discard, failureOf, postgresSettings } from "../support/database.ts";
import { startPostgres } from "../support/postgres.ts";
import { type PostgresProxy, startProxy } from "../support/postgres-proxy.ts";

const insertSupplier = statement<{ id: string }, { id: string }>(
  "supplier.insert",
  "unspread",
  ($) => sql`insert into suppliers (id, definition) values (${$.id}, '{}') returning id`,
);
const backendPid = statement<{ pid: number }>("backend.pid", "unspread", sql`select pg_backend_pid() as pid`);
const add = (tx: Queryable, id: string) => insertSupplier.run(tx, { id });
const idsIn = async (database: Database) =>
  (await database.read((db) => builderOn(db).select().from(suppliers).orderBy(suppliers.id))).map(
    ({ id }) => id,
  );

describe("Postgres over a connection that misbehaves", () => {
  let settings: DatabaseSettings;
  let proxy: PostgresProxy;
  let direct: postgres.Sql;
  let database: Database;
  const problems: string[] = [];
  let number = 0;
  const newId = () => `supplier_${++number}`;
  const isWritten = async (id: string) =>
    (await direct`select 1 from suppliers where id = ${id}`).length === 1;

  beforeAll(async () => {
    settings = await postgresSettings();
    proxy = await startProxy(settings.databaseUrl ?? "");
    direct = postgres(settings.databaseUrl ?? "", { max: 1 });
    database = await openDatabase(
      { ...settings, databaseUrl: proxy.url, connections: 1, writers: 1, deadlineMs: 1500 },
      { onProblem: (sentence) => problems.push(sentence) },
    );
  });
  afterAll(async () => {
    await database.close();
    proxy.close();
    await direct.end();
    await discard(settings);
  });

  test("a standby that does not answer is known to be away, and none is where none was set", async () => {
    expect(await database.isStandbyRecent()).toBe(null);
    const standby = { url: "postgres://127.0.0.1:1/nowhere", mostLagMs: 5_000 };
    const followed = await openDatabase({ ...settings, standby });
    expect(await followed.isStandbyRecent()).toBe(false);
    await followed.close();
    const never = await openDatabase({ ...settings, standby: { ...standby, mostLagMs: 0 } });
    expect(await never.isStandbyRecent()).toBe(null);
    await never.close();
  });

  test("statements started together are sent before the first is answered", async () => {
    const ids = [newId(), newId(), newId()] as const;
    await database.write((tx) => add(tx, newId()));
    proxy.hold();
    const writing = database.write((tx) => Promise.all(ids.map((id) => add(tx, id))));
    await proxy.sent(...ids);
    proxy.release();
    expect(await writing).toMatchObject(ids.map((id) => [{ id }]));
  });

  for (const killedBefore of [1, 2, 3, "commit"] as const) {
    test(`a backend that dies before ${killedBefore === "commit" ? "COMMIT" : `statement ${killedBefore}`} has written nothing`, async () => {
      const ids = [newId(), newId(), newId()];
      const writing = database.write(async (tx) => {
        const [backend] = await backendPid.run(tx, {});
        const kill = () => direct`select pg_terminate_backend(${backend?.pid ?? 0}, 5000)`;
        for (const [index, id] of ids.entries()) {
          if (killedBefore === index + 1) await kill();
          await add(tx, id);
        }
        if (killedBefore === "commit") await kill();
      });
      expect(await failureOf(writing)).toMatchObject({ name: "DatabaseUnavailable", certain: true });
      for (const id of ids) expect(await isWritten(id)).toBe(false);

      const next = newId();
      await database.write((tx) => add(tx, next));
      expect(await isWritten(next)).toBe(true);
    });
  }

  test("work that swallows the loss of its connection is not taken for done", async () => {
    const id = newId();
    const writing = database.write(async (tx) => {
      await add(tx, id);
      const [backend] = await backendPid.run(tx, {});
      await direct`select pg_terminate_backend(${backend?.pid ?? 0}, 5000)`;
      await add(tx, newId()).catch(() => undefined);
    });
    expect(await failureOf(writing)).toMatchObject({ name: "DatabaseUnavailable", certain: true });
    expect(await isWritten(id)).toBe(false);
  });

  test("a COMMIT that never arrived is reported as not made", async () => {
    const id = newId();
    await renewWriter();
    proxy.once("commit", "drop");
    const writing = database.write((tx) => add(tx, id));
    expect(await failureOf(writing)).toMatchObject({ name: "DatabaseUnavailable", certain: true });
    expect(await isWritten(id)).toBe(false);
    expect(problems.at(-1)).toEndWith("the transaction is aborted");
  });

  test("a COMMIT that never arrived is reported as not made when its transaction still runs, and it can't be made any more", async () => {
    const id = newId();
    await renewWriter();
    proxy.once("commit", "lose");
    expect(await failureOf(database.write((tx) => add(tx, id)))).toMatchObject({
      name: "DatabaseUnavailable",
      certain: true,
    });
    const [waiting] = await direct`
      select count(*)::int as backends from pg_stat_activity
      where datname = current_database() and state = 'idle in transaction'`;
    expect(waiting).toEqual({ backends: 0 });
    expect(await isWritten(id)).toBe(false);
    expect(problems.at(-1)).toEndWith("the transaction is aborted");
  });

  test("a COMMIT whose answer was lost is found to have been made", async () => {
    const id = newId();
    await renewWriter();
    proxy.once("commit", "swallow");
    expect(await database.write((tx) => add(tx, id))).toMatchObject([{ id }]);
    expect(await isWritten(id)).toBe(true);
    expect(problems.at(-1)).toEndWith("the transaction is committed");
  });

  test("a COMMIT that is not answered in time is found to have been made", async () => {
    const id = newId();
    await renewWriter();
    proxy.once("commit", "stall");
    expect(await database.write((tx) => add(tx, id))).toMatchObject([{ id }]);
    expect(await isWritten(id)).toBe(true);
  });

  test("a transaction that waits for a lock too long is given up and leaves the next one alone", async () => {
    const id = newId();
    await database.write((tx) => add(tx, id));
    const holder = await direct.reserve();
    await holder`begin`;
    await holder`select 1 from suppliers where id = ${id} for update`;
    const update = (tx: Queryable) => builderOn(tx).update(suppliers).set({ definition: {} });
    expect(await failureOf(database.write(update))).toMatchObject({
      name: "DatabaseUnavailable",
      certain: true,
    });
    await holder`rollback`;
    holder.release();
    await database.write(update);
  });

  test("a read whose connection died asks again", async () => {
    expect(await idsIn(database)).not.toBeEmpty();
    await direct`
      select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    expect(await idsIn(database)).not.toBeEmpty();
  });

  test("a read that is not answered in time fails, and the next one is answered", async () => {
    proxy.once("pg_sleep(0)", "stall");
    const reading = database.read((db) => db.execute(sql`select pg_sleep(0)`));
    expect(await failureOf(reading)).toMatchObject({ name: "DatabaseUnavailable" });
    await database.ping();
  });

  test("two transactions that wait for each other are both made in the end", async () => {
    const wide = await openDatabase({ ...settings, writers: 2 });
    const [one, two] = [newId(), newId()];
    await wide.write(async (tx) => [await add(tx, one), await add(tx, two)]);
    const bothHoldOne = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const lock = (tx: Queryable, id: string) =>
      tx.execute(sql`update suppliers set definition = '{"locked": true}' where id = ${id}`);
    await Promise.all([
      wide.write(async (tx) => {
        await lock(tx, one);
        bothHoldOne[0].resolve();
        await bothHoldOne[1].promise;
        await lock(tx, two);
      }),
      wide.write(async (tx) => {
        await lock(tx, two);
        bothHoldOne[1].resolve();
        await bothHoldOne[0].promise;
        await lock(tx, one);
      }),
    ]);
    await wide.close();
  });

  /** Ends the writer's connection, so that the next COMMIT is sent with its text once more and can be recognised. */
  async function renewWriter(): Promise<void> {
    const writing = database.write(async (tx) => {
      const [backend] = await backendPid.run(tx, {});
      await direct`select pg_terminate_backend(${backend?.pid ?? 0}, 5000)`;
      await add(tx, newId());
    });
    await failureOf(writing);
  }
});

describe("a server that is restarted under load", () => {
  test("splits no transaction, loses none that was reported made, and keeps none that was reported not made", async () => {
    const server = await startPostgres({ settings: { fsync: "on" } });
    const database = await openDatabase({
      databaseUrl: server.url,
      dataDir: "unused",
      connections: 2,
      writers: 4,
      deadlineMs: 2000,
    });
    const fates = new Map<string, "made" | "not made" | "unknown">();
    let made = 0;
    let running = true;
    let number = 0;
    let progress = () => {};

    async function load(): Promise<void> {
      while (running) {
        const id = `pair_${++number}`;
        try {
          await database.write(async (tx) => {
            await add(tx, `${id}-a`);
            await add(tx, `${id}-b`);
          });
          fates.set(id, "made");
          made++;
        } catch (error) {
          fates.set(id, (error as { certain: boolean }).certain ? "not made" : "unknown");
        }
        progress();
      }
    }
    const untilMade = (count: number) =>
      new Promise<void>((resolve) => {
        progress = () => {
          if (made >= count) resolve();
        };
        progress();
      });

    const load4 = Promise.all([load(), load(), load(), load()]);
    for (const mode of ["fast", "immediate", "immediate", "fast"] as const) {
      await untilMade(made + 50);
      await server.restart(mode);
    }
    await untilMade(made + 50);
    running = false;
    await load4;

    const present = new Set(await idsIn(database));
    for (const [id, fate] of fates) {
      const halves = [present.has(`${id}-a`), present.has(`${id}-b`)];
      expect(halves[0]).toBe(halves[1] as boolean);
      if (fate !== "unknown") expect(halves).toEqual([fate === "made", fate === "made"]);
    }
    await database.close();
    await server.stop();
  }, 120_000);

  test("that stops answering keeps nobody waiting past the deadline, and is used again when it goes on", async () => {
    const server = await startPostgres();
    const database = await openDatabase({
      databaseUrl: server.url,
      dataDir: "unused",
      connections: 2,
      writers: 2,
      deadlineMs: 500,
    });
    await database.write((tx) => add(tx, "before"));
    await server.freeze();
    const attempts = Array.from({ length: 8 }, (_, index) =>
      failureOf(index % 2 === 0 ? database.ping() : database.write((tx) => add(tx, `during_${index}`))),
    );
    for (const error of await Promise.all(attempts)) {
      expect(error).toMatchObject({ name: "DatabaseUnavailable", certain: true });
    }
    await server.thaw();
    for (;;) {
      const isBack = await database.ping().then(
        () => true,
        () => false,
      );
      if (isBack) break;
    }
    await database.write((tx) => add(tx, "after"));
    expect(await idsIn(database)).toEqual(["after", "before"]);
    await database.close();
    await server.stop();
  }, 120_000);

  test("that is gone is an error at once, not at the deadline", async () => {
    const server = await startPostgres();
    const database = await openDatabase({
      databaseUrl: server.url,
      dataDir: "unused",
      connections: 2,
      writers: 2,
      deadlineMs: 1_000_000,
    });
    await database.write((tx) => add(tx, "before"));
    await server.kill();
    expect(await failureOf(database.write((tx) => add(tx, "lost")))).toMatchObject({ certain: true });
    expect(await failureOf(database.ping())).toMatchObject({ name: "DatabaseUnavailable" });
    await server.start();
    await database.write((tx) => add(tx, "after"));
    expect(await idsIn(database)).toEqual(["after", "before"]);
    await database.close();
    await server.stop();
  }, 120_000);
});
