import { describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import type { Sql } from "postgres";
import { openListening } from "#database/engine/listening.ts";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, openLeadgate } from "../support/leadgate.ts";

onBothDatabases("what servers keep in memory", (world) => {
  /** Listens, and resolves each time with how often it was told, as soon as that is more than it was. */
  async function listening() {
    let told = 0;
    let next = Promise.withResolvers<number>();
    const isHeard = world.database.listen(() => {
      told += 1;
      next.resolve(told);
      next = Promise.withResolvers();
    });
    // On Postgres the first word is one's own, which says that words come through.
    if (world.kind === "postgres") await next.promise;
    expect(isHeard()).toBe(true);
    return {
      async whenChanged(change: () => Promise<unknown>): Promise<void> {
        const { promise } = next;
        await change();
        await promise;
      },
      times: () => told,
    };
  }

  test("is told to have changed when a configuration is applied, and when an endpoint or a signing secret is written", async () => {
    const { whenChanged } = await listening();
    const leadgate = openLeadgate(world.database);
    await whenChanged(() => leadgate.configure(aDocument()));
    await whenChanged(() => leadgate.admin("POST", "/buyers/first/secret", {}));
    const broken = sql`insert into endpoints (recipient, breaker) values ('buyer:first', '{"state":"closed","recent":[]}')`;
    await whenChanged(() => world.database.write((tx) => tx.execute(broken)));
  });

  test("is not told to have changed by a change that is taken back", async () => {
    const { whenChanged, times } = await listening();
    const write = (recipient: string) =>
      sql`insert into endpoints (recipient, breaker) values (${recipient}, '{"state":"closed","recent":[]}')`;
    const before = times();
    const undone = world.database.write(async (tx) => {
      await tx.execute(write("buyer:second"));
      throw new Error("taken back");
    });
    await undone.catch(() => undefined);
    await whenChanged(() => world.database.write((tx) => tx.execute(write("buyer:third"))));
    expect(times()).toBe(before + 1);
  });

  test("is told to have changed when the connection was lost on which that is told", async () => {
    if (world.kind === "embedded") return;
    const { whenChanged } = await listening();
    const lose = sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query ilike 'listen%' and pid <> pg_backend_pid()`;
    await whenChanged(() => world.database.read((db) => db.execute(lose)));
  });
});

describe("a pooler in front of Postgres", () => {
  test("that takes LISTEN and hands on nothing leaves a server to look for changes itself", async () => {
    let said = 0;
    const client = {
      async listen(_channel: string, _hear: () => void, begin: () => void) {
        begin();
      },
      end: async () => undefined,
    } as unknown as Sql;
    const problems: string[] = [];
    const onProblem = (sentence: string) => void problems.push(sentence);
    const listening = openListening({ client, say: async () => void (said += 1), onProblem });
    const isHeard = listening.listen(() => undefined);
    expect([isHeard(), said, problems]).toEqual([false, 1, []]);
    await listening.close();
  });

  test("that refuses LISTEN leaves a server to look for changes itself, and that is said", async () => {
    const refused = Object.assign(new Error("LISTEN is not supported"), { code: "0A000" });
    const client = { listen: () => Promise.reject(refused), end: async () => undefined } as unknown as Sql;
    const problems: string[] = [];
    const onProblem = (sentence: string) => void problems.push(sentence);
    const isHeard = openListening({ client, say: async () => undefined, onProblem }).listen(() => undefined);
    await Promise.resolve();
    await Promise.resolve();
    expect(isHeard()).toBe(false);
    expect(problems).toEqual(["The database tells of no changes; they are looked for every second instead"]);
  });
});
