import { afterEach, expect, test } from "bun:test";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { listenAt } from "#peers/listening-place.ts";
import { openPeers, type Peers } from "#peers/peers.ts";
import { createLog } from "#telemetry/log.ts";
import { onBothDatabases } from "../support/database.ts";
import { PEPPER, type TestClock, testClock } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";

interface Server extends Peers {
  clock: TestClock;
  logged: string[];
  /** How often it got the jobs. */
  begun: number;
}

onBothDatabases("the jobs of an installation", (world) => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
    // What was written of servers that are none would be believed by the next ones.
    await world.database.write((tx) => tx.execute(sql`delete from running.servers`));
  });

  function start(version = "1.0.0", address: { host: string; port: number } | null = null): Server {
    const { database } = world;
    const clock = testClock();
    const logged: string[] = [];
    const write = (line: string) => void logged.push(line);
    const log = createLog({ format: "json", level: "debug", write, now: clock.now });
    const parts = { database, clock, log, key: PEPPER, version, copy: null, address, queue: () => 0 };
    const server: Server = { ...openPeers(parts), clock, logged, begun: 0 };
    server.jobs.onceOurs(() => void (server.begun += 1));
    ends.push(server.stop);
    server.start();
    return server;
  }

  const has = ({ jobs }: Server) => jobs.areOurs();
  const untilItHas = (server: Server) => untilTrue(() => has(server), "a server to have the jobs");
  const untilItKnowsTwo = (server: Server) =>
    untilTrue(() => server.known().servers === 2, "a server to know of the other");

  /** What an older server, or one that started then, has written of itself a moment ago. */
  async function older(socket: string, startedAt = "2025-01-01Z"): Promise<void> {
    await world.database.write((tx) =>
      tx.execute(
        sql`insert into running.servers (id, version, host, socket, started_at, seen_at, queue, leads_per_second)
          values (gen_random_uuid(), '1.0.0', ${hostname()}, ${socket}, ${startedAt}::text::timestamptz, now(), 0, 0)`,
      ),
    );
  }

  const aSocket = () => join(tmpdir(), `leadgate-test-${crypto.randomUUID().slice(0, 8)}.sock`);

  test("are the oldest server's, and the next one's once that has stopped", async () => {
    const first = start();
    await untilItHas(first);
    const second = start();
    await untilItKnowsTwo(second);
    expect([first, second].map(has)).toEqual([true, false]);
    await first.stop();
    expect(has(first)).toBe(false);
    second.clock.pass(10_000);
    await untilItHas(second);
    expect([first.begun, second.begun]).toEqual([1, 1]);
  });

  test("go on at once where one was killed on the same machine, on whose socket nobody listens", async () => {
    await older(aSocket());
    await untilItHas(start());
  });

  test("are kept by the oldest, which knocks at no other: a younger one that was killed is believed to be there", async () => {
    await older(aSocket(), "2999-01-01Z");
    const server = start();
    await untilItKnowsTwo(server);
    expect(has(server)).toBe(true);
  });

  test("are lost by who stands still for longer than others wait, until it has looked again", async () => {
    const socket = aSocket();
    const listening = await listenAt({ path: socket }, PEPPER, async () => "");
    ends.push(() => listening.close());
    await older(socket);
    const server = start();
    await untilItKnowsTwo(server);
    expect(has(server)).toBe(false);
    await world.database.write((tx) =>
      tx.execute(
        sql`update running.servers set seen_at = now() - interval '26 seconds' where socket = ${socket}`,
      ),
    );
    server.clock.pass(10_000);
    await untilItHas(server);
    server.clock.pass(9_000);
    expect(has(server)).toBe(true);
    // Its timers are late too.
    server.clock.pass(26_000);
    expect(has(server)).toBe(false);
    await untilItHas(server);
    expect(server.begun).toBe(2);
  });

  test("are where it is told, once, that another server is heard of no more", async () => {
    const socket = aSocket();
    const server = start();
    await untilItHas(server);
    await older(socket, "2999-01-01Z");
    server.clock.pass(10_000);
    await untilItKnowsTwo(server);
    await world.database.write((tx) =>
      tx.execute(
        sql`update running.servers set seen_at = now() - interval '26 seconds' where socket = ${socket}`,
      ),
    );
    server.clock.pass(10_000);
    await untilTrue(() => server.known().servers === 1, "the other to be counted no more");
    server.clock.pass(10_000);
    await server.stop();
    expect(server.logged.filter((line) => line.includes("heard of no more"))).toHaveLength(1);
  });

  test("are each version's own, which may know others", async () => {
    const [first, second] = [start("1.0.0"), start("2.0.0")];
    await Promise.all([untilItHas(first), untilItHas(second)]);
  });

  test("are done by a server whose address cannot be listened on, and is told to nobody", async () => {
    const taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    ends.push(async () => taken.stop(true));
    const server = start("1.0.0", { host: "127.0.0.1", port: taken.port });
    await untilItHas(server);
    expect(server.logged.join()).toContain("cannot be listened on");
    const rows = await world.database.read((db) =>
      db.execute(sql`select address from running.servers where id = ${server.id}::uuid`),
    );
    expect(rows).toEqual([{ address: null }]);
  });
});
