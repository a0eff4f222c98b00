import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import postgres from "postgres";
import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { aDocument } from "../support/leadgate.ts";
import { type Load, startLoad } from "../support/load.ts";
import { leads } from "../support/people.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import {
  type LeadgateProcess,
  prepareLeadgate,
  runLeadgate,
  startLeadgate,
  untilTrue,
} from "../support/process.ts";
import { discardOnceLeft, expectSoundRecord, preparedDatabase } from "./record.ts";
import { chance, ROUNDS, someMoment } from "./rounds.ts";

const DEADLINE_MS = 1000;

let database: PostgresServer;
let settings: DatabaseSettings;

beforeAll(async () => {
  database = await startPostgres();
  settings = { databaseUrl: database.url, dataDir: "unused", connections: 2, writers: 2, deadlineMs: 5000 };
}, 120_000);
afterAll(() => database.stop());

describe("server whose Postgres goes away under load", () => {
  const loads: Load[] = [];
  let leadgate: LeadgateProcess;
  let key: string;
  let load: Load;

  beforeAll(async () => {
    leadgate = await startLeadgate({
      ...settings,
      environment: { LEADGATE_DATABASE_DEADLINE_MS: String(DEADLINE_MS) },
    });
    const { keys } = await leadgate.configure(aDocument());
    key = keys["acme"] ?? "";
  }, 120_000);

  beforeEach(async () => {
    load = await startLoad({
      ports: [leadgate.port],
      lines: 32,
      key,
      leads: leads(),
      // Asking for the key, waiting for a batch, the batch itself and the fate of its COMMIT end at a deadline each.
      patienceMs: 4 * DEADLINE_MS + 2000,
    });
    loads.push(load);
    await load.acknowledging(50);
  });

  afterEach(() => load.abandon());
  afterAll(() => leadgate[Symbol.asyncDispose]());

  /** Leads flow again, by the same process, and no lead was lost or is there twice. */
  async function expectRecovery(): Promise<void> {
    await leadgate.until("/readyz", 200);
    await load.acknowledging(load.acknowledged.length + 100);
    await load.finish();
    expect(load.broken).toBe(0);
    // A 503 says that nothing was taken in. Only when nobody could tell how a COMMIT ended may it have been otherwise.
    const isFateUnknown = leadgate.written().includes("the transaction is unknown");
    expect(load.replayed === 0 || isFateUnknown).toBe(true);
    await expectSoundRecord({ settings, loads, servers: [leadgate] });
  }

  test.each(["fast", "immediate"] as const)(
    "a server whose Postgres goes away under load goes on when it is restarted (%s)",
    async (mode) => {
      // It may be back before any lead has missed it.
      for (let round = 0; round < Math.ceil(ROUNDS / 3) || load.refusals.length === 0; round++) {
        await someMoment();
        await database.restart(mode);
        await load.acknowledging(load.acknowledged.length + 20);
      }
      expect(load.refusals.length).toBeGreaterThan(0);
      await expectRecovery();
    },
    60_000 + ROUNDS * 10_000,
  );

  test("a server whose Postgres goes away under load says so while it is down, and goes on when it is back", async () => {
    await database.kill();
    await leadgate.until("/readyz", 503);
    expect(await leadgate.status("/livez")).toBe(200);
    const refused = load.refusals.length;
    await untilTrue(() => load.refusals.length > refused, "a lead to be refused");
    await database.start();
    await expectRecovery();
  }, 120_000);

  test(
    "a server whose Postgres goes away under load goes on when its connections are ended one by one",
    async () => {
      const operator = postgres(database.url, { max: 1, onnotice: () => undefined });
      for (let ended = 0; ended < ROUNDS * 10; ended++) {
        const connections = await operator<{ pid: number }[]>`
        select pid from pg_stat_activity where application_name = 'leadgate' order by pid`;
        const { pid } = connections[chance(0, connections.length - 1)] ?? { pid: 0 };
        await someMoment();
        await operator`select pg_terminate_backend(${pid})`;
        await load.acknowledging(load.acknowledged.length + 1);
      }
      await operator.end();
      await expectRecovery();
    },
    60_000 + ROUNDS * 10_000,
  );

  test("a server whose Postgres goes away under load answers in time while it stands still, and goes on when it moves again", async () => {
    await someMoment();
    await database.freeze();
    await leadgate.until("/readyz", 503);
    expect(await leadgate.status("/livez")).toBe(200);
    const refused = load.refusals.length;
    await untilTrue(() => load.refusals.length >= refused + 32, "every supplier to be refused");
    await database.thaw();
    await expectRecovery();
  }, 120_000);

  test("a server stops when it is told to even while its Postgres stands still", async () => {
    await database.freeze();
    await leadgate.until("/readyz", 503);
    const code = await leadgate.stop();
    await database.thaw();
    expect(code === 0 ? "stopped" : leadgate.written().slice(-4000)).toBe("stopped");
    await load.abandon();
    expect(loads.map((each) => each.hung)).toEqual(loads.map(() => 0));
  }, 120_000);
});

test("a server that is started before its Postgres waits for it", async () => {
  await database.kill();
  await using leadgate = await prepareLeadgate(settings);
  const started = leadgate.start();
  await untilTrue(() => leadgate.written().includes("can't be reached yet"), "Leadgate to say that it waits");
  expect(await leadgate.status("/livez")).toBe(0);
  await database.start();
  await started;
  expect(await leadgate.stop()).toBe(0);
}, 120_000);

// It is patient for 15 s, so it waits while the tests above run.
const inVain = runLeadgate({ databaseUrl: "postgres://postgres@127.0.0.1:1/nowhere", dataDir: "unused" });

test("a server whose Postgres does not come says so in a sentence and ends", async () => {
  const { code, written } = await inVain;
  expect(code).toBe(1);
  expect(written.trimEnd().split("\n").at(-1)).toBe(
    "The database that DATABASE_URL names cannot be reached.",
  );
}, 120_000);

test("a server whose Postgres is too slow while it is started says so in a sentence and ends", async () => {
  const ofItsOwn = await preparedDatabase("postgres");
  const holder = postgres(ofItsOwn.databaseUrl ?? "", { max: 1, onnotice: () => undefined });
  await (await openDatabase(ofItsOwn)).close();
  await holder`begin`;
  await holder`lock table unsealed in access exclusive mode`;
  const { code, written } = await runLeadgate({
    ...ofItsOwn,
    environment: { LEADGATE_DATABASE_DEADLINE_MS: "500" },
  });
  await holder`rollback`;
  await holder.end();
  expect(code).toBe(1);
  expect(written.trimEnd().split("\n").at(-1)).toBe(
    "The database did not answer in time while the server was started. What is there stays: start it again.",
  );
  await discardOnceLeft(ofItsOwn);
}, 120_000);
