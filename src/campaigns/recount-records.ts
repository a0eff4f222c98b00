import { type SQL, sql } from "drizzle-orm";
import { usage } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, param, statement } from "#database/statement.ts";
import { firstUuidAt } from "#text/ids.ts";
import { DAY_MS } from "#time/durations.ts";
import { CLOCK_PERIODS, type ClockPeriod, periodStart } from "#time/period.ts";
import { lockCampaign } from "./campaign-lock-records.ts";
import { DECIDED_AGAIN_WITHIN_MS, type Recount } from "./recount.ts";

/**
 * Makes counters equal the leads again, under the campaigns' locks. Clock periods are counted from the leads: ids are in the order
 * of time, so only the newest are read. Totals don't depend on a clock: those of contracts and links stay as they are, and a
 * buyer's is the sum of its contracts', which every sale keeps; reading a buyer's leads of all time took seconds per million.
 */
export async function recount(tx: Queryable, wanted: Recount, now: Date): Promise<void> {
  if (tx.isSpread === true) return await recountSpread(tx, wanted, now);
  if (wanted.contracts.length > 0) await recountContracts.run(tx, partyRows(wanted.contracts, now));
  if (wanted.links.length > 0) await recountLinks.run(tx, partyRows(wanted.links, now));
  if (wanted.buyers.length > 0) {
    const buyers = wanted.buyers.map(({ buyerId, timezone }) => ({
      campaignId: "",
      partyId: buyerId,
      timezone,
    }));
    await recountBuyers.run(tx, partyRows(buyers, now));
    // Where tables were spread over nodes until now, what buyers paid from a wallet or on credit stands with their contracts.
    await foldBalances(
      tx,
      wanted.buyers.map(({ buyerId }) => buyerId),
    );
  }
}

/** Where tables are spread over nodes, what a buyer has used is what its contracts have, those that have ended too. */
async function recountSpread(tx: Queryable, { contracts, links, buyers }: Recount, now: Date): Promise<void> {
  const zones = new Map(buyers.map(({ buyerId, timezone }) => [buyerId, timezone]));
  const counted =
    zones.size === 0 ? [] : await selectCounted.run(tx, { buyers: arrayText([...zones.keys()]) });
  const known = new Set(contracts.map(nameOf));
  const ended = counted
    .filter((each) => !known.has(nameOf(each)))
    .map((each) => ({ ...each, timezone: zones.get(each.partyId) ?? "UTC" }));
  const all = [...contracts, ...ended];
  if (all.length > 0) await recountContracts.run(tx, partyRows(all, now));
  if (links.length > 0) await recountLinks.run(tx, partyRows(links, now));
}

function nameOf({ campaignId, partyId }: Omit<CountedParty, "timezone">): string {
  return `${partyId} ${campaignId}`;
}

const selectCounted = statement<Omit<CountedParty, "timezone">, { buyers: string }>(
  "select_counted_contracts",
  "all campaigns",
  ($) => sql`select campaign_id as "campaignId", party_id as "partyId" from campaign_counters
      where party = 'contract' and party_id = any (${$.buyers}::text[])`,
);

/** Of what was read campaign by campaign, each at a moment of its own: counts anew what buyers have used in all of theirs. */
export async function recountOfCampaigns(tx: Queryable, now: Date): Promise<void> {
  const buyers = await selectLimited.run(tx, {});
  await recount(tx, { contracts: [], links: [], buyers }, now);
  await forgetShares(
    tx,
    buyers.map(({ buyerId }) => buyerId),
  );
}

const selectLimited = statement<{ buyerId: string; timezone: string }>(
  "select_limited_buyers",
  "unspread",
  sql`select id as "buyerId", definition ->> 'timezone' as timezone from buyers
      where definition -> 'caps' <> '{}' or definition -> 'billing' ->> 'mode' <> 'manual' order by id`,
);

/** Has what buyers may have in all their campaigns be given out anew: no share of before is worth anything. */
export async function forgetShares(tx: Queryable, buyerIds: readonly string[]): Promise<void> {
  const values = { buyers: arrayText(buyerIds) };
  if (buyerIds.length === 0) return;
  await forgetLimits.run(tx, values);
  await forgetGrants.run(tx, values);
  await forgetOwnShares.run(tx, values);
}

/** The same of one buyer, under the locks of all campaigns that have sold it anything or may. */
export async function closeLimits(tx: Queryable, buyerId: string): Promise<void> {
  for (const campaign of await readCampaignsOf(tx, buyerId)) await lockCampaign(tx, campaign);
  await forgetShares(tx, [buyerId]);
}

type Buyers = { buyers: string };

const forgetLimits = statement<unknown, Buyers>(
  "forget_limits",
  "unspread",
  ($) => sql`delete from buyer_limits where buyer_id = any (${$.buyers}::text[])`,
);

const forgetGrants = statement<unknown, Buyers>(
  "forget_grants",
  "unspread",
  ($) => sql`delete from buyer_grants where buyer_id = any (${$.buyers}::text[])`,
);

const forgetOwnShares = statement<unknown, Buyers>(
  "forget_shares",
  "all campaigns",
  ($) => sql`delete from buyer_shares where buyer_id = any (${$.buyers}::text[])`,
);

/** The campaigns that have, or had, a contract with a buyer, in the order of their ids. */
export async function readCampaignsOf(db: Queryable, buyer: string): Promise<string[]> {
  const rows = await selectCampaignsOfBuyer.run(db, {
    buyer,
    holds: JSON.stringify({ buyers: [{ buyer: { id: buyer } }] }),
  });
  return [...new Set(rows.map(({ id }) => id))].toSorted();
}

const selectCampaignsOfBuyer = statement<{ id: string }, { buyer: string; holds: string }>(
  "select_campaigns_of_buyer",
  "all campaigns",
  ($) => sql`select id from campaigns where definition @> ${$.holds}::text::jsonb
      union all select campaign_id from campaign_counters where party = 'contract' and party_id = ${$.buyer}`,
);

type Parties = { parties: string; since: string };

interface CountedParty {
  campaignId: string;
  partyId: string;
  timezone: string;
}

function partyRows(parties: readonly CountedParty[], now: Date): Parties {
  const rows = parties.map(({ campaignId, partyId, timezone }) => ({
    campaign: campaignId,
    id: partyId,
    ...Object.fromEntries(
      CLOCK_PERIODS.map((period) => [period, periodStart(period, timezone, now).toISOString()]),
    ),
  }));
  const starts = parties.flatMap(({ timezone }) =>
    CLOCK_PERIODS.map((period) => periodStart(period, timezone, now).getTime()),
  );
  const earliest = Math.min(now.getTime(), ...starts);
  return {
    parties: JSON.stringify(rows),
    // A lead's id is as old as its arrival; a day more covers any wait and any clock that is off.
    since: firstUuidAt(earliest - DECIDED_AGAIN_WITHIN_MS - DAY_MS),
  };
}

/** SQL for each clock period, as a list. */
function forEach(say: (period: ClockPeriod) => string): SQL {
  return sql.raw(CLOCK_PERIODS.map(say).join(", "));
}

const party = sql`party as materialized (
  select * from json_to_recordset(${param("parties")}::text::json) as p (
    campaign text, id text, ${forEach((period) => `${period} timestamptz`)}))`;

/** A sale counts while it stands, or when it was returned without its place in the caps; a payout as long as it is due. */
const counts = sql`(s.status in ('reserved', 'sold') or s.keeps_cap)`;
const DUE =
  "(s.status in ('reserved', 'sold') or s.keeps_payout or (s.pays_for_lead and s.status <> 'declined'))";

/** The live sales of the time that any period of now can hold. */
const recent = sql`s.lead_id >= ${param("since")}::text::uuid and not s.is_test`;

/** What each buyer has used since its periods began, in the counters' own columns. */
function usedByBuyers(belongs: SQL): SQL {
  return sql`used as (
    select p.campaign, p.id, ${forEach(
      (period) => `p.${period} as ${period}_start,
        count(*) filter (where s.sold_at >= p.${period}) as ${period}_leads,
        coalesce(sum(s.price) filter (where s.sold_at >= p.${period}), 0) as ${period}_amount`,
    )}
    from party p left join sales s on ${belongs} and ${counts} and ${recent}
    group by p.campaign, p.id, ${forEach((period) => `p.${period}`)})`;
}

/** The same of suppliers, for whom all sales of a lead are one, from the first that counts on. */
const usedBySuppliers = sql`per_lead as (
    select p.campaign, p.id, min(s.sold_at) filter (where ${counts}) as sold_first, ${forEach(
      (period) =>
        `coalesce(sum(s.payout) filter (where s.sold_at >= p.${period} and ${DUE}), 0) as ${period}_amount`,
    )}
    from party p join sales s on s.campaign_id = p.campaign and s.supplier_id = p.id and (${counts} or ${sql.raw(DUE)}) and ${recent}
    group by p.campaign, p.id, s.lead_id, ${forEach((period) => `p.${period}`)}),
  used as (
    select p.campaign, p.id, ${forEach(
      (period) => `p.${period} as ${period}_start,
        count(*) filter (where l.sold_first >= p.${period}) as ${period}_leads,
        coalesce(sum(l.${period}_amount), 0) as ${period}_amount`,
    )}
    from party p left join per_lead l on l.campaign = p.campaign and l.id = p.id
    group by p.campaign, p.id, ${forEach((period) => `p.${period}`)})`;

/** A counter that is not there stands for no sale at all, and there is nothing to put right. */
function recountParties(name: string, kind: "contract" | "supplier", amounts: SQL) {
  const replaced = (period: ClockPeriod) =>
    ["start", "leads", "amount"].map((part) => `${period}_${part} = used.${period}_${part}`).join(", ");
  return statement<unknown, Parties>(
    name,
    "all campaigns",
    sql`with ${party}, ${amounts}
        update campaign_counters c set ${forEach(replaced)}
        from used
        where c.campaign_id = used.campaign and c.party = ${sql.raw(`'${kind}'`)} and c.party_id = used.id`,
  );
}

const recountContracts = recountParties(
  "recount_contracts",
  "contract",
  usedByBuyers(sql`s.campaign_id = p.campaign and s.buyer_id = p.id`),
);
const recountLinks = recountParties("recount_links", "supplier", usedBySuppliers);

const recountBuyers = statement<unknown, Parties>(
  "recount_buyers",
  "all campaigns",
  sql`with ${party}, ${usedByBuyers(sql`s.buyer_id = p.id`)},
      total as (
        select party_id as id, sum(total_leads) as total_leads, sum(total_amount) as total_amount
        from campaign_counters
        where party = 'contract' and party_id in (select id from party)
        group by party_id),
      counted as (
        select used.*, coalesce(total_leads, 0) as total_leads, coalesce(total_amount, 0) as total_amount
        from used left join total on total.id = used.id)
      insert into buyer_counters (buyer_id, balance, ${usage.names})
      select id, 0, ${usage.names} from counted order by id
      on conflict (buyer_id) do update set ${usage.replaced}`,
);

/**
 * Brings what those of the buyers owe that have a wallet or credit into their own balances, which these are watched by, under the
 * campaigns' locks. While they were billed by hand it stood with each campaign, so that none waited for another.
 */
export async function foldBalances(tx: Queryable, buyerIds: readonly string[]): Promise<void> {
  if (buyerIds.length > 0) await fold.run(tx, { buyers: JSON.stringify(buyerIds) });
}

const fold = statement<unknown, { buyers: string }>(
  "fold_balances",
  "all campaigns",
  ($) => sql`with owed as (
        select party_id, sum(balance) as balance from campaign_counters
        where party = 'contract' and balance <> 0 and party_id in (select json_array_elements_text(${$.buyers}::text::json))
          and party_id in (select id from buyers where definition -> 'billing' ->> 'mode' <> 'manual')
        group by party_id),
      folded as (
        insert into buyer_counters as counter (buyer_id, balance, ${usage.names})
        select party_id, balance, ${usage.nothing} from owed order by party_id
        on conflict (buyer_id) do update set balance = counter.balance + excluded.balance)
      update campaign_counters c set balance = 0 from owed where c.party = 'contract' and c.party_id = owed.party_id and c.balance <> 0`,
);
