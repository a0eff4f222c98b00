import { afterAll, beforeAll } from "bun:test";
import postgres from "postgres";
import type { DatabaseSettings } from "#database/engine/connect.ts";
import { migrate } from "#database/migrate.ts";
import { migrations } from "#database/migrations.ts";
import { discard, postgresSettings } from "./database.ts";

/** A Postgres that held `old` when the schema's first step with `marker` in it, and all after it, were made; for the tests of a file. */
export function upgradedFrom(marker: string, old: string): { readonly client: postgres.Sql } {
  const steps = migrations();
  const before = steps.slice(
    0,
    steps.findIndex(({ statements }) => statements.some((each) => each.includes(marker))),
  );
  let settings: DatabaseSettings;
  let client: postgres.Sql;

  beforeAll(async () => {
    settings = await postgresSettings();
    client = postgres(settings.databaseUrl ?? "", { max: 1, onnotice: () => undefined });
    await migrate(client, before);
    await client.unsafe(old);
    await migrate(client);
  });

  afterAll(async () => {
    await client.end();
    await discard(settings);
  });

  return {
    get client() {
      return client;
    },
  };
}
