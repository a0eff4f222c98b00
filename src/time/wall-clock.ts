import { DAY_MS } from "./durations.ts";

/**
 * What the clock on the wall reads at an instant, as milliseconds since 1970-01-01T00:00 on that same clock.
 * Only the offset is asked of Temporal: 0.3 µs, a third of what reading day, hour and minute from it costs.
 */
export function wallClockMs(instantMs: number, zone: string): number {
  return instantMs + offsetMs(instantMs, zone);
}

/** How far the zone's clock is ahead of UTC at an instant, in milliseconds. */
export function offsetMs(instantMs: number, zone: string): number {
  return zonedAt(instantMs, zone).offsetNanoseconds / 1e6;
}

/** The day on the zone's calendar at an instant, as days since 1970-01-01. */
export function localDay(instantMs: number, zone: string): number {
  return Math.floor(wallClockMs(instantMs, zone) / DAY_MS);
}

export function zonedAt(instantMs: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(zone);
}

/** An instant on the zone's clock, with its offset: `2030-01-31T09:00-05:00`. The hour that comes twice is told apart by that. */
export function minuteWritten(instantMs: number, zone: string): string {
  return zonedAt(instantMs, zone).toString({ smallestUnit: "minute", timeZoneName: "never" });
}

/** Whether this names a time zone of the IANA database ("America/Chicago", "UTC"). A bare offset does not. */
export function isTimeZone(name: string): boolean {
  // Temporal also takes an offset, or a whole date-time, for a zone.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    zonedAt(0, name);
    return true;
  } catch {
    return false;
  }
}
