import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { writePartyKeyUses } from "#access/key-use-records.ts";
import { type KeyUse, openKeyUses } from "#access/key-uses.ts";
import { listPartyKeys } from "#access/party-key-records.ts";
import { applyConfiguration } from "#configuration/apply.ts";
import { type Database, DatabaseUnavailable, type Queryable } from "#database/database.ts";
import { createLog } from "#telemetry/log.ts";
import { onBothDatabases } from "../support/database.ts";
import { aDocument } from "../support/leadgate.ts";

const at = (second: number) => new Date(Date.UTC(2026, 0, 13, 17, 0, second));

describe("uses of keys", () => {
  const log = createLog({ format: "json", level: "error", write: () => undefined, now: () => at(0) });
  // The drivers wait by the timers that stand still here.
  const database = { write: (work: (tx: Queryable) => Promise<void>) => work({} as Queryable) } as Database;
  let written: (readonly KeyUse[])[];
  let isAway = false;
  const open = () => {
    const uses = openKeyUses({ database, log }, async (_, uses) => {
      if (isAway) throw new DatabaseUnavailable("away");
      written.push(uses);
    });
    uses.start();
    return uses;
  };
  beforeEach(() => {
    jest.useFakeTimers();
    written = [];
    isAway = false;
  });
  afterEach(() => jest.useRealTimers());

  const minutePasses = async () => {
    jest.advanceTimersByTime(60_000);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };

  test("uses of keys are written once a minute, the last of each key, however many there were", async () => {
    const uses = open();
    for (let second = 0; second < 50; second++) uses.used("key_1", at(second));
    uses.used("key_2", at(7));
    expect(uses.lastUse("key_1")).toEqual(at(49));
    expect(written).toEqual([]);
    await minutePasses();
    const [first] = written;
    expect(first).toEqual([
      { id: "key_1", at: at(49) },
      { id: "key_2", at: at(7) },
    ]);
    await minutePasses();
    expect(written).toHaveLength(1);
    uses.used("key_1", at(59));
    await uses.stop();
    expect(written.slice(1)).toEqual([[{ id: "key_1", at: at(59) }]]);
    await minutePasses();
    expect(written).toHaveLength(2);
  });

  test("uses of keys that could not be written are written with those that came since", async () => {
    const uses = open();
    uses.used("key_1", at(1));
    uses.used("key_2", at(1));
    isAway = true;
    await minutePasses();
    uses.used("key_1", at(2));
    isAway = false;
    await minutePasses();
    expect(written).toEqual([
      [
        { id: "key_1", at: at(2) },
        { id: "key_2", at: at(1) },
      ],
    ]);
    await uses.stop();
  });
});

onBothDatabases("use on record", (world) => {
  test("a use on record gives way to a later one only, whichever server writes last", async () => {
    const { createdKeys } = await applyConfiguration(
      { database: world.database, secretKey: new Uint8Array(32) },
      aDocument(),
      { now: at(0), by: "test" },
    );
    const id = createdKeys[0]?.id ?? "";
    const write = (second: number) =>
      world.database.write((tx) =>
        writePartyKeyUses(tx, [
          { id, at: at(second) },
          { id: "key_none", at: at(0) },
        ]),
      );
    for (const [second, kept] of [
      [5, 5],
      [3, 5],
      [8, 8],
    ] as const) {
      await write(second);
      expect(
        (await listPartyKeys(world.database, { kind: "supplier", id: "acme" }))?.[0]?.lastUsedAt,
      ).toEqual(at(kept));
    }
  });
});
