import type { Database } from "#database/database.ts";
import type { BuyersAnswer, Outbox } from "#handover/outbox.ts";
import type { PriorDecision, Reopened } from "#leads/candidate.ts";
import { findLead, type WholeLead } from "#leads/lead-records.ts";
import type { ReopenCause } from "#leads/trace.ts";
import type { Log } from "#telemetry/log.ts";
import { leadIdOf } from "#text/ids.ts";
import type { Running } from "#time/running.ts";
import { askUntilDecided, type ConfirmParts } from "./confirm.ts";

/** How often pending leads are looked for whose server died, and how long one must have been so, in ms: longer than any asking takes. */
const LOOK_EVERY_MS = 5_000;
const PENDING_LONG_MS = 45_000;

export interface RecoverParts extends ConfirmParts {
  outbox: Pick<
    Outbox,
    "answeredPending" | "meantFor" | "isUndelivered" | "unsettledRefusals" | "dismissRefusal" | "onRefusal"
  >;
  database: Database;
  log: Log;
}

/** Decides what other servers, or this one before it was restarted, have left pending. */
export function openRecovery(parts: RecoverParts): Running {
  const { outbox, clock, log } = parts;
  let stopped = false;
  let looking = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    if (stopped) return;
    try {
      const left = await outbox.answeredPending(new Date(clock.now().getTime() - PENDING_LONG_MS));
      for (const { leadId, answer } of left) await tryDeciding(leadId, answer);
    } catch (error) {
      log.warn("pending leads cannot be looked for", { error });
    }
  }

  async function tryDeciding(leadId: string, answer: BuyersAnswer): Promise<void> {
    try {
      if (!stopped) await decidePending(leadId, answer, parts);
    } catch (error) {
      if (stopped) return;
      log.warn("a pending lead cannot be decided", { lead_id: leadIdOf(leadId), error });
    }
  }

  return {
    start() {
      timer = setInterval(() => {
        looking = looking.then(look);
      }, LOOK_EVERY_MS).unref();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await looking;
    },
  };
}

/** Decides one lead that was left pending, by what its buyer answered. */
async function decidePending(leadId: string, answer: BuyersAnswer, parts: RecoverParts): Promise<void> {
  const [stored, without] = await readWithBuyers(leadId, parts);
  if (stored?.status !== "PENDING") return;
  await askUntilDecided(await parts.lanes.takeIn(reopenStored(stored, answer, without), null), parts);
}

/** The lead, and the buyers that it was meant for so far. */
export async function readWithBuyers(
  leadId: string,
  { database, outbox }: RecoverParts,
): Promise<[WholeLead | undefined, string[]]> {
  return await Promise.all([database.read((db) => findLead(db, leadId)), outbox.meantFor(leadId)]);
}

/** How a lead is decided once more, where not all that is held or was sold of it is undone for the usual reasons. */
type Reopening = Partial<Pick<PriorDecision, "undone" | "keeps" | "refusal" | "by">>;

/** A lead as it is on record, to be decided once more without the buyers that did not take it. */
export function reopenStored(
  stored: WholeLead,
  cause: ReopenCause,
  without: readonly string[],
  reopening: Reopening = {},
): Reopened {
  const { buyerId, sales, former, quote } = stored;
  const inHand = stored.status === "PENDING" ? sales.filter(({ status }) => status === "reserved") : sales;
  const undone = reopening.undone ?? (cause === "confirmed" ? [] : inHand);
  const standing = sales.filter((sale) => !undone.includes(sale)).map((sale) => sale.buyerId);
  const others = [...without, ...sales.map((sale) => sale.buyerId)];
  return {
    kind: "reopened",
    id: stored.id,
    requestId: stored.requestId,
    campaignId: stored.campaignId,
    supplierId: stored.supplierId,
    body: JSON.parse(stored.fields) as Record<string, unknown>,
    idempotency: null,
    ping: quote === null ? null : { quote, wants: null },
    prior: {
      cause,
      status: stored.status,
      sales,
      former,
      keeps: { payout: false, cap: false },
      refusal: null,
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
