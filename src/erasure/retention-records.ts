import { and, asc, gte, lt, sql } from "drizzle-orm";
import { builderOn } from "#database/builder.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, param, statement } from "#database/statement.ts";
import { leads } from "#database/tables.ts";

/** How far leads are erased by age: this lead, and all before it in the order of time. `decidedAt` as the database writes it. */
export interface Place {
  decidedAt: string;
  leadId: string;
}

/** By days, the campaigns that keep personal data for as many, in the order of their ids. */
export async function readRetentions(db: Queryable): Promise<{ days: number; campaigns: string }[]> {
  return selectRetentions.run(db, {});
}

const selectRetentions = statement<{ days: number; campaigns: string }>(
  "select_retentions",
  "all campaigns",
  sql`select (definition ->> 'pii_days')::int as days, json_agg(id order by id)::text as campaigns from campaigns
      where definition ->> 'pii_days' is not null group by 1 order by 1`,
);

/**
 * Locks how far the campaigns with this retention are; undefined when another server is at it. One that is new among them is
 * begun with.
 */
export async function lockPlace(
  tx: Queryable,
  days: number,
  campaigns: readonly string[],
): Promise<Place | undefined> {
  const asked = { days, campaigns: arrayText(campaigns) };
  await begin.run(tx, asked);
  const [row] = await lock.run(tx, asked);
  if (row === undefined) return undefined;
  return row.isNew ? BEGINNING : { decidedAt: row.decidedAt, leadId: row.leadId };
}

const BEGINNING: Place = { decidedAt: "-infinity", leadId: "00000000-0000-0000-0000-000000000000" };

type Asked = { days: number; campaigns: string };

const named = sql`${param("campaigns")}::text[]`;

const begin = statement<unknown, Asked>(
  "begin_retention",
  "unspread",
  ($) => sql`insert into retention (days, campaigns, decided_at, lead_id)
      values (${$.days}::int, ${named}, '-infinity', '00000000-0000-0000-0000-000000000000')
      on conflict (days) do nothing`,
);

const lock = statement<{ decidedAt: string; leadId: string; isNew: boolean }, Asked>(
  "lock_retention",
  "unspread",
  ($) => sql`
      select decided_at::text as "decidedAt", lead_id::text as "leadId", not campaigns @> ${named} as "isNew" from retention
      where days = ${$.days}::int for update skip locked`,
);

export async function writePlace(
  tx: Queryable,
  days: number,
  campaigns: readonly string[],
  { decidedAt, leadId }: Place,
): Promise<void> {
  await write.run(tx, { days, campaigns: arrayText(campaigns), decidedAt, leadId });
}

const write = statement<unknown, Asked & Place & Record<string, unknown>>(
  "write_retention",
  "unspread",
  ($) => sql`update retention set campaigns = ${named}, decided_at = ${$.decidedAt}::timestamptz,
        lead_id = ${$.leadId}::text::uuid
      where days = ${$.days}::int`,
);

export interface PassedLead extends Place {
  campaignId: string;
  isErased: boolean;
}

/**
 * The next leads in the order of time, of whatever campaign, decided before `until` (ISO 8601). Planned each time: how much lies between
 * the two moments is not to be guessed.
 */
export async function nextLeads(
  tx: Queryable,
  after: Place,
  until: string,
  limit: number,
): Promise<PassedLead[]> {
  return builderOn(tx)
    .select({
      leadId: leads.id,
      campaignId: leads.campaignId,
      decidedAt: sql<string>`${leads.decidedAt}::text`,
      isErased: sql<boolean>`${leads.erasedAt} is not null`,
    })
    .from(leads)
    .where(
      and(
        gte(leads.decidedAt, after.decidedAt),
        sql`(${leads.decidedAt}, ${leads.id}) > (${after.decidedAt}::timestamptz, ${after.leadId}::uuid)`,
        lt(leads.decidedAt, until),
      ),
    )
    .orderBy(asc(leads.decidedAt), asc(leads.id))
    .limit(limit);
}
