/** For how long the same is counted as the same, in ms. */
const MINUTE_MS = 60_000;
/** What is remembered: of what comes beyond, each is forgotten in its turn. */
const MOST_REMEMBERED = 1_000;

/** How often something was told since `since`, and how often it was left out. */
interface Repeated {
  readonly since: number;
  told: number;
  left: number;
}

/**
 * Limits how often the same is told: `most` times in the minute from the first. Given what is the same and the time in ms, it returns 0
 * where it is not to be told, else how often it was so since it was told last, this time counted.
 */
export function limitRepeats(): (same: string, most: number, now: number) => number {
  const known = new Map<string, Repeated>();
  return (same, most, now) => {
    const last = known.get(same);
    // A clock that was set back must not silence anything for longer.
    if (last !== undefined && Math.abs(now - last.since) < MINUTE_MS) {
      if (last.told === most) {
        last.left += 1;
        return 0;
      }
      last.told += 1;
      return 1;
    }
    known.delete(same);
    known.set(same, { since: now, told: 1, left: 0 });
    if (known.size > MOST_REMEMBERED) known.delete(known.keys().next().value ?? "");
    return (last?.left ?? 0) + 1;
  };
}
