import { type SQL, sql } from "drizzle-orm";
import type { Dialect } from "#database/by-campaign-records.ts";
import type { Queryable } from "#database/database.ts";
import { param, type Statement, statement } from "#database/statement.ts";
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
      values (${$.id}::text::uuid, ${$.campaign}, ${$.at}::timestamptz, ${$.kind}, ${$.buyerId}, ${$.supplierId},
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

/**
 * At most `limit` events, the newest first, those behind `place` only. `home`: in which those are counted that have no currency, where the
 * campaigns of their party do not say.
 */
export async function readEvents(
  db: Queryable,
  filter: EventFilter,
  home: string | null,
  place: EventPlace | null,
  limit: number,
): Promise<RecordedEvent[]> {
  const { at = null, id = null } = place ?? {};
  const rows = await selectEvents.run(db, { ...filter, home, at, id, limit });
  return rows.map(({ buyerAmount, supplierAmount, ...row }) => ({
    ...row,
    buyerAmount: amountOfTenThousandths(buyerAmount),
    supplierAmount: amountOfTenThousandths(supplierAmount),
  }));
}

type Asked = Record<Exclude<keyof EventFilter, "kind"> | keyof EventPlace | "home", string | null> & {
  kind: EventKind | null;
  limit: number;
};

type EventRow = Omit<RecordedEvent, "buyerAmount" | "supplierAmount"> & {
  buyerAmount: number;
  supplierAmount: number;
};

/**
 * Bounds stand beside each other, not behind "or": with those alone the planner goes along the index by time. Where a supplier
 * alone is asked for, what moved it nothing has no entry to be shown.
 */
function asked(column: string, supplierAmount: string): SQL {
  const at = sql.raw(column);
  const placeAt = sql`coalesce(${param("at")}::timestamptz, 'infinity')`;
  const placeId = sql`coalesce(${param("id")}::text::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')`;
  return sql`${at} >= coalesce(${param("since")}::timestamptz, '-infinity')
    and ${at} < coalesce(${param("until")}::timestamptz, 'infinity')
    and ${at} <= ${placeAt} and (${at}, id) < (${placeAt}, ${placeId})
    and (${param("buyer")}::text is null or buyer_id = ${param("buyer")}::text)
    and (${param("supplier")}::text is null or supplier_id = ${param("supplier")}::text
      and (${param("buyer")}::text is not null or buyer_id is null or ${sql.raw(supplierAmount)} <> 0))
    and (${param("campaign")}::text is null or campaign_id = ${param("campaign")}::text)`;
}

/** What statements about events say of currencies, in the words of either database. */
export interface CurrencyWords {
  dialect: Dialect;
  /** Of an event that was written before its party had a currency: that of its campaigns since. */
  currencySince: SQL;
  /** Whether an event is in the `currency` that is asked for; one without any is counted in `home` where its campaigns do not say. */
  isInCurrency: SQL;
}

/** A statement about events. Where tables are spread over nodes Citus looks up no campaign for each: all are read before. */
export function byCurrency<Row, Values extends Record<string, unknown>>(
  make: (words: CurrencyWords) => Statement<Row, Values>,
): Statement<Row, Values> {
  const [postgres, citus] = [
    make(currencyWords("postgres", sinceCampaigns)),
    make(currencyWords("citus", sinceKnown)),
  ];
  return {
    run: async (db, values) =>
      db.isSpread === true
        ? await citus.run(db, { ...values, currencies: await readCurrencies(db) })
        : await postgres.run(db, values),
  };
}

function currencyWords(dialect: Dialect, currencySince: SQL): CurrencyWords {
  const isInCurrency = sql`
  coalesce(currency, ${currencySince}, ${param("home")}::text, '') = coalesce(${param("currency")}::text, '')`;
  return { dialect, currencySince, isInCurrency };
}

const sinceCampaigns = sql`(
  select min(c.definition ->> 'currency') from campaigns c
  where c.definition @> case when buyer_id is null
    then jsonb_build_object('suppliers', jsonb_build_array(jsonb_build_object('supplier', jsonb_build_object('id', supplier_id))))
    else jsonb_build_object('buyers', jsonb_build_array(jsonb_build_object('buyer', jsonb_build_object('id', buyer_id)))) end)`;

const sinceKnown = sql`(case when buyer_id is null then ${param("currencies")}::text::json -> 'supplier' ->> supplier_id
  else ${param("currencies")}::text::json -> 'buyer' ->> buyer_id end)`;

/** By supplier and buyer the first currency of its campaigns, as JSON. */
async function readCurrencies(db: Queryable): Promise<string> {
  const known: Record<"supplier" | "buyer", Record<string, string>> = { supplier: {}, buyer: {} };
  for (const { currency, suppliers, buyers } of await selectCurrencies.run(db, {})) {
    for (const id of suppliers) known.supplier[id] ??= currency;
    for (const id of buyers) known.buyer[id] ??= currency;
  }
  return JSON.stringify(known);
}

const selectCurrencies = statement<{ currency: string; suppliers: string[]; buyers: string[] }>(
  "select_currencies_of_parties",
  "all campaigns",
  sql`select definition ->> 'currency' as currency, jsonb_path_query_array(definition, '$.suppliers[*].supplier.id') as suppliers,
        jsonb_path_query_array(definition, '$.buyers[*].buyer.id') as buyers
      from campaigns order by 1`,
);

function newest(at: string, id = "id"): SQL {
  return sql`order by ${sql.raw(`${at} desc, ${id} desc`)} limit ${param("limit")}::text::int`;
}

const selectEvents = byCurrency(({ currencySince }) =>
  statement<EventRow, Asked>(
    "select_newest_events",
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
            and ${asked("sold_at", "payout")}
          ${newest("sold_at")})
        union all
        (select id, at, kind, campaign_id, buyer_id, supplier_id, buyer_amount, supplier_amount,
            coalesce(currency, ${currencySince}, ${$.home}::text), sale_id, lead_id, day, source, reference, note, by
          from ledger
          where kind = coalesce(${$.kind}::text, kind) and ${asked("at", "supplier_amount")}
          ${newest("at")})
      ) as events
      ${newest("events.at", "events.id")}`,
  ),
);
