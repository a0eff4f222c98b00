import type { Filter, FilterFailure } from "#rules/filter.ts";
import type { CheckResult, DecisionInput } from "./check.ts";
import { heldByChecks } from "./checks.ts";
import type { TurnedAway } from "./decision.ts";

/** The inbound filters: those of the supplier's link first, then the campaign's. What they only hold goes on. */
export function checkFilters(input: DecisionInput): CheckResult {
  const failed = failedFilters(input, turnsAway);
  if (failed === undefined) return PASSED;
  const { by, failures } = failed;
  return {
    line: { check: "filters", result: "ended", detail: { by, rules: failures.map((each) => each.rule) } },
    ending: { kind: "filtered", by, failures },
  };
}

const PASSED: CheckResult = { line: { check: "filters", result: "passed" } };

function turnsAway({ holds }: FilterFailure): boolean {
  return holds !== true;
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
  const failuresOf = (filters: Filter | null) =>
    filters?.check(reading.values, now, reading.extent).filter(counts) ?? NONE;
  const ofLink = failuresOf(link.filters);
  if (ofLink.length > 0) return { by: "supplier", failures: ofLink };
  const ofCampaign = failuresOf(campaign.filters);
  return ofCampaign.length > 0 ? { by: "campaign", failures: ofCampaign } : undefined;
}

const NONE: readonly FilterFailure[] = [];
