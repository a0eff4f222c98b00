import { type SQL, sql } from "drizzle-orm";
import type { Campaign } from "#catalog/campaign.ts";
import type { Queryable } from "#database/database.ts";
import { type Statement, statement } from "#database/statement.ts";
import type { Amount } from "#money/amount.ts";
import { type Answer, answerTo } from "./answer.ts";
import type { HandedOver } from "./hand-over.ts";
import { remembered } from "./idempotency.ts";
import { acceptedKey, type Known, unmatchedKey } from "./known.ts";
import { isTestLead, type Lead, readLead } from "./lead.ts";
import {
  type Decision,
  type EarlierLead,
  type Ending,
  type RecordedEnding,
  type RecordStatus,
  reasonOf,
  saleOf,
  statusOf,
  type TraceLine,
} from "./outcome.ts";
import type { Usage } from "./usage.ts";

/**
 * What a lane writes of a batch. Small rows travel as one JSON text a statement: on postgres.js that took 4 µs of JavaScript a
 * lead where arrays built by the driver took 12.
 */

/** A lead that goes on record, with what was decided of it and what its supplier is told. */
export interface Taken extends HandedOver {
  decision: Decision;
  /** The answer that its idempotency key is to remember; null without a key, and while its buyer is being asked. */
  answer: Answer | null;
}

/** The lead as it goes on record. */
export function takenIn(
  lead: Lead,
  decision: Decision,
  ending: RecordedEnding,
  campaign: Campaign,
  now: Date,
): Taken {
  const { values, extra } = readLead(lead, campaign);
  return {
    lead,
    decision,
    answer: lead.idempotency === null || ending.kind === "held" ? null : answerTo(ending, lead, campaign),
    status: statusOf(ending),
    sale: saleOf(ending),
    duplicateOf: duplicateOf(ending),
    isTest: isTestLead(lead, campaign),
    decidedAt: wasCounted(lead) ? (lead.again?.was.decidedAt ?? 0) : now.getTime(),
    fields: { ...values, ...extra },
  };
}

/** Writes the leads of a batch, and what was changed by them. */
export async function record(db: Queryable, known: Known, leads: readonly Taken[], now: Date): Promise<void> {
  const at = now.toISOString();
  const write = (into: BatchInsert, rows: readonly object[]) =>
    rows.length === 0
      ? undefined
      : into.run(db, { rows: JSON.stringify(rows), campaign: known.campaign.id, at });
  const again = leads.filter((each) => each.lead.again !== undefined);
  await Promise.all([
    insertNew(
      db,
      leads.filter((each) => each.lead.again === undefined),
      known,
      at,
    ),
    write(
      updateLeads,
      again.map((each) => leadRow(each, known)),
    ),
    write(forgetKeys, forgottenKeys(again, known)),
    write(forgetReceived, forgottenKeys(again, known)),
    write(rememberKeys, duplicateKeyRows(leads, known)),
    write(rememberReceived, buyerDuplicateKeyRows(leads, known)),
    write(writeCounters, counterRows(leads, known)),
    write(writeBuyerCounters, buyerCounterRows(leads, known)),
    write(rememberAnswers, answerRows(leads, now)),
  ]);
}

type BatchInsert = Statement<unknown, Batch>;
/** `rows` as JSON, `at` as ISO 8601. */
type Batch = { rows: string; campaign: string; at: string };

/** What a lead's row says beside what it keeps of the body. */
function leadRow({ lead, decision, status, sale, duplicateOf }: Taken, known: Known): LeadRow {
  return {
    id: lead.id,
    status,
    reason: reasonOf(decision.ending),
    buyer: sale?.buyerId ?? null,
    duplicate: duplicateOf?.leadId ?? null,
    price: sale?.price ?? null,
    payout: sale?.payout ?? null,
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

function duplicateOf(ending: Ending): EarlierLead | null {
  switch (ending.kind) {
    case "duplicate":
      return ending.of;
    case "accepted":
    case "held":
      return ending.duplicateOf;
    default:
      return null;
  }
}

/** A lead that is decided once more keeps what it was, and its trace goes on. What a buyer confirms was decided when it was held. */
const updateLeads = statement<unknown, Batch>(
  "update_leads",
  sql`update leads l
      set status = row.status, reason = row.reason, buyer_id = row.buyer, duplicate_of = row.duplicate,
        price = row.price / 10000, payout = row.payout / 10000, revision = row.revision,
        decided_at = case when row.confirmed then l.decided_at else ${sql.placeholder("at")}::text::timestamptz end,
        trace = (l.trace::jsonb || row.trace::jsonb)::json
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (
        id uuid, status text, reason text, buyer text, duplicate uuid, price numeric, payout numeric, revision integer,
        trace json, confirmed boolean)
      where l.id = row.id and l.campaign_id = ${sql.placeholder("campaign")}`,
);

/** What a buyer confirms was counted and remembered when it was held. */
function wasCounted(lead: Lead): boolean {
  return lead.again?.because === "confirmed";
}

/** The keys under which leads that are decided once more were remembered. */
function forgottenKeys(again: readonly Taken[], known: Known): object[] {
  return again.flatMap(({ lead, isTest }) => {
    if (wasCounted(lead)) return [];
    const reading = readLead(lead, known.campaign);
    const keys = [...reading.duplicateKeys, ...[...reading.buyerDuplicateKeys.values()].flat()];
    return keys.flatMap((key) =>
      [acceptedKey(key, isTest), unmatchedKey(key, isTest)].map((each) => ({ key: each, lead: lead.id })),
    );
  });
}

const forgetKeys = statement<unknown, Batch>(
  "forget_keys",
  sql`delete from duplicate_keys d
      using json_to_recordset(${sql.placeholder("rows")}::text::json) as row (key uuid, lead uuid)
      where d.key = row.key and d.lead_id = row.lead and d.campaign_id = ${sql.placeholder("campaign")}`,
);

const forgetReceived = statement<unknown, Batch>(
  "forget_received",
  sql`delete from buyer_duplicate_keys d
      using json_to_recordset(${sql.placeholder("rows")}::text::json) as row (key uuid, lead uuid)
      where d.key = row.key and d.lead_id = row.lead`,
);

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
    currency: known.campaign.definition.currency,
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
  | "traces";

const insertLeads = statement<
  unknown,
  Record<Column | "campaign" | "currency" | "at", string> & { revision: number }
>(
  "insert_leads",
  sql`insert into leads (id, campaign_id, supplier_id, status, reason, buyer_id, is_test, duplicate_of, price, payout,
        currency, revision, decided_at, request_id, fields, sent, trace)
      select id, ${sql.placeholder("campaign")}, supplier, status, reason, buyer, test, duplicate, price / 10000, payout / 10000,
        ${sql.placeholder("currency")}, ${sql.placeholder("revision")}::int, ${sql.placeholder("at")}::text::timestamptz,
        request, fields, sent, trace
      from unnest(
        ${columnOf("ids", sql`uuid`)}, ${columnOf("suppliers", sql`text`)}, ${columnOf("statuses", sql`text`)},
        ${columnOf("reasons", sql`text`)}, ${columnOf("buyers", sql`text`)}, ${columnOf("tests", sql`boolean`)},
        ${columnOf("duplicates", sql`uuid`)}, ${columnOf("prices", sql`numeric`)}, ${columnOf("payouts", sql`numeric`)},
        ${columnOf("requests", sql`text`)}, ${columnOf("fields", sql`jsonb`)}, ${columnOf("sent", sql`json`)},
        ${columnOf("traces", sql`json`)}
      ) as row (id, supplier, status, reason, buyer, test, duplicate, price, payout, request, fields, sent, trace)`,
);

/** The last lead for each key: one statement may not touch a row twice. */
function duplicateKeyRows(taken: readonly Taken[], known: Known): object[] {
  const rows = new Map<string, object>();
  for (const { lead, status, isTest, sale } of taken) {
    const buyer = sale?.buyerId ?? null;
    if (wasCounted(lead) || (buyer === null && status !== "UNMATCHED")) continue;
    for (const each of readLead(lead, known.campaign).duplicateKeys) {
      const key = buyer === null ? unmatchedKey(each, isTest) : acceptedKey(each, isTest);
      rows.set(key, { key, lead: lead.id, buyer });
    }
  }
  return [...rows.values()];
}

const rememberKeys = statement<unknown, Batch>(
  "remember_keys",
  sql`insert into duplicate_keys (key, campaign_id, lead_id, buyer_id, counted_at)
      select key, ${sql.placeholder("campaign")}, lead, buyer, ${sql.placeholder("at")}::text::timestamptz
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (key uuid, lead uuid, buyer text)
      on conflict (key, campaign_id) do update
        set lead_id = excluded.lead_id, buyer_id = excluded.buyer_id, counted_at = excluded.counted_at`,
);

function buyerDuplicateKeyRows(taken: readonly Taken[], known: Known): object[] {
  const rows = new Map<string, object>();
  for (const { lead, isTest, sale } of taken) {
    if (sale === null || wasCounted(lead)) continue;
    for (const each of readLead(lead, known.campaign).buyerDuplicateKeys.get(sale.buyerId) ?? []) {
      const key = acceptedKey(each, isTest);
      rows.set(key, { key, lead: lead.id, buyer: sale.buyerId });
    }
  }
  return [...rows.values()];
}

const rememberReceived = statement<unknown, Batch>(
  "remember_received",
  sql`insert into buyer_duplicate_keys (key, buyer_id, lead_id, counted_at)
      select key, buyer, lead, ${sql.placeholder("at")}::text::timestamptz
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (key uuid, lead uuid, buyer text)
      on conflict (key, buyer_id) do update set lead_id = excluded.lead_id, counted_at = excluded.counted_at`,
);

/** The counters that live sales moved: of the suppliers and contracts that took part, and of every contract that is now owed. */
function counterRows(taken: readonly Taken[], known: Known): object[] {
  const moved = taken.filter((each) => !each.isTest && (each.sale ?? each.lead.again?.was.sale) != null);
  if (moved.length === 0) return [];
  const suppliers = new Set(moved.map((each) => each.lead.supplierId));
  const buyers = buyersOf(moved);
  const weighted = known.campaign.definition.distribution === "weighted";
  return [
    ...[...suppliers].flatMap((id) => {
      const usage = known.links.get(id);
      return usage === undefined
        ? []
        : [{ party: "supplier", party_id: id, last_turn: 0, owed: 0, ...usageRow(usage) }];
    }),
    ...[...known.contracts].flatMap(([id, { usage, turn }]) =>
      weighted || buyers.has(id)
        ? [{ party: "contract", party_id: id, last_turn: turn.lastTurn, owed: turn.owed, ...usageRow(usage) }]
        : [],
    ),
  ];
}

/** Those that sold leads went to, and those that leads were taken back from. */
function buyersOf(moved: readonly Taken[]): Set<string> {
  return new Set(
    moved.flatMap(({ sale, lead }) =>
      [sale, lead.again?.was.sale ?? null].flatMap((each) => (each === null ? [] : [each.buyerId])),
    ),
  );
}

/** As the table's columns, but for the units: period starts in seconds since 1970, money in ten-thousandths. */
function usageRow({ hour, day, week, month, total }: Usage): object {
  return {
    hour_start: hour.start / 1000,
    hour_leads: hour.leads,
    hour_amount: hour.amount,
    day_start: day.start / 1000,
    day_leads: day.leads,
    day_amount: day.amount,
    week_start: week.start / 1000,
    week_leads: week.leads,
    week_amount: week.amount,
    month_start: month.start / 1000,
    month_leads: month.leads,
    month_amount: month.amount,
    total_leads: total.leads,
    total_amount: total.amount,
  };
}

const usageNames = sql`hour_start, hour_leads, hour_amount, day_start, day_leads, day_amount,
  week_start, week_leads, week_amount, month_start, month_leads, month_amount, total_leads, total_amount`;
const usageTypes = sql`hour_start float8, hour_leads integer, hour_amount numeric, day_start float8, day_leads integer, day_amount numeric,
  week_start float8, week_leads integer, week_amount numeric, month_start float8, month_leads integer, month_amount numeric,
  total_leads bigint, total_amount numeric`;
const usageValues = sql`to_timestamp(hour_start), hour_leads, hour_amount / 10000, to_timestamp(day_start), day_leads, day_amount / 10000,
  to_timestamp(week_start), week_leads, week_amount / 10000, to_timestamp(month_start), month_leads, month_amount / 10000,
  total_leads, total_amount / 10000`;
const usageReplaced = sql`
  hour_start = excluded.hour_start, hour_leads = excluded.hour_leads, hour_amount = excluded.hour_amount,
  day_start = excluded.day_start, day_leads = excluded.day_leads, day_amount = excluded.day_amount,
  week_start = excluded.week_start, week_leads = excluded.week_leads, week_amount = excluded.week_amount,
  month_start = excluded.month_start, month_leads = excluded.month_leads, month_amount = excluded.month_amount,
  total_leads = excluded.total_leads, total_amount = excluded.total_amount`;

const writeCounters = statement<unknown, Batch>(
  "write_counters",
  sql`insert into campaign_counters (campaign_id, party, party_id, last_turn, owed, ${usageNames})
      select ${sql.placeholder("campaign")}, party, party_id, last_turn, owed, ${usageValues}
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (
        party text, party_id text, last_turn bigint, owed float8, ${usageTypes})
      on conflict (campaign_id, party, party_id) do update
        set last_turn = excluded.last_turn, owed = excluded.owed, ${usageReplaced}`,
);

function buyerCounterRows(taken: readonly Taken[], known: Known): object[] {
  const buyers = buyersOf(taken.filter((each) => !each.isTest));
  return [...known.buyers].flatMap(([buyer_id, { usage, balance }]) =>
    buyers.has(buyer_id) ? [{ buyer_id, balance, ...usageRow(usage) }] : [],
  );
}

const writeBuyerCounters = statement<unknown, Batch>(
  "write_buyer_counters",
  sql`insert into buyer_counters (buyer_id, balance, ${usageNames})
      select buyer_id, balance / 10000, ${usageValues}
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (buyer_id text, balance numeric, ${usageTypes})
      order by buyer_id
      on conflict (buyer_id) do update set balance = excluded.balance, ${usageReplaced}`,
);

function answerRows(taken: readonly Taken[], now: Date): object[] {
  return taken.flatMap((each) => {
    const { idempotency } = each.lead;
    if (idempotency === null) return [];
    const { httpStatus, answer } = remembered(each, idempotency, now);
    return [{ key: idempotency.key, hash: idempotency.requestHash, status: httpStatus, answer }];
  });
}

const rememberAnswers = statement<unknown, Batch>(
  "remember_answers",
  sql`insert into idempotency_keys (key, campaign_id, request_hash, http_status, answer, created_at)
      select key, ${sql.placeholder("campaign")}, hash, status, answer, ${sql.placeholder("at")}::text::timestamptz
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (key uuid, hash uuid, status smallint, answer text)
      on conflict (key, campaign_id) do update
        set request_hash = excluded.request_hash, http_status = excluded.http_status,
            answer = excluded.answer, created_at = excluded.created_at`,
);
