import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** A lead that whoever follows leads may not have seen yet. */
export interface Arrival {
  /** UUIDv7. */
  id: string;
  /** Its buyer is being asked: how it ends is not known yet. */
  isHeld: boolean;
}

/** The newest lead's UUID; undefined when there is none. */
export async function newestLead(db: Queryable): Promise<string | undefined> {
  const [row] = await selectNewest.run(db, {});
  return row?.id;
}

/** The leads whose UUIDs come after `after`, of one campaign alone when that is given. */
export async function arrivalsAfter(
  db: Queryable,
  after: string,
  campaign: string | null,
): Promise<Arrival[]> {
  return selectArrivals.run(db, { after, campaign });
}

const selectNewest = statement<{ id: string }>(
  "select_newest_lead",
  sql`select id::text as id from leads order by leads.id desc limit 1`,
);

const selectArrivals = statement<Arrival, { after: string; campaign: string | null }>(
  "select_arrivals",
  sql`select id::text as id, status = 'PENDING' as "isHeld" from leads
      where id > ${sql.placeholder("after")}::text::uuid
        and (${sql.placeholder("campaign")}::text is null or campaign_id = ${sql.placeholder("campaign")}::text)`,
);
