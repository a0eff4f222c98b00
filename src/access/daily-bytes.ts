import { DAY_MS } from "#time/durations.ts";
import { COUNTED_ALONE, type SharedCounts } from "./shared-counts.ts";

/** How many bytes each supplier may have stored in a day. Each server counts by itself, its copies together, and anew when it starts. */
export interface DailyBytes {
  /** Counts so many bytes unless the supplier is over; answers with the seconds until it is not, 0 when they were counted. */
  take(supplierId: string, bytes: number, now: number): number;
}

const ALONE = { shared: COUNTED_ALONE, elapsedMs: () => 0 };

/** A day's bytes from rest, which come back evenly over a day; 0: no limit. `now` in ms of a clock that never runs backwards. */
export function createDailyBytes(
  perDay: number,
  { shared, elapsedMs }: { shared: SharedCounts; elapsedMs(): number } = ALONE,
): DailyBytes {
  const used = new Map<string, { bytes: number; at: number }>();
  shared.hear("bytes", ({ name, weight }) => {
    const now = elapsedMs();
    used.set(name, { bytes: unpaidOf(name, now) + weight, at: now });
  });

  function unpaidOf(supplierId: string, now: number): number {
    const before = used.get(supplierId);
    return before === undefined ? 0 : Math.max(0, before.bytes - ((now - before.at) / DAY_MS) * perDay);
  }

  return {
    take(supplierId, bytes, now) {
      if (perDay === 0) return 0;
      const unpaid = unpaidOf(supplierId, now);
      const over = unpaid + bytes - perDay;
      if (over > 0) return Math.max(1, Math.ceil((Math.min(over, perDay) / perDay) * (DAY_MS / 1000)));
      used.set(supplierId, { bytes: unpaid + bytes, at: now });
      shared.counted({ of: "bytes", name: supplierId, times: 1, weight: bytes });
      return 0;
    },
  };
}
