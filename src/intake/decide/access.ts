import type { Campaign } from "#campaigns/campaign.ts";
import type { Candidate } from "#leads/candidate.ts";
import type { AdmissionInput, CheckResult } from "./check.ts";
import type { DoorRefusal } from "./decision.ts";

/** May this supplier send leads to this campaign now? Asked again in the lane, where the campaign is the one in force. */
export function checkAccess({
  lead,
  campaign,
  now,
}: Omit<AdmissionInput, "reading">): CheckResult<DoorRefusal> {
  const ending = accessRefusal({ lead, campaign, now });
  if (ending === undefined) return PASSED;
  return { line: { check: "access", result: "ended", detail: { reason: ending.kind } }, ending };
}

const PASSED: CheckResult<DoorRefusal> = { line: { check: "access", result: "passed" } };

function accessRefusal({ lead, campaign, now }: Omit<AdmissionInput, "reading">): DoorRefusal | undefined {
  const link = campaign.suppliers.get(lead.supplierId);
  if (campaign.status === "archived") return { kind: "campaign_gone" };
  if (link === undefined) return { kind: "not_linked" };
  if (!hasLiveKey(lead, campaign, now)) return { kind: "unauthorized" };
  if (campaign.status === "paused") return { kind: "inactive", who: "campaign" };
  if (link.supplier.status === "paused") return { kind: "inactive", who: "supplier" };
  if (link.status === "paused") return { kind: "inactive", who: "link" };
  return undefined;
}

/** Whether the key that the lead came with is still good; a lead on record or of an operator needs none. */
export function hasLiveKey(lead: Candidate, campaign: Campaign, now: Date): boolean {
  if (lead.kind === "reopened" || lead.keyId === null) return true;
  return (campaign.keys.get(lead.keyId) ?? 0) > now.getTime();
}
