import { sql } from "drizzle-orm";
import { campaignByCampaign } from "#database/by-campaign-records.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { LeadToCheck } from "#handover/checkers.ts";
import type { CheckFinding } from "#leads/candidate.ts";
import { firstUuidAt } from "#text/ids.ts";
import { DAY_MS, HOUR_MS } from "#time/durations.ts";

/** The answer to a question (its key, a UUID) that is still good at `now`; undefined: there is none. */
export async function findKeptAnswer(
  db: Queryable,
  campaign: string,
  key: string,
  now: Date,
): Promise<CheckFinding | undefined> {
  const [row] = await selectKept.run(db, { campaign, key, now: now.toISOString() });
  return row && (JSON.parse(row.answer) as CheckFinding);
}

const selectKept = statement<{ answer: string }, { campaign: string; key: string; now: string }>(
  "select_check_answer",
  "one campaign",
  ($) => sql`select answer::text as answer from check_answers
      where key = ${$.key}::text::uuid and campaign_id = ${$.campaign} and expires_at > ${$.now}::timestamptz`,
);

/** Remembers the answer to a question until then. It goes with the lead about which it was asked. */
export async function keepAnswer(
  tx: Queryable,
  { leadId, campaign }: Pick<LeadToCheck, "leadId" | "campaign">,
  key: string,
  answer: CheckFinding,
  until: Date,
): Promise<void> {
  await insertAnswer.run(tx, {
    key,
    campaign: campaign.id,
    lead: leadId,
    answer: JSON.stringify(answer),
    until: until.toISOString(),
  });
}

const insertAnswer = statement<
  unknown,
  { key: string; campaign: string; lead: string; answer: string; until: string }
>(
  "keep_check_answer",
  "one campaign",
  ($) => sql`insert into check_answers (key, campaign_id, lead_id, answer, expires_at)
      values (${$.key}::text::uuid, ${$.campaign}, ${$.lead}::text::uuid, ${$.answer}::text::json, ${$.until}::timestamptz)
      on conflict (key, campaign_id) do update
        set lead_id = excluded.lead_id, answer = excluded.answer, expires_at = excluded.expires_at`,
);

/** Counts one more question of a check on a day (days since 1970); false when it was asked as often as it may be. */
export async function takeOne(
  tx: Queryable,
  campaign: string,
  check: string,
  day: number,
  limit: number,
): Promise<boolean> {
  return (await countOne.run(tx, { campaign, check, day, limit })).length > 0;
}

const countOne = statement<
  { asked: number },
  { campaign: string; check: string; day: number; limit: number }
>(
  "count_check",
  "one campaign",
  ($) => sql`insert into check_usage as u (campaign_id, check_id, day, asked)
      values (${$.campaign}, ${$.check}, ${$.day}::text::integer, 1)
      on conflict (campaign_id, check_id, day) do update set asked = u.asked + 1
        where u.asked < ${$.limit}::text::integer
      returning asked`,
);

/** A lead about which others were asked is on record after so long, or never will be, in ms; and so far back it is looked for these. */
const ON_RECORD_AFTER_MS = HOUR_MS;
const LOST_SINCE_MS = 2 * DAY_MS;

/** Forgets answers that are not good any more at `now`, those about leads that never went on record, and counts of days long past. */
export async function forgetOldChecks(tx: Queryable, now: Date): Promise<void> {
  const at = now.toISOString();
  const from = firstUuidAt(now.getTime() - LOST_SINCE_MS);
  const to = firstUuidAt(now.getTime() - ON_RECORD_AFTER_MS);
  await Promise.all([
    deleteAnswers.run(tx, { at }),
    deleteLost.run(tx, { from, to }),
    deleteUsage.run(tx, { at }),
  ]);
}

/** With no lead to erase, such an answer would tell of a person who is forgotten. */
const deleteLost = campaignByCampaign((narrow) =>
  statement<object, { from: string; to: string }>(
    "forget_lost_check_answers",
    "all campaigns",
    ($) => sql`delete from check_answers a
      where lead_id >= ${$.from}::text::uuid and lead_id < ${$.to}::text::uuid
        and (select true from leads l where l.id = a.lead_id and l.campaign_id = a.campaign_id) is null${narrow("a.campaign_id")}`,
  ),
);

const deleteAnswers = statement<unknown, { at: string }>(
  "forget_check_answers",
  "all campaigns",
  ($) => sql`delete from check_answers where expires_at <= ${$.at}::timestamptz`,
);

const deleteUsage = statement<unknown, { at: string }>(
  "forget_check_usage",
  "all campaigns",
  ($) => sql`delete from check_usage
      where day < extract(epoch from ${$.at}::timestamptz)::bigint / 86400 - 3`,
);
