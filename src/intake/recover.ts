import type { Database } from "#database/database.ts";
import type { Outbox } from "#handover/outbox.ts";
import { OnAnotherNode } from "#intake/lane/lane.ts";
import type { BuyersAnswers, PriorDecision, Reopened } from "#leads/candidate.ts";
import { findLead, type WholeLead } from "#leads/lead-records.ts";
import type { ReopenCause, TraceLine } from "#leads/trace.ts";
import type { Log } from "#telemetry/log.ts";
import { leadIdOf } from "#text/ids.ts";
import type { Jobs } from "#time/jobs.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import { askUntilDecided, type ConfirmParts, readAnswers } from "./confirm.ts";

/** How often pending leads are looked for whose server died, and how long one must have been so, in ms: longer than any asking takes. */
const LOOK_EVERY_MS = 15_000;
const PENDING_LONG_MS = 45_000;

export interface RecoverParts extends ConfirmParts {
  outbox: Pick<
    Outbox,
    | "answeredPending"
    | "meantFor"
    | "undelivered"
    | "unsettledRefusals"
    | "dismissRefusal"
    | "onRefusal"
    | "onAnswer"
  >;
  database: Database;
  log: Log;
}

/** Of what settles by the clock what was left. */
export interface SettlerParts extends RecoverParts {
  jobs: Jobs;
}

/** Decides what other servers, or this one before it was restarted, have left pending. */
export function openRecovery(parts: SettlerParts): Running {
  const { outbox, clock, log, jobs } = parts;

  async function tryDeciding(
    leadId: string,
    answers: BuyersAnswers,
    isStopped: () => boolean,
  ): Promise<void> {
    try {
      await decidePending(leadId, answers, parts);
    } catch (error) {
      // A server of that node does it.
      if (!isStopped() && !(error instanceof OnAnotherNode))
        log.warn("a pending lead cannot be decided", { lead_id: leadIdOf(leadId), error });
    }
  }

  const looking = lookEvery({
    clock,
    who: jobs,
    everyMs: LOOK_EVERY_MS,
    async look(isStopped) {
      const left = await outbox.answeredPending(new Date(clock.now().getTime() - PENDING_LONG_MS));
      for (const { leadId, answers } of left) if (!isStopped()) await tryDeciding(leadId, answers, isStopped);
    },
    failed: (error) => log.warn("pending leads cannot be looked for", { error }),
  });
  return {
    ...looking,
    start() {
      outbox.onAnswer(looking.wake);
      looking.start();
    },
  };
}

/** Decides one lead that was left pending, by what its buyers answered. */
async function decidePending(leadId: string, answers: BuyersAnswers, parts: RecoverParts): Promise<void> {
  const [stored, without] = await readWithBuyers(leadId, parts);
  if (stored?.status !== "PENDING") return;
  const { lost, cause, ...answered } = readAnswers(stored.sales, answers, mayHaveIt(stored.trace));
  const inHand = new Set(stored.sales.map(({ buyerId }) => buyerId));
  const refusedBy = new Set([...without.filter((id) => !inHand.has(id)), ...lost]);
  const lead = reopenStored(stored, cause, without, { ...answered, refusedBy });
  await askUntilDecided(await parts.lanes.takeIn(lead, null), parts);
}

/** The lead, and the buyers that it was meant for so far. */
export async function readWithBuyers(
  leadId: string,
  { database, outbox }: RecoverParts,
): Promise<[WholeLead | undefined, string[]]> {
  return await Promise.all([database.read((db) => findLead(db, leadId)), outbox.meantFor(leadId)]);
}

/** The buyers that, by a lead's trace, may have it and have not said so. */
function mayHaveIt(lines: readonly TraceLine[]): ReadonlySet<string> {
  return new Set(
    lines.flatMap((line) =>
      line.check === "confirmation" && line.answer === "unclear" ? [line.buyer_id] : [],
    ),
  );
}

/** How a lead is decided once more, where not all that is held or was sold of it is undone for the usual reasons. */
type Reopening = Partial<
  Pick<
    PriorDecision,
    "undone" | "keeps" | "returnId" | "refusal" | "by" | "answers" | "mayHave" | "refusedBy"
  >
>;

/** A lead as it is on record, to be decided once more without the buyers that did not take it. */
export function reopenStored(
  stored: WholeLead,
  cause: ReopenCause,
  without: readonly string[],
  reopening: Reopening = {},
): Reopened {
  const { buyerId, sales, former, quote } = stored;
  const undone = reopening.undone ?? (cause === "confirmed" ? [] : sales);
  const standing = sales.filter((sale) => !undone.includes(sale)).map((sale) => sale.buyerId);
  const others = [...without, ...sales.map((sale) => sale.buyerId)];
  return {
    kind: "reopened",
    id: stored.id,
    requestId: stored.requestId,
    campaignId: stored.campaignId,
    supplierId: stored.supplierId,
    body: JSON.parse(stored.fields) as Record<string, unknown>,
    checks: stored.checks,
    idempotency: null,
    ping: quote === null ? null : { quote, wants: null },
    prior: {
      cause,
      status: stored.status,
      sales,
      former,
      keeps: { payout: false, cap: false },
      returnId: null,
      refusal: null,
      answers: new Map(),
      // An operator who sends a lead round again knows what became of it.
      mayHave: cause === "by_hand" ? new Set() : mayHaveIt(stored.trace),
      isErased: stored.erasedAt !== null,
      duplicateOf: stored.duplicateOf === null ? null : { leadId: stored.duplicateOf, buyerId },
      isTest: stored.isTest,
      decidedAt: stored.decidedAt,
      firstDecidedAt: stored.firstDecidedAt,
      by: null,
      refusedBy: new Set(others.filter((id) => !standing.includes(id))),
      outOfTime: false,
      ...reopening,
      undone,
    },
  };
}
