import { expect, test } from "bun:test";
import { type Database, DatabaseUnavailable } from "#database/database.ts";
import { EndpointHealth } from "#delivery/recipients/endpoint-health.ts";
import { openEndpoint, readEndpoints } from "#delivery/recipients/endpoint-records.ts";
import type { Alert, TellIn } from "#handover/alert.ts";
import { onBothDatabases } from "../../support/database.ts";
import { testClock } from "../../support/leadgate.ts";

const SUNCO = "buyer:sunco";

onBothDatabases("what servers learn of an endpoint", (world) => {
  const open = () => {
    const [clock, told] = [testClock(), [] as Alert[]];
    const tellIn: TellIn = async (_, alerts) => () => void told.push(...alerts);
    const isAway = { now: false };
    const database: Database = {
      ...world.database,
      write: (work) =>
        isAway.now ? Promise.reject(new DatabaseUnavailable("away")) : world.database.write(work),
    };
    const servers = [1, 2].map(() => new EndpointHealth(database, clock, tellIn));
    const both = (outcome: "ok" | "failed" | "gone", reason?: string) =>
      Promise.all(servers.map((server) => server.learn(SUNCO, outcome, reason)));
    const readAgain = async (server: EndpointHealth | undefined) => {
      const readAt = server?.changes ?? 0;
      const stored = await world.database.read(readEndpoints);
      server?.merge(stored, readAt);
      await server?.tellMissing(stored, readAt);
    };
    return { clock, told, servers, both, isAway, readAgain, events: () => told.map(({ event }) => event) };
  };

  test("is told once to operators when two learn it at the same moment: that it is down, and that it is up again", async () => {
    const { told, both, events } = open();
    for (let attempt = 0; attempt < 10; attempt += 1) await both("failed", "timeout");
    expect(events()).toEqual(["endpoint.down"]);
    expect(told[0]?.data).toMatchObject({ buyer_id: "sunco", reason: "timeout" });
    await both("ok");
    expect(events()).toEqual(["endpoint.down", "endpoint.up"]);
    expect(new Set(told.map(({ key }) => key)).size).toBe(2);
  });

  test("is told once to operators when two are answered that it is gone", async () => {
    const { told, both, events } = open();
    await both("gone", "http_410");
    expect(events()).toEqual(["endpoint.paused"]);
    expect(told[0]?.data).toMatchObject({ reason: "http_410", next_try_at: null });
  });

  test("does not keep an operator from having it tried at once", async () => {
    const { clock, servers, both } = open();
    const [server] = servers;
    for (let attempt = 0; attempt < 10; attempt += 1) await both("failed", "timeout");
    expect(await server?.mayTry(SUNCO)).toBe("no");
    await world.database.write((tx) => openEndpoint(tx, SUNCO, clock.now()));
    server?.merge(await world.database.read(readEndpoints), server.changes);
    expect(await server?.mayTry(SUNCO)).toBe("probe");
  });

  const learnt: [string, number, "failed" | "gone", Alert["event"], object][] = [
    [
      "is down",
      10,
      "failed",
      "endpoint.down",
      { paused: false, breaker: { state: "open", reason: "timeout" } },
    ],
    [
      "is gone",
      1,
      "gone",
      "endpoint.paused",
      { paused: true, breaker: { state: "closed", reason: "timeout" } },
    ],
  ];

  test.each(learnt)(
    "is told to others and operators once they can be told it: that it %s",
    async (_, times, outcome, event, stored) => {
      const { servers, isAway, readAgain, events } = open();
      const [server] = servers;
      isAway.now = true;
      for (let attempt = 0; attempt < times; attempt += 1)
        await server?.learn(SUNCO, outcome, "timeout").catch(() => undefined);
      isAway.now = false;
      expect(events()).toEqual([]);
      await readAgain(server);
      expect((await world.database.read(readEndpoints)).get(SUNCO)).toMatchObject(stored);
      await readAgain(server);
      expect(server?.isUp(SUNCO)).toBe(false);
      expect(events()).toEqual([event]);
    },
  );

  test.each(learnt)(
    "is forgotten when its recipient is removed: that it %s",
    async (_, times, outcome, event) => {
      const { servers, readAgain, events } = open();
      const [server] = servers;
      for (let attempt = 0; attempt < times; attempt += 1) await server?.learn(SUNCO, outcome, "timeout");
      await world.database.write((tx) => tx.execute("delete from endpoints"));
      await readAgain(server);
      expect(await server?.mayTry(SUNCO)).toBe("yes");
      expect((await world.database.read(readEndpoints)).size).toBe(0);
      expect(events()).toEqual([event]);
    },
  );

  test("is not told again by a server that had read the endpoints before, as it may have changed since", async () => {
    const { clock, servers, both } = open();
    const [server, other] = servers;
    const [read, readAt] = [await world.database.read(readEndpoints), server?.changes ?? 0];
    for (let attempt = 0; attempt < 10; attempt += 1) await both("failed", "timeout");
    await world.database.write((tx) => openEndpoint(tx, SUNCO, clock.now()));
    other?.merge(await world.database.read(readEndpoints), other.changes);
    await other?.learn(SUNCO, "ok");
    await server?.tellMissing(read, readAt);
    expect((await world.database.read(readEndpoints)).get(SUNCO)?.breaker.state).toBe("closed");
  });
});
