import type { Campaign } from "#campaigns/campaign.ts";
import type { Stranger } from "#fields/mapping.ts";
import { decide } from "#intake/decide/decide.ts";
import type { Decision, Ending, Final } from "#intake/decide/decision.ts";
import type { Reading } from "#intake/decide/reading.ts";
import { noSuchCampaign, replyTo, type SupplierReply } from "#intake/reply/reply.ts";
import type { Arrived } from "#leads/candidate.ts";
import type { BuyerLine, TraceDetail, TraceLine } from "#leads/trace.ts";
import { type PreviewParts, readPreview } from "./preview.ts";

/**
 * Answers a lead as it would be answered if it were sent for good, with the trace of the supplier's own checks. Nothing is recorded,
 * counted or sent, and no buyer is asked: one that would have to confirm the lead first is taken to do so.
 */
export async function tryOut(lead: Arrived, parts: PreviewParts): Promise<SupplierReply> {
  const [answer] = await tryOutAll(lead.campaignId, [lead], parts);
  return answer ?? noSuchCampaign(lead);
}

/** The same of several leads of one campaign, each as if it were the only one. */
export async function tryOutAll(
  campaignId: string,
  leads: readonly Arrived[],
  parts: PreviewParts,
): Promise<SupplierReply[]> {
  const asked = leads.map((lead): Arrived => ({ ...lead, checks: "not_asked" }));
  const preview = await readPreview(campaignId, asked, parts);
  const now = parts.clock.now();
  return asked.map((lead, place) => {
    const reading = preview?.readings[place];
    if (preview === undefined || reading === undefined) return noSuchCampaign(lead);
    return answerTried(lead, reading, decide({ lead, reading }, preview.state, now));
  });
}

function answerTried(lead: Arrived, reading: Reading, decision: Decision): SupplierReply {
  const answer = replyTo(asIfConfirmed(decision.ending), lead, reading);
  return markDryRun(
    answer,
    decision.trace,
    reading.campaign,
    reading.campaign.mapping.strangersIn(lead.body),
  );
}

/** The ending if every buyer that is asked first agreed. */
export function asIfConfirmed(ending: Ending): Final {
  return ending.kind === "pending" ? { ...ending, kind: "accepted" } : ending;
}

/** The answer with the mark that it was a dry run, wherever it speaks of the lead, with names that no field has, and the trace. */
function markDryRun(
  answer: SupplierReply,
  trace: readonly TraceLine[],
  campaign: Campaign,
  strangers: readonly Stranger[],
): SupplierReply {
  const { data, ...body } = JSON.parse(answer.body) as { data?: object; error?: string };
  const marked = data === undefined ? {} : { data: { ...data, dry_run: true } };
  // Whose supplier is not linked is told nothing of the campaign.
  const isStranger = body.error === "forbidden" || campaign.status === "archived";
  const told = isStranger ? [] : trace;
  const unknown = isStranger || strangers.length === 0 ? {} : { unknown_fields: strangers };
  return {
    ...answer,
    body: JSON.stringify({ ...body, ...marked, ...unknown, trace: told.map(supplierTrace) }),
  };
}

/** A line of the trace without anything of buyers, and without other leads' ids, which may be another supplier's. */
export function supplierTrace(line: TraceLine) {
  const { check, result } = line;
  if (line.check === "buyers") {
    const capped = result === "ended" && line.buyers.some(isSuppliersCap);
    const reason = capped ? "supplier_cap" : line.buyers.some(isUnasked) ? "live_bids_not_asked" : undefined;
    return { check, result, ...(reason !== undefined && { detail: { reason } }) };
  }
  if (!("detail" in line)) return { check, result };
  const { duplicate_of: _, ...detail }: TraceDetail = line.detail ?? {};
  return { check, result, ...(Object.keys(detail).length > 0 && { detail }) };
}

/** A dry run asks nobody, so a buyer that bids live is among those that were passed over. */
export function isUnasked(buyer: BuyerLine): boolean {
  return "reason" in buyer && buyer.reason === "no_bid" && buyer.why === "not_asked";
}

function isSuppliersCap(buyer: BuyerLine): boolean {
  return "reason" in buyer && buyer.reason === "supplier_cap";
}
