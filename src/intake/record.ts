import { type SQL, sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { RecordStatus } from "#leads/status.ts";
import type { TraceLine } from "#leads/trace.ts";
import type { Amount } from "#money/amount.ts";
import { type BatchInsert, uuidsIn, writeRows } from "./batch-records.ts";
import { keyRows } from "./keys-records.ts";
import type { Known } from "./known.ts";
import { readLead } from "./lead.ts";
import { reasonOf } from "./outcome.ts";
import { saleRows } from "./sale-records.ts";
import { type Taken, wasCounted } from "./taken.ts";
import { usageRows } from "./usage-records.ts";

/** Writes the leads of a batch, and all that they changed, in statements that do not wait for one another. */
export async function record(db: Queryable, known: Known, leads: readonly Taken[], now: Date): Promise<void> {
  const at = now.toISOString();
  const arrived = leads.filter((each) => each.prior === null);
  const reopened = leads.filter((each) => each.prior !== null);
  await Promise.all([
    insertNew(db, arrived, known, at),
    ...writeRows(db, known.campaign.id, at, [
      [updateLeads, reopened.map((each) => leadRow(each, known))],
      ...keyRows(leads, known, now),
      ...usageRows(leads, known),
      ...saleRows(leads),
    ]),
  ]);
}

/**
 * The new leads, a column a parameter. Their rows are wide, and taking them apart again cost Postgres 25 of its 30 µs a lead as one
 * JSON text; as texts split at a character that JSON escapes, the whole insert took 17.
 */
async function insertNew(db: Queryable, leads: readonly Taken[], known: Known, at: string): Promise<void> {
  if (leads.length === 0) return;
  const rows = leads.map((each) => leadRow(each, known));
  const readings = leads.map((each) => readLead(each.lead, known.campaign));
  await insertLeads.run(db, {
    campaign: known.campaign.id,
    currency: known.campaign.currency,
    revision: known.campaign.revision,
    at,
    ids: column(rows, (row) => row.id),
    suppliers: column(leads, ({ lead }) => lead.supplierId),
    statuses: column(rows, (row) => row.status),
    reasons: column(rows, (row) => row.reason),
    buyers: column(rows, (row) => row.buyer),
    tests: column(leads, ({ isTest }) => isTest),
    duplicates: column(rows, (row) => row.duplicate),
    prices: column(rows, (row) => row.price),
    payouts: column(rows, (row) => row.payout),
    requests: column(leads, ({ lead }) => lead.requestId),
    fields: column(readings, ({ json }) => json.fields),
    sent: column(readings, ({ json }) => json.sent),
    traces: column(rows, (row) => JSON.stringify(row.trace)),
    phones: column(readings, ({ personKeys }) => personKeys.phone),
    emails: column(readings, ({ personKeys }) => personKeys.email),
  });
}

/** The values of one column, split by the unit separator (U+001F), which is in no id and escaped in JSON. Nothing between two: null. */
function column<T>(rows: readonly T[], value: (row: T) => string | number | boolean | null): string {
  return rows.map((row) => value(row) ?? "").join("\u001f");
}

function columnOf(name: string, type: SQL): SQL {
  return sql`string_to_array(${sql.placeholder(name)}::text, chr(31), '')::${type}[]`;
}

type Column =
  | "ids"
  | "suppliers"
  | "statuses"
  | "reasons"
  | "buyers"
  | "tests"
  | "duplicates"
  | "prices"
  | "payouts"
  | "requests"
  | "fields"
  | "sent"
  | "traces"
  | "phones"
  | "emails";

const insertLeads = statement<
  unknown,
  Record<Column | "campaign" | "currency" | "at", string> & { revision: number }
>(
  "insert_leads",
  sql`insert into leads (id, campaign_id, supplier_id, status, reason, buyer_id, is_test, duplicate_of, price, payout,
        currency, revision, decided_at, request_id, fields, sent, trace, phone_key, email_key)
      select id, ${sql.placeholder("campaign")}, supplier, status, reason, buyer, test, duplicate, price / 10000, payout / 10000,
        ${sql.placeholder("currency")}, ${sql.placeholder("revision")}::int, ${sql.placeholder("at")}::text::timestamptz,
        request, fields, sent, trace, phone, email
      from unnest(
        ${columnOf("ids", sql`uuid`)}, ${columnOf("suppliers", sql`text`)}, ${columnOf("statuses", sql`text`)},
        ${columnOf("reasons", sql`text`)}, ${columnOf("buyers", sql`text`)}, ${columnOf("tests", sql`boolean`)},
        ${columnOf("duplicates", sql`uuid`)}, ${columnOf("prices", sql`numeric`)}, ${columnOf("payouts", sql`numeric`)},
        ${columnOf("requests", sql`text`)}, ${columnOf("fields", sql`jsonb`)}, ${columnOf("sent", sql`json`)},
        ${columnOf("traces", sql`json`)}, ${columnOf("phones", sql`uuid`)}, ${columnOf("emails", sql`uuid`)}
      ) as row (id, supplier, status, reason, buyer, test, duplicate, price, payout, request, fields, sent, trace, phone, email)`,
);

/** What a lead's row says beside what it keeps of the body. */
function leadRow({ lead, decision, status, sales, duplicateOf }: Taken, known: Known): LeadRow {
  return {
    id: lead.id,
    status,
    reason: reasonOf(decision.ending),
    buyer: sales.at(0)?.buyerId ?? null,
    duplicate: duplicateOf?.leadId ?? null,
    price: sales.at(0)?.price ?? null,
    payout: sales.at(0)?.payout ?? null,
    revision: known.campaign.revision,
    trace: decision.trace,
    confirmed: wasCounted(lead),
  };
}

interface LeadRow {
  id: string;
  status: RecordStatus;
  reason: string | null;
  buyer: string | null;
  duplicate: string | null;
  price: Amount | null;
  payout: Amount | null;
  revision: number;
  trace: readonly TraceLine[];
  confirmed: boolean;
}

/** A lead that is decided once more keeps what it was, and its trace goes on. What a buyer confirms was decided when it was held. */
const updateLeads: BatchInsert = statement(
  "update_leads",
  sql`update leads l
      set status = row.status, reason = row.reason, buyer_id = row.buyer, duplicate_of = row.duplicate,
        price = row.price / 10000, payout = row.payout / 10000, revision = row.revision,
        decided_at = case when row.confirmed then l.decided_at else ${sql.placeholder("at")}::text::timestamptz end,
        trace = (l.trace::jsonb || row.trace::jsonb)::json
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (
        id uuid, status text, reason text, buyer text, duplicate uuid, price numeric, payout numeric, revision integer,
        trace json, confirmed boolean)
      where l.id = row.id and l.campaign_id = ${sql.placeholder("campaign")} and l.id = any (${uuidsIn("id")})`,
);
