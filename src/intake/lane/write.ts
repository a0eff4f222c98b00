import { operation } from "#configuration/history.ts";
import { recordChange } from "#configuration/history-records.ts";
import { writeRows } from "#database/batch.ts";
import type { Queryable } from "#database/database.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { undoneSales } from "#leads/decided-lead.ts";
import { insertLeads, reopenedRows } from "#leads/lead-write-records.ts";
import { acceptReturns } from "#leads/return-records.ts";
import { formerSaleRows, insertSales } from "#leads/sale-records.ts";
import { figureRows } from "#ledger/figures-records.ts";
import { undoRows } from "#ledger/undo-records.ts";
import { leadIdOf, returnIdOf } from "#text/ids.ts";
import type { LeadEntry } from "./entry.ts";
import { keyRows } from "./keys-records.ts";
import { redeemedRows } from "./redeemed-records.ts";
import { usageRows } from "./usage-records.ts";

/**
 * Writes the leads of a batch, and all that they changed, in statements that do not wait for one another. `states`: what they left of what
 * they were decided by, by campaign.
 */
export async function write(
  db: Queryable,
  states: ReadonlyMap<string, BatchState>,
  leads: readonly LeadEntry[],
  now: Date,
): Promise<void> {
  const at = now.toISOString();
  const arrived = leads.filter(({ prior }) => prior === null);
  const reopened = leads.filter(({ prior }) => prior !== null);
  const written = await Promise.allSettled([
    insertLeads(db, arrived, at),
    insertSales(db, leads, at),
    acceptReturns(db, reopened, at),
    ...reopened.map((decided) => recordReturn(db, decided, now)),
    ...reopened.map((decided) => recordHoldEnd(db, decided, now)),
    ...writeRows(db, at, [
      reopenedRows(reopened),
      ...keyRows(leads, now),
      ...usageRows(leads, states),
      formerSaleRows(reopened),
      undoRows(reopened),
      figureRows(leads, now),
      redeemedRows(leads),
    ]),
  ]);
  // The first in the order in which they were sent says why; those behind it only that their transaction is over.
  const failed = written.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

/** Puts in the history that a return was accepted. */
async function recordReturn(db: Queryable, decided: LeadEntry, now: Date): Promise<void> {
  const { lead, prior } = decided;
  const [sale] = undoneSales(decided);
  if (prior === null || prior.returnId === null || sale === undefined) return;
  const difference = { path: `returns[${returnIdOf(prior.returnId)}]`, to: leadIdOf(lead.id) };
  const change = operation({ kind: "buyer", id: sale.buyerId }, "return_accepted", difference);
  await recordChange(db, { by: prior.by ?? "leadgate", now }, change);
}

/** Puts in the history that an operator decided about a lead that was put aside. */
async function recordHoldEnd(db: Queryable, { lead, prior }: LeadEntry, now: Date): Promise<void> {
  if (prior === null || prior.by === null) return;
  const { cause, by } = prior;
  if (cause !== "released" && cause !== "rejected") return;
  const difference = { path: `leads[${leadIdOf(lead.id)}]`, from: "HELD", to: cause };
  const change = operation({ kind: "campaign", id: lead.campaignId }, `lead_${cause}`, difference);
  await recordChange(db, { by, now }, change);
}
