import { sql } from "drizzle-orm";
import type { ReportDefinition } from "#campaigns/definition.ts";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** A report that the document in force schedules. */
export interface ScheduledReport {
  report: ReportDefinition;
  /** When the one was due that was made last, in ms since 1970; null: none was looked for yet. */
  madeAt: number | null;
  /** When the document in force was applied. */
  appliedAt: number;
}

export async function readScheduledReports(db: Queryable): Promise<ScheduledReport[]> {
  return (await selectReports.run(db, {})).map(({ definition, ...row }) => ({
    ...row,
    report: JSON.parse(definition) as ReportDefinition,
  }));
}

const selectReports = statement<{ definition: string; madeAt: number | null; appliedAt: number }>(
  "select_scheduled_reports",
  "unspread",
  sql`select definition::text as definition, ${ms("due_at")} as "madeAt",
        (select ${ms("applied_at")} from configurations order by revision desc limit 1) as "appliedAt"
      from scheduled_reports where archived_at is null order by id`,
);

/** Whether this transaction is the one that makes the report that was due then (ms since 1970): of all servers' one is. */
export async function claimReport(tx: Queryable, id: string, dueAt: number): Promise<boolean> {
  return (await claim.run(tx, { id, due: new Date(dueAt).toISOString() })).length > 0;
}

const claim = statement<{ id: string }, { id: string; due: string }>(
  "claim_scheduled_report",
  "unspread",
  ($) => sql`update scheduled_reports set due_at = ${$.due}::timestamptz
      where id = ${$.id}::text and (due_at is null or due_at < ${$.due}::timestamptz) returning id`,
);
