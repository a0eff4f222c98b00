import type { CheckResult, DecisionInput } from "./check.ts";

/** The inbound filters: those of the supplier's link first, then the campaign's. */
export function checkFilters({ link, campaign, reading, now }: DecisionInput): CheckResult {
  for (const [by, filters] of [
    ["supplier", link.filters],
    ["campaign", campaign.filters],
  ] as const) {
    const failures = filters?.check(reading.values, now, reading.extent) ?? [];
    if (failures.length > 0) {
      return {
        line: { check: "filters", result: "ended", detail: { by, rules: failures.map((each) => each.rule) } },
        ending: { kind: "filtered", by, failures },
      };
    }
  }
  return { line: { check: "filters", result: "passed" } };
}
