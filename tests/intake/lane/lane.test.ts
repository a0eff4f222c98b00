import { describe, expect, test } from "bun:test";
import { type Database, DatabaseUnavailable, StatementRefused } from "#database/database.ts";
import { type LaneParts, type LaneSettings, NotTakenIn, openLanes } from "#intake/lane/lane.ts";
import type { Arrived } from "#leads/candidate.ts";
import { testClock } from "../../support/leadgate.ts";

const SETTINGS: LaneSettings = { maxBatch: 2, queueLimit: 3, mostWaiting: 1, waitLimitMs: 1_000 };

const lead = (id: string, campaignId = "solar"): Arrived => ({
  kind: "arrived",
  id,
  requestId: id,
  campaignId,
  supplierId: "acme",
  keyId: "key",
  body: {},
  idempotency: null,
  ping: null,
});

/** Lanes on a database whose transactions end as `write` says; `write` hears how many there were before. */
function lanesOn(write: (before: number) => Promise<unknown>, settings: Partial<LaneSettings> = {}) {
  const clock = testClock();
  const logged: string[] = [];
  let transactions = 0;
  const database = { write: () => write(transactions++) } as unknown as Database;
  const note = (message: string) => logged.push(message);
  const parts = { database, clock, log: { error: note, warn: note } } as unknown as LaneParts;
  const lanes = openLanes(parts, { ...SETTINGS, ...settings });
  lanes.start();
  return { lanes, clock, logged, transactions: () => transactions };
}

/** What became of a lead: its reply's status, or why it was not taken in. */
async function endOf(taken: ReturnType<ReturnType<typeof openLanes>["takeIn"]>): Promise<unknown> {
  try {
    const result = await taken;
    return "answer" in result ? result.answer.httpStatus : "pending";
  } catch (error) {
    return error instanceof NotTakenIn ? `${error.message} (${error.retryAfter} s)` : error;
  }
}

/** A database of which each of so many transactions goes on until it is told to fail; later ones fail at once. */
function writesInTurn(count: number) {
  const gone = new DatabaseUnavailable("gone");
  const begun = Array.from({ length: count }, () => Promise.withResolvers<void>());
  const ends = Array.from({ length: count }, () => Promise.withResolvers<never>());
  return {
    write(before: number): Promise<never> {
      begun[before]?.resolve();
      return ends[before]?.promise ?? Promise.reject(gone);
    },
    begun: (index: number) => begun[index]?.promise,
    fail: (index: number) => ends[index]?.reject(gone),
  };
}

describe("a campaign's lane", () => {
  test("a campaign's lane does a batch that the database refused again lead by lead, so that each fails for itself alone", async () => {
    const { lanes, logged, transactions } = lanesOn(() =>
      Promise.reject(new StatementRefused("refused", "22P05")),
    );
    const ends = ["a", "b", "c"].map((id) => endOf(lanes.takeIn(lead(id), null)));
    expect(await Promise.all(ends)).toEqual([400, 400, 400]);
    // The first goes alone, the two that came meanwhile go together and then each alone.
    expect(transactions()).toBe(4);
    expect(logged).toHaveLength(3);
  });

  test("a campaign's lane decides leads again one by one when an error of its own failed them all", async () => {
    const fault = new RangeError("not an exact amount of money");
    const { lanes, transactions } = lanesOn(() => Promise.reject(fault));
    const ends = ["a", "b", "c"].map((id) => endOf(lanes.takeIn(lead(id), null)));
    expect(await Promise.all(ends)).toEqual([fault, fault, fault]);
    expect(transactions()).toBe(4);
  });

  test("a campaign's lane decides nothing again when the database is away", async () => {
    const { lanes, transactions } = lanesOn(() => Promise.reject(new DatabaseUnavailable("gone", false)));
    await Promise.all(["a", "b", "c"].map((id) => endOf(lanes.takeIn(lead(id), null))));
    expect(transactions()).toBe(2);
  });

  test("a campaign's lane decides nothing again that was committed, whatever fails afterwards", async () => {
    const fault = new Error("the answer cannot be written");
    const committed = () => {
      throw fault;
    };
    const { lanes, logged, transactions } = lanesOn(async () => ({
      onRecord: [],
      left: new Set(),
      held: new Set(),
      committed,
    }));
    const ends = ["a", "b", "c"].map((id) => endOf(lanes.takeIn(lead(id), null)));
    expect(await Promise.all(ends)).toEqual([fault, fault, fault]);
    expect(transactions()).toBe(2);
    expect(logged).toEqual(Array.from({ length: 2 }, () => "leads that were taken in could not be answered"));
  });

  test("a campaign's lane blames no lead for what the database refused for another reason than its values", async () => {
    const { lanes } = lanesOn(() => Promise.reject(new StatementRefused("read-only", "25006")));
    expect(await endOf(lanes.takeIn(lead("a"), null))).toBe(
      "The database could not take this lead in. (2 s)",
    );
  });

  test("the lanes of all campaigns share a transaction, of which each has its part", async () => {
    const writes = writesInTurn(2);
    const { lanes, transactions } = lanesOn(writes.write, { maxBatch: 6, queueLimit: 9 });
    const campaigns = ["solar", "solar", "solar", "solar", "solar", "solar", "wind", "roof", "roof", "roof"];
    const taken = campaigns.map((campaign, index) =>
      endOf(lanes.takeIn(lead(String(index), campaign), null)),
    );
    writes.fail(0);
    await taken[0];
    await writes.begun(1);
    expect(transactions()).toBe(2);
    // Two each; of the two of wind one is left to the others.
    expect([...lanes.waiting()].filter(([, leads]) => leads > 0)).toEqual([["solar", 3]]);
    writes.fail(1);
    await Promise.all(taken);
    expect(transactions()).toBe(3);
  });

  test("a campaign's lane decides many leads that wait in two halves, and few at once", async () => {
    const writes = writesInTurn(4);
    const { lanes } = lanesOn(writes.write, { maxBatch: 256, queueLimit: 256 });
    const send = (count: number) =>
      Array.from({ length: count }, () => endOf(lanes.takeIn(lead(Bun.randomUUIDv7()), null)));
    const taken = send(100);
    const waiting: unknown[] = [];
    for (let index = 0; index < 4; index++) {
      await writes.begun(index);
      waiting.push([...lanes.waiting()][0]?.[1]);
      if (index === 2) taken.push(...send(20));
      writes.fail(index);
    }
    await Promise.all(taken);
    // 1, 50, all 49 that are left (the middle of the two last batches), and 20 at once, fewer than which are never parted.
    expect(waiting).toEqual([99, 49, 0, 0]);
  });

  test("many leads of several campaigns are parted between campaigns", async () => {
    const writes = writesInTurn(2);
    const { lanes } = lanesOn(writes.write, { maxBatch: 256, queueLimit: 256 });
    const campaigns = ["solar", "wind", "roof"].flatMap((campaign) => Array<string>(20).fill(campaign));
    const taken = ["solar", ...campaigns].map((campaign) =>
      endOf(lanes.takeIn(lead(Bun.randomUUIDv7(), campaign), null)),
    );
    writes.fail(0);
    await writes.begun(1);
    expect([...lanes.waiting()].filter(([, leads]) => leads > 0)).toEqual([["roof", 20]]);
    writes.fail(1);
    await Promise.all(taken);
  });

  test("a campaign's lane says that nothing was taken in when the database is away, or that it is not known", async () => {
    const away = lanesOn(() => Promise.reject(new DatabaseUnavailable("gone")));
    expect(await endOf(away.lanes.takeIn(lead("a"), null))).toBe("The database is not available. (2 s)");
    const lost = lanesOn(() => Promise.reject(new DatabaseUnavailable("gone", false)));
    expect(await endOf(lost.lanes.takeIn(lead("a"), null))).toContain("with the same Idempotency-Key");
  });

  test("a campaign's lane warns of an outage once in a while, not for every batch", async () => {
    const { lanes, clock, logged } = lanesOn(() => Promise.reject(new DatabaseUnavailable("gone")));
    for (const id of ["a", "b"]) await endOf(lanes.takeIn(lead(id), null));
    expect(logged).toHaveLength(1);
    clock.pass(5_000);
    await endOf(lanes.takeIn(lead("c"), null));
    expect(logged).toHaveLength(2);
  });

  test("a campaign's lane refuses a lead when as many wait as may, and one that waited too long", async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const { lanes, clock } = lanesOn(() => promise);
    const ends = ["a", "b", "c", "d", "e"].map((id) => endOf(lanes.takeIn(lead(id), null)));
    expect(await ends[4]).toBe("Too many leads are waiting for this campaign. (1 s)");
    expect([...lanes.waiting()]).toEqual([["solar", 3]]);
    clock.pass(1_001);
    reject(new DatabaseUnavailable("gone"));
    expect(await Promise.all(ends.slice(1, 4))).toEqual(
      Array.from({ length: 3 }, () => "The database is too slow to take this lead in. (1 s)"),
    );
    expect([...lanes.waiting()]).toEqual([]);
  });

  test("a campaign's lane takes no lead in any more once it is stopped, and stops when those it has are answered", async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const { lanes } = lanesOn(() => promise);
    const first = endOf(lanes.takeIn(lead("a"), null));
    const stopped = lanes.stop();
    expect(await endOf(lanes.takeIn(lead("b"), null))).toBe("The server is shutting down. (1 s)");
    reject(new DatabaseUnavailable("gone"));
    await stopped;
    expect(await first).toBe("The database is not available. (2 s)");
  });
});
