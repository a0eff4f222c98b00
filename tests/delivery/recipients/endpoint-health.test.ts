import { expect, test } from "bun:test";
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
    const servers = [1, 2].map(() => new EndpointHealth(world.database, clock, tellIn));
    const both = (outcome: "ok" | "failed" | "gone", reason?: string) =>
      Promise.all(servers.map((server) => server.learn(SUNCO, outcome, reason)));
    return { clock, told, servers, both, events: () => told.map(({ event }) => event) };
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

  test("is told to others once they can be told it", async () => {
    const { servers, both } = open();
    const [server] = servers;
    for (let attempt = 0; attempt < 10; attempt += 1) await both("failed", "timeout");
    await world.database.write((tx) => tx.execute("delete from endpoints"));
    await server?.tellMissing(new Map(), server.changes);
    expect((await world.database.read(readEndpoints)).get(SUNCO)?.breaker.state).toBe("open");
  });

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
