import type { EarlierLead } from "#leads/candidate.ts";
import { leadIdOf } from "#text/ids.ts";
import { DAY_MS } from "#time/durations.ts";
import type { CheckResult, DecisionInput } from "./check.ts";
import { acceptedKey, type CountedLead, unmatchedKey } from "./state.ts";

/** Does the lead repeat one that counts, within the campaign's window? */
export function checkDuplicates(input: DecisionInput): CheckResult {
  const original = originalOf(input);
  if (original === undefined) return PASSED;
  const duplicate_of = leadIdOf(original.leadId);
  switch (input.campaign.duplicates.action) {
    case "route_to_original":
      return {
        line: {
          check: "duplicates",
          result: "passed",
          detail: { duplicate_of, reason: "route_to_original" },
        },
      };
    case "reject":
      return {
        line: {
          check: "duplicates",
          result: "ended",
          detail: { duplicate_of, reason: "rejects_duplicates" },
        },
        ending: { kind: "duplicate", of: original, why: "rejects_duplicates" },
      };
  }
}

const PASSED: CheckResult = { line: { check: "duplicates", result: "passed" } };

/**
 * The earliest lead within the window that any of the rule's fields matches; among equals, one with a buyer. A duplicate took its
 * original's place when it was sold; when its buyer refuses it, what it repeats is known by its own record.
 */
export function originalOf(input: DecisionInput): EarlierLead | undefined {
  return countedOriginalOf(input) ?? repeatedBefore(input) ?? undefined;
}

function repeatedBefore({ lead }: DecisionInput): EarlierLead | null {
  return lead.kind === "reopened" && lead.prior.cause !== "by_hand" ? lead.prior.duplicateOf : null;
}

function countedOriginalOf({ lead, campaign, reading, state, now }: DecisionInput): CountedLead | undefined {
  if (state.earlier.size === 0) return undefined;
  const { fields, windowDays, countUnmatched } = campaign.duplicates;
  const opened = now.getTime() - windowDays * DAY_MS;
  let earliest: CountedLead | undefined;
  const compare = (earlier: CountedLead | undefined) => {
    if (earlier === undefined || earlier.countedAt <= opened || earlier.leadId === lead.id) return;
    if (earliest === undefined || earlier.countedAt < earliest.countedAt) earliest = earlier;
  };
  for (const key of reading.duplicateKeys) {
    if (!fields.includes(key.field)) continue;
    compare(state.earlier.get(acceptedKey(key, reading.isTest)));
    if (countUnmatched) compare(state.earlier.get(unmatchedKey(key, reading.isTest)));
  }
  return earliest;
}

/** The lead that a buyer with a window of its own received before from the same person. */
export function receivedBefore(
  { lead, reading, state, now }: DecisionInput,
  buyerId: string,
  windowDays: number,
): CountedLead | undefined {
  const opened = now.getTime() - windowDays * DAY_MS;
  for (const key of reading.buyerDuplicateKeys.get(buyerId) ?? []) {
    const received = state.receivedByBuyer.get(acceptedKey(key, reading.isTest));
    if (received !== undefined && received.countedAt > opened && received.leadId !== lead.id) return received;
  }
  return undefined;
}
