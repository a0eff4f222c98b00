import { sql } from "drizzle-orm";
import { type BatchInsert, columnInsert, isOfBatch, type Rows, uuidsIn } from "#database/batch.ts";
import { inWordsOf } from "#database/by-campaign-records.ts";
import type { Queryable } from "#database/database.ts";
import { param, statement } from "#database/statement.ts";
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
  await insertNew.run(db, { at, ...insertNew.columnsOf(leads) });
}

/** As JSON; null: nobody was asked. */
function storedChecks({ checks }: DecidedLead["lead"]): string | null {
  return checks === undefined || checks === "not_asked" || checks.length === 0
    ? null
    : JSON.stringify(checks);
}

const insertNew = columnInsert<LeadToWrite>(
  {
    campaign: ["text", ({ lead }) => lead.campaignId],
    currency: ["text", ({ currency }) => currency],
    revision: ["int", ({ revision }) => revision],
    id: ["uuid", ({ lead }) => lead.id],
    supplier: ["text", ({ lead }) => lead.supplierId],
    status: ["text", ({ status }) => status],
    reason: ["text", ({ reason }) => reason],
    test: ["boolean", ({ isTest }) => isTest],
    duplicate: ["uuid", ({ duplicateOf }) => duplicateOf?.leadId ?? null],
    request: ["text", ({ lead }) => (lead.requestId === lead.id ? null : lead.requestId)],
    fields: ["jsonb", ({ reading }) => reading.json.fields],
    sent: ["json", ({ reading }) => reading.json.sent],
    trace: ["json", ({ trace }) => JSON.stringify(storedTrace(trace))],
    checks: ["json", ({ lead }) => storedChecks(lead)],
  },
  (rows) =>
    statement(
      "insert_leads",
      "named campaigns",
      sql`
      insert into leads (id, campaign_id, supplier_id, status, reason, is_test, duplicate_of,
        currency, revision, decided_at, request_id, fields, sent, trace, checks)
      select id, campaign, supplier, status, reason, test, duplicate,
        currency, revision, ${param("at")}::timestamptz,
        request, fields, sent, trace, checks
      from ${rows}`,
    ),
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
