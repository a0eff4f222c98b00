import { type SQL, sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { param, statement } from "#database/statement.ts";
import { type BucketSize, LEAD_COUNT_GROUPS, type LeadCount, type LeadCountGroup } from "./lead-counts.ts";

/** Which leads are counted, by when they were last decided. */
export interface LeadCountRange {
  /** ISO 8601; `to` is the moment before which it ends. */
  from: string;
  to: string;
  /** In which days and hours begin. */
  timezone: string;
  bucket: BucketSize;
  groups: readonly LeadCountGroup[];
  campaign: string | null;
  supplier: string | null;
}

/** Leads that one statement goes through, so that an embedded database has the next leads wait some 20 ms and no more. */
const PAGE = 5000;

/** How many leads there were in each bucket, page by page: counts of one bucket and group are to be added up. */
export async function* readLeadCounts(
  database: Database,
  range: LeadCountRange,
): AsyncGenerator<LeadCount[]> {
  const { groups, ...rest } = range;
  const asked = {
    ...rest,
    ...(Object.fromEntries(
      LEAD_COUNT_GROUPS.map((name) => [`by_${name}`, String(groups.includes(name))]),
    ) as Record<`by_${LeadCountGroup}`, string>),
  };
  let [after, isLast]: [string | null, boolean] = [null, false];
  while (!isLast) {
    const since: string | null = after;
    const page: { last: string | null; rows: LeadCount[] } = await database.read(async (db) => {
      const { from, to } = range;
      const [at] = await selectPageEnd.run(db, { from, to, after: since, page: PAGE - 1 });
      const last = at?.end ?? null;
      return { last, rows: await selectCounts.run(db, { ...asked, after: since, end: last }) };
    });
    yield page.rows;
    after = page.last;
    isLast = page.last === null;
  }
}

const decided: SQL = sql`decided_at >= ${param("from")}::text::timestamptz and decided_at < ${param("to")}::text::timestamptz
  and decided_at > coalesce(${param("after")}::text::timestamptz, '-infinity')`;

const selectPageEnd = statement<
  { end: string },
  { from: string; to: string; after: string | null; page: number }
>(
  "select_lead_counts_page_end",
  "all campaigns",
  ($) => sql`select decided_at::text as "end" from leads where ${decided}
    order by decided_at offset ${$.page}::int limit 1`,
);

const GROUPED: Record<LeadCountGroup, SQL> = {
  status: sql`status`,
  campaign: sql`campaign_id`,
  supplier: sql`supplier_id`,
  reason: sql`reason`,
};

const groupColumns = sql.join(
  LEAD_COUNT_GROUPS.map(
    (name) =>
      sql`case when ${param(`by_${name}`)}::text::boolean then ${GROUPED[name]} end as ${sql.raw(name)}`,
  ),
  sql`, `,
);

const selectCounts = statement<
  LeadCount,
  Omit<LeadCountRange, "groups"> &
    Record<`by_${LeadCountGroup}`, string> & { after: string | null; end: string | null }
>(
  "select_lead_counts",
  "all campaigns",
  ($) => sql`
      select extract(epoch from date_trunc(${$.bucket}::text, decided_at, ${$.timezone}::text))::float8 as at, ${groupColumns},
        count(*)::int as leads
      from leads
      where ${decided} and decided_at <= coalesce(${$.end}::text::timestamptz, 'infinity') and not is_test
        and (${$.campaign}::text is null or campaign_id = ${$.campaign}::text)
        and (${$.supplier}::text is null or supplier_id = ${$.supplier}::text)
      group by 1, 2, 3, 4, 5`,
);
