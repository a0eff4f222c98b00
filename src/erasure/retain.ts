import type { Database } from "#database/database.ts";
import { deleteOutcomes } from "#database/outcome-records.ts";
import { REMEMBERED_MS } from "#intake/reply/idempotency.ts";
import { firstUuidAt } from "#text/ids.ts";
import { DAY_MS } from "#time/durations.ts";
import { deleteAnswers } from "./answer-records.ts";
import { eraseOldLeads } from "./erase.ts";
import { emptyEnded } from "./erase-records.ts";
import type { ForgetParts } from "./forget.ts";
import { lockPlace, nextLeads, type PassedLead, readRetentions, writePlace } from "./retention-records.ts";

/** Leads that one transaction looks at, and that it erases at most: whoever decides leads hardly waits. */
const LOOKED_AT = 2_000;
const ERASED_AT_ONCE = 100;
const ANSWERS_AT_ONCE = 500;
const OUTCOMES_AT_ONCE = 5_000;

/** Campaigns that keep personal data for as many days. */
export interface Retention {
  days: number;
  campaigns: readonly string[];
}

export async function retentions(database: Database): Promise<Retention[]> {
  const stored = await database.read(readRetentions);
  return stored.map(({ days, campaigns }) => ({ days, campaigns: JSON.parse(campaigns) as string[] }));
}

/** Erases some of the leads that are older than their campaigns keep them. False when there are no more of them now. */
export async function eraseSomeOld(
  { days, campaigns }: Retention,
  { database, pepper }: ForgetParts,
  now: Date,
): Promise<boolean> {
  const until = new Date(now.getTime() - days * DAY_MS).toISOString();
  return database.write(async (tx) => {
    const place = await lockPlace(tx, days, campaigns);
    if (place === undefined) return false;
    const passed = await nextLeads(tx, place, until, LOOKED_AT);
    const due = passed.filter((lead) => !lead.isErased && campaigns.includes(lead.campaignId));
    const taken = due.slice(0, ERASED_AT_ONCE);
    const { left } = await eraseOldLeads(
      tx,
      taken.map((lead) => lead.leadId),
      pepper,
      now,
    );
    const reached = lastBefore(passed, [due[ERASED_AT_ONCE]?.leadId, ...left]) ?? place;
    await writePlace(tx, days, campaigns, reached);
    return left.length === 0 && (due.length > taken.length || passed.length === LOOKED_AT);
  });
}

/** The last of the leads that stands before all of `stops`. */
function lastBefore(passed: readonly PassedLead[], stops: readonly (string | undefined)[]) {
  const stop = passed.findIndex((lead) => stops.includes(lead.leadId));
  return passed[(stop < 0 ? passed.length : stop) - 1];
}

/** Erases some of the deliveries that outlived their lead's data and have ended since. False when there are no more of them now. */
export async function emptySomeEnded(database: Database, now: Date): Promise<boolean> {
  const { deliveries } = await database.write((tx) => emptyEnded(tx, now.toISOString(), ERASED_AT_ONCE));
  return deliveries === ERASED_AT_ONCE;
}

/**
 * Deletes some of the answers that are not given again any more: one may name a request as its sender did. False when there are
 * no more.
 */
export async function deleteSomeAnswers(database: Database, now: Date): Promise<boolean> {
  const before = new Date(now.getTime() - REMEMBERED_MS).toISOString();
  return (await database.write((tx) => deleteAnswers(tx, before, ANSWERS_AT_ONCE))) === ANSWERS_AT_ONCE;
}

/** Deletes some of the rows by which transactions of more than a day ago could be asked for. False when there are no more. */
export async function deleteSomeOutcomes(database: Database, now: Date): Promise<boolean> {
  const before = firstUuidAt(now.getTime() - DAY_MS);
  return (await database.write((tx) => deleteOutcomes(tx, before, OUTCOMES_AT_ONCE))) === OUTCOMES_AT_ONCE;
}
