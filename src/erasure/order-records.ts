import { sql } from "drizzle-orm";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";
import type { Erased, KnownPerson } from "./erase.ts";

/** An order to forget a person. Times in ms since 1970. */
export interface Order extends Erased {
  /** UUID. */
  id: string;
  state: "running" | "done";
  suppressOn: string | null;
  requestedBy: string;
  requestedAt: number;
  finishedAt: number | null;
}

export interface NewOrder {
  id: string;
  phone: string | null;
  email: string | null;
  /** By which leads of the person are compared, of campaigns and of buyers; as the text of an array. */
  comparedKeys: string;
  suppressOn: string | null;
  by: string;
}

/** Writes an order down: whoever looks next carries it out, also when this server does not live to. */
export async function insertOrder(tx: Queryable, order: NewOrder, at: string): Promise<void> {
  await insert.run(tx, { ...order, at });
}

const insert = statement<
  unknown,
  Record<"id" | "by" | "at" | "comparedKeys", string> & Pick<NewOrder, "phone" | "email" | "suppressOn">
>(
  "insert_erasure",
  "unspread",
  (
    $,
  ) => sql`insert into erasures (id, phone_key, email_key, campaign_keys, suppress_on, state, requested_by, requested_at)
      values (${$.id}::text::uuid, ${$.phone}::text::uuid, ${$.email}::text::uuid,
        ${$.comparedKeys}::text::uuid[], ${$.suppressOn}, 'running', ${$.by}, ${$.at}::timestamptz)`,
);

const columns = sql`id::text as id, state, suppress_on as "suppressOn", requested_by as "requestedBy",
  ${ms("requested_at")} as "requestedAt", ${ms("finished_at")} as "finishedAt",
  leads, deliveries, cancelled, attempts, updates, duplicate_keys as "duplicateKeys"`;

/** Undefined when there is no such order (a UUID). */
export async function readOrder(db: Queryable, id: string): Promise<Order | undefined> {
  const [order] = await select.run(db, { id });
  return order;
}

const select = statement<Order, { id: string }>(
  "select_erasure",
  "unspread",
  ($) => sql`select ${columns} from erasures where id = ${$.id}::text::uuid`,
);

/** The newest first, those before the order `before` (a UUID) only. */
export async function listOrders(
  db: Queryable,
  filter: { state: string | null },
  before: string | null,
  limit: number,
): Promise<Order[]> {
  return selectMany.run(db, { ...filter, before, limit });
}

const selectMany = statement<Order, { state: string | null; before: string | null; limit: number }>(
  "select_erasures",
  "unspread",
  ($) => sql`select ${columns} from erasures
      where (${$.state}::text is null or state = ${$.state}::text)
        and (${$.before}::text is null or id < ${$.before}::text::uuid)
      order by id desc limit ${$.limit}::text::integer`,
);

/** The orders (UUIDs) that are not carried out yet, the oldest first. */
export async function runningOrders(db: Queryable): Promise<string[]> {
  return (await selectRunning.run(db, {})).map((row) => row.id);
}

const selectRunning = statement<{ id: string }>(
  "select_running_erasures",
  "unspread",
  sql`select id::text as id from erasures where state = 'running' order by id`,
);

/** Locks an order to go on with it; undefined when it is carried out, or another server is at it. */
export async function lockOrder(tx: Queryable, id: string): Promise<KnownPerson | undefined> {
  const [order] = await lock.run(tx, { id });
  return order && { comparedKeys: JSON.parse(order.comparedKeys), personKeys: JSON.parse(order.personKeys) };
}

/** As JSON text. */
type LockedOrder = Record<keyof KnownPerson, string>;

const lock = statement<LockedOrder, { id: string }>(
  "lock_erasure",
  "unspread",
  ($) => sql`select coalesce(array_to_json(campaign_keys)::text, '[]') as "comparedKeys",
        array_to_json(array_remove(array[phone_key, email_key], null))::text as "personKeys" from erasures
      where id = ${$.id}::text::uuid and state = 'running' for update skip locked`,
);

/** Leads (UUIDs) of the person by which something of theirs is remembered still, by up to `limit` keys of theirs. */
export async function leadsOf(
  tx: Queryable,
  { comparedKeys, personKeys }: KnownPerson,
  limit: number,
): Promise<string[]> {
  const keys = arrayText([...comparedKeys, ...personKeys]);
  return [...new Set((await selectByKeys.run(tx, { keys, limit })).map((row) => row.id))];
}

const selectByKeys = statement<{ id: string }, { keys: string; limit: number }>(
  "select_leads_to_forget",
  "all campaigns",
  ($) => sql`select lead_id::text as id from lead_keys k
      where key = any(${$.keys}::text::uuid[])
        and (select true from leads l where l.id = k.lead_id and l.campaign_id = k.campaign_id)
      limit ${$.limit}::text::integer`,
);

/** Adds to what an order has erased so far, in the transaction that erases it. */
export async function addToOrder(tx: Queryable, id: string, erased: Erased): Promise<void> {
  await add.run(tx, { id, ...erased });
}

const add = statement<unknown, { id: string } & Erased & Record<string, unknown>>(
  "add_to_erasure",
  "unspread",
  ($) => sql`update erasures set
        leads = leads + ${$.leads}::int, deliveries = deliveries + ${$.deliveries}::int,
        cancelled = cancelled + ${$.cancelled}::int, attempts = attempts + ${$.attempts}::int,
        updates = updates + ${$.updates}::int, duplicate_keys = duplicate_keys + ${$.duplicateKeys}::int
      where id = ${$.id}::text::uuid`,
);

/** An order that is carried out no longer says whom it was about. */
export async function finishOrder(tx: Queryable, id: string, at: string): Promise<void> {
  await finish.run(tx, { id, at });
}

const finish = statement<unknown, { id: string; at: string }>(
  "finish_erasure",
  "unspread",
  ($) => sql`
      update erasures set state = 'done', phone_key = null, email_key = null, campaign_keys = null, finished_at = ${$.at}::timestamptz
      where id = ${$.id}::text::uuid`,
);
