import type { Cap } from "#campaigns/campaign.ts";
import type { UsageRow } from "#database/columns.ts";
import type { ReachedCap } from "#leads/trace.ts";
import { type Amount, amountOfTenThousandths, nearestAmount, subtract } from "#money/amount.ts";
import { MINUTE_MS } from "#time/durations.ts";
import { type ClockPeriod, periodStart } from "#time/period.ts";

const ZERO = amountOfTenThousandths(0);

/** Leads and money within one clock period; `start` in ms since 1970. */
export interface PeriodUse {
  start: number;
  leads: number;
  amount: Amount;
}

/** What a party has used: of the clock periods that `asOf` was called for, and in all. */
export type Usage = Record<ClockPeriod, PeriodUse> & { total: { leads: number; amount: Amount } };

export type PeriodStarts = Readonly<Record<ClockPeriod, number>>;

/** Something for each clock period. */
export function eachPeriod<T>(of: (period: ClockPeriod) => T): Record<ClockPeriod, T> {
  return { hour: of("hour"), day: of("day"), week: of("week"), month: of("month") };
}

/** When the clock periods that hold `now` began in `timezone`, in ms since 1970. */
export function periodStarts(timezone: string, now: Date): PeriodStarts {
  return eachPeriod((period) => periodStart(period, timezone, now).getTime());
}

/** The same by time zone, each reckoned once. */
export type StartsIn = (timezone: string) => PeriodStarts;

export function startsByZone(now: Date): StartsIn {
  const minute = Math.floor(now.getTime() / MINUTE_MS);
  if (minute !== reckoned.minute) reckoned = { minute, zones: new Map() };
  const { zones } = reckoned;
  return (timezone) => {
    const starts = zones.get(timezone) ?? periodStarts(timezone, now);
    zones.set(timezone, starts);
    return starts;
  };
}

/** No zone's periods begin within a minute. Reckoned for every batch, they took 7 µs a zone. */
let reckoned = { minute: Number.NaN, zones: new Map<string, PeriodStarts>() };

/**
 * The usage as it counts in the periods that began at `starts`: a period that has ended counts from nothing. Time
 * that runs backwards (a clock set back, a second server a moment behind) does not open an ended period again.
 */
export function asOf(usage: Usage, starts: PeriodStarts): Usage {
  const current = (period: ClockPeriod): PeriodUse =>
    usage[period].start >= starts[period] ? usage[period] : { start: starts[period], leads: 0, amount: ZERO };
  return { ...eachPeriod(current), total: usage.total };
}

/** What a row says was used, as it counts in the periods that began at `starts`; no row: nothing was. */
export function usageAt(row: UsageRow | undefined, starts: PeriodStarts): Usage {
  return row === undefined ? unused(starts) : asOf(usageIn(row), starts);
}

/** As it was last counted, in whatever periods those were. */
export function usageIn(row: UsageRow): Usage {
  const amount = nearestAmount;
  return {
    ...eachPeriod((period) => ({
      start: row[`${period}Start`],
      leads: row[`${period}Leads`],
      amount: amount(row[`${period}Amount`]),
    })),
    total: { leads: row.totalLeads, amount: amount(row.totalAmount) },
  };
}

export function unused(starts: PeriodStarts): Usage {
  return {
    ...eachPeriod((period) => ({ start: starts[period], leads: 0, amount: ZERO })),
    total: { leads: 0, amount: ZERO },
  };
}

/**
 * Money used may be more than an amount can be. What is counted stays at the most that can be then: no cap is so large, and without a cap
 * it goes on.
 */
function addUsed(used: Amount, more: Amount): Amount {
  return nearestAmount(used + more);
}

/** The first cap with no room for one more lead of `amount`. */
export function reachedCap(caps: readonly Cap[], usage: Usage, amount: Amount): ReachedCap | undefined {
  for (const cap of caps) {
    const used = usage[cap.period];
    if (cap.leads !== null && used.leads >= cap.leads) return { period: cap.period, unit: "leads" };
    if (cap.amount !== null && addUsed(used.amount, amount) > cap.amount) {
      return { period: cap.period, unit: "amount" };
    }
  }
  return undefined;
}

/**
 * One limit of a buyer, as it is given out in parts to its campaigns where tables are spread over nodes: of its caps, or what it may spend
 * of its wallet or credit.
 */
export type Measure = CapMeasure | "balance";
type CapMeasure = `${ReachedCap["period"]}.${ReachedCap["unit"]}`;

/** What is missing for one lead in a limit; units are leads, or ten-thousandths of money. */
export interface Shortage {
  cap: ReachedCap;
  measure: CapMeasure;
  units: number;
}

/** Each cap with no room for one more lead of `amount`, and how much room is missing. */
export function shortagesOf(caps: readonly Cap[], usage: Usage, amount: Amount): Shortage[] {
  return caps.flatMap(({ period, leads, amount: most }) => {
    const used = usage[period];
    const short = (unit: ReachedCap["unit"], units: number): Shortage[] =>
      units > 0 ? [{ cap: { period, unit }, measure: `${period}.${unit}`, units }] : [];
    return [
      ...(leads === null ? [] : short("leads", used.leads + 1 - leads)),
      ...(most === null ? [] : short("amount", subtract(addUsed(used.amount, amount), most))),
    ];
  });
}

/** What several have used together, of whom all count in the same periods; of none, undefined. */
export function sumOfUsage(usages: readonly Usage[]): Usage | undefined {
  const [first, ...others] = usages;
  if (first === undefined) return undefined;
  return others.reduce((sum, { total, ...periods }) => {
    const both = (one: PeriodUse, { leads, amount }: PeriodUse) => ({
      start: one.start,
      leads: one.leads + leads,
      amount: addUsed(one.amount, amount),
    });
    return {
      ...eachPeriod((period) => both(sum[period], periods[period])),
      total: { leads: sum.total.leads + total.leads, amount: addUsed(sum.total.amount, total.amount) },
    };
  }, first);
}

/** The usage with one lead of `amount` more, in every period. Written out, as it is made three times for every lead that is sold. */
export function withOneMore({ hour, day, week, month, total }: Usage, amount: Amount): Usage {
  return {
    hour: oneMore(hour, amount),
    day: oneMore(day, amount),
    week: oneMore(week, amount),
    month: oneMore(month, amount),
    total: { leads: total.leads + 1, amount: addUsed(total.amount, amount) },
  };
}

function oneMore({ start, leads, amount }: PeriodUse, more: Amount): PeriodUse {
  return { start, leads: leads + 1, amount: addUsed(amount, more) };
}

/**
 * The usage with so many leads and so much money more, or less where they are below zero, of the time `at` (ms since 1970): periods that
 * began later never held it.
 */
export function withChange(usage: Usage, leads: number, amount: Amount, at: number): Usage {
  return {
    ...eachPeriod((period) => {
      const use = usage[period];
      if (at < use.start) return use;
      return { start: use.start, leads: use.leads + leads, amount: addUsed(use.amount, amount) };
    }),
    total: { leads: usage.total.leads + leads, amount: addUsed(usage.total.amount, amount) },
  };
}

/** Whether a wallet or credit line that holds `balance` can bear `price`. A null limit: its money is not watched. */
export function canPay(balance: Amount, price: Amount, creditLimit: Amount | null): boolean {
  if (creditLimit === null) return true;
  return price <= balance + creditLimit;
}
