import type { Campaign } from "#campaigns/campaign.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import type { Candidate } from "#leads/candidate.ts";
import type { AdmissionInput, CheckResult } from "./check.ts";
import type { DoorRefusal } from "./decision.ts";

/** Does the body satisfy the campaign's field mapping? */
export function checkFields({ lead, reading, campaign }: AdmissionInput): CheckResult<DoorRefusal> {
  const missing = pingMissing(lead, campaign);
  if (reading.errors.length === 0 && missing.length === 0) return PASSED;
  const errors = [...reading.errors, ...missing];
  return { line: { check: "fields", result: "ended" }, ending: { kind: "invalid", errors } };
}

const PASSED: CheckResult<DoorRefusal> = { line: { check: "fields", result: "passed" } };

function pingMissing(lead: Candidate, { mode }: Campaign): readonly ReplyFieldError[] {
  if (mode === "direct" || lead.kind !== "arrived" || lead.ping !== null) return NOTHING_MISSING;
  return [
    {
      field: "flo_ping_id",
      code: "required",
      message: "flo_ping_id is required: this campaign is pinged first",
    },
  ];
}

const NOTHING_MISSING: readonly ReplyFieldError[] = [];
