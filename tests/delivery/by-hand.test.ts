import { expect, test } from "bun:test";
import { type ByHand, recoverDeliveries, redeliverOne, resumeDeliveries } from "#delivery/by-hand.ts";
import { CLOSED } from "#delivery/recipients/breaker.ts";
import { pauseEndpoint, readEndpoint } from "#delivery/recipients/endpoint-records.ts";
import { onBothDatabases } from "../support/database.ts";

const BUYER = "buyer:first";
const NOON = Date.UTC(2026, 10, 30, 12);
const iso = (ms: number) => new Date(ms).toISOString();
/** More than are made due in two transactions, and in two campaigns. */
const HELD = 2_500;

onBothDatabases("what is held back by an endpoint", (world) => {
  /** An endpoint that is paused, and holds back so many; as many have failed and wait. */
  async function holdBack(): Promise<void> {
    await world.database.write(async (tx) => {
      await pauseEndpoint(tx, BUYER, CLOSED, iso(NOON));
      for (const [state, prefix] of [
        ["paused", "01a2"],
        ["pending", "01a3"],
      ])
        await tx.execute(`insert into deliveries (id, campaign_id, recipient, event, content_type, body, state, attempts, next_at, asks,
            give_up_at, created_at)
          select ('${prefix}2c00-0000-7000-8000-' || lpad(to_hex(each), 12, '0'))::uuid,
            case when each % 2 = 0 then 'solar' else 'wind' end, '${BUYER}', 'lead.updated', 'application/json', '{}',
            '${state}', 1, '${iso(NOON + 60_000)}', false, '${iso(NOON + 60_000)}', '${iso(NOON)}'
          from generate_series(1, ${HELD}) as each`);
    });
  }

  /** How many transactions it took, and for which campaigns it was said that something is due. */
  function openByHand(): ByHand & { transactions: number; woken: string[] } {
    const { database } = world;
    const byHand = {
      transactions: 0,
      woken: [] as string[],
      database: {
        ...database,
        write: (...work: Parameters<typeof database.write>) => {
          byHand.transactions += 1;
          return database.write(...work);
        },
      } as typeof database,
      wake: (campaignId: string) => void byHand.woken.push(campaignId),
      tellIn: async () => () => undefined,
      now: () => new Date(NOON),
    };
    return byHand;
  }

  async function duePerState() {
    const rows = await world.database.read((db) =>
      db.execute<{
        state: string;
        due: number;
      }>(`select state, count(*) filter (where next_at = '${iso(NOON)}')::int as due
        from deliveries group by state`),
    );
    return Object.fromEntries(Array.from(rows, ({ state, due }) => [state, due]));
  }

  const isPaused = async () => (await world.database.read((db) => readEndpoint(db, BUYER)))?.paused;

  test("what is held back by an endpoint, and what has failed, is made due in parts when it is resumed, however much that is", async () => {
    await holdBack();
    const byHand = openByHand();
    expect(await resumeDeliveries(BUYER, byHand)).toEqual({ resumed: 2 * HELD, nextTryAt: new Date(NOON) });
    expect(await duePerState()).toEqual({ pending: 2 * HELD });
    expect(await isPaused()).toBe(false);
    expect(byHand.woken.toSorted()).toEqual(["solar", "wind"]);
    expect(byHand.transactions).toBeGreaterThan(5);
  });

  test("what is held back by an endpoint is made due in parts when its deliveries are recovered", async () => {
    await holdBack();
    const byHand = openByHand();
    await recoverDeliveries(BUYER, { since: iso(NOON + 1), until: null }, byHand);
    expect(await duePerState()).toEqual({ pending: HELD });
    expect(byHand.transactions).toBeGreaterThan(3);
  });

  test("what is held back by an endpoint is made due in parts when one of its deliveries is sent again", async () => {
    await holdBack();
    const byHand = openByHand();
    await redeliverOne("01a22c00-0000-7000-8000-000000000001", null, byHand);
    expect(await duePerState()).toEqual({ pending: HELD });
    expect(await isPaused()).toBe(false);
    expect(byHand.transactions).toBeGreaterThan(2);
  });

  test("what is held back by an endpoint can be resumed once more when the server stops in between", async () => {
    await holdBack();
    const byHand = openByHand();
    const { write } = byHand.database;
    byHand.database.write = (...work) => {
      if (byHand.transactions === 4) return Promise.reject(new Error("it stops"));
      return write(...work);
    };
    const stopped = await resumeDeliveries(BUYER, byHand).catch((error: unknown) => String(error));
    expect(stopped).toBe("Error: it stops");
    expect(await isPaused()).toBe(true);
    expect(await resumeDeliveries(BUYER, openByHand())).toMatchObject({ nextTryAt: new Date(NOON) });
    expect(await duePerState()).toEqual({ pending: 2 * HELD });
  });
});
