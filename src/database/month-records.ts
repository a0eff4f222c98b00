import { timeOfUuid } from "#text/ids.ts";
import type { Database, Queryable } from "./database.ts";
import {
  boundsOfMonths,
  conditionOfMonths,
  endForAll,
  type Months,
  monthsToMake,
  nameOfMonths,
} from "./months.ts";

/** The tables that are kept by month, and the column whose UUIDv7 says which. */
const COLUMNS = { leads: "id", deliveries: "id", delivery_attempts: "delivery_id" } as const;
export type MonthlyTable = keyof typeof COLUMNS;
export const TABLES = Object.keys(COLUMNS) as MonthlyTable[];

/** Sends a statement of a transaction. */
export type Send = (text: string) => Promise<readonly object[]>;

export function sendingOn(db: Queryable): Send {
  return (text) => db.execute(text);
}

/** Runs `work` in a transaction. */
export type Transact = <T>(work: (send: Send) => Promise<T>) => Promise<T>;

/** Any number: whoever makes or drops months holds it. */
const LOCK = 7_239_042;

/** Has nobody else make or drop months until the transaction ends. */
export async function lockMonths(send: Send): Promise<void> {
  await send(`select pg_advisory_xact_lock(${LOCK})`);
}

/**
 * Leads wait behind whoever waits for a table, as this may for a long report or a backup: no longer than this. There is time to try again.
 * It is shorter than the time after which Postgres looks for deadlocks: of two who wait for each other it is this one that gives up.
 */
const LONGEST_WAIT = "250ms";

/** Locks tables as nobody else may have them, in one statement, as its time is that of all of them. */
export async function lockBriefly(send: Send, names: readonly string[]): Promise<void> {
  // They go out together: once it has the locks nobody waits for an answer.
  await Promise.all([
    send(`set local statement_timeout = '${LONGEST_WAIT}'`),
    send(`lock table ${names.map((name) => `only ${name}`).join(", ")} in access exclusive mode`),
    send("set local statement_timeout = '30s'"),
  ]);
}

/** To look through all rows of a table, or some of each month, takes longer than anybody waits who sends a lead. */
const PATIENCE_MS = 30 * 60 * 1000;

/** `keepMonths` of a database that is open. */
export async function keepMonthsOf(database: Database, now: Date): Promise<MonthlyTable[]> {
  if (await database.read((db) => isAllThere(sendingOn(db), now))) return [];
  return await keepMonths((work) => database.makeTables((tx) => work(sendingOn(tx)), PATIENCE_MS), now);
}

/**
 * Sees to it that there are months for what comes, and that what came without one gets its own. Any number of servers may do this at
 * once, and be killed at any moment: each step is a transaction, and the next one to look goes on. Nothing is ever copied. A row is always
 * in one part: while a month is missing its rows are in the part for all others, which no step of the way of a lead has to know of; were
 * months made in the lane's transaction instead, two campaigns would wait for each other, and each lead for a table.
 * Answers with the tables whose part for all others was gone, which somebody must have dropped or detached: it is there again.
 */
export async function keepMonths(transact: Transact, now: Date): Promise<MonthlyTable[]> {
  const mended = (await transact(readWithoutLater)).length === 0 ? [] : await transact(mendLater);
  const changed: MonthlyTable[] = [];
  for (const state of await transact(readStates)) {
    if (state.hasLater) await boundLater(transact, state, now);
    else if (state.isBounded) await transact((send) => dropBounds(send, state.table));
    if (await makeMonths(transact, state, now)) changed.push(state.table);
  }
  for (const table of await transact((send) => readUnanalysed(send, changed)))
    await transact((send) => send(`analyze public.${table}`));
  return mended;
}

/** Which tables have parts, and none for what no month takes. */
async function readWithoutLater(send: Send): Promise<MonthlyTable[]> {
  const parts = await readParts(send);
  const of = (table: MonthlyTable) => parts.filter((part) => part.table === table);
  return TABLES.filter(
    (table) => of(table).length > 0 && of(table).every((part) => endOfPart(part) !== undefined),
  );
}

async function mendLater(send: Send): Promise<MonthlyTable[]> {
  await lockMonths(send);
  const missing = await readWithoutLater(send);
  for (const table of missing) {
    const name = `${table}_later`;
    const [found] = (await send(`select to_regclass('months.${name}') is not null as "isThere"`)) as [
      { isThere: boolean },
    ];
    if (found.isThere) await attach(send, table, name, "default");
    else await makePart(send, table, name, "default");
  }
  return missing;
}

/** Whether there is nothing to do, which is so but once a month. */
async function isAllThere(send: Send, now: Date): Promise<boolean> {
  if ((await readWithoutLater(send)).length > 0) return false;
  const states = await readStates(send);
  const isThere = ({ end, hasLater, isBounded }: MonthsState) =>
    !hasLater && !isBounded && monthsToMake(end, now.getTime()).length === 0;
  return states.every(isThere) && (await readUnanalysed(send, [])).length === 0;
}

interface MonthsState {
  table: MonthlyTable;
  /** Where the months end that there are, in ms since 1970; undefined: there are none. */
  end: number | undefined;
  /** Something came that no month takes. */
  hasLater: boolean;
  /** Somebody has begun to give an end to what came so. */
  isBounded: boolean;
}

/** Of the tables that have parts: an older schema has none. */
async function readStates(send: Send): Promise<MonthsState[]> {
  const parts = await readParts(send);
  const tables = TABLES.filter((table) => parts.some((part) => part.table === table));
  if (tables.length === 0) return [];
  const columns = tables
    .map((table) => `exists (select 1 from months.${table}_later) as ${table}`)
    .join(", ");
  const [later] = (await send(`select ${columns}`)) as [Record<string, boolean>];
  return tables.map((table) => ({
    table,
    end: endOfMonths(parts, table),
    hasLater: later[table] === true,
    isBounded: parts.some((part) => part.table === table && part.isBounded),
  }));
}

export interface MonthsPart {
  table: MonthlyTable;
  /** In the schema `months`. */
  name: string;
  /** As Postgres writes it: `FOR VALUES FROM ('…') TO ('…')`, `DEFAULT`. */
  bounds: string;
  isBounded: boolean;
}

/** Of all these tables. */
export async function readParts(send: Send): Promise<MonthsPart[]> {
  return (await send(`select parent.relname as "table", child.relname as name, pg_get_expr(child.relpartbound, child.oid) as bounds,
      exists (select 1 from pg_constraint where conrelid = child.oid and conname = 'bounds') as "isBounded"
    from pg_inherits
      join pg_class parent on parent.oid = inhparent
      join pg_class child on child.oid = inhrelid
    where parent.relnamespace = 'public'::regnamespace and parent.relkind = 'p'
      and parent.relname in (${quotedNames(TABLES)})`)) as MonthsPart[];
}

/** Whether any of these parts has. */
export async function hasRows(send: Send, names: readonly string[]): Promise<boolean> {
  if (names.length === 0) return false;
  const some = names.map((name) => `exists (select 1 from months.${name})`).join(" or ");
  const [found] = (await send(`select ${some} as "isSo"`)) as [{ isSo: boolean }];
  return found.isSo;
}

function quotedNames(tables: readonly MonthlyTable[]): string {
  return tables.map((table) => `'${table}'`).join(", ");
}

function endOfMonths(parts: readonly MonthsPart[], table: MonthlyTable): number | undefined {
  const ends = parts.filter((part) => part.table === table).flatMap((part) => endOfPart(part) ?? []);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** Where a part ends, in ms since 1970; undefined: it takes whatever no other does. */
export function endOfPart({ bounds }: MonthsPart): number | undefined {
  const end = /TO \('([0-9a-f-]{36})'\)/.exec(bounds)?.[1];
  return end === undefined ? undefined : timeOfUuid(end);
}

/**
 * Makes what came without a month a part with an end, which lies ahead, and begins anew with one for all others that is empty. That all
 * rows are within the bounds is seen by a constraint, which is checked while rows come and go; with it Postgres looks at none when it
 * takes the part over, and that takes milliseconds.
 */
async function boundLater(transact: Transact, state: MonthsState, now: Date): Promise<void> {
  const { table } = state;
  const months = await transact((send) => beginBounds(send, table, now));
  if (months === undefined) return;
  await transact((send) => send(`alter table months.${table}_later validate constraint bounds`));
  await transact(async (send) => {
    await lockMonths(send);
    if (await isBoundedBy(send, table, months)) await takeOver(send, table, months);
  });
}

async function beginBounds(send: Send, table: MonthlyTable, now: Date): Promise<Months | undefined> {
  const column = COLUMNS[table];
  await lockMonths(send);
  await lockBriefly(send, [`months.${table}_later`]);
  const [newest] = (await send(
    `select ${column}::text as id from months.${table}_later order by ${table}_later.${column} desc limit 1`,
  )) as { id: string }[];
  if (newest === undefined) return undefined;
  const from = endOfMonths(await readParts(send), table) ?? null;
  const months = { from, to: endForAll(timeOfUuid(newest.id), now.getTime()) };
  await send(`alter table months.${table}_later drop constraint if exists bounds`);
  await send(
    `alter table months.${table}_later add constraint bounds check (${conditionOfMonths(column, months)}) not valid`,
  );
  await send(`comment on constraint bounds on months.${table}_later is '${nameOfMonths(table, months)}'`);
  return months;
}

/** Whether the rows are known to be within these bounds. Another server may have gone on with them, or begun with others, meanwhile. */
async function isBoundedBy(send: Send, table: MonthlyTable, months: Months): Promise<boolean> {
  const [found] = await send(`select 1 from pg_constraint
    where conrelid = 'months.${table}_later'::regclass and conname = 'bounds' and convalidated
      and obj_description(oid, 'pg_constraint') = '${nameOfMonths(table, months)}'`);
  return found !== undefined;
}

async function takeOver(send: Send, table: MonthlyTable, months: Months): Promise<void> {
  const name = nameOfMonths(table, months);
  await lockBriefly(send, [`public.${table}`, `months.${table}_later`]);
  await send(`alter table public.${table} detach partition months.${table}_later`);
  await send(`alter table months.${table}_later rename to ${name}`);
  await attach(send, table, name, `for values ${boundsOfMonths(months)}`);
  await send(`alter table months.${name} drop constraint bounds`);
  await makePart(send, table, `${table}_later`, "default");
}

async function dropBounds(send: Send, table: MonthlyTable): Promise<void> {
  await lockMonths(send);
  await lockBriefly(send, [`months.${table}_later`]);
  await send(`alter table months.${table}_later drop constraint if exists bounds`);
}

/** True when some were missing. */
async function makeMonths(transact: Transact, { table }: MonthsState, now: Date): Promise<boolean> {
  return await transact(async (send) => {
    const missing = async () => monthsToMake(endOfMonths(await readParts(send), table), now.getTime());
    if ((await missing()).length === 0) return false;
    await lockMonths(send);
    await lockBriefly(send, [`months.${table}_later`]);
    // What no month takes yet would be looked through for each, while others wait: it becomes one at the next look.
    if (await hasRows(send, [`${table}_later`])) return false;
    for (const months of await missing()) {
      await makePart(send, table, nameOfMonths(table, months), `for values ${boundsOfMonths(months)}`);
    }
    return true;
  });
}

/**
 * What is joined with a table is planned by what is known of all its parts together, which nobody looks into but by the word: once it has
 * rows to speak of, and once a month, when it has become the one before.
 */
async function readUnanalysed(send: Send, changed: readonly MonthlyTable[]): Promise<MonthlyTable[]> {
  const [names, changedNames] = [quotedNames(TABLES), quotedNames(changed)];
  const rows = (await send(`select relname as "table" from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'p' and relname in (${names})
      and (select sum(reltuples) from pg_inherits join pg_class part on part.oid = inhrelid where inhparent = pg_class.oid) > 10000
      and (relname = any (array[${changedNames}]::text[])
        or not exists (select 1 from pg_stats where schemaname = 'public' and tablename = relname and inherited))`)) as {
    table: MonthlyTable;
  }[];
  return rows.map(({ table }) => table);
}

/** Made by itself and attached then, which keeps nobody from the table; made as a part of it, it would. */
async function makePart(send: Send, table: MonthlyTable, name: string, bounds: string): Promise<void> {
  await send(`create table months.${name} (like public.${table} including all)`);
  await attach(send, table, name, bounds);
}

async function attach(send: Send, table: MonthlyTable, name: string, bounds: string): Promise<void> {
  await send(attaching(table, name, bounds));
}

/** The statement by which a table becomes a part. */
export function attaching(table: MonthlyTable, name: string, bounds: string): string {
  return `alter table public.${table} attach partition months.${name} ${bounds}`;
}
