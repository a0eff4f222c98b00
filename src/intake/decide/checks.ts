import type { CampaignCheck } from "#campaigns/campaign.ts";
import type { CheckFailure, CheckFinding } from "#leads/candidate.ts";
import type { TraceDetail } from "#leads/trace.ts";
import type { CheckResult, DecisionInput } from "./check.ts";
import type { FailedRule, TurnedAway } from "./decision.ts";
import type { Reading } from "./reading.ts";

/**
 * Do those others who are asked about it let it pass? Who was not asked yet has to be, before anything is decided. Nobody is asked about a
 * test lead, a ping, or a lead that is only tried out; what is decided once more was asked about when it came.
 */
export function checkByOthers(input: DecisionInput): CheckResult {
  const { lead, reading } = input;
  const asked = applicable(input);
  if (reading.isTest || lead.checks === "not_asked") {
    const ids = asked.map(({ id }) => id);
    const detail = ids.length > 0 && { detail: { not_asked: ids } };
    return { line: { check: "checks", result: "passed", ...detail } };
  }
  const found = new Map(lead.checks?.map((each) => [each.id, each]));
  const missing = asked.filter(({ id }) => !found.has(id));
  if (missing.length > 0) {
    return { line: { check: "checks", result: "ended" }, ending: { kind: "unchecked", checks: missing } };
  }
  const results = asked.flatMap(({ id, onError }) => {
    const result = found.get(id);
    return result === undefined ? [] : [{ ...result, onError }];
  });
  const refusing = results.filter((each) => effectOf(each) === "reject");
  const detail = detailOf(results);
  if (refusing.length === 0) return { line: { check: "checks", result: "passed", detail } };
  return {
    line: { check: "checks", result: "ended", detail },
    ending: { kind: "filtered", by: "check", failures: refusing.map(failureOf) },
  };
}

/** The checks for want of whose verdict a person is to decide; undefined: none. */
export function heldByChecks(input: DecisionInput): TurnedAway | undefined {
  const { lead, campaign } = input;
  if (lead.checks === undefined || lead.checks === "not_asked") return undefined;
  const failures = lead.checks.flatMap((result) => {
    const check = campaign.checks.find(({ id }) => id === result.id);
    const judged = check && { ...result, onError: check.onError };
    return judged && effectOf(judged) === "hold" ? [failureOf(judged)] : [];
  });
  return failures.length === 0 ? undefined : { by: "check", failures };
}

/** Whether others may have to be asked about the lead, as far as it tells by itself. */
export function mayBeAsked(reading: Reading, now: Date): boolean {
  return !reading.isTest && applicable({ campaign: reading.campaign, reading, now }).length > 0;
}

function applicable({
  campaign,
  reading,
  now,
}: Pick<DecisionInput, "campaign" | "reading" | "now">): readonly CampaignCheck[] {
  return campaign.checks.filter(
    ({ when }) => when === null || when.check(reading.values, now, reading.extent).length === 0,
  );
}

type Judged = CheckFinding & Pick<CampaignCheck, "onError">;

function effectOf({ verdict, onError }: Judged): "pass" | "reject" | "hold" {
  switch (verdict) {
    case "passed":
      return "pass";
    case "rejected":
      return "reject";
    case "failed":
      return onError;
  }
}

function failureOf({ id, verdict, failure }: Judged): FailedRule {
  return verdict === "rejected"
    ? { rule: id, field: `check.${id}`, code: "check_rejected", message: `the check ${id} refused it` }
    : {
        rule: id,
        field: `check.${id}`,
        code: "check_failed",
        message: `the check ${id} brought no verdict (${wordsOf(failure)})`,
      };
}

function detailOf(results: readonly Judged[]): TraceDetail {
  const idsOf = (verdict: Judged["verdict"]) =>
    results.filter((each) => each.verdict === verdict).map(({ id }) => id);
  const [passed, rejected] = [idsOf("passed"), idsOf("rejected")];
  const failed = results
    .filter(({ verdict }) => verdict === "failed")
    .map(({ id, failure }) => `${id} (${wordsOf(failure)})`);
  return {
    ...(passed.length > 0 && { passed }),
    ...(rejected.length > 0 && { rejected }),
    ...(failed.length > 0 && { failed }),
  };
}

function wordsOf(failure: CheckFailure | null): string {
  return (failure ?? "unreadable").replaceAll("_", " ");
}
