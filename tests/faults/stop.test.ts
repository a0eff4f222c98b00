import { describe, expect, test } from "bun:test";
import postgres from "postgres";
import { postgresSettings } from "../support/database.ts";
import { aDocument } from "../support/leadgate.ts";
import { startLoad } from "../support/load.ts";
import { leads } from "../support/people.ts";
import { startLeadgate, untilTrue } from "../support/process.ts";
import { discardOnceLeft, expectSoundRecord, preparedDatabase } from "./record.ts";
import { chance, ROUNDS, someMoment } from "./rounds.ts";

describe.each(["postgres", "embedded"] as const)("server that is told to stop under load (%s)", (kind) => {
  test(
    "a server that is told to stop under load ends with code 0, and every lead that was sent to it is answered",
    async () => {
      const settings = await preparedDatabase(kind);
      await using server = await startLeadgate(settings);
      const { keys } = await server.configure(aDocument());
      const key = keys["acme"] ?? "";
      const people = leads();
      const loads = [];
      for (let round = 0; round < Math.ceil(ROUNDS / 2); round++) {
        if (round > 0) await server.start();
        await using load = await startLoad({
          ports: [server.port],
          lines: 48,
          key,
          leads: people,
          // Longer than stopping takes: nobody comes back to a port that is just being closed.
          pauseMs: 60_000,
        });
        loads.push(load);
        await load.acknowledging(chance(1, 400));
        await someMoment();
        expect(await server.stop()).toBe(0);
        await load.abandon();
        // Each line's next lead was read too, and refused in words.
        expect(load.broken).toBe(0);
      }
      await expectSoundRecord({ settings, loads, servers: [server] });
      await discardOnceLeft(settings);
    },
    60_000 + ROUNDS * 10_000,
  );
});

describe("server whose leads wait for the database", () => {
  /** Starts one and holds its campaign: the first batch waits for the lock, and what comes after it for the batch. */
  async function startHeld(environment: Record<string, string> = {}) {
    const settings = await postgresSettings();
    const server = await startLeadgate({
      ...settings,
      environment: { LEADGATE_DATABASE_DEADLINE_MS: "15000", ...environment },
    });
    const { keys } = await server.configure(aDocument());
    const send = (count: number) =>
      startLoad({ ports: [server.port], lines: count, key: keys["acme"] ?? "", leads: leads(count) });
    // Now the server knows key and campaign, and asks the database nothing before the lane.
    const first = await send(1);
    await first.done;
    const holder = postgres(settings.databaseUrl ?? "", { max: 1, onnotice: () => undefined });
    await holder`begin`;
    await holder`select id from campaigns for update`;
    return {
      settings,
      server,
      first,
      send,
      /** Resolves when a batch waits for the lock and the server has read all that was sent before. */
      async untilWaiting() {
        const observer = postgres(settings.databaseUrl ?? "", { max: 1, onnotice: () => undefined });
        await untilTrue(async () => {
          const waiting = await observer`
            select from pg_stat_activity where application_name = 'leadgate' and wait_event_type = 'Lock'`;
          return waiting.length > 0;
        }, "a batch to wait for its campaign");
        await observer.end();
        await server.until("/livez", 200);
      },
      async release() {
        await holder`commit`;
        await holder.end();
      },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  }

  test("a server whose leads wait for the database takes in as many as may wait, and answers 503 to the others", async () => {
    await using held = await startHeld({ LEADGATE_QUEUE_LIMIT: "10" });
    const { settings, server, first } = held;
    await using load = await held.send(50);
    await held.untilWaiting();
    await untilTrue(() => load.refusals.length >= 50 - 1 - 10, "the leads to be refused that find no room");
    expect(load.acknowledged).toEqual([]);
    await held.release();
    await load.done;
    expect(load.replayed).toBe(0);
    await server.stop();
    expect(await expectSoundRecord({ settings, loads: [first, load], servers: [server] })).toHaveLength(51);
    await discardOnceLeft(settings);
  }, 120_000);

  test("a server whose leads wait for the database answers them all when it is told to stop, and takes no more", async () => {
    await using held = await startHeld();
    const { settings, server, first } = held;
    await using load = await held.send(50);
    await held.untilWaiting();
    server.signal("SIGTERM");
    await server.until("/readyz", 503);
    expect(await server.status("/livez")).toBe(200);
    await using late = await held.send(1);
    await untilTrue(() => late.refusals.length > 0, "a late lead to be refused");
    expect(load.acknowledged).toEqual([]);
    await held.release();
    expect(await server.exited()).toBe(0);
    await Promise.all([load.abandon(), late.abandon()]);
    expect(load.acknowledged).toHaveLength(50);
    await expectSoundRecord({ settings, loads: [first, load, late], servers: [server] });
    await discardOnceLeft(settings);
  }, 120_000);

  test("a server whose leads wait for the database ends at once at a second signal, and has taken none of them in", async () => {
    await using held = await startHeld();
    const { settings, server, first } = held;
    await using load = await held.send(50);
    await held.untilWaiting();
    server.signal("SIGTERM");
    await server.until("/readyz", 503);
    server.signal("SIGTERM");
    expect(await server.exited()).toBe(1);
    await load.abandon();
    expect(load.acknowledged).toEqual([]);
    await held.release();
    expect(await expectSoundRecord({ settings, loads: [first, load], servers: [server] })).toHaveLength(1);
    await discardOnceLeft(settings);
  }, 120_000);
});
