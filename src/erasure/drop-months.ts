import { readRecordsDays } from "#campaigns/records-days-records.ts";
import { type Database, DatabaseUnavailable, type Queryable } from "#database/database.ts";
import { dropMonths, noteSwept, readEndsOfMonths, readUnswept } from "#database/month-drop-records.ts";
import { deliveryIdOf, firstUuidAt, leadIdOf } from "#text/ids.ts";
import { DAY_MS } from "#time/durations.ts";
import { isoOf } from "#time/iso.ts";
import {
  areDecidedSince,
  countKeyBlocks,
  deleteKeysIn,
  deleteSomeBeside,
  readUnfinished,
  type Unfinished,
} from "./drop-records.ts";

const ROWS_AT_ONCE = 500;
/** Some 2,200 keys. */
const BLOCKS_AT_ONCE = 25;

/** To lock the tables is tried so often: whoever has one open, such as a backup, may be done soon. */
const TRIES = 5;
const DROP_PATIENCE_MS = 60_000;

/** Does a step again and again with pauses between, while it says that there is more to do. False: the server stops meanwhile. */
export type Repeat = (step: () => Promise<boolean>) => Promise<boolean>;

/** Months that are over, all in ms since 1970. */
export interface OldMonths {
  /** Where those end that can be dropped; undefined: none can. */
  end: number | undefined;
  /** Where the one ends that has something unfinished, and keeps all after it. */
  heldBack: HeldBack | undefined;
}

export interface HeldBack {
  end: number;
  unfinished: readonly Unfinished[];
}

/** What keeps a month, as the event and the server's condition say it: how many of each kind, and one lead and delivery by their ids. */
export function heldBackData({ end, unfinished }: HeldBack) {
  const of = (what: Unfinished["what"]) => unfinished.find((each) => each.what === what);
  const [lead, delivery] = [of("leads") ?? of("returns"), of("deliveries")];
  return {
    before: isoOf(end),
    leads: of("leads")?.count ?? 0,
    deliveries: delivery?.count ?? 0,
    returns: of("returns")?.count ?? 0,
    lead_id: lead === undefined ? null : leadIdOf(lead.one),
    delivery_id: delivery === undefined ? null : deliveryIdOf(delivery.one),
  };
}

/**
 * Which months are over for `records_days`: their leads came and were decided, for the last time, before that. Months go in their order,
 * so that one with something unfinished keeps those after it too.
 */
export async function findOldMonths(db: Queryable, now: Date): Promise<OldMonths> {
  const keptSince = await readKeptSince(db, now);
  let end: number | undefined;
  for (const next of await readEndsOfMonths(db, keptSince)) {
    const standing = await progressOf(db, next, keptSince);
    if (standing === "not over") break;
    if (standing !== "over") return { end, heldBack: { end: next, unfinished: standing } };
    end = next;
  }
  return { end, heldBack: undefined };
}

/** Since when leads stay on record at least, in ms since 1970. */
async function readKeptSince(db: Queryable, now: Date): Promise<number> {
  const days = await readRecordsDays(db);
  return days === null ? Number.NEGATIVE_INFINITY : now.getTime() - days * DAY_MS;
}

async function progressOf(
  db: Queryable,
  end: number,
  keptSince: number,
): Promise<"over" | "not over" | Unfinished[]> {
  const before = firstUuidAt(end);
  const [unfinished, areDecided] = await Promise.all([
    readUnfinished(db, before),
    areDecidedSince(db, before, new Date(keptSince).toISOString()),
  ]);
  if (unfinished.length > 0) return unfinished;
  return areDecided ? "not over" : "over";
}

/**
 * Drops the months that are over, up to `end` (ms since 1970). They go all in one transaction, which looks once more whether they may;
 * what is left of their leads elsewhere is deleted after that, by `sweepMonths`, so that a lead is either whole or gone. False: they stay.
 */
export async function dropOldMonths(database: Database, end: number, now: Date): Promise<boolean> {
  const drop = (tx: Queryable) =>
    dropMonths(tx, end, async () => {
      const keptSince = await readKeptSince(tx, now);
      return end <= keptSince && (await progressOf(tx, end, keptSince)) === "over";
    });
  for (let left = TRIES - 1; ; left--) {
    try {
      return await database.makeTables(drop, DROP_PATIENCE_MS);
    } catch (error) {
      if (left === 0 || !(error instanceof DatabaseUnavailable)) throw error;
    }
    await Bun.sleep(PAUSE_MS);
  }
}

/** Between two tries leads catch up. */
const PAUSE_MS = 2_000;

/** Deletes what other tables have of leads that were dropped. Killed on the way, it is begun anew. */
export async function sweepMonths(database: Database, repeat: Repeat): Promise<void> {
  const end = await database.read(readUnswept);
  if (end === undefined) return;
  const before = firstUuidAt(end);
  const blocks = await database.read(countKeyBlocks);
  let from = 0;
  const isDone =
    (await repeat(
      async () => (await database.write((tx) => deleteSomeBeside(tx, before, ROWS_AT_ONCE))) > 0,
    )) &&
    (await repeat(async () => {
      await database.write((tx) => deleteKeysIn(tx, before, from, from + BLOCKS_AT_ONCE));
      from += BLOCKS_AT_ONCE;
      return from < blocks;
    }));
  if (isDone) await database.write((tx) => noteSwept(tx, end));
}
