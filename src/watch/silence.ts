import { HOUR_MS } from "#time/durations.ts";
/** How far back a supplier's habits are looked at, in ms. */
export const HABIT_MS = 14 * 24 * HOUR_MS;
/** Who sends less often has no habit that one could miss. */
const LEAST_HOURS = 10;
/** Nobody is called silent before that. */
const LEAST_SILENCE_MS = 24 * HOUR_MS;
/** How much longer than ever before it must be. */
const LONGER = 1.5;

/**
 * Since when a supplier is silent, in ms since 1970; undefined: it is not. It is when it has sent nothing for a day, and for half as
 * long again as it ever was silent in the two weeks before: who rests at night or over the weekend is not called silent by that.
 * `hours`: the beginnings of those in which it sent leads, in their order.
 */
export function silentSince(hours: readonly number[], now: Date): number | undefined {
  const last = hours.at(-1);
  if (last === undefined || hours.length < LEAST_HOURS) return undefined;
  const pauses = hours.slice(1).map((hour, index) => hour - (hours[index] ?? hour));
  const longest = Math.max(...pauses);
  const since = last + HOUR_MS;
  const silence = now.getTime() - since;
  return silence > Math.max(LEAST_SILENCE_MS, LONGER * longest) ? since : undefined;
}
