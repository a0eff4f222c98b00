import type { Queryable } from "./database.ts";
import {
  attaching,
  endOfPart,
  hasRows,
  lockBriefly,
  lockMonths,
  type MonthlyTable,
  type MonthsPart,
  readParts,
  sendingOn,
  TABLES,
} from "./month-records.ts";
import { boundsOfMonths, nameOfMonths } from "./months.ts";

/** On the part that took the place of those dropped, until nothing is left of their leads elsewhere. */
const UNSWEPT = "what other tables have of the months before is still to be deleted";

/** Where months of leads end that are over at a moment and can be dropped, in their order; all in ms since 1970. */
export async function readEndsOfMonths(db: Queryable, before: number): Promise<number[]> {
  const send = sendingOn(db);
  const over = (await readParts(send)).filter((part) => (endOfPart(part) ?? Infinity) <= before);
  if (over.length <= TABLES.length && !(await hasRows(send, namesOf(over)))) return [];
  return over
    .filter(({ table }) => table === "leads")
    .flatMap((part) => endOfPart(part) ?? [])
    .toSorted((one, other) => one - other);
}

/**
 * Drops the months up to `end` (ms since 1970), when `mayGo` says so once nobody else can change them: an empty part takes the place of all
 * of them, so that what might still come of their time has one. The tables are locked for some milliseconds, which no row is looked at in:
 * what the months take on the disk is given back after that. False: they stay.
 */
export async function dropMonths(
  tx: Queryable,
  end: number,
  mayGo: () => Promise<boolean>,
): Promise<boolean> {
  const send = sendingOn(tx);
  await lockMonths(send);
  const parts = await readParts(send);
  const others = parts.filter((part) => endOfPart(part) === undefined);
  // What no month takes may be of any time, and attaching would look through it.
  if (await hasRows(send, namesOf(others))) return false;
  // Asked before too, the question is planned by the time that others wait for its answer.
  if (!(await mayGo())) return false;
  const going = TABLES.map((table) => goingOf(table, parts, end)).filter((each) => each.parts.length > 0);
  for (const { table } of going)
    await send(`create table months.${table}_next (like public.${table} including all)`);
  const locked = [...others, ...going.flatMap((each) => each.parts)].map(({ name }) => `months.${name}`);
  await lockBriefly(send, [...TABLES.map((table) => `public.${table}`), ...locked]);
  const isGoing = await mayGo();
  const ending = isGoing
    ? going.flatMap(replacing)
    : going.map(({ table }) => `drop table months.${table}_next`);
  // At once: others wait for these tables from here on.
  await send(`do $do$ begin ${ending.join("; ")}; end $do$`);
  return isGoing;
}

interface Going {
  table: MonthlyTable;
  parts: readonly MonthsPart[];
  /** Where the last of them ends. */
  to: number;
}

function goingOf(table: MonthlyTable, parts: readonly MonthsPart[], end: number): Going {
  const over = parts.filter((part) => part.table === table && (endOfPart(part) ?? Infinity) <= end);
  return { table, parts: over, to: Math.max(...over.flatMap((part) => endOfPart(part) ?? [])) };
}

function replacing({ table, parts, to }: Going): string[] {
  const months = { from: null, to };
  const name = nameOfMonths(table, months);
  const replaced = [
    `drop table ${parts.map((part) => `months.${part.name}`).join(", ")}`,
    `alter table months.${table}_next rename to ${name}`,
    attaching(table, name, `for values ${boundsOfMonths(months)}`),
  ];
  return table === "leads" ? [...replaced, `comment on table months.${name} is '${UNSWEPT}'`] : replaced;
}

function namesOf(parts: readonly MonthsPart[]): string[] {
  return parts.map(({ name }) => name);
}

/** Before when leads were dropped of which other tables may still have something, in ms since 1970. */
export async function readUnswept(db: Queryable): Promise<number | undefined> {
  const [unswept] = await unsweptParts(db);
  return unswept && endOfPart(unswept);
}

/** Notes that nothing is left of the leads before `end`, ms since 1970. */
export async function noteSwept(tx: Queryable, end: number): Promise<void> {
  for (const part of await unsweptParts(tx)) {
    if (endOfPart(part) === end) await tx.execute(`comment on table months.${part.name} is null`);
  }
}

async function unsweptParts(db: Queryable): Promise<MonthsPart[]> {
  const send = sendingOn(db);
  const named = (await send(`select relname as name from pg_class
    where relnamespace = 'months'::regnamespace and obj_description(oid, 'pg_class') = '${UNSWEPT}'`)) as {
    name: string;
  }[];
  const names = new Set(named.map(({ name }) => name));
  return (await readParts(send)).filter((part) => names.has(part.name));
}
