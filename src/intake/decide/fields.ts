import type { Campaign } from "#campaigns/campaign.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import type { AdmissionInput, CheckResult } from "./check.ts";
import type { Refusal } from "./decision.ts";
import { type Lead, readLead } from "./reading.ts";

/** Does the body satisfy the campaign's field mapping? */
export function checkFields({ lead, campaign }: AdmissionInput): CheckResult<Refusal> {
  const errors = [...readLead(lead, campaign).errors, ...pingMissing(lead, campaign)];
  if (errors.length === 0) return { line: { check: "fields", result: "passed" } };
  return { line: { check: "fields", result: "ended" }, ending: { kind: "invalid", errors } };
}

function pingMissing({ ping, isPing, prior }: Lead, { mode }: Campaign): ReplyFieldError[] {
  if (mode === "direct" || ping !== undefined || isPing || prior !== undefined) return [];
  return [
    {
      field: "flo_ping_id",
      code: "required",
      message: "flo_ping_id is required: this campaign is pinged first",
    },
  ];
}
