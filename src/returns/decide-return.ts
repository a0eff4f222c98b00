import { lockCampaign } from "#campaigns/campaign-lock-records.ts";
import { readReturnTerms } from "#campaigns/return-terms-records.ts";
import { operation } from "#configuration/history.ts";
import { type Author, recordChange } from "#configuration/history-records.ts";
import type { Database } from "#database/database.ts";
import type { RecoverParts } from "#intake/recover.ts";
import { returnSale } from "#intake/return-sale.ts";
import type { LeadReturn } from "#leads/return.ts";
import { findReturn, lockForNotes, rejectReturn } from "#leads/return-records.ts";
import { leadIdOf, returnIdOf } from "#text/ids.ts";

/** Why a return was not decided as it was meant. */
export type NotDecided = { refused: "no_such_return" } | { refused: "conflict"; why: string };

/**
 * Accepts a return (a UUID): its sale is undone, the buyer credited, payout and caps as the campaign says. However often and by however
 * many it is accepted, it happens once: the sale and the return change in one transaction.
 */
export async function acceptReturn(
  id: string,
  author: Author,
  parts: RecoverParts,
): Promise<LeadReturn | NotDecided> {
  const { database } = parts;
  const asked = await database.read((db) => findReturn(db, id));
  if (asked === undefined) return { refused: "no_such_return" };
  if (asked.status === "accepted") return asked;
  if (asked.status === "rejected") return { refused: "conflict", why: "This return was rejected already." };
  const { campaign } = await database.read((db) => readReturnTerms(db, asked.campaignId, asked.buyerId));
  const keeps = { payout: campaign.payout === "keep", cap: campaign.cap === "keep" };
  const outcome = await returnSale(asked, keeps, author.by, parts);
  if (outcome === "not_standing") await reject(asked, UNDONE_OTHERWISE, author, database);
  const now = await database.read((db) => findReturn(db, id));
  if (now?.status === "accepted") return now;
  if (now?.status === "pending") {
    return { refused: "conflict", why: "The lead is being decided just now; try again in a moment." };
  }
  const why = outcome === "not_standing" ? UNDONE_OTHERWISE : "This return was rejected already.";
  return { refused: "conflict", why };
}

const UNDONE_OTHERWISE = "The sale does not stand any more: it was undone otherwise.";

/** Rejects a return that is to be decided; once more with the same result it is as it was. Of an erased lead no note is kept. */
export async function rejectAskedReturn(
  id: string,
  note: string | null,
  author: Author,
  { database }: Pick<RecoverParts, "database">,
): Promise<LeadReturn | NotDecided> {
  const asked = await database.read((db) => findReturn(db, id));
  if (asked === undefined) return { refused: "no_such_return" };
  await reject(asked, note, author, database);
  const now = (await database.read((db) => findReturn(db, id))) ?? asked;
  if (now.status === "accepted") return { refused: "conflict", why: "This return was accepted already." };
  return now;
}

/** Waits for the lane, or has it wait: once that has its campaign it reads which returns are pending, and does not look again. */
async function reject(
  asked: LeadReturn,
  note: string | null,
  author: Author,
  database: Database,
): Promise<void> {
  const { id, campaignId, buyerId, leadId } = asked;
  const difference = { path: `returns[${returnIdOf(id)}]`, to: leadIdOf(leadId) };
  await database.write(async (tx) => {
    await lockCampaign(tx, campaignId);
    const kept = (await lockForNotes(tx, asked)) ? note : null;
    const isRejected = await rejectReturn(tx, asked, author.by, kept, author.now);
    if (!isRejected) return;
    await recordChange(tx, author, operation({ kind: "buyer", id: buyerId }, "return_rejected", difference));
  });
}
