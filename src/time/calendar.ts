/** Days and moments as RFC 3339 writes them, read as strictly; whatever else Temporal would read is none. */

const DAY_LENGTH = "2024-05-01".length;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i;

/** The day that a full-date (`YYYY-MM-DD`) names, in days since 1970-01-01. Undefined for other text and for a day that does not exist. */
export function readDay(text: string): number | undefined {
  return DAY.test(text) ? dayOf(text) : undefined;
}

/**
 * The moment that a date-time with its offset names (`2024-05-01T13:30:00Z`). Undefined for other text, and for a day or a time that
 * does not exist; a leap second is second 59.
 */
export function readInstant(text: string): Temporal.Instant | undefined {
  // Refused before Temporal is asked: an exception costs more than everything else here.
  if (!INSTANT.test(text) || dayOf(text.slice(0, DAY_LENGTH)) === undefined) return undefined;
  try {
    return Temporal.Instant.from(text);
  } catch {
    return undefined;
  }
}

function dayOf(date: string): number | undefined {
  const [year, month, day] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10))];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(month, year)) return undefined;
  // Years that begin with March: a leap day is the last of its year. (Howard Hinnant, days_from_civil.)
  const inYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const since = month > 2 ? year : year - 1;
  return 365 * since + leapDaysTo(since) + inYear - DAYS_TO_1970;
}

function daysIn(month: number, year: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function leapDaysTo(year: number): number {
  return Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
}

/** Of the days since 1 March of the year 0, the number of 1 January 1970. */
const DAYS_TO_1970 = 719_468;
