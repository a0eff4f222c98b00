import { type SQL, sql } from "drizzle-orm";
import { lockCampaigns } from "#campaigns/campaign-lock-records.ts";
import type { Dialect } from "#database/by-campaign-records.ts";
import { ms } from "#database/columns.ts";
import type { Database, Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { DAY_MS, HOUR_MS } from "#time/durations.ts";
import { FIGURE_LIST, FIGURE_SUMS } from "./figures-records.ts";

/** How long a day in UTC is over before it is summed up, in ms: what still comes for it then changes its hours and its sum. */
const SETTLED_MS = 2 * HOUR_MS;

/** The moment up to which figures are summed up by the day, in ms since 1970; 0 where none are. */
export async function readSummedUntil(db: Queryable): Promise<number> {
  return (await selectSummedUntil.run(db, {})).at(0)?.until ?? 0;
}

/**
 * Sums up the first day that is over, has figures and was not summed up yet; false when there is none. It waits for the leads that are
 * being decided: those after it see that the day is summed up, and change both. Where tables are spread over nodes, none is.
 */
export async function sumUpNextDay(database: Database, now: Date): Promise<boolean> {
  // To know of a day that is summed up, a lead would ask every node.
  if (database.isSpread) return false;
  if ((await database.read((db) => findNextDay(db, now))) === undefined) return false;
  return await database.write(async (tx) => {
    await lockCampaigns(tx);
    // A server whose clock is behind may have written to a day before that one meanwhile, which nobody would sum up after it.
    const next = await findNextDay(tx, now);
    if (next !== undefined) await insertDay.run(tx, { from: isoAt(next), to: isoAt(next + DAY_MS) });
    return next !== undefined;
  });
}

/** The first day that is over, has figures and was not summed up yet, in ms since 1970. */
async function findNextDay(db: Queryable, now: Date): Promise<number | undefined> {
  const [hour] = await selectFirstHourSince.run(db, { since: isoAt(await readSummedUntil(db)) });
  if (hour === undefined) return undefined;
  const day = Math.floor(hour.at / DAY_MS) * DAY_MS;
  return day + DAY_MS + SETTLED_MS <= now.getTime() ? day : undefined;
}

/**
 * The figures of a party before an hour that begins, or of all time: of days where they are summed up, of hours else. There is no index
 * by party: a year of them was read in 0.4 s by the hour. Where tables are spread over nodes, no days are summed up.
 */
export function partyFigures(
  what: SQL,
  { isMine, dialect, before }: { isMine: SQL; dialect: Dialect; before?: SQL },
): SQL {
  if (dialect === "citus")
    return sql`select ${what} from figures where ${isMine}${before && sql` and hour < ${before}`}`;
  const until = sql`(select coalesce(max(day) + interval '24 hours', '-infinity') from figure_days)`;
  const today = sql`date_trunc('day', ${before}, 'UTC')`;
  return before === undefined
    ? sql`select ${what} from figure_days where ${isMine} union all select ${what} from figures where ${isMine} and hour >= ${until}`
    : sql`select ${what} from figure_days where ${isMine} and day < ${today}
        union all select ${what} from figures where ${isMine} and hour < ${before} and hour >= least(${today}, ${until})`;
}

function isoAt(at: number): string {
  return new Date(at).toISOString();
}

const selectSummedUntil = statement<{ until: number }>(
  "select_summed_until",
  "all campaigns",
  sql`select ${ms("day")} + ${sql.raw(String(DAY_MS))} as until from figure_days order by day desc limit 1`,
);

const selectFirstHourSince = statement<{ at: number }, { since: string }>(
  "select_first_hour_since",
  "all campaigns",
  ($) =>
    sql`select ${ms("hour")} as at from figures where hour >= ${$.since}::timestamptz order by hour limit 1`,
);

const insertDay = statement<unknown, { from: string; to: string }>(
  "insert_figure_days",
  "all campaigns",
  ($) => sql`
      with totals as (
        insert into figure_day_totals (day, campaign_id, currency, ${FIGURE_LIST})
        select ${$.from}::timestamptz, campaign_id, currency, ${FIGURE_SUMS} from figure_totals
        where hour >= ${$.from}::timestamptz and hour < ${$.to}::timestamptz group by campaign_id, currency
        on conflict (day, campaign_id, currency) do nothing)
      insert into figure_days (day, campaign_id, supplier_id, buyer_id, currency, ${FIGURE_LIST})
      select ${$.from}::timestamptz, campaign_id, supplier_id, buyer_id, currency, ${FIGURE_SUMS} from figures
      where hour >= ${$.from}::timestamptz and hour < ${$.to}::timestamptz
      group by campaign_id, supplier_id, buyer_id, currency
      on conflict (day, campaign_id, supplier_id, buyer_id, currency) do nothing`,
);
