import type { Database, Queryable } from "#database/database.ts";
import type { Measure } from "#intake/decide/caps.ts";
import { newUuid } from "#text/ids.ts";
import type { Clock } from "#time/clock.ts";
import { grantedTo, type ShareAsk, shareName, withAllGivenBack } from "./asks.ts";
import { freeOf, giveOut, type Short } from "./give-out.ts";
import { openLimits } from "./open-limits.ts";
import { readOthers, usedIn } from "./others.ts";
import { withLess } from "./part.ts";
import {
  lockLimits,
  lockShares,
  readGrants,
  readSharesOfBuyer,
  type ShareRow,
  writeGrants,
  writeShares,
} from "./share-records.ts";

/** It can't be found out now whether a buyer may have more. */
export class SharesUnavailable extends Error {
  override readonly name = "SharesUnavailable";
}

/** How often what others gave back may be taken by somebody else before one gives up. */
const MOST_ROUNDS = 10;

/** A grant that is on its way comes to its share with the next batch of its campaign, unless its server has ended: so long it is left. */
const LOOKS_AT_GRANTS = 40;
const BETWEEN_LOOKS_MS = 50;

/** A limit of which nobody has as much to give as is asked for. */
export interface SpentLimit extends Short {
  /** What others could give. */
  left: number;
  /** What nobody has used of it. */
  remaining: number;
}

/** What came of asking: the grants to the campaign, and what is left of the buyer's balance where that is low now. */
export type Obtained =
  | { grants: readonly ShareRow[]; low?: { remaining: number; limit: number } | undefined }
  | { spent: readonly SpentLimit[] };

/**
 * Has a campaign granted what it asks for: of what nobody has, else of what other campaigns give back. Limits that are not given out yet
 * are opened for it.
 *
 * @throws SharesUnavailable, DatabaseUnavailable, StatementRefused.
 */
export async function obtain(
  ask: ShareAsk,
  { database, clock }: { database: Database; clock: Clock },
): Promise<Obtained> {
  if (ask.asked.length === 0) {
    await database.write((tx) => openLimits(tx, ask, { now: clock.now(), edition: newUuid() }));
    return { grants: [] };
  }
  let [seen, rounds, looks]: [readonly ShareRow[], number, number] = [[], 0, 0];
  while (rounds < MOST_ROUNDS) {
    const given = await database.write((tx) => giveOutOn(tx, ask, seen));
    if (given === undefined) return { grants: [] };
    if (given.short.length === 0)
      return { grants: await grantsOf(database, ask), low: await balanceIfLow(database, ask, given) };
    const others = await readOthers(database, ask, given.grants);
    seen = others.shares;
    const left = given.short.map((short) => ({
      ...short,
      left: others.available(short),
      remaining: others.remaining(short),
    }));
    const spent = left.filter((short) => short.left < short.least);
    if (spent.length > 0) return { spent };
    const isLate = looks >= LOOKS_AT_GRANTS;
    const onTheWay = isLate ? given.grants : [];
    const givers = others.givers(given.short, onTheWay);
    if (givers.size > 0 || isLate) {
      await collect(database, ask, givers, onTheWay);
      seen = await database.read((db) => readSharesOfBuyer(db, ask.buyerId));
      rounds += 1;
    } else {
      // What was given back and is not known with the grants is known the next time; for what is on its way one has to wait.
      if (looks > 0) await Bun.sleep(BETWEEN_LOOKS_MS);
      looks += 1;
    }
  }
  throw new SharesUnavailable("others took what was given back");
}

/**
 * Grants what is asked for under the lock of the buyer's limits, once what was given back is known. Undefined: the limits are given out
 * anew since it was asked. `grants`: all of the buyer's, as they are now.
 */
async function giveOutOn(
  tx: Queryable,
  { buyerId, campaignId, asked }: ShareAsk,
  seen: readonly ShareRow[],
): Promise<Given | undefined> {
  const limits = await lockLimits(tx, buyerId);
  const edition = asked[0]?.share.edition;
  if (limits[0]?.edition !== edition) return undefined;
  const before = await readGrants(tx, buyerId);
  const grants = withAllGivenBack(before, seen);
  const units = new Map(limits.map((limit) => [limit.measure, limit.units]));
  const given = giveOut(units, grants, campaignId, asked);
  const after = new Map(grants.map((grant) => [shareName(grant), grant]));
  for (const grant of given.grants) after.set(shareName(grant), { ...grant, buyerId });
  const written = new Set(before);
  await writeGrants(
    tx,
    [...after.values()].filter((grant) => !written.has(grant)),
  );
  return { short: given.short, grants: [...after.values()], limits: units };
}

interface Given {
  short: readonly Short[];
  grants: readonly ShareRow[];
  limits: ReadonlyMap<Measure, number>;
}

/** How much is left of a balance is looked at as more of it is granted, once nobody has as much as would not be low. */
async function balanceIfLow(database: Database, ask: ShareAsk, { grants, limits }: Given) {
  const { lowBalance, asked } = ask;
  const limit = limits.get("balance");
  if (limit === undefined || lowBalance === null || asked.every(({ measure }) => measure !== "balance"))
    return undefined;
  const ofBalance = grants.filter(({ measure }) => measure === "balance");
  if (freeOf(limit, ofBalance, 0) >= lowBalance) return undefined;
  const others = await readOthers(database, ask, grants);
  const remaining = others.remaining({ measure: "balance", limit, start: 0 });
  return remaining < lowBalance ? { remaining, limit } : undefined;
}

/** They are read anew, as they are on record: what a server is told of a commit on another node may be wrong. */
async function grantsOf(database: Database, { buyerId, campaignId }: ShareAsk): Promise<ShareRow[]> {
  const grants = await database.read((db) => readGrants(db, buyerId));
  return grants.filter((each) => each.campaignId === campaignId);
}

/** Has others give back, one after another. */
async function collect(
  database: Database,
  { buyerId: buyer }: ShareAsk,
  givers: ReadonlyMap<string, ReadonlyMap<Measure, number>>,
  onTheWay: readonly ShareRow[],
): Promise<void> {
  for (const [campaign, units] of givers) {
    await database.write((tx) => giveBackOn(tx, { campaign, buyer }, units, onTheWay));
  }
}

/** Has another campaign give back what it does not use, by what it uses now, under its lock. */
async function giveBackOn(
  tx: Queryable,
  at: { buyer: string; campaign: string },
  units: ReadonlyMap<Measure, number>,
  grants: readonly ShareRow[],
): Promise<void> {
  const { shares, use } = await lockShares(tx, at);
  const after = shares.map((share) => {
    const known = grantedTo(share, grants);
    return withLess(known, usedIn(use, known), units.get(share.measure) ?? 0);
  });
  const before = new Set(shares);
  await writeShares(
    tx,
    after.filter((share) => !before.has(share)),
  );
}
