import { type SQL, sql } from "drizzle-orm";
import { CLOCK_PERIODS, type ClockPeriod } from "#time/period.ts";

/** A column of time, as milliseconds since 1970. */
export function ms(column: string): SQL {
  return sql.raw(epochMs(column));
}

/** In a zone: without one, Postgres lets what is read depend on the session, and Citus does not return it of what was changed. */
function epochMs(column: string): string {
  return `(extract(epoch from ${column} at time zone 'UTC') * 1000)::float8`;
}

/** A column of money, or a sum of it, as ten-thousandths. */
export function money(column: string): SQL {
  return sql`(${sql.raw(column)} * 10000)::float8`;
}

/** A sum of money, as the text of its ten-thousandths: it may be more than a double tells exactly. */
export function moneySum(sum: string): SQL {
  return sql`trunc(${sql.raw(sum)} * 10000)::text`;
}

/** What a party has used of each clock period, as it is read: starts in ms since 1970, money in ten-thousandths. */
export type UsageRow = Record<
  `${ClockPeriod}Start` | `${ClockPeriod}Leads` | `${ClockPeriod}Amount` | "totalLeads" | "totalAmount",
  number
>;

export interface UsageColumn {
  name: string;
  period: ClockPeriod | "total";
  /** As a row names it that is read. */
  property: string;
  kind: "start" | "leads" | "amount";
}

const columns: readonly UsageColumn[] = [...CLOCK_PERIODS, "total" as const].flatMap((period) =>
  (["start", "leads", "amount"] as const)
    .filter((kind) => period !== "total" || kind !== "start")
    .map((kind) => ({
      name: `${period}_${kind}`,
      period,
      property: `${period}${kind[0]?.toUpperCase()}${kind.slice(1)}`,
      kind,
    })),
);

function list(say: (column: UsageColumn) => string): SQL {
  return sql.raw(columns.map(say).join(", "));
}

/** Periods begin at whole seconds, so that floats have them exactly. From numeric to float8 Postgres goes by way of text. */
const READ: Record<UsageColumn["kind"], (name: string) => string> = {
  start: (name) => `date_part('epoch', ${name} at time zone 'UTC') * 1000`,
  leads: (name) => `${name}::float8`,
  amount: (name) => `(${name} * 10000)::int8::float8`,
};
/** To multiply costs Postgres a tenth of what it costs to divide. */
const WRITTEN: Record<UsageColumn["kind"], (name: string) => string> = {
  start: (name) => `to_timestamp(${name})`,
  leads: (name) => name,
  amount: (name) => `${name} * 0.0001`,
};
const TYPES: Record<UsageColumn["kind"], string> = { start: "float8", leads: "bigint", amount: "numeric" };

/** The columns of usage that counters have, as each kind of statement lists them. */
export const usage = {
  names: list(({ name }) => name),
  /** As a `UsageRow`. */
  read: list(({ name, property, kind }) => `${READ[kind](name)} as "${property}"`),
  /** Of rows that come with starts in seconds and money in ten-thousandths. */
  columns: columns.map((column) => ({ ...column, type: TYPES[column.kind] })),
  values: list(({ name, kind }) => WRITTEN[kind](name)),
  /** Of a party that has used nothing: its periods begin when time did. */
  nothing: list(({ kind }) => (kind === "start" ? "'epoch'" : "0")),
  replaced: list(({ name }) => `${name} = excluded.${name}`),
};
