import type { FilterFailure } from "#rules/filter.ts";
import type { CheckResult, DecisionInput } from "./check.ts";
import { heldByChecks } from "./checks.ts";
import type { TurnedAway } from "./decision.ts";

/** The inbound filters: those of the supplier's link first, then the campaign's. What they only hold goes on. */
export function checkFilters(input: DecisionInput): CheckResult {
  const failed = failedFilters(input, ({ holds }) => holds !== true);
  if (failed === undefined) return { line: { check: "filters", result: "passed" } };
  const { by, failures } = failed;
  return {
    line: { check: "filters", result: "ended", detail: { by, rules: failures.map((each) => each.rule) } },
    ending: { kind: "filtered", by, failures },
  };
}

/**
 * Is it put aside for a person? Behind all that would end it anyway, so that nobody looks at what would not be sold. What was put aside
 * before is not again, and a ping is not: its post is.
 */
export function checkHold(input: DecisionInput): CheckResult {
  const failed =
    input.lead.kind === "arrived"
      ? (failedFilters(input, ({ holds }) => holds === true) ?? heldByChecks(input))
      : undefined;
  if (failed === undefined) return { line: { check: "hold", result: "passed" } };
  const { by, failures } = failed;
  return {
    line: { check: "hold", result: "ended", detail: { by, rules: failures.map((each) => each.rule) } },
    ending: { kind: "held", by, failures },
  };
}

/** Whether leads of this supplier may be put aside. */
export function mayBeHeld({ link, campaign }: Pick<DecisionInput, "link" | "campaign">): boolean {
  const filters = link.filters?.mayHold === true || campaign.filters?.mayHold === true;
  return filters || campaign.checks.some(({ onError }) => onError === "hold");
}

function failedFilters(
  { link, campaign, reading, now }: DecisionInput,
  counts: (failure: FilterFailure) => boolean,
): TurnedAway | undefined {
  for (const [by, filters] of [
    ["supplier", link.filters],
    ["campaign", campaign.filters],
  ] as const) {
    const failures = filters?.check(reading.values, now, reading.extent).filter(counts) ?? [];
    if (failures.length > 0) return { by, failures };
  }
  return undefined;
}
