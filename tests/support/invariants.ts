import { type SQL, sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { SPREADING } from "#database/nodes/spreading.ts";
import { param, statement } from "#database/statement.ts";
import { uuidOfLead } from "#text/ids.ts";
import type { AcknowledgedLead } from "./leadgate.ts";

export interface Expectation {
  /** What suppliers were told. */
  acknowledged?: readonly AcknowledgedLead[];
  /** What was paid into buyers' wallets: these buyers' balances are checked too. */
  deposits?: Readonly<Record<string, string>>;
  /** The clock was set back meanwhile: what was sold since then still belongs to the period that had begun. */
  clockWentBack?: boolean;
  /** Servers' clocks jumped, each by itself: in which hour, day or month a sale was counted is on record nowhere, only in all. */
  clocksJump?: boolean;
}

const isCounted = sql`(definition -> 'caps' <> '{}' or definition -> 'billing' ->> 'mode' <> 'manual' or definition -> 'duplicates' <> 'null')`;

/** What can never be true of a database, whatever happened to it: a sentence for each thing that is. */
export async function violations(database: Database, expected: Expectation = {}): Promise<string[]> {
  const { acknowledged = [], deposits = {}, clockWentBack = false, clocksJump = false } = expected;
  const told = acknowledged.map(({ id, status, buyer_id }) => ({ id: uuidOfLead(id), status, buyer_id }));
  const values = { told: JSON.stringify(told), deposits: JSON.stringify(deposits) };
  const by = clocksJump ? "inAll" : clockWentBack ? "byRows" : "byTime";
  if (database.isSpread) return await violationsOfCopies(database, by, values);
  return await database.read(async (db) => {
    const [counted] = await db.execute<{ many: boolean }>(manyLeads);
    const before = [
      // What was planned for few leads joins many of them one by one.
      ...(counted?.many === true ? ["discard plans"] : []),
      // The embedded database's connection is so always.
      ...(database.kind === "postgres" ? ["set plan_cache_mode = force_generic_plan"] : []),
    ];
    const after = database.kind === "postgres" ? ["reset plan_cache_mode"] : [];
    // What is asked together is asked on one connection.
    const sent = before.map((text) => db.execute<never>(text));
    const found = checks[by].run(db, values);
    await Promise.all([...sent, found, ...after.map((text) => db.execute<never>(text))]);
    return (await found).map((row) => row.violation);
  });
}

/** Citus does not join what is spread in these ways: tables of the transaction's own take the place of those that it would have. */
async function violationsOfCopies(
  database: Database,
  by: Counting,
  values: { told: string; deposits: string },
): Promise<string[]> {
  const tables = Object.entries(SPREADING).flatMap(([name, how]) =>
    how === "own" || name.includes(".") ? [] : [name],
  );
  return await database.write(async (db) => {
    for (const table of tables)
      await db.execute(`create temporary table ${table} on commit drop as select * from public.${table}`);
    for (const text of asOnOneNode) await db.execute(text);
    const [counted] = await db.execute<{ many: boolean }>(manyLeads);
    await db.execute("set local enable_seqscan = on");
    if (counted?.many === true) {
      for (const columns of INDEXES_OF_MANY) await db.execute(`create index on ${columns}`);
      for (const table of tables) await db.execute(`analyze ${table}`);
    }
    const rows = await checks[by].run(db, values);
    return rows.map((row) => row.violation);
  }, COPIES_MS);
}

/** Of a few rows none is worth making. */
const INDEXES_OF_MANY = [
  "leads (id)",
  "sales (lead_id)",
  "deliveries (lead_id)",
  "ledger (sale_id)",
  "lead_keys (lead_id)",
  "redeemed_pings (lead_id)",
];

/** Of tens of thousands of leads it takes a minute. */
const COPIES_MS = 300_000;

/** What buyers have used and spent stands with their contracts there: in the copies it is brought to where it stands on one Postgres. */
const asOnOneNode = [
  `create temporary table kept on commit drop as select * from buyer_counters`,
  `delete from buyer_counters`,
  sql`with counted as (
      select c.*, max(hour_start) over buyer as hour, max(day_start) over buyer as day, max(week_start) over buyer as week,
        max(month_start) over buyer as month
      from campaign_counters c join buyers on id = party_id and ${isCounted}
      where party = 'contract' window buyer as (partition by party_id))
    insert into buyer_counters (buyer_id, balance, hour_start, hour_leads, hour_amount, day_start, day_leads, day_amount, week_start,
      week_leads, week_amount, month_start, month_leads, month_amount, total_leads, total_amount)
    select id, coalesce(kept.balance, 0) + coalesce(sum(counted.balance) filter (where definition -> 'billing' ->> 'mode' <> 'manual'), 0),
      ${sql.raw(
        ["hour", "day", "week", "month"]
          .map(
            (each) => `coalesce(max(counted.${each}), 'epoch'),
              coalesce(sum(counted.${each}_leads) filter (where counted.${each}_start = counted.${each}), 0),
              coalesce(sum(counted.${each}_amount) filter (where counted.${each}_start = counted.${each}), 0)`,
          )
          .join(", "),
      )}, coalesce(sum(counted.total_leads), 0), coalesce(sum(counted.total_amount), 0)
    from buyers left join kept on kept.buyer_id = id left join counted on party_id = id
    where counted.party_id is not null or kept.buyer_id is not null
    group by id, definition, kept.balance`,
  `update campaign_counters set balance = 0 where party = 'contract'
     and party_id in (select id from buyers where definition -> 'billing' ->> 'mode' <> 'manual')`,
];

const manyLeads = "select count(*) = 500 as many from (select 1 from leads limit 500) as first";

/**
 * Live sales that count, and what is held for one, once for each party whose counters they move; a buyer's over all campaigns. A
 * supplier's lead counts once, with the first of its sales that does, and each payout that is due with its own sale. The revision is of the
 * configuration that made the sale; null, and so unknown, where its lead was decided again since.
 */
const sales = sql`each_sale as (
  select leads.id as lead_id, sales.id::text as id, leads.campaign_id, leads.supplier_id, buyer_id, price, payout, sold_at,
    case when sold_at >= decided_at then revision end as revision,
    sales.status in ('reserved', 'sold') or keeps_cap as counts,
    sales.status in ('reserved', 'sold') or keeps_payout or (pays_for_lead and sales.status <> 'declined') as is_due
  from leads join sales on lead_id = leads.id and sales.campaign_id = leads.campaign_id
  where not leads.is_test),
sales as (
  select 'contract ' || buyer_id || ' of ' || campaign_id as party, id, sold_at, 1 as leads, price as amount, campaign_id, revision
  from each_sale where counts
  union all
  select 'supplier ' || supplier_id || ' of ' || campaign_id, min(id), min(sold_at), 1, 0, campaign_id, max(revision)
  from each_sale where counts group by supplier_id, lead_id, campaign_id
  union all
  select 'supplier ' || supplier_id || ' of ' || campaign_id, id, sold_at, 0, payout, campaign_id, revision
  from each_sale where is_due
  union all
  select 'buyer ' || buyer_id, id, sold_at, 1, price, campaign_id, revision
  from each_sale join counted_buyers using (buyer_id) where counts)`;

/** Only a buyer with caps, money or a duplicate window of its own has counters of its own. */
const countedBuyers = sql`counted_buyers as (select id as buyer_id from buyers where ${isCounted})`;

const periods = sql`lateral (values
  ('hour', hour_start, hour_leads::bigint, hour_amount), ('day', day_start, day_leads, day_amount),
  ('week', week_start, week_leads, week_amount), ('month', month_start, month_leads, month_amount),
  ('total', '-infinity', total_leads, total_amount)) as used (period, start, leads, amount)`;

const counters = sql`counters as (
  select party || ' ' || party_id || ' of ' || campaign_id as party, used.* from campaign_counters, ${periods}
  union all
  select 'buyer ' || buyer_id, used.* from buyer_counters join counted_buyers using (buyer_id), ${periods})`;

/** By what a sale belongs to the period that is counted: its time, its place among others, or only to all there ever were. */
type Counting = "byTime" | "byRows" | "inAll";

/** 1. Every counter is the sum of its rows, in leads and in money, for each period. */
function countersUnlikeTheirRows(by: Counting): SQL {
  const belongs =
    by === "byRows"
      ? sql`sales.id >= (
        select min(first.id) from sales first
        where first.party = counters.party and first.sold_at >= counters.start)`
      : sql`sales.sold_at >= counters.start`;
  const looked = by === "inAll" ? sql`where period = 'total'` : sql``;
  return sql`with ${countedBuyers}, ${sales}, ${counters}
    select counters.party || ': ' || counters.leads || ' leads and ' || counters.amount || ' are counted this ' || period || ', on record are '
      || coalesce(sum(sales.leads), 0) || ' and ' || coalesce(sum(sales.amount), 0) as violation
    from counters left join sales on sales.party = counters.party and ${belongs} ${looked}
    group by counters.party, period, counters.leads, counters.amount
    having counters.leads <> coalesce(sum(sales.leads), 0) or counters.amount <> coalesce(sum(sales.amount), 0)`;
}

const salesWithoutCounter = sql`with ${countedBuyers}, ${sales}, ${counters}
  select distinct party || ': sold and never counted' as violation
  from sales where party not in (select party from counters)`;

/**
 * No counter is above its cap. A cap may be set below what is used already, so only a party whose last sale was decided
 * by the configuration in force has exceeded it.
 */
const capsExceeded = sql`with ${countedBuyers}, ${sales}, ${counters},
  capped as (
    select 'contract ' || (each -> 'buyer' ->> 'id') || ' of ' || id as party, each -> 'caps' as caps
    from campaigns, jsonb_array_elements(definition -> 'buyers') as each
    union all
    select 'supplier ' || (each -> 'supplier' ->> 'id') || ' of ' || id, each -> 'caps'
    from campaigns, jsonb_array_elements(definition -> 'suppliers') as each
    union all
    select 'buyer ' || id, definition -> 'caps' from buyers),
  last_sales as (
    select distinct on (party) party, coalesce(sales.revision = campaigns.revision, false) as by_this_configuration
    from sales join campaigns on campaigns.id = campaign_id
    order by party, sales.sold_at desc, sales.id desc)
  select party || ': over its cap of this ' || period as violation
  from counters join capped using (party) join last_sales using (party)
  where by_this_configuration
    and (leads > (caps -> period ->> 'leads')::bigint or amount > (caps -> period ->> 'amount')::numeric)`;

const balancesUnlikeTheirRows = sql`select buyer_id || ': the balance is not what was paid in less what was sold' as violation
    from json_each_text(${param("deposits")}::text::json) as deposit (buyer_id, amount)
    left join buyer_counters using (buyer_id)
    where balance is distinct from amount::numeric - coalesce((
      select sum(price) from sales join leads on leads.id = lead_id
      where sales.buyer_id = deposit.buyer_id and sales.status in ('reserved', 'sold') and not leads.is_test), 0)`;

/** The sales, which are events of the ledger by their own rows, and the events beside them. */
const events = sql`events as (
  select id, lead_id, campaign_id, sold_at as at, 'sale' as kind, buyer_id, supplier_id, -price as buyer_amount, payout as supplier_amount,
    currency
  from sales where status in ('sold', 'refused', 'returned') and not is_test
  union all
  select sale_id, lead_id, campaign_id, at, kind, buyer_id, supplier_id, buyer_amount, supplier_amount, currency from ledger)`;

/**
 * Every balance is what the ledger says, less what is reserved. A buyer's stands with it and with its campaigns, a supplier's with its
 * campaigns alone, its payments aside; what a buyer with a wallet or credit owes stands nowhere but with it.
 */
const balancesUnlikeTheLedger = sql`with ${events},
  reserved as (select * from sales where status = 'reserved' and not is_test),
  kept as (
    select 'buyer ' || buyer_id as party, balance from buyer_counters
    union all
    select case party when 'contract' then 'buyer ' else 'supplier ' end || party_id, balance from campaign_counters),
  told as (
    select 'buyer ' || buyer_id as party, buyer_amount as amount from events where buyer_id is not null
    union all
    select 'supplier ' || supplier_id, supplier_amount from events where kind in ('sale', 'refusal', 'return')
    union all
    select 'buyer ' || buyer_id, -price from reserved
    union all
    select 'supplier ' || supplier_id, payout from reserved),
  kept_sums as (select party, sum(balance) as balance from kept group by party),
  told_sums as (select party, sum(amount) as amount from told group by party)
  select party || ': the balance is ' || coalesce(balance, 0) || ', by the ledger it is ' || coalesce(amount, 0) as violation
  from kept_sums full join told_sums using (party) where coalesce(balance, 0) <> coalesce(amount, 0)
  union all
  select 'buyer ' || party_id || ': owes ' || balance || ' in ' || campaign_id || ' beside its own balance'
  from campaign_counters join buyers on buyers.id = party_id and definition -> 'billing' ->> 'mode' <> 'manual'
  where party = 'contract' and balance <> 0`;

/** A sale that was undone was so by one event, which gives back exactly what it took; its row says by whom it was sent in. */
const eventsUnlikeTheirSales = sql`
  select s.id || ': is ' || s.status || ', and the ledger has ' || count(l.id) || ' events of that' as violation
  from sales s left join ledger l on l.sale_id = s.id and l.campaign_id = s.campaign_id and l.lead_id = s.lead_id
    and l.kind = case s.status when 'refused' then 'refusal' else 'return' end
    and l.buyer_id = s.buyer_id and l.supplier_id = s.supplier_id and l.currency = s.currency
    and l.buyer_amount = s.price
  where s.status in ('refused', 'returned') and not s.is_test
  group by s.id, s.status having count(l.id) <> 1
  union all
  select l.sale_id || ': the ledger undoes what stands' from ledger l
  where l.sale_id is not null and not exists (
    select from sales s where s.id = l.sale_id and s.lead_id = l.lead_id and s.campaign_id = l.campaign_id
      and s.status in ('refused', 'returned') and not s.is_test)
  union all
  select s.id || ': is not of the supplier of its lead' from sales s join leads on leads.id = s.lead_id and leads.campaign_id = s.campaign_id
  where s.supplier_id <> leads.supplier_id or s.is_test <> leads.is_test`;

/** A supplier has of each lead what is due of its sales: of those that stand, and what was kept of others. */
const payoutsUnlikeTheirSales = sql`with paid as (
    select lead_id, sum(payout) as amount from sales where status in ('sold', 'refused', 'returned') and not is_test group by lead_id
    union all
    select lead_id, sum(supplier_amount) from ledger where sale_id is not null group by lead_id),
  due as (
    select lead_id, sum(payout) as amount from sales
    where (status = 'sold' or (status in ('refused', 'returned') and (keeps_payout or pays_for_lead))) and not is_test group by lead_id)
  select lead_id || ': its supplier has ' || coalesce(sum(paid.amount), 0) || ', and due are ' || coalesce(min(due.amount), 0) as violation
  from paid full join due using (lead_id) group by lead_id having coalesce(sum(paid.amount), 0) <> coalesce(min(due.amount), 0)`;

/** Figures are the plain sum of the leads and the ledger. */
const figuresUnlikeTheirRows = sql`with ${events},
  counted as (
    select coalesce(first_decided_at, decided_at) as at, l.campaign_id, l.supplier_id, l.currency,
      coalesce((select s.buyer_id from sales s
        where s.lead_id = l.id and s.campaign_id = l.campaign_id and s.status = 'sold' order by s.place limit 1), '') as buyer_id,
      case l.status when 'RETURNED' then 'ACCEPTED' else l.status end as what, 0 as sold, 0 as refunds, 0 as payouts
    from leads l where not is_test and status not in ('PENDING', 'HELD')
    union all
    select at, campaign_id, supplier_id, currency, buyer_id, kind, case kind when 'sale' then -buyer_amount else 0 end,
      case kind when 'sale' then 0 else buyer_amount end, supplier_amount
    from events where kind in ('sale', 'refusal', 'return')),
  sums as (
    select date_trunc('hour', at, 'UTC') as hour, campaign_id, supplier_id, buyer_id, currency,
      count(*) filter (where what = 'ACCEPTED') as accepted, count(*) filter (where what = 'UNMATCHED') as unmatched,
      count(*) filter (where what = 'REJECTED') as rejected, count(*) filter (where what = 'DUPLICATE') as duplicates,
      count(*) filter (where what = 'sale') as sales, count(*) filter (where what = 'refusal') as refused,
      count(*) filter (where what = 'return') as returned, sum(sold) as sold, sum(refunds) as refunds, sum(payouts) as payouts
    from counted group by 1, 2, 3, 4, 5),
  differing as (
    (select * from sums except select * from figures) union all
    (select * from figures where (accepted, unmatched, rejected, duplicates, sales, refused, returned, sold, refunds, payouts)
      <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0) except select * from sums))
  select 'the figures of ' || campaign_id || ', ' || supplier_id || ' and ' || buyer_id || ' at ' || hour || ' are no sum: '
    || row_to_json(differing) as violation
  from differing`;

/** Totals are the sums of the figures. */
const totalsUnlikeFigures = sql`with sums as (
    select hour, campaign_id, currency, sum(accepted) as accepted, sum(unmatched) as unmatched, sum(rejected) as rejected,
      sum(duplicates) as duplicates, sum(sales) as sales, sum(refused) as refused, sum(returned) as returned, sum(sold) as sold,
      sum(refunds) as refunds, sum(payouts) as payouts
    from figures group by 1, 2, 3),
  differing as ((select * from sums except select * from figure_totals) union all (select * from figure_totals except select * from sums))
  select 'the totals of ' || campaign_id || ' at ' || hour || ' are no sum: ' || row_to_json(differing) as violation
  from differing`;

/** Days that are summed up are the sums of their hours. */
const daysUnlikeFigures = sql`with sums as (
    select date_trunc('day', hour, 'UTC') as day, campaign_id, supplier_id, buyer_id, currency, sum(accepted) as accepted,
      sum(unmatched) as unmatched, sum(rejected) as rejected, sum(duplicates) as duplicates, sum(sales) as sales, sum(refused) as refused,
      sum(returned) as returned, sum(sold) as sold, sum(refunds) as refunds, sum(payouts) as payouts
    from figures where hour < (select max(day) + interval '24 hours' from figure_days) group by 1, 2, 3, 4, 5),
  totals as (
    select day, campaign_id, currency, sum(accepted) as accepted, sum(unmatched) as unmatched, sum(rejected) as rejected,
      sum(duplicates) as duplicates, sum(sales) as sales, sum(refused) as refused, sum(returned) as returned, sum(sold) as sold,
      sum(refunds) as refunds, sum(payouts) as payouts
    from sums group by 1, 2, 3),
  differing as (
    (select day, campaign_id from (select * from sums except select * from figure_days) as missing) union all
    (select day, campaign_id from (select * from figure_days except select * from sums) as surplus) union all
    (select day, campaign_id from (select * from totals except select * from figure_day_totals) as missing_totals) union all
    (select day, campaign_id from (select * from figure_day_totals except select * from totals) as surplus_totals))
  select 'the day ' || day || ' of ' || campaign_id || ' is no sum of its hours' as violation
  from differing`;

/** What was sold by the configuration in force was paid for, by a wallet or within the credit. */
const walletsOverdrawn = sql`with
  limits as (
    select id as buyer_id, case definition -> 'billing' ->> 'mode' when 'wallet' then 0 else (definition -> 'billing' ->> 'limit')::numeric end as most
    from buyers where definition -> 'billing' ->> 'mode' <> 'manual')
  select buyer_id || ': owes ' || -balance || ', at most it may owe ' || most as violation
  from buyer_counters join limits using (buyer_id)
  where balance < -most and (
    select leads.revision = campaigns.revision and s.sold_at >= leads.decided_at
    from sales s join leads on leads.id = s.lead_id and leads.campaign_id = s.campaign_id join campaigns on campaigns.id = s.campaign_id
    where s.buyer_id = buyer_counters.buyer_id and s.status in ('reserved', 'sold') and not s.is_test
    order by s.sold_at desc, s.id desc limit 1)`;

/**
 * 2. A lead is with those buyers that its trace gives it to, and with no other: of the lines that name a buyer the last one counts. Only an
 * accepted or pending lead is with any.
 */
const decisionsUnlikeTheirRows = sql`
  with mentions as (
    select leads.id, number, buyer ->> 'buyer_id' as buyer_id,
      coalesce(buyer ->> 'chosen' = 'true' or buyer ->> 'reason' = 'has_lead', false) as has
    from leads, json_array_elements(trace) with ordinality as lines (line, number), json_array_elements(line -> 'buyers') as buyer
    where json_typeof(line) = 'object' and line ->> 'check' = 'buyers'
    union all
    select leads.id, number, case json_typeof(buyer) when 'string' then buyer #>> '{}' else coalesce(buyer ->> 0, buyer ->> 'buyer_id') end,
      coalesce(buyer ->> 'chosen' = 'true' or buyer ->> 1 = 'has_lead' or json_typeof(buyer) = 'array' and json_array_length(buyer) = 1, false)
    from leads, json_array_elements(trace) with ordinality as lines (line, number), json_array_elements(line -> -1) as buyer
    where json_typeof(line) = 'array'
    union all
    select leads.id, number, line ->> 'buyer_id',
      case line ->> 'check' when 'confirmation' then line ->> 'result' = 'passed' when 'refusal' then line ->> 'follows' = 'keep' else false end
    from leads, json_array_elements(trace) with ordinality as lines (line, number)
    where line ->> 'check' in ('confirmation', 'refusal', 'return')),
  given as (
    select id, array_agg(buyer_id order by buyer_id) as buyers
    from (select distinct on (id, buyer_id) * from mentions order by id, buyer_id, number desc) as last where has group by id),
  having_it as (
    select lead_id as id, array_agg(buyer_id order by buyer_id) as buyers
    from sales where status in ('reserved', 'sold') group by lead_id)
  select id || ': the trace gives it to ' || coalesce(given.buyers::text, 'nobody') || ', and ' || coalesce(having_it.buyers::text, 'nobody')
    || ' has it' as violation
  from given full join having_it using (id) where given.buyers is distinct from having_it.buyers
  union all
  select lead_id || ': ' || sales.status || ' to ' || buyer_id || ', but not so by its own row'
  from sales left join leads on leads.id = lead_id and leads.campaign_id = sales.campaign_id
    and (leads.status = 'PENDING' or (leads.status = 'ACCEPTED' and sales.status = 'sold'))
  where sales.status in ('reserved', 'sold') and leads.id is null
  union all
  select leads.id || ': accepted, and nobody has it'
  from leads where leads.status = 'ACCEPTED' and not exists (select from sales where lead_id = leads.id and sales.status = 'sold')
  union all
  select lead_id || ': two of its sales are in one place or to one buyer' from sales where status in ('reserved', 'sold')
  group by lead_id having count(distinct place) <> count(*) or count(distinct buyer_id) <> count(*)
  union all
  select campaign_id || ': sold to more buyers than may have it: ' || id
  from leads join (select id as campaign_id, (definition ->> 'max_sells')::int as most from campaigns) c using (campaign_id)
  where (select count(*) from sales where lead_id = leads.id and sales.status in ('reserved', 'sold')) > greatest(most, 1)`;

/** 5. Of a ping-post campaign, every sale is at a price that a ping was quoted, each ping bought one lead. */
const pingsUnlikeTheirLeads = sql`
  select lead_id || ': sold to ' || buyer_id || ' at a price that its ping was not promised' as violation
  from (select * from sales where status in ('reserved', 'sold')) as sold
  join redeemed_pings using (lead_id, campaign_id)
  where not exists (
    select from json_array_elements(bids) as bid
    where bid ->> 'buyerId' = buyer_id and (bid ->> 'price')::numeric / 10000 = sold.price)
  union all
  select lead_id || ': bought by two pings' from redeemed_pings group by lead_id having count(*) > 1
  union all
  select id || ': bought by a ping, and not on record' from redeemed_pings where lead_id not in (select id from leads)`;

/**
 * 2. Whatever is sent, is sent of a lead on record; a lead that was sold is sent to its buyer once, if that one is sent anything, and to
 * no other; and a lead is held only while there is an asking that its buyer's answer will be known by.
 */
const deliveriesUnlikeTheirLeads = sql`with
  sendings as (select * from deliveries where event = 'lead.accepted' and recipient like 'buyer:%'),
  delivering as (
    select id as campaign_id, revision, each -> 'buyer' ->> 'id' as buyer_id
    from campaigns, jsonb_array_elements(definition -> 'buyers') as each
    where coalesce(each -> 'buyer' -> 'delivery', 'null') <> 'null')
  select id || ': is sent of a lead that is not on record' as violation
  from deliveries where lead_id is not null and not exists (
    select from leads where leads.id = lead_id and leads.campaign_id = deliveries.campaign_id)
  union all
  select lead_id || ': is sent to ' || recipient || ', which does not have it'
  from sendings join leads on leads.id = lead_id
  where not exists (select from sales s
      where s.lead_id = leads.id and s.status in ('reserved', 'sold', 'returned') and 'buyer:' || s.buyer_id = recipient
        and (s.status <> 'returned' or exists (select from returns r where r.sale_id = s.id)))
    and (state in ('pending', 'paused') or (state = 'delivered' and verdict is distinct from 'duplicate'))
  union all
  select lead_id || ': is sent twice to ' || recipient
  from deliveries where event = 'lead.created' or (event = 'lead.accepted' and recipient like 'buyer:%')
  group by lead_id, recipient, event having count(*) > 1
  union all
  select leads.id || ': is not sent to ' || sales.buyer_id || ', which has it'
  from leads join sales on lead_id = leads.id and sales.status = 'sold'
    join delivering on delivering.campaign_id = leads.campaign_id and delivering.revision = leads.revision
      and delivering.buyer_id = sales.buyer_id
  where not exists (select from sendings where lead_id = leads.id and recipient = 'buyer:' || sales.buyer_id)
  union all
  select leads.id || ': is held, and nobody asks its buyer'
  from leads where status = 'PENDING' and not exists (
    select from sendings join sales on sales.lead_id = leads.id and sales.status = 'reserved'
    where sendings.lead_id = leads.id and recipient = 'buyer:' || buyer_id and asks)`;

/** A sale whose return was accepted is returned, and given back once; while a return is open or was rejected, nothing is. */
const returnsUnlikeTheirSales = sql`
  select r.id || ': was accepted, and its sale is ' || s.status as violation
  from returns r join sales s on s.id = r.sale_id where r.status = 'accepted' and s.status <> 'returned'
  union all
  select r.id || ': was accepted, and given back ' || count(l.id) || ' times'
  from returns r join sales s on s.id = r.sale_id left join ledger l on l.sale_id = r.sale_id
  where r.status = 'accepted' and not s.is_test group by r.id having count(l.id) <> 1`;

/** 3. Every answer to an idempotency key is about a lead that is on record as the answer says, and no two are about the same. */
const answersUnlikeTheirLeads = sql`
  with answers as (
    select key, answer::json -> 'data' ->> 'id' as lead, answer::json -> 'data' ->> 'status' as status
    from idempotency_keys where http_status <> 0)
  select key || ': two keys have the same lead' as violation
  from answers where lead in (select lead from answers group by lead having count(*) > 1)
  union all
  select key || ': the answer names no lead' from answers where lead is null`;

/** 3. Whatever a supplier was told is on record, until the buyer that it was told of refused the lead or gave it back. */
const acknowledgementsUnlikeTheirRows = sql`select told.id || ': the supplier was told of a lead that is not on record as it was told' as violation
    from json_to_recordset(${param("told")}::text::json) as told (id uuid, status text, buyer_id text)
    left join leads on leads.id = told.id
    left join lateral (
      select buyer_id from sales where lead_id = leads.id and status in ('reserved', 'sold') order by place limit 1) as sales on true
    where (told.status is distinct from leads.status or told.buyer_id is distinct from sales.buyer_id)
      and not exists (
        select from sales undone
        where undone.lead_id = leads.id and undone.buyer_id = told.buyer_id and undone.status in ('refused', 'returned'))`;

/**
 * 4. Of accepted leads that agree in a keyed field within the window, one is not a duplicate. Leads are keyed by phone and
 * e-mail always, by another field since the configuration that named it.
 */
const duplicatesAccepted = sql`with
  rules as (
    select id as campaign_id, revision as newest, field, definition -> 'duplicates' ->> 'action' as action,
      (definition -> 'duplicates' ->> 'window_days')::int * 86400 as window_seconds
    from campaigns, jsonb_array_elements_text(definition -> 'duplicates' -> 'fields') as field),
  keyed as (
    select *, lower(fields ->> field) as value from leads join rules using (campaign_id)
    where status = 'ACCEPTED' and coalesce(fields ->> field, '') <> '')
  select one.id || ' and ' || other.id || ': both were accepted with the same ' || one.field as violation
  from keyed one join keyed other on other.campaign_id = one.campaign_id and other.field = one.field
    and other.value = one.value and other.is_test = one.is_test and other.id > one.id
  where other.revision = other.newest and (one.revision = one.newest or one.field in ('phone', 'email'))
    and abs(extract(epoch from other.decided_at - one.decided_at)) < one.window_seconds
    and (one.action = 'reject' or (one.duplicate_of is null and other.duplicate_of is null))`;

/** 6. Each configuration came into force by one change that the history tells of. */
const changesUnlikeTheHistory = sql`
  select 'revision ' || configurations.revision || ': the history has ' || count(history.id) || ' changes' as violation
  from configurations left join history on history.revision = configurations.revision and history.via <> 'operation'
  group by configurations.revision having count(history.id) <> 1`;

const others = [
  salesWithoutCounter,
  capsExceeded,
  balancesUnlikeTheirRows,
  balancesUnlikeTheLedger,
  eventsUnlikeTheirSales,
  payoutsUnlikeTheirSales,
  figuresUnlikeTheirRows,
  totalsUnlikeFigures,
  daysUnlikeFigures,
  walletsOverdrawn,
  decisionsUnlikeTheirRows,
  pingsUnlikeTheirLeads,
  deliveriesUnlikeTheirLeads,
  returnsUnlikeTheirSales,
  duplicatesAccepted,
  answersUnlikeTheirLeads,
  acknowledgementsUnlikeTheirRows,
  changesUnlikeTheHistory,
];

/** All in one statement, which each connection plans once: with few leads, planning took 170 ms of the processor and asking takes 10. */
function check(by: Counting) {
  const queries = [countersUnlikeTheirRows(by), ...others].map((query) => sql`(${query})`);
  const all = sql.join(queries, sql` union all `);
  return statement<{ violation: string }, { told: string; deposits: string }>(
    "violations",
    "all campaigns",
    sql`select violation::text from (${all}) as found`,
  );
}

const checks = { byTime: check("byTime"), byRows: check("byRows"), inAll: check("inAll") };
