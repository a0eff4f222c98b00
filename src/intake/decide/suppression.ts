import type { CheckResult, DecisionInput } from "./check.ts";
import type { SuppressionHit } from "./decision.ts";
import type { Reading } from "./reading.ts";
import type { BatchState } from "./state.ts";

/** Is the person on one of the campaign's suppression lists? A buyer's own lists only pass that buyer over. */
export function checkSuppression({ campaign, reading, state }: DecisionInput): CheckResult {
  const hits = suppressionHits(reading, state, campaign.suppressionLists);
  if (hits.length === 0) return PASSED;
  return {
    line: {
      check: "suppression",
      result: "ended",
      detail: { lists: [...new Set(hits.map((hit) => hit.list))] },
    },
    ending: { kind: "suppressed", hits },
  };
}

const PASSED: CheckResult = { line: { check: "suppression", result: "passed" } };

/** Where the lead's person stands on `lists`: each list and field once. */
export function suppressionHits(
  reading: Reading,
  state: BatchState,
  lists: ReadonlySet<string>,
): readonly SuppressionHit[] {
  if (lists.size === 0 || state.suppressed.size === 0) return NO_HITS;
  const hits = new Map<string, SuppressionHit>();
  for (const { key, field } of reading.suppressionKeys) {
    for (const list of state.suppressed.get(key) ?? []) {
      if (lists.has(list)) hits.set(`${list} ${field}`, { list, field });
    }
  }
  return [...hits.values()];
}

const NO_HITS: readonly SuppressionHit[] = [];
