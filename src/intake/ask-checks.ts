import type { CampaignCheck } from "#campaigns/campaign.ts";
import type { CampaignCache } from "#campaigns/campaign-cache.ts";
import type { Checkers } from "#handover/checkers.ts";
import { mayBeAsked } from "#intake/decide/checks.ts";
import { decide } from "#intake/decide/decide.ts";
import { type ParsedLead, parseLead, withFindings } from "#intake/decide/reading.ts";
import { answerName } from "#intake/lane/rows.ts";
import { replay } from "#intake/reply/idempotency.ts";
import { noSuchCampaign, type SupplierReply } from "#intake/reply/reply.ts";
import type { Arrived, CheckFinding } from "#leads/candidate.ts";
import { askUntilDecided, type ConfirmParts } from "./confirm.ts";
import type { FirstRead } from "./reads/first-reads.ts";

export interface AskChecksParts extends ConfirmParts {
  campaignCache: CampaignCache;
  checkers: Checkers;
  firstRead(parsed: ParsedLead): Promise<FirstRead>;
}

/**
 * Takes a lead in about which others are asked first, with nothing locked and outside any transaction: those that the lead, as far as is
 * known now, does not fail before. Then the lane decides it by what they said; should the configuration ask more of it by then, these are
 * asked too. Nothing is on record before, so that a server that dies meanwhile has acknowledged nothing.
 */
export async function checkAndTakeIn(
  parsed: ParsedLead<Arrived>,
  parts: AskChecksParts,
): Promise<SupplierReply> {
  const { campaign } = parsed.reading;
  const until = parts.clock.elapsedMs() + campaign.checkBudgetMs;
  let current = parsed;
  const ask = async (checks: readonly CampaignCheck[]) => {
    const found = await askAll(current, checks, until - parts.clock.elapsedMs(), parts);
    const lead = { ...current.lead, checks: [...foundBefore(current.lead), ...found] };
    current = { lead, reading: withFindings(current.reading, lead) };
  };
  if (mayBeAsked(parsed.reading, parts.clock.now())) {
    const first = await decideFirst(parsed, parts);
    if ("answer" in first) return first.answer;
    // Whoever was asked until now is not to hear of a lead that comes after the change.
    if (!first.isInForce) return await checkByNewest(parsed, parts);
    await ask(first.unchecked);
  }
  for (;;) {
    const outcome = await parts.lanes.takeIn(current.lead, current.reading);
    if ("pending" in outcome) return await askUntilDecided(outcome, parts);
    if (outcome.unchecked === undefined) return outcome.answer;
    await ask(outcome.unchecked);
  }
}

async function checkByNewest(
  { lead, reading }: ParsedLead<Arrived>,
  parts: AskChecksParts,
): Promise<SupplierReply> {
  const newest = await parts.campaignCache.current(reading.campaign);
  if (newest === undefined) return noSuchCampaign(lead);
  return await checkAndTakeIn({ lead, reading: parseLead(lead, newest) }, parts);
}

/** What would become of it as far as is known without a lock: it was answered before, or these are to be asked about it. */
async function decideFirst(
  parsed: ParsedLead<Arrived>,
  parts: AskChecksParts,
): Promise<{ answer: SupplierReply } | { unchecked: readonly CampaignCheck[]; isInForce: boolean }> {
  const { state, answers, isInForce } = await parts.firstRead(parsed);
  const now = parts.clock.now();
  const { lead, reading } = parsed;
  const { campaign } = reading;
  const stored =
    lead.idempotency === null ? undefined : answers.get(answerName(campaign.id, lead.idempotency.key));
  const replayed = replay(lead, stored, now, campaign);
  if (replayed !== undefined) return { answer: replayed };
  const { ending } = decide(parsed, state, now);
  return { unchecked: ending.kind === "unchecked" ? ending.checks : [], isInForce };
}

function foundBefore({ checks }: Arrived): readonly CheckFinding[] {
  return checks === undefined || checks === "not_asked" ? [] : checks;
}

async function askAll(
  { lead, reading }: ParsedLead<Arrived>,
  checks: readonly CampaignCheck[],
  budgetMs: number,
  { checkers }: AskChecksParts,
): Promise<CheckFinding[]> {
  if (checks.length === 0) return [];
  const { campaign, kept } = reading;
  return await checkers.askChecks(
    { leadId: lead.id, supplierId: lead.supplierId, campaign, fields: kept },
    checks,
    budgetMs,
  );
}
