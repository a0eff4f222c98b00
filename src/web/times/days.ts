/** The viewer's time zone, in which days begin where a party has none of its own. */
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A day of the viewer's, as the API takes it: `2030-01-31`. */
export function dayText(at: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The day so many days after another; before it for less than zero. */
export function dayAfter(day: string, days = 1): string {
  const at = startOfDay(day);
  return dayText(new Date(at.getFullYear(), at.getMonth(), at.getDate() + days));
}

/** When a day begins for the viewer. */
export function startOfDay(day: string): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date);
}

/** The same time of day a week before: an hour more or less than 168 hours where clocks were changed meanwhile. */
export function aWeekBefore(at: Date): Date {
  const before = new Date(at);
  before.setDate(at.getDate() - 7);
  return before;
}

/** The month that so many months before now is, as the API takes it: `2030-01`. */
export function monthBefore(months: number, now = new Date()): string {
  return dayText(new Date(now.getFullYear(), now.getMonth() - months, 1)).slice(0, 7);
}

const monthName = new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric" });

/** `2030-01` as it is said. */
export function monthInWords(month: string): string {
  return monthName.format(startOfDay(`${month}-01`));
}

export interface Days {
  /** The first and the last day. */
  from: string;
  to: string;
}

/** Stretches of days by the words that addresses have for them. */
export const PERIODS = {
  today: { label: "Today", days: (today) => ({ from: today, to: today }) },
  yesterday: {
    label: "Yesterday",
    days: (today) => ({ from: dayAfter(today, -1), to: dayAfter(today, -1) }),
  },
  "7d": { label: "Last 7 days", days: (today) => ({ from: dayAfter(today, -6), to: today }) },
  "30d": { label: "Last 30 days", days: (today) => ({ from: dayAfter(today, -29), to: today }) },
  month: { label: "This month", days: (today) => ({ from: `${today.slice(0, 7)}-01`, to: today }) },
  "last-month": {
    label: "Last month",
    days(today) {
      const to = dayAfter(`${today.slice(0, 7)}-01`, -1);
      return { from: `${to.slice(0, 7)}-01`, to };
    },
  },
  "90d": { label: "Last 90 days", days: (today) => ({ from: dayAfter(today, -89), to: today }) },
  year: { label: "This year", days: (today) => ({ from: `${today.slice(0, 4)}-01-01`, to: today }) },
} satisfies Record<string, { label: string; days(today: string): Days }>;

export type Period = keyof typeof PERIODS;

export function isPeriod(word: string | undefined): word is Period {
  return word !== undefined && word in PERIODS;
}

const DAY = /^\d{4}-\d\d-\d\d$/;

/** The days that an address means: those of its `period`, or from and to; `otherwise` when it says nothing. */
export function daysOf(
  { period, from = "", to = "" }: Readonly<Record<string, string | undefined>>,
  otherwise: Period,
  today = dayText(new Date()),
): Days {
  if (isPeriod(period)) return PERIODS[period].days(today);
  if (DAY.test(from) && DAY.test(to)) return from <= to ? { from, to } : { from: to, to: from };
  return PERIODS[otherwise].days(today);
}

/** How many days there are from the first to the last. */
export function lengthOf({ from, to }: Days): number {
  return Math.round((startOfDay(to).getTime() - startOfDay(from).getTime()) / 86_400_000) + 1;
}
