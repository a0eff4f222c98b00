import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { type Amount, amountOfTenThousandths } from "#money/amount.ts";
import type { RecordStatus } from "./outcome.ts";

/** A lead on record. Ids of leads are UUIDs here; times in ms since 1970. */
export interface RecordedLead {
  id: string;
  campaignId: string;
  supplierId: string;
  status: RecordStatus;
  reason: string | null;
  buyerId: string | null;
  isTest: boolean;
  duplicateOf: string | null;
  price: Amount | null;
  payout: Amount | null;
  currency: string;
  decidedAt: number;
}

/** All that is kept of one lead; the last three are JSON as it was stored. */
export interface WholeLead extends RecordedLead {
  revision: number;
  requestId: string;
  fields: string;
  sent: string | null;
  trace: string;
}

/** Which leads a list shows; what is null does not matter. */
export interface LeadFilter {
  campaign: string | null;
  supplier: string | null;
  buyer: string | null;
  status: RecordStatus | null;
  test: boolean | null;
  /** Decided at or after this moment, ISO 8601. */
  since: string | null;
  /** Decided before this moment. */
  until: string | null;
}

/** The whole of one lead; undefined when there is none. */
export async function readLead(db: Queryable, id: string): Promise<WholeLead | undefined> {
  const [row] = await selectLead.run(db, { id });
  return row && recorded(row);
}

/** The newest leads first, those before the lead `before` (a UUID) only. */
export async function listLeads(
  db: Queryable,
  filter: LeadFilter,
  before: string | null,
  limit: number,
): Promise<RecordedLead[]> {
  const test = filter.test === null ? null : String(filter.test);
  const rows = await selectLeads.run(db, { ...filter, test, before, limit });
  return rows.map(recorded);
}

/** Money as ten-thousandths. */
type Row<Lead extends RecordedLead> = Omit<Lead, "price" | "payout"> & {
  price: number | null;
  payout: number | null;
};

function recorded<Lead extends RecordedLead>(row: Row<Lead>): Lead {
  const amount = (stored: number | null) => (stored === null ? null : amountOfTenThousandths(stored));
  return { ...row, price: amount(row.price), payout: amount(row.payout) } as unknown as Lead;
}

const columns = sql`id::text as id, campaign_id as "campaignId", supplier_id as "supplierId", status, reason, buyer_id as "buyerId",
  is_test as "isTest", duplicate_of::text as "duplicateOf", (price * 10000)::float8 as price, (payout * 10000)::float8 as payout,
  currency, (extract(epoch from decided_at) * 1000)::float8 as "decidedAt"`;

const selectLead = statement<Row<WholeLead>, { id: string }>(
  "select_lead",
  sql`select ${columns}, revision, request_id as "requestId", fields::text as fields, sent::text as sent, trace::text as trace
      from leads where id = ${sql.placeholder("id")}`,
);

const selectLeads = statement<
  Row<RecordedLead>,
  Record<keyof LeadFilter | "before", string | null> & { limit: number }
>(
  "select_leads",
  sql`select ${columns} from leads
      where (${sql.placeholder("before")}::text is null or id < ${sql.placeholder("before")}::text::uuid)
        and (${sql.placeholder("campaign")}::text is null or campaign_id = ${sql.placeholder("campaign")}::text)
        and (${sql.placeholder("supplier")}::text is null or supplier_id = ${sql.placeholder("supplier")}::text)
        and (${sql.placeholder("buyer")}::text is null or buyer_id = ${sql.placeholder("buyer")}::text)
        and (${sql.placeholder("status")}::text is null or status = ${sql.placeholder("status")}::text)
        and (${sql.placeholder("test")}::text is null or is_test = ${sql.placeholder("test")}::text::boolean)
        and (${sql.placeholder("since")}::text is null or decided_at >= ${sql.placeholder("since")}::text::timestamptz)
        and (${sql.placeholder("until")}::text is null or decided_at < ${sql.placeholder("until")}::text::timestamptz)
      order by id desc
      limit ${sql.placeholder("limit")}::text::integer`,
);
