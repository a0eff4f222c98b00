import type { Shapes } from "#web/api/client.ts";

/** So many leads are shown at most. */
const KEPT = 40;
/** A tail that goes on tells the leads of 20 seconds once more: ids are remembered for those of some 2,000 leads a second. */
const REMEMBERED = 50_000;
/** The rate is that of so long, in ms. */
const RATED_MS = 10_000;

interface Counted<Row> {
  /** The newest first. */
  leads: readonly Row[];
  /** Over the last ten seconds, a second. */
  rate: number;
  /** How many came since the time `since`; undefined: it has not begun. */
  count: number;
  since: string | undefined;
}

/** Counts leads as they come, each once, however often it is told. `now` is in ms, by any clock that never goes back. */
export interface Tally<Row = Shapes["LeadSummary"]> {
  /** Counts from a time on, as the API has it: what came before may have been missed. */
  begin(since: string): void;
  add(lead: Row, now: number): void;
  at(now: number): Counted<Row>;
}

export function createTally<Row extends { id: string } = Shapes["LeadSummary"]>(): Tally<Row> {
  const seen = new Set<string>();
  let leads: readonly Row[] = [];
  let times: number[] = [];
  let count = 0;
  let since: string | undefined;
  return {
    begin(from) {
      count = 0;
      since = from;
    },
    add(lead, now) {
      if (seen.has(lead.id)) return;
      seen.add(lead.id);
      const [oldest] = seen;
      if (seen.size > REMEMBERED && oldest !== undefined) seen.delete(oldest);
      leads = [lead, ...leads].slice(0, KEPT);
      times.push(now);
      count += 1;
    },
    at(now) {
      times = times.filter((at) => at > now - RATED_MS);
      return { leads, rate: (times.length * 1_000) / RATED_MS, count, since };
    },
  };
}
