import type { ReportDefinition } from "#campaigns/definition.ts";
import type { Database } from "#database/database.ts";
import type { Mails } from "#handover/mails.ts";
import type { PnlRange } from "#reports/pnl-range.ts";
import { MOST_PNL_ROWS, reportPnl } from "#reports/pnl-report.ts";
import { pnlTable } from "#reports/pnl-table.ts";
import { type DueReport, lastDue } from "#reports/report-schedule.ts";
import type { Log } from "#telemetry/log.ts";
import type { Clock } from "#time/clock.ts";
import type { Jobs } from "#time/jobs.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import { zonedAt } from "#time/wall-clock.ts";
import { reportMail } from "./report-mail.ts";
import { claimReport, readScheduledReports, type ScheduledReport } from "./scheduled-report-records.ts";

/** How often it is looked whether a report is due, in ms. */
const LOOK_EVERY_MS = 30_000;
/** So long after it is due it is made, so that what was being decided then is on record. */
const SETTLED_MS = 60_000;

export interface ReportMailParts {
  database: Database;
  clock: Clock;
  log: Log;
  mails: Mails;
  jobs: Jobs;
}

/**
 * Sends the reports of the document when they are due: each once, whatever servers there are and whichever of them dies. After a time in
 * which none ran, of each the last alone.
 */
export function openReportMails(parts: ReportMailParts): Running {
  return lookEvery({
    clock: parts.clock,
    who: parts.jobs,
    everyMs: LOOK_EVERY_MS,
    look: (isStopped) => sendDueReports(parts, isStopped),
    failed: (error) => parts.log.warn("reports that are due cannot be made", { error }),
  });
}

/** Makes and leaves in the outbox what is due by now. One that cannot be made holds up no other. */
export async function sendDueReports(
  parts: Omit<ReportMailParts, "jobs">,
  isStopped: () => boolean,
): Promise<void> {
  const { database, clock, log } = parts;
  for (const scheduled of await database.read((db) => readScheduledReports(db))) {
    if (isStopped()) return;
    const due = lastDue(scheduled.report, clock.now().getTime() - SETTLED_MS);
    if ((scheduled.madeAt ?? Number.NEGATIVE_INFINITY) >= due.dueAt) continue;
    try {
      await (isMissed(scheduled, due)
        ? sendReport(scheduled.report, due, parts)
        : skip(scheduled.report, due, parts));
    } catch (error) {
      log.warn("a report that is due cannot be made", { report_id: scheduled.report.id, error });
    }
  }
}

/** A report that is new, or paused, was not missed when its time came. */
function isMissed({ report, madeAt, appliedAt }: ScheduledReport, { dueAt }: DueReport): boolean {
  return report.status === "active" && (madeAt !== null || appliedAt <= dueAt);
}

async function skip(
  { id }: ReportDefinition,
  { dueAt }: DueReport,
  { database }: Pick<ReportMailParts, "database">,
) {
  await database.write((tx) => claimReport(tx, id, dueAt));
}

async function sendReport(
  report: ReportDefinition,
  due: DueReport,
  { database, clock, log, mails }: Omit<ReportMailParts, "jobs">,
): Promise<void> {
  // It is made once, and must have all of its day: on a standby some of it may be missing yet.
  const made = await reportPnl({ ...database, survey: database.read }, rangesOf(report, due));
  if (made === undefined) {
    const said = `a report that is due would have more than ${MOST_PNL_ROWS} rows and is not sent: group it by less`;
    log.warn(said, { report_id: report.id });
  }
  const letters =
    made === undefined
      ? []
      : report.to.map((to) => ({
          ...reportMail(report, daysOf(report, due), pnlTable(made, report.group_by)),
          to,
          event: "report.pnl",
        }));
  const committed = await database.write(async (tx) =>
    (await claimReport(tx, report.id, due.dueAt)) ? mails.mail(tx, letters, clock.now()) : undefined,
  );
  committed?.();
}

function rangesOf({ timezone, group_by, campaigns }: ReportDefinition, { from, to }: DueReport): PnlRange[] {
  return (campaigns ?? [null]).map((campaign) => ({
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    groups: group_by,
    includeTest: false,
    timezone,
    only: { campaign, supplier: null, buyer: null, source: null },
  }));
}

function daysOf({ timezone }: ReportDefinition, { from, to }: DueReport): { first: string; last: string } {
  const dayAt = (ms: number) => zonedAt(ms, timezone).toPlainDate().toString();
  return { first: dayAt(from), last: dayAt(to - 1) };
}
