import { type SQL, sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { param, statement } from "#database/statement.ts";
import { amountOfTenThousandths } from "#money/amount.ts";
import type { EventKind, LedgerEvent, PartyEvent } from "./event.ts";

/** Puts an event on record. The balance that it changes is changed in the same transaction. */
export async function insertEvent(tx: Queryable, event: PartyEvent, now: Date): Promise<void> {
  const { campaignId, ...columns } = event;
  await insert.run(tx, { ...columns, campaign: campaignId ?? "", at: now.toISOString() });
}

const insert = statement<unknown, Omit<PartyEvent, "campaignId"> & { campaign: string; at: string }>(
  "insert_event",
  "one campaign",
  ($) => sql`
      insert into ledger (id, campaign_id, at, kind, buyer_id, supplier_id, buyer_amount, supplier_amount, currency, day, source,
        reference, note, by)
      values (${$.id}::text::uuid, ${$.campaign}, ${$.at}::text::timestamptz, ${$.kind}, ${$.buyerId}, ${$.supplierId},
        ${$.buyerAmount}::text::numeric / 10000, ${$.supplierAmount}::text::numeric / 10000, ${$.currency},
        ${$.day}::text::date, ${$.source}, ${$.reference}, ${$.note}, ${$.by})`,
);

/** Which events are read; what is null does not matter. */
export interface EventFilter {
  buyer: string | null;
  supplier: string | null;
  campaign: string | null;
  kind: EventKind | null;
  /** At or after this moment, ISO 8601. */
  since: string | null;
  /** Before this moment. */
  until: string | null;
}

/** An event on record. */
export interface RecordedEvent extends LedgerEvent {
  /** When it happened, ISO 8601 to the microsecond. */
  at: string;
}

/** An event's place in the order of time. */
export interface EventPlace {
  at: string;
  id: string;
}

/** At most `limit` events, those behind `place` only: the newest first, or the oldest. */
export async function readEvents(
  db: Queryable,
  filter: EventFilter,
  place: EventPlace | null,
  limit: number,
  order: keyof typeof SELECT,
): Promise<RecordedEvent[]> {
  const { at = null, id = null } = place ?? {};
  const rows = await SELECT[order].run(db, { ...filter, at, id, limit });
  return rows.map(({ buyerAmount, supplierAmount, ...row }) => ({
    ...row,
    buyerAmount: amountOfTenThousandths(buyerAmount),
    supplierAmount: amountOfTenThousandths(supplierAmount),
  }));
}

type Asked = Record<Exclude<keyof EventFilter, "kind"> | keyof EventPlace, string | null> & {
  kind: EventKind | null;
  limit: number;
};

type EventRow = Omit<RecordedEvent, "buyerAmount" | "supplierAmount"> & {
  buyerAmount: number;
  supplierAmount: number;
};

/** Where each begins when no place is given. */
const ORDERS = {
  newest: { beyond: "<", at: "'infinity'", id: "'ffffffff-ffff-ffff-ffff-ffffffffffff'", order: "desc" },
  oldest: { beyond: ">", at: "'-infinity'", id: "'00000000-0000-0000-0000-000000000000'", order: "asc" },
} as const;

/** Bounds stand beside each other, not behind "or": with those alone the planner goes along the index by time. */
function asked(at: string, order: (typeof ORDERS)[keyof typeof ORDERS]): SQL {
  const placeAt = sql`coalesce(${param("at")}::text::timestamptz, ${sql.raw(order.at)})`;
  const placeId = sql`coalesce(${param("id")}::text::uuid, ${sql.raw(order.id)})`;
  return sql`${sql.raw(at)} >= coalesce(${param("since")}::text::timestamptz, '-infinity')
    and ${sql.raw(at)} < coalesce(${param("until")}::text::timestamptz, 'infinity')
    and ${sql.raw(`${at} ${order.beyond}=`)} ${placeAt} and (${sql.raw(at)}, id) ${sql.raw(order.beyond)} (${placeAt}, ${placeId})
    and (${param("buyer")}::text is null or buyer_id = ${param("buyer")}::text)
    and (${param("supplier")}::text is null or supplier_id = ${param("supplier")}::text)
    and (${param("campaign")}::text is null or campaign_id = ${param("campaign")}::text)`;
}

/** Of an event that was written before its party had a currency: that of its campaigns since. */
const currencySince = sql`(
  select min(c.definition ->> 'currency') from campaigns c
  where c.definition @> case when buyer_id is null
    then jsonb_build_object('suppliers', jsonb_build_array(jsonb_build_object('supplier', jsonb_build_object('id', supplier_id))))
    else jsonb_build_object('buyers', jsonb_build_array(jsonb_build_object('buyer', jsonb_build_object('id', buyer_id)))) end)`;

function select(name: keyof typeof ORDERS) {
  const { order } = ORDERS[name];
  const inOrder = (at: string, id = "id") =>
    sql`order by ${sql.raw(`${at} ${order}, ${id} ${order}`)} limit ${param("limit")}::text::int`;
  return statement<EventRow, Asked>(
    `select_${name}_events`,
    "all campaigns",
    ($) => sql`
        select id::text as id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, kind,
          nullif(campaign_id, '') as "campaignId", buyer_id as "buyerId", supplier_id as "supplierId",
          (buyer_amount * 10000)::float8 as "buyerAmount",
          (supplier_amount * 10000)::float8 as "supplierAmount", currency, sale_id::text as "saleId", lead_id::text as "leadId",
          day::text as day, source, reference, note, by
        from (
          (select id, sold_at as at, 'sale' as kind, campaign_id, buyer_id, supplier_id, -price as buyer_amount,
              payout as supplier_amount, currency, id as sale_id, lead_id, null::date as day, null as source, null as reference,
              null as note, null as by
            from sales
            where status in ('sold', 'refused', 'returned') and not is_test and coalesce(${$.kind}::text, 'sale') = 'sale'
              and ${asked("sold_at", ORDERS[name])}
            ${inOrder("sold_at")})
          union all
          (select id, at, kind, campaign_id, buyer_id, supplier_id, buyer_amount, supplier_amount,
              coalesce(currency, ${currencySince}), sale_id, lead_id, day, source, reference, note, by
            from ledger
            where kind = coalesce(${$.kind}::text, kind) and ${asked("at", ORDERS[name])}
            ${inOrder("at")})
        ) as events
        ${inOrder("events.at", "events.id")}`,
  );
}

const SELECT = { newest: select("newest"), oldest: select("oldest") };
