import { type SQL, sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { isOnPage, type PageBounds, readPages } from "#database/pages.ts";
import { param, statement } from "#database/statement.ts";
import { type BucketSize, LEAD_COUNT_GROUPS, type LeadCount, type LeadCountGroup } from "./lead-counts.ts";
import { PAGE_ENDS } from "./page-records.ts";

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
  yield* readPages(database, range, { end: PAGE_ENDS.decided, size: PAGE }, (db, bounds) =>
    selectCounts.run(db, { ...asked, ...bounds }),
  );
}

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
  Omit<LeadCountRange, "groups"> & Record<`by_${LeadCountGroup}`, string> & PageBounds
>(
  "select_lead_counts",
  "all campaigns",
  ($) => sql`
      select extract(epoch from date_trunc(${$.bucket}::text, decided_at, ${$.timezone}::text))::float8 as at, ${groupColumns},
        count(*)::int as leads
      from leads
      where ${isOnPage("decided_at")} and not is_test
        and (${$.campaign}::text is null or campaign_id = ${$.campaign}::text)
        and (${$.supplier}::text is null or supplier_id = ${$.supplier}::text)
      group by 1, 2, 3, 4, 5`,
);
