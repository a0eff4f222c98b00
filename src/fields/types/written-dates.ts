/** Days and moments as people and programs write them, brought to the form of RFC 3339; whether they exist is asked elsewhere. */

// What programs add to a day that has no time: 00:00:00.000Z, 12:00:00 AM.
const MIDNIGHT = /(?:T|\s+)(?:00?:00(?::00(?:\.0+)?)?\s?(?:Z|[+-]\d{2}:?\d{2})?|12:00(?::00)?\s?AM)$/i;
const STORED = /^\d{4}-\d\d-\d\d$/;
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/;
const US_ORDER = /^(\d{1,2})([-/])(\d{1,2})\2(\d{4})$/;
const DAY_AND_NAME = /^(\d{1,2})(?:st|nd|rd|th)?[\s./-]+([a-z]{3,9})[\s.,/-]+(\d{4})$/i;
const NAME_AND_DAY = /^([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$/i;
const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

/**
 * A day as YYYY-MM-DD: with the year first, with the month's English name, or in the US with the month first; a time of midnight is left
 * out. Anything else as it is: 05/06/1985 is May or June elsewhere, and two digits of a year are of two centuries.
 */
export function writtenDay(raw: string, country: string): string {
  if (STORED.test(raw)) return raw;
  const text = raw.replace(MIDNIGHT, "").replace(WEEKDAY, "");
  const [, year, , month, day] = YEAR_FIRST.exec(text) ?? [];
  if (year !== undefined) return dayFrom(year, month, day);
  const [, usMonth, , usDay, usYear] = (country === "US" ? US_ORDER.exec(text) : null) ?? [];
  if (usYear !== undefined) return dayFrom(usYear, usMonth, usDay);
  const [, first, name, lastYear] = DAY_AND_NAME.exec(text) ?? [];
  if (lastYear !== undefined) return dayFrom(lastYear, numberOfMonth(name), first);
  const [, firstName, second, thirdYear] = NAME_AND_DAY.exec(text) ?? [];
  return thirdYear === undefined ? raw : dayFrom(thirdYear, numberOfMonth(firstName), second);
}

function dayFrom(year: string, month = "", day = ""): string {
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

/** By the whole name, its first three letters, or "sept". */
function numberOfMonth(name = ""): string {
  const lower = name.toLowerCase();
  const place = MONTHS.findIndex(
    (month) => month === lower || month.slice(0, 3) === lower || (lower === "sept" && month === "september"),
  );
  return place < 0 ? "" : String(place + 1);
}

// The day of the week, which programs put before a date: it says nothing that the date does not.
const WEEKDAY =
  /^(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\.?,?\s+/i;
const TIME_BEHIND =
  /\s+(\d{2}:\d{2}(?::\d{2})?)\s(?:(?:GMT|UTC)?([+-]\d{2}:?\d{2})|GMT|UTC)(?:\s\([^()]*\))?$/i;
const MOMENT =
  /^(\d{4})([-/])(\d{2})\2(\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?\s?(?:(Z|UTC|GMT)|([+-]\d{2})(?::?(\d{2}))?)$/i;

/**
 * A moment with its offset as RFC 3339 has it: also without seconds, with slashes, with +0000, +00, UTC or GMT, and with the English name
 * of the month as mail (RFC 5322), HTTP and JavaScript write it. Other text as it is.
 */
export function writtenMoment(written: string): string {
  const raw = withoutNames(written);
  const [, year, , month, day, minutes, seconds = ":00", zulu, hours, rest = "00"] = MOMENT.exec(raw) ?? [];
  if (year === undefined) return raw;
  return `${year}-${month}-${day}T${minutes}${seconds}${zulu === undefined ? `${hours}:${rest}` : "Z"}`;
}

/** `Thu, 06 Apr 2017 22:04:21 GMT` and `Thu Apr 06 2017 22:04:21 GMT+0000 (UTC)` as `2017-04-06 22:04:21+0000`. */
function withoutNames(written: string): string {
  const found = TIME_BEHIND.exec(written);
  const day = written.slice(0, found?.index);
  if (found === null || !/[a-z]{3}/i.test(day)) return written;
  const [, time, offset = "Z"] = found;
  return `${writtenDay(day, "")} ${time}${offset}`;
}
