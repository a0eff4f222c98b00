import type { Database, OnProblem } from "#database/database.ts";
import { meaningOf } from "#database/refusal.ts";

/** How far a server that follows another has come, as its write-ahead log's place; null: it follows none, or cannot say. */
export interface FollowingParts {
  /** Where the server that is followed is now, as `pg_lsn` in its words. */
  placeOfLeader(): Promise<string | null>;
  placeOfFollower(): Promise<string | null>;
  /** How old what is read may be, in ms. */
  mostLagMs: number;
  /** A clock that never runs backwards, in ms. */
  elapsedMs(): number;
}

/** Knows whether what a standby shows is recent enough. */
export interface Following {
  isRecent(): Promise<boolean>;
}

/** How long an answer holds, in ms: it is asked only while somebody reads. */
const LOOK_EVERY_MS = 1_000;

/**
 * What the follower shows is as old as the newest place of the leader that it has reached. Its own clock says nothing: the time of the
 * last transaction is long ago when nobody writes, and recent when the connection to the leader has just been lost.
 */
export function openFollowing({
  placeOfLeader,
  placeOfFollower,
  mostLagMs,
  elapsedMs,
}: FollowingParts): Following {
  let places: { place: bigint; at: number }[] = [];
  let reachedAt = Number.NEGATIVE_INFINITY;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const at = elapsedMs();
    try {
      const leader = await placeOfLeader();
      const follower = await placeOfFollower();
      if (leader !== null) places.push({ place: placeIn(leader), at });
      const reached = follower === null ? [] : places.filter(({ place }) => place <= placeIn(follower));
      reachedAt = follower === null ? Number.NEGATIVE_INFINITY : (reached.at(-1)?.at ?? reachedAt);
      places = places.filter((each) => each.at > reachedAt && each.at > at - mostLagMs);
    } catch {
      reachedAt = Number.NEGATIVE_INFINITY;
    } finally {
      lookedAt = elapsedMs();
      looking = undefined;
    }
  }

  return {
    async isRecent() {
      // Nothing that crossed a network is that new.
      if (mostLagMs === 0) return false;
      if (elapsedMs() - lookedAt >= Math.min(LOOK_EVERY_MS, mostLagMs)) {
        looking ??= look();
        await looking;
      }
      return elapsedMs() - reachedAt <= mostLagMs;
    },
  };
}

/** `16/B374D848` as one number. */
function placeIn(lsn: string): bigint {
  const [high = "0", low = "0"] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

const STANDBY_BEHIND =
  "the standby of DATABASE_READ_URL is away, or too far behind: DATABASE_URL is read for lists, exports and reports";
const STANDBY_SILENT =
  "the standby of DATABASE_READ_URL did not answer: DATABASE_URL was read for a list, an export or a report";

export interface SurveyParts extends Following {
  readStandby: Database["read"];
  readLeader: Database["read"];
  onProblem: OnProblem;
}

/** Reads a standby, and its leader where that is too old, away, or ends a statement that is in the way of what it has to follow. */
export function openSurvey({
  isRecent,
  readStandby,
  readLeader,
  onProblem,
}: SurveyParts): Database["survey"] {
  return async (work) => {
    let why = STANDBY_BEHIND;
    if (await isRecent()) {
      try {
        return await readStandby(work);
      } catch (error) {
        // A standby that drops a month with its leader calls that a lost transaction.
        if (!["unavailable", "lost against another transaction"].includes(meaningOf(error))) throw error;
        why = STANDBY_SILENT;
      }
    }
    // Where the leader has no answer either, the standby is not what is wrong.
    const found = await readLeader(work);
    onProblem(why);
    return found;
  };
}
