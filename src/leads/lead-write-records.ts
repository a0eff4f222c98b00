import { sql } from "drizzle-orm";
import { type BatchInsert, type Rows, uuidsIn } from "#database/batch.ts";
import { bulkInsert } from "#database/bulk-insert.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { type DecidedLead, staysDecided } from "./decided-lead.ts";
import { storedTrace, type TraceLine } from "./trace.ts";

/** A decided lead, with what its row says beside. */
export interface LeadToWrite extends DecidedLead {
  /** The one word for why it ended as it did. */
  reason: string | null;
  /** The revision of the campaign that it was decided by. */
  revision: number;
  trace: readonly TraceLine[];
  /** What is kept of it and what was sent, as JSON. */
  reading: { json: { fields: string; sent: string | null } };
}

const insertNew = bulkInsert<LeadToWrite>("leads", {
  id: ["uuid", ({ lead }) => lead.id],
  campaign_id: ["text", ({ lead }) => lead.campaignId],
  supplier_id: ["text", ({ lead }) => lead.supplierId],
  status: ["text", ({ status }) => status],
  reason: ["text", ({ reason }) => reason],
  is_test: ["boolean", ({ isTest }) => isTest],
  duplicate_of: ["uuid", ({ duplicateOf }) => duplicateOf?.leadId ?? null],
  currency: ["text", ({ currency }) => currency],
  revision: ["integer", ({ revision }) => revision],
  decided_at: ["instant", (_, at) => at],
  request_id: ["text", ({ lead }) => (lead.requestId === lead.id ? null : lead.requestId)],
  fields: ["jsonb", ({ reading }) => reading.json.fields],
  sent: ["json", ({ reading }) => reading.json.sent],
  trace: ["json", ({ trace }) => JSON.stringify(storedTrace(trace))],
  checks: ["json", ({ lead }) => storedChecks(lead)],
});

/** The new leads, decided at `at` (ISO 8601). */
export function insertLeads(db: Queryable, leads: readonly LeadToWrite[], at: string): Promise<void> {
  return insertNew.run(db, leads, at);
}

/** As JSON; null: nobody was asked. */
function storedChecks({ checks }: DecidedLead["lead"]): string | null {
  return checks === undefined || checks === "not_asked" || checks.length === 0
    ? null
    : JSON.stringify(checks);
}

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
const updateLeads: BatchInsert = statement(
  "update_leads",
  "named campaigns",
  ($) => sql`update leads l
      set status = row.status, reason = row.reason, duplicate_of = row.duplicate, revision = row.revision,
        decided_at = case when row."staysDecided" then l.decided_at else ${$.at}::text::timestamptz end,
        first_decided_at = case when row."staysDecided" then l.first_decided_at else coalesce(l.first_decided_at, l.decided_at) end,
        trace = (l.trace::jsonb || row.trace::jsonb)::json
      from json_to_recordset(${$.rows}::text::json) as row (
        id uuid, campaign text, status text, reason text, duplicate uuid, revision integer,
        trace json, "staysDecided" boolean)
      where l.id = row.id and l.campaign_id = row.campaign and l.id = any (${uuidsIn("id")})`,
);
