import { type SQL, sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { deliveryIdOf, leadIdOf, uuidOfReturn } from "#text/ids.ts";
import { givenAway } from "../support/people.ts";
import type { Buyers } from "./buyers.ts";
import type { Ruled } from "./operators.ts";
import type { Heard } from "./suppliers.ts";

/** What everyone outside saw of one round. */
export interface Seen {
  readonly heard: Heard;
  readonly ruled: Ruled;
  readonly received: Buyers["received"];
  /** All that the servers wrote. */
  readonly written: string;
}

/** Where what is on record is not what suppliers, operators and buyers saw: a sentence each. */
export async function brokenClaims(database: Database, seen: Seen): Promise<string[]> {
  const { heard, ruled } = seen;
  return [
    ...heard.surprises,
    ...ruled.surprises,
    ...(heard.counts.hung > 0 ? [`${heard.counts.hung} answers never came`] : []),
    ...errorsIn(seen.written),
    ...givenAway(seen.written).map(() => "a log tells who a person is"),
    ...givenAway(heard.said.join("\n")).map(() => "an answer tells who a person is"),
    ...tokensUsedTwice(heard),
    ...(await leadsLost(database, heard)),
    ...(await bookingsLost(database, ruled)),
    ...(await returnsLost(database, ruled)),
    ...(await walletsBelowZero(database)),
    ...(await deliveriesUnseen(database, seen.received)),
    ...(await leadsInTwoHands(database, seen.received)),
  ];
}

/** Whatever is done to a server, it is a warning at most: an error is what nobody thought of. */
function errorsIn(written: string): string[] {
  const errors = written.split("\n").filter((line) => line.includes('"level":"error"'));
  return [...new Set(errors)].map((line) => `a server logged ${line}`);
}

/** A ping's token buys one lead, whoever sends it. */
function tokensUsedTwice({ told }: Heard): string[] {
  const bought = Map.groupBy(
    told.filter(({ ping, status }) => ping !== undefined && status === "ACCEPTED"),
    ({ ping }) => ping,
  );
  return [...bought.values()]
    .filter((leads) => new Set(leads.map(({ id }) => id)).size > 1)
    .map((leads) => `one token bought ${leads.map(({ id }) => id).join(" and ")}`);
}

/** On record are the leads that suppliers were told of, and no others. */
async function leadsLost(database: Database, { told }: Heard): Promise<string[]> {
  const rows = await rowsOf<{ id: string }>(database, sql`select id::text as id from leads`);
  const recorded = new Set(rows.map(({ id }) => leadIdOf(id)));
  const acknowledged = new Set(told.map(({ id }) => id));
  return [
    ...[...acknowledged.difference(recorded)].map((id) => `${id}: was acknowledged, and is lost`),
    ...[...recorded.difference(acknowledged)].map((id) => `${id}: is on record, and nobody was told of it`),
  ];
}

/** What was booked is in the ledger once; what nobody knows the end of, once at most; what was refused, never. */
async function bookingsLost(database: Database, { bookings }: Ruled): Promise<string[]> {
  const rows = await rowsOf<{ reference: string; times: number }>(
    database,
    sql`select coalesce(reference, note) as reference, count(*)::int as times from ledger
      where kind in ('payment', 'adjustment') group by 1`,
  );
  const times = new Map(rows.map((row) => [row.reference, row.times]));
  return bookings.flatMap(({ reference, outcome }) => {
    const found = times.get(reference) ?? 0;
    const isRight = outcome === "unknown" ? found <= 1 : found === (outcome === "booked" ? 1 : 0);
    return isRight ? [] : [`${reference}: was ${outcome}, and is in the ledger ${found} times`];
  });
}

async function returnsLost(database: Database, { returns }: Ruled): Promise<string[]> {
  const rows = await rowsOf<{ id: string; status: string }>(
    database,
    sql`select id::text as id, status from returns`,
  );
  const statuses = new Map(rows.map(({ id, status }) => [id, status]));
  return [...returns].flatMap(([id, decision]) => {
    const status = statuses.get(uuidOfReturn(id) ?? "");
    return status === decision ? [] : [`${id}: was ${decision}, and is ${status ?? "lost"}`];
  });
}

/** Whatever the configuration was: those of the world are wallets for good. */
async function walletsBelowZero(database: Database): Promise<string[]> {
  const rows = await rowsOf<{ buyer: string; balance: string }>(
    database,
    sql`select buyer_id as buyer, balance::text as balance from buyer_counters join buyers on buyers.id = buyer_id
      where definition -> 'billing' ->> 'mode' = 'wallet' and balance < 0`,
  );
  return rows.map(({ buyer, balance }) => `${buyer}: is at ${balance}`);
}

/** What counts as delivered or refused, its buyer got; what it got is on record. */
async function deliveriesUnseen(database: Database, received: Seen["received"]): Promise<string[]> {
  const rows = await rowsOf<{ id: string; state: string; recipient: string }>(
    database,
    sql`select id::text as id, state, recipient from deliveries where recipient like 'buyer:%'`,
  );
  const known = new Map(rows.map((row) => [deliveryIdOf(row.id), row]));
  const unseen = [...known].filter(([id, { state, recipient }]) => {
    const reception = received.get(id);
    return (state === "delivered" || state === "rejected") && `buyer:${reception?.buyer}` !== recipient;
  });
  return [
    ...unseen.map(([id, { state }]) => `${id}: is ${state}, and never reached its buyer`),
    ...[...received.keys()]
      .filter((id) => !known.has(id))
      .map((id) => `${id}: reached a buyer, and is not on record`),
  ];
}

/** No more buyers said that they take a lead than may have it, those who gave it back aside. */
async function leadsInTwoHands(database: Database, received: Seen["received"]): Promise<string[]> {
  const accepted = [...received].filter(([, { accepted: took }]) => took).map(([id]) => id);
  const rows = await rowsOf<{ id: string; lead: string; most: number }>(
    database,
    sql`select d.id::text as id, d.lead_id::text as lead, greatest((c.definition ->> 'max_sells')::int, 1) as most
      from deliveries d join campaigns c on c.id = d.campaign_id
      where event = 'lead.accepted' and recipient like 'buyer:%' and not exists (
        select from sales s where s.lead_id = d.lead_id and 'buyer:' || s.buyer_id = d.recipient and s.status = 'returned')`,
  );
  const took = new Set(accepted);
  const hands = Map.groupBy(
    rows.filter(({ id }) => took.has(deliveryIdOf(id))),
    ({ lead }) => lead,
  );
  return [...hands]
    .filter(([, holders]) => holders.length > (holders[0]?.most ?? 1))
    .map(([lead, holders]) => `${leadIdOf(lead)}: ${holders.length} buyers took it`);
}

export async function rowsOf<Row>(database: Database, query: SQL): Promise<Row[]> {
  const rows: unknown = await database.read((db) => db.execute(query));
  return rows as Row[];
}
