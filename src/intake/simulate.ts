import { decide } from "#intake/decide/decide.ts";
import type { Decision } from "#intake/decide/decision.ts";
import type { Reading } from "#intake/decide/reading.ts";
import type { BidAnswers } from "#leads/bid.ts";
import type { Arrived, Pinged } from "#leads/candidate.ts";
import { newUuid } from "#text/ids.ts";
import { asIfConfirmed, isUnasked } from "./dry-run.ts";
import { type PreviewParts, readPreview } from "./preview.ts";

/** A lead that an operator asks about. */
export interface LeadToSimulate {
  campaignId: string;
  supplierId: string;
  body: Readonly<Record<string, unknown>>;
  /** When it would come; null: now. */
  at: Date | null;
}

/** What would become of it. */
export interface Simulated {
  at: Date;
  reading: Reading;
  decision: Decision;
  warnings: SimulationWarning[];
}

/** What may be otherwise when such a lead comes; `buyers` whom it is about. */
export interface SimulationWarning {
  code: "live_bids_not_asked" | "check_not_asked" | "confirmation_not_asked" | "no_ping" | "state_of_now";
  buyers: string[];
}

/**
 * Decides a lead as the lane would, with every buyer, for somebody who may see them. Nothing is recorded, counted or sent, and no buyer
 * is asked. In a ping-post campaign the whole lead is decided as its ping would be, since there is no token that promised anything.
 * Undefined: there is no such campaign.
 */
export async function simulateLead(
  { at, ...asked }: LeadToSimulate,
  { clock, ...parts }: PreviewParts,
): Promise<Simulated | undefined> {
  const decidedAt = at ?? clock.now();
  const lead = { ...asked, id: newUuid(), requestId: "", keyId: null };
  const arrived: Arrived = { ...lead, kind: "arrived", idempotency: null, ping: null, checks: "not_asked" };
  const preview = await readPreview(asked.campaignId, [arrived], {
    ...parts,
    clock: { ...clock, now: () => decidedAt },
  });
  const [reading] = preview?.readings ?? [];
  if (preview === undefined || reading === undefined || reading.campaign.status === "archived")
    return undefined;
  const isPinged = reading.campaign.mode === "ping_post";
  const pinged: Pinged = { ...lead, kind: "pinged" };
  const candidate = { lead: isPinged ? pinged : arrived, reading };
  const decision = decide(candidate, preview.state, decidedAt, NOBODY_ASKED);
  const warnings = warningsOf(decision, { isPinged, isOfNow: at === null });
  return {
    at: decidedAt,
    reading,
    decision: { ...decision, ending: asIfConfirmed(decision.ending) },
    warnings,
  };
}

const NOBODY_ASKED: BidAnswers = new Map();

function warningsOf(
  { trace, ending }: Decision,
  { isPinged, isOfNow }: { isPinged: boolean; isOfNow: boolean },
): SimulationWarning[] {
  const lines = trace.flatMap((line) => (line.check === "buyers" ? line.buyers : []));
  const unasked = lines.filter(isUnasked).map(({ buyer_id }) => buyer_id);
  const isChecked = trace.some((line) => line.check === "checks");
  const asked = ending.kind === "pending" ? ending.sales.map(({ buyerId }) => buyerId) : [];
  return [
    ...(unasked.length > 0 ? [{ code: "live_bids_not_asked" as const, buyers: unasked }] : []),
    ...(asked.length > 0 ? [{ code: "confirmation_not_asked" as const, buyers: asked }] : []),
    ...(isChecked ? [{ code: "check_not_asked" as const, buyers: [] }] : []),
    ...(isPinged ? [{ code: "no_ping" as const, buyers: [] }] : []),
    ...(isOfNow ? [] : [{ code: "state_of_now" as const, buyers: [] }]),
  ];
}
