import type { Campaign } from "#campaigns/campaign.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import type { Candidate } from "#leads/candidate.ts";
import type { AdmissionInput, CheckResult } from "./check.ts";
import type { DoorRefusal } from "./decision.ts";

/** Does the body satisfy the campaign's field mapping? */
export function checkFields({ lead, reading, campaign }: AdmissionInput): CheckResult<DoorRefusal> {
  const errors = [...reading.errors, ...pingMissing(lead, campaign)];
  if (errors.length === 0) return { line: { check: "fields", result: "passed" } };
  return { line: { check: "fields", result: "ended" }, ending: { kind: "invalid", errors } };
}

function pingMissing(lead: Candidate, { mode }: Campaign): ReplyFieldError[] {
  if (mode === "direct" || lead.kind !== "arrived" || lead.ping !== null) return [];
  return [
    {
      field: "flo_ping_id",
      code: "required",
      message: "flo_ping_id is required: this campaign is pinged first",
    },
  ];
}
