import type { AtTheDoor, Finding } from "./check.ts";
import type { TurnedAway } from "./outcome.ts";

/** May this supplier send leads to this campaign now? Asked again in the lane, where the campaign is the one in force. */
export function authorize({ lead, campaign, now }: AtTheDoor): Finding<TurnedAway> {
  const ending = whyNot({ lead, campaign, now });
  if (ending === undefined) return { line: { check: "access", result: "passed" } };
  return { line: { check: "access", result: "ended", detail: { reason: ending.kind } }, ending };
}

function whyNot({ lead, campaign, now }: AtTheDoor): TurnedAway | undefined {
  const keyEnds = campaign.keys.get(lead.keyId);
  const link = campaign.suppliers.get(lead.supplierId);
  if (campaign.definition.status === "archived") return { kind: "campaign_gone" };
  if (link === undefined) return { kind: "not_linked" };
  if (keyEnds === undefined || keyEnds <= now.getTime()) return { kind: "unauthorized" };
  if (campaign.definition.status === "paused") return { kind: "inactive", who: "campaign" };
  if (link.definition.supplier.status === "paused") return { kind: "inactive", who: "supplier" };
  if (link.definition.status === "paused") return { kind: "inactive", who: "link" };
  return undefined;
}
