/** By what leads can be counted beside their time. */
export type LeadCountGroup = (typeof LEAD_COUNT_GROUPS)[number];
export const LEAD_COUNT_GROUPS = ["status", "campaign", "supplier", "reason"] as const;

/** How much time one count is about. */
export type BucketSize = (typeof BUCKETS)[number];
export const BUCKETS = ["minute", "hour", "day"] as const;

/** Leads of one bucket; `at` is when it began, in s since 1970. Null: not grouped by it, or without a reason. */
export interface LeadCount extends Record<LeadCountGroup, string | null> {
  at: number;
  leads: number;
}

/** Counts of the same bucket and group added up, in the order of time and then by group. */
export function addCounts(counts: readonly LeadCount[]): LeadCount[] {
  const sums = new Map<string, LeadCount>();
  for (const each of counts) {
    const key = placeOf(each);
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? each : { ...sum, leads: sum.leads + each.leads });
  }
  return [...sums.values()].toSorted(
    (one, other) => one.at - other.at || (placeOf(one) < placeOf(other) ? -1 : 1),
  );
}

function placeOf(each: LeadCount): string {
  return JSON.stringify([each.at, ...LEAD_COUNT_GROUPS.map((name) => each[name])]);
}
