import { type SQL, sql } from "drizzle-orm";
import { type BatchInsert, type Rows, uuidsIn } from "#database/batch.ts";
import type { Queryable } from "#database/database.ts";
import { param, statement } from "#database/statement.ts";
import type { PersonKeys } from "#people/person-key.ts";
import type { DecidedLead } from "./decided-lead.ts";
import type { TraceLine } from "./trace.ts";

/** A decided lead, with what its row says beside. */
export interface LeadToWrite extends DecidedLead {
  /** The one word for why it ended as it did. */
  reason: string | null;
  trace: readonly TraceLine[];
  /** What is kept of it and what was sent, as JSON, and the keys by which its person is found. */
  reading: { json: { fields: string; sent: string | null }; personKeys: PersonKeys };
}

/** What all leads of a batch were decided by, and when (ISO 8601). */
export interface BatchOfLeads {
  campaign: string;
  currency: string;
  revision: number;
  at: string;
}

/**
 * The new leads, a column a parameter. Their rows are wide, and taking them apart again cost Postgres 25 of its 30 µs a lead as one
 * JSON text; as texts split at a character that JSON escapes, the whole insert took 17.
 */
export async function insertLeads(
  db: Queryable,
  leads: readonly LeadToWrite[],
  batch: BatchOfLeads,
): Promise<void> {
  if (leads.length === 0) return;
  await insertNew.run(db, {
    ...batch,
    ids: column(leads, ({ lead }) => lead.id),
    suppliers: column(leads, ({ lead }) => lead.supplierId),
    statuses: column(leads, ({ status }) => status),
    reasons: column(leads, ({ reason }) => reason),
    tests: column(leads, ({ isTest }) => isTest),
    duplicates: column(leads, ({ duplicateOf }) => duplicateOf?.leadId ?? null),
    requests: column(leads, ({ lead }) => lead.requestId),
    fields: column(leads, ({ reading }) => reading.json.fields),
    sent: column(leads, ({ reading }) => reading.json.sent),
    traces: column(leads, ({ trace }) => JSON.stringify(trace)),
    phones: column(leads, ({ reading }) => reading.personKeys.phone),
    emails: column(leads, ({ reading }) => reading.personKeys.email),
  });
}

/** The values of one column, split by the unit separator (U+001F), which is in no id and escaped in JSON. Nothing between two: null. */
function column<T>(rows: readonly T[], value: (row: T) => string | number | boolean | null): string {
  return rows.map((row) => value(row) ?? "").join("\u001f");
}

function columnOf(name: string, type: SQL): SQL {
  return sql`string_to_array(${param(name)}::text, chr(31), '')::${type}[]`;
}

type LeadColumn =
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
  | "phones"
  | "emails";

const insertNew = statement<
  unknown,
  Record<LeadColumn | "campaign" | "currency" | "at", string> & { revision: number }
>(
  "insert_leads",
  "one campaign",
  ($) => sql`
      insert into leads (id, campaign_id, supplier_id, status, reason, is_test, duplicate_of,
        currency, revision, decided_at, request_id, fields, sent, trace, phone_key, email_key)
      select id, ${$.campaign}, supplier, status, reason, test, duplicate,
        ${$.currency}, ${$.revision}::int, ${$.at}::text::timestamptz,
        request, fields, sent, trace, phone, email
      from unnest(
        ${columnOf("ids", sql`uuid`)}, ${columnOf("suppliers", sql`text`)}, ${columnOf("statuses", sql`text`)},
        ${columnOf("reasons", sql`text`)}, ${columnOf("tests", sql`boolean`)},
        ${columnOf("duplicates", sql`uuid`)},
        ${columnOf("requests", sql`text`)}, ${columnOf("fields", sql`jsonb`)}, ${columnOf("sent", sql`json`)},
        ${columnOf("traces", sql`json`)}, ${columnOf("phones", sql`uuid`)}, ${columnOf("emails", sql`uuid`)}
      ) as row (id, supplier, status, reason, test, duplicate, request, fields, sent, trace, phone, email)`,
);

/** The leads that are decided once more. */
export function reopenedRows(leads: readonly LeadToWrite[], revision: number): Rows {
  const rows = leads.map(({ lead, status, reason, duplicateOf, trace, prior }) => ({
    id: lead.id,
    status,
    reason,
    duplicate: duplicateOf?.leadId ?? null,
    revision,
    trace,
    confirmed: prior?.cause === "confirmed",
  }));
  return [updateLeads, rows];
}

/** A lead that is decided once more keeps what it was, and its trace goes on. What a buyer confirms was decided when it was reserved. */
const updateLeads: BatchInsert = statement(
  "update_leads",
  "one campaign",
  ($) => sql`update leads l
      set status = row.status, reason = row.reason, duplicate_of = row.duplicate, revision = row.revision,
        decided_at = case when row.confirmed then l.decided_at else ${$.at}::text::timestamptz end,
        trace = (l.trace::jsonb || row.trace::jsonb)::json
      from json_to_recordset(${$.rows}::text::json) as row (
        id uuid, status text, reason text, duplicate uuid, revision integer,
        trace json, confirmed boolean)
      where l.id = row.id and l.campaign_id = ${$.campaign} and l.id = any (${uuidsIn("id")})`,
);
