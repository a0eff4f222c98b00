import { sql } from "drizzle-orm";
import { type BatchInsert, isOfBatch, joinColumn, type Rows, splitColumn, uuidsIn } from "#database/batch.ts";
import { inWordsOf } from "#database/by-campaign-records.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { type DecidedLead, staysDecided } from "./decided-lead.ts";
import { storedTrace, type TraceLine } from "./trace.ts";

/** A decided lead, with what its row says beside. */
export interface LeadToWrite extends DecidedLead {
  /** The one word for why it ended as it did. */
  reason: string | null;
  /** The revision of the campaign that it was decided by; one that stays decided as it was keeps that of its time. */
  revision: number;
  trace: readonly TraceLine[];
  /** What is kept of it and what was sent, as JSON. */
  reading: { json: { fields: string; sent: string | null } };
}

/**
 * The new leads, decided at `at` (ISO 8601), a column a parameter. Their rows are wide, and taking them apart again cost Postgres 25 of its
 * 30 µs a lead as one JSON text; as texts split at a character that JSON escapes, the whole insert took 17.
 */
export async function insertLeads(db: Queryable, leads: readonly LeadToWrite[], at: string): Promise<void> {
  if (leads.length === 0) return;
  await insertNew.run(db, {
    at,
    campaigns: joinColumn(leads, ({ lead }) => lead.campaignId),
    currencies: joinColumn(leads, ({ currency }) => currency),
    revisions: joinColumn(leads, ({ revision }) => revision),
    ids: joinColumn(leads, ({ lead }) => lead.id),
    suppliers: joinColumn(leads, ({ lead }) => lead.supplierId),
    statuses: joinColumn(leads, ({ status }) => status),
    reasons: joinColumn(leads, ({ reason }) => reason),
    tests: joinColumn(leads, ({ isTest }) => isTest),
    duplicates: joinColumn(leads, ({ duplicateOf }) => duplicateOf?.leadId ?? null),
    requests: joinColumn(leads, ({ lead }) => (lead.requestId === lead.id ? null : lead.requestId)),
    fields: joinColumn(leads, ({ reading }) => reading.json.fields),
    sent: joinColumn(leads, ({ reading }) => reading.json.sent),
    traces: joinColumn(leads, ({ trace }) => JSON.stringify(storedTrace(trace))),
    checks: joinColumn(leads, ({ lead }) => storedChecks(lead)),
  });
}

/** As JSON; null: nobody was asked. */
function storedChecks({ checks }: DecidedLead["lead"]): string | null {
  return checks === undefined || checks === "not_asked" || checks.length === 0
    ? null
    : JSON.stringify(checks);
}

type LeadColumn =
  | "campaigns"
  | "currencies"
  | "revisions"
  | "ids"
  | "suppliers"
  | "statuses"
  | "reasons"
  | "tests"
  | "duplicates"
  | "requests"
  | "fields"
  | "sent"
  | "traces"
  | "checks";

const insertNew = statement<unknown, Record<LeadColumn | "at", string>>(
  "insert_leads",
  "named campaigns",
  ($) => sql`
      insert into leads (id, campaign_id, supplier_id, status, reason, is_test, duplicate_of,
        currency, revision, decided_at, request_id, fields, sent, trace, checks)
      select id, campaign, supplier, status, reason, test, duplicate,
        currency, revision, ${$.at}::timestamptz,
        request, fields, sent, trace, checks
      from unnest(
        ${splitColumn("campaigns", sql`text`)}, ${splitColumn("currencies", sql`text`)}, ${splitColumn("revisions", sql`int`)},
        ${splitColumn("ids", sql`uuid`)}, ${splitColumn("suppliers", sql`text`)}, ${splitColumn("statuses", sql`text`)},
        ${splitColumn("reasons", sql`text`)}, ${splitColumn("tests", sql`boolean`)},
        ${splitColumn("duplicates", sql`uuid`)},
        ${splitColumn("requests", sql`text`)}, ${splitColumn("fields", sql`jsonb`)}, ${splitColumn("sent", sql`json`)},
        ${splitColumn("traces", sql`json`)}, ${splitColumn("checks", sql`json`)}
      ) as row (
        campaign, currency, revision, id, supplier, status, reason, test, duplicate, request, fields, sent, trace, checks)`,
);

/** The leads that are decided once more. */
export function reopenedRows(leads: readonly LeadToWrite[]): Rows {
  const rows = leads.map(({ lead, status, reason, revision, duplicateOf, trace, prior }) => ({
    id: lead.id,
    campaign: lead.campaignId,
    status,
    reason,
    duplicate: duplicateOf?.leadId ?? null,
    revision,
    trace: storedTrace(trace),
    staysDecided: prior !== null && staysDecided(prior),
  }));
  return [updateLeads, rows];
}

/** A lead that is decided once more keeps what it was, and its trace goes on. */
const updateLeads: BatchInsert = inWordsOf((dialect) =>
  statement(
    "update_leads",
    "named campaigns",
    ($) => sql`update leads l
      set status = row.status, reason = row.reason, duplicate_of = row.duplicate,
        revision = case when row."staysDecided" then l.revision else row.revision end,
        decided_at = case when row."staysDecided" then l.decided_at else ${$.at}::timestamptz end,
        first_decided_at = case when row."staysDecided" then l.first_decided_at else coalesce(l.first_decided_at, l.decided_at) end,
        trace = (l.trace::jsonb || row.trace::jsonb)::json
      from json_to_recordset(${$.rows}::text::json) as row (
        id uuid, campaign text, status text, reason text, duplicate uuid, revision integer,
        trace json, "staysDecided" boolean)
      where l.id = row.id and l.campaign_id = row.campaign and l.id = any (${uuidsIn("id")})${isOfBatch("l.campaign_id", dialect)}`,
  ),
);
