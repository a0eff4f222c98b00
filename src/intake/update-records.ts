import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";
import { type Amount, amountOfTenThousandths } from "#money/amount.ts";
import type { StoredAnswer } from "./answer.ts";
import type { RecordStatus } from "./outcome.ts";

/** What a supplier reported of a lead. Ids are UUIDs, `createdAt` ms since 1970. */
export interface LeadUpdate {
  id: string;
  outcome: string;
  revenue: Amount | null;
  salesRep: string | null;
  speedToLeadSeconds: number | null;
  callDurationSeconds: number | null;
  note: string | null;
  createdAt: number;
}

/** A lead as far as a report about it is concerned, under its lock. */
export interface ReportedLead {
  campaignId: string;
  supplierId: string;
  status: RecordStatus;
  currency: string;
  isTest: boolean;
  isErased: boolean;
  /** Whoever bought it. */
  buyerIds: readonly string[];
}

/** Locks the lead (a UUID): whoever erases it waits, or is waited for. */
export async function lockReportedLead(tx: Queryable, id: string): Promise<ReportedLead | undefined> {
  const [lead] = await lock.run(tx, { id });
  return lead && { ...lead, buyerIds: JSON.parse(lead.buyerIds) as string[] };
}

const lock = statement<Omit<ReportedLead, "buyerIds"> & { buyerIds: string }, { id: string }>(
  "lock_reported_lead",
  sql`select campaign_id as "campaignId", supplier_id as "supplierId", status, currency, is_test as "isTest",
        erased_at is not null as "isErased",
        (select coalesce(json_agg(b), '[]')::text from (
          select l.buyer_id where l.buyer_id is not null
          union all
          select s.buyer_id from further_sales s where s.lead_id = l.id and s.campaign_id = l.campaign_id) as bought (b)) as "buyerIds"
      from leads l where id = ${sql.placeholder("id")}::text::uuid for update`,
);

export async function insertUpdate(
  tx: Queryable,
  update: LeadUpdate,
  lead: { id: string } & ReportedLead,
): Promise<void> {
  await insert.run(tx, {
    ...update,
    lead: lead.id,
    campaign: lead.campaignId,
    supplier: lead.supplierId,
    createdAt: new Date(update.createdAt).toISOString(),
  });
}

const insert = statement<unknown, Record<string, unknown>>(
  "insert_lead_update",
  sql`insert into lead_updates (id, campaign_id, lead_id, supplier_id, outcome, revenue, sales_rep, speed_to_lead_seconds,
        call_duration_seconds, note, created_at)
      values (${sql.placeholder("id")}::text::uuid, ${sql.placeholder("campaign")}, ${sql.placeholder("lead")}::text::uuid,
        ${sql.placeholder("supplier")}, ${sql.placeholder("outcome")}, ${sql.placeholder("revenue")}::text::numeric / 10000,
        ${sql.placeholder("salesRep")}, ${sql.placeholder("speedToLeadSeconds")}::text::int,
        ${sql.placeholder("callDurationSeconds")}::text::int, ${sql.placeholder("note")}, ${sql.placeholder("createdAt")}::text::timestamptz)`,
);

/** What was reported of a lead (a UUID), in that order. */
export async function listUpdatesOf(db: Queryable, lead: string): Promise<LeadUpdate[]> {
  const rows = await selectOf.run(db, { lead });
  return rows.map((row) => ({
    ...row,
    revenue: row.revenue === null ? null : amountOfTenThousandths(row.revenue),
  }));
}

const selectOf = statement<Omit<LeadUpdate, "revenue"> & { revenue: number | null }, { lead: string }>(
  "select_lead_updates",
  sql`select id::text as id, outcome, (revenue * 10000)::float8 as revenue, sales_rep as "salesRep",
        speed_to_lead_seconds as "speedToLeadSeconds", call_duration_seconds as "callDurationSeconds", note,
        (extract(epoch from created_at) * 1000)::float8 as "createdAt"
      from lead_updates where lead_id = ${sql.placeholder("lead")}::text::uuid order by id`,
);

/** The answer that a report with this key (a UUID) got before. */
export async function readAnswerTo(tx: Queryable, key: string): Promise<StoredAnswer | undefined> {
  const [answer] = await selectAnswer.run(tx, { keys: arrayText([key]) });
  return answer;
}

const selectAnswer = statement<StoredAnswer, { keys: string }>(
  "select_answer_to_update",
  sql`select request_hash::text as "requestHash", http_status as "httpStatus", answer,
        (extract(epoch from created_at) * 1000)::float8 as "createdAt"
      from idempotency_keys where key = any(${sql.placeholder("keys")}::text::uuid[])`,
);

export async function insertAnswer(
  tx: Queryable,
  key: string,
  campaignId: string,
  { requestHash, httpStatus, answer, createdAt }: StoredAnswer,
): Promise<void> {
  const at = new Date(createdAt).toISOString();
  await writeAnswer.run(tx, { key, campaign: campaignId, requestHash, httpStatus, answer, at });
}

const writeAnswer = statement<
  unknown,
  Record<"key" | "campaign" | "requestHash" | "answer" | "at", string> & { httpStatus: number }
>(
  "insert_answer_to_update",
  sql`insert into idempotency_keys (key, campaign_id, request_hash, http_status, answer, created_at)
      values (${sql.placeholder("key")}::text::uuid, ${sql.placeholder("campaign")}, ${sql.placeholder("requestHash")}::text::uuid,
        ${sql.placeholder("httpStatus")}::int, ${sql.placeholder("answer")}, ${sql.placeholder("at")}::text::timestamptz)
      on conflict (key, campaign_id) do update
        set request_hash = excluded.request_hash, http_status = excluded.http_status, answer = excluded.answer, created_at = excluded.created_at`,
);
