import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import postgres from "postgres";
import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { type Migration, migrate } from "#database/migrate.ts";
import { migrations } from "#database/migrations.ts";
import { discard, failureOf, openFresh, postgresSettings } from "../support/database.ts";

const step = (when: number, ...statements: string[]): Migration => ({
  when,
  hash: `hash of ${when}`,
  statements,
});

describe("migrating", () => {
  let settings: DatabaseSettings;
  let clients: postgres.Sql[];
  const connect = () => {
    const client = postgres(settings.databaseUrl ?? "", { max: 1, onnotice: () => undefined });
    clients.push(client);
    return client;
  };
  beforeEach(async () => {
    clients = [];
    settings = await postgresSettings();
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await discard(settings);
  });

  test("makes the schema once when four start at the same time", async () => {
    const databases = await Promise.all([1, 2, 3, 4].map(() => openDatabase(settings)));
    await Promise.all(databases.map((database) => database.close()));
    const [row] = await connect()`select count(*)::int as steps from drizzle.__drizzle_migrations`;
    expect(row).toEqual({ steps: migrations().length });
  });

  test("does only the steps that are new, in order", async () => {
    const client = connect();
    const first = step(1000, "create table steps (n int)", "insert into steps values (1)");
    await migrate(client, [first]);
    await migrate(client, [
      first,
      step(2000, "insert into steps values (2)"),
      step(3000, "insert into steps values (3)"),
    ]);
    expect([...(await client`select n from steps`)]).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  test("leaves the database as it was when a step fails", async () => {
    const client = connect();
    const first = step(1000, "create table steps (n int)");
    await migrate(client, [first]);
    const broken = [
      first,
      step(2000, "insert into steps values (2)"),
      step(3000, "insert into nowhere values (3)"),
    ];
    expect(await failureOf(migrate(client, broken))).toMatchObject({ code: "42P01" });
    expect(await client`select n from steps`).toBeEmpty();
    await migrate(client, [first, step(2000, "insert into steps values (2)")]);
    expect(await client`select n from steps`).toHaveLength(1);
  });

  test("refuses a database that a newer version has changed, and says what to do", async () => {
    await (await openDatabase(settings)).close();
    await connect()`insert into drizzle.__drizzle_migrations (hash, created_at) values ('from the future', ${Date.UTC(2999)})`;
    const error = await failureOf(openDatabase(settings));
    expect(error).toMatchObject({
      name: "DatabaseRefused",
      message: expect.stringMatching(/newer version of Leadgate.*Start that version or a later one/),
    });
  });

  test("finds nothing to do the second time", async () => {
    await (await openFresh(settings)).close();
    await (await openFresh(settings)).close();
    const [row] = await connect()`select count(*)::int as steps from drizzle.__drizzle_migrations`;
    expect(row).toEqual({ steps: migrations().length });
  });
});

test("every migration is younger than the one before, or it would be skipped", () => {
  const whens = migrations().map(({ when }) => when);
  expect(whens).not.toBeEmpty();
  for (const [index, when] of whens.entries()) expect(when).toBeGreaterThan(whens[index - 1] ?? 0);
});
