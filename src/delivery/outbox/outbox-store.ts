import { type Database, lookUpWhatIsThere, type Queryable } from "#database/database.ts";
import type { Since } from "#database/since.ts";
import type { TellIn } from "#handover/alert.ts";
import type { DeliveryState } from "#leads/delivery-state.ts";
import { deadAlert } from "./dead-alert.ts";
import { readDead } from "./dead-records.ts";
import { releaseResumed } from "./delivery-records.ts";
import {
  type AttemptRecord,
  type Claimed,
  claim,
  type Due,
  type DueNow,
  finish,
  giveBack,
  giveUp,
  selectStillPending,
  whatIsDue,
} from "./outbox-records.ts";

/** The outbox as the dispatcher uses it, each call a transaction of its own. All throw DatabaseUnavailable. Times are ISO 8601. */
export interface OutboxStore {
  whatIsDue(at: string): Promise<DueNow>;
  claim(due: Due, lease: { id: string; at: string; endsAt: string; limit: number }): Promise<Claimed[]>;
  /** The ids of those that are still to be sent. */
  stillPending(
    campaignId: string,
    leases: readonly { id: string; lease: string }[],
    at: string,
  ): Promise<ReadonlySet<string>>;
  giveBack(campaignId: string, leases: readonly { id: string; lease: string }[], at: string): Promise<void>;
  /** Operators are told what is given up. */
  giveUp(due: Due, at: string): Promise<void>;
  /** Operators are told what is dead by that, and what is paused is due if its endpoint was resumed meanwhile. */
  finish(campaignId: string, results: readonly AttemptRecord[], at: string): Promise<void>;
}

/** The outbox whose claims leave out months in which nothing waited when it was last looked at what is due. */
export interface RememberingStore extends OutboxStore {
  /** Something may be due from any time: the next claims ask every month, until it is looked again. */
  forget(): void;
}

/** In one transaction: what was due before the server had stopped for long could be more than one may take time for. */
const GIVEN_UP_AT_ONCE = 1_000;

/**
 * Whatever is missed by a claim, since its month had nothing waiting when that was looked at, is found by the next look: a look asks every
 * month.
 */
export function openOutboxStore(database: Database, tellIn: TellIn): RememberingStore {
  let oldest: { since: Since } = { since: null };

  async function tellDead(
    tx: Queryable,
    campaignId: string,
    ids: readonly string[],
    at: string,
  ): Promise<() => void> {
    const dead = ids.length === 0 ? [] : await readDead(tx, campaignId, ids, at);
    return await tellIn(
      tx,
      dead.flatMap((each) => deadAlert(each) ?? []),
    );
  }

  return {
    forget() {
      oldest = { since: null };
    },
    async whatIsDue(at) {
      const known = oldest;
      const found = await lookUpWhatIsThere(database, (db) => whatIsDue(db, at));
      // What was forgotten meanwhile may have become due behind what was read.
      if (oldest === known) oldest = { since: found.since };
      return found;
    },
    claim: (due, lease) => database.write((db) => claim(db, due, lease, oldest.since)),
    stillPending: (campaignId, leases, at) =>
      database.read((db) => selectStillPending(db, campaignId, leases, at)),
    giveBack: (campaignId, leases, at) => database.write((db) => giveBack(db, campaignId, leases, at)),
    async giveUp(due, at) {
      for (let isLast = false; !isLast; ) {
        const committed = await database.write(async (tx) => {
          const ids = await giveUp(tx, due, { at, limit: GIVEN_UP_AT_ONCE }, oldest.since);
          isLast = ids.length < GIVEN_UP_AT_ONCE;
          return await tellDead(tx, due.campaignId, ids, at);
        });
        committed();
      }
    },
    async finish(campaignId, results, at) {
      const endedAs = (ended: DeliveryState) =>
        results.filter(({ state }) => state === ended).map(({ id }) => id);
      const [dead, paused] = [endedAs("dead"), endedAs("paused")];
      const committed = await database.write(async (tx) => {
        await finish(tx, campaignId, results, at);
        if (paused.length > 0) await releaseResumed(tx, campaignId, paused, at);
        return await tellDead(tx, campaignId, dead, at);
      });
      committed();
    },
  };
}
