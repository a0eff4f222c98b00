import { readReturnTerms } from "#campaigns/return-terms-records.ts";
import type { Database } from "#database/database.ts";
import { findLead, type WholeLead } from "#leads/lead-records.ts";
import type { LeadReturn } from "#leads/return.ts";
import { findReturnOfSale, insertReturn, lockForNotes, lockShare } from "#leads/return-records.ts";
import type { Sale } from "#leads/sale.ts";
import { newUuid } from "#text/ids.ts";
import { DAY_MS } from "#time/durations.ts";
import { acceptedAt, SHARE_DAYS, whyNoReturn } from "./policy.ts";

export interface WantedReturn {
  /** A UUID. */
  leadId: string;
  /** Null: the only one that bought it. */
  buyerId: string | null;
  reason: string;
  note: string | null;
  /** An operator's name, or `buyer:<id>`. */
  by: string;
}

/** Why no return was made. */
export type NoReturn =
  | { refused: "no_such_lead" | "no_such_sale" | "which_buyer" }
  | { refused: "conflict"; why: string };

/**
 * Puts on record that a buyer gives a lead back, if the terms of its contract let it; exact, also when many are asked for at once. Of a
 * lead that was erased no note is kept: it may say again who the person is.
 */
export async function askReturn(
  wanted: WantedReturn,
  database: Database,
  now: Date,
): Promise<LeadReturn | NoReturn> {
  const lead = await database.read((db) => findLead(db, wanted.leadId));
  if (lead === undefined) return { refused: "no_such_lead" };
  const sale = saleOf(lead, wanted.buyerId);
  if ("refused" in sale) return sale;
  const since = new Date(now.getTime() - SHARE_DAYS * DAY_MS);
  return database.write(async (tx): Promise<LeadReturn | NoReturn> => {
    const { campaignId, isTest } = lead;
    const share = await lockShare(tx, sale.buyerId, since);
    const [{ buyer: terms }, before] = await Promise.all([
      readReturnTerms(tx, campaignId, sale.buyerId),
      findReturnOfSale(tx, { saleId: sale.id, campaignId }),
    ]);
    const { soldAt } = sale;
    const status = saleStatus(sale);
    const asked = before?.status ?? null;
    const facts = { terms, reason: wanted.reason, isTest, soldAt, status, asked, share };
    const why = whyNoReturn(facts, now.getTime());
    if (why !== undefined || terms === null) return { refused: "conflict", why: why ?? "" };
    const note = (await lockForNotes(tx, { leadId: lead.id, campaignId })) ? wanted.note : null;
    const made = newReturn({ ...wanted, note }, lead, sale, acceptedAt(terms, now.getTime()), now);
    await insertReturn(tx, made);
    return made;
  });
}

/** The sale to a buyer: the one that stands, or else the last that did. */
function saleOf({ sales, former }: WholeLead, buyerId: string | null): Sale | NoReturn {
  const sold = [...sales, ...former].filter(({ status }) => status !== "reserved" && status !== "declined");
  if (sold.length === 0) return { refused: "no_such_sale" };
  const buyers = new Set((sales.length > 0 ? sales : sold).map((sale) => sale.buyerId));
  if (buyerId === null && buyers.size > 1) return { refused: "which_buyer" };
  const [of = null] = buyerId === null ? [...buyers] : [buyerId];
  const own = sold.filter((sale) => sale.buyerId === of);
  return own.find(({ status }) => status === "sold") ?? own.at(-1) ?? { refused: "no_such_sale" };
}

function saleStatus({ status }: Sale): "sold" | "refused" | "returned" {
  return status === "refused" || status === "returned" ? status : "sold";
}

function newReturn(
  { reason, note, by }: WantedReturn,
  { id: leadId, campaignId, currency }: WholeLead,
  { id: saleId, buyerId, price }: Sale,
  acceptAt: number | null,
  now: Date,
): LeadReturn {
  return {
    id: newUuid(),
    campaignId,
    leadId,
    saleId,
    buyerId,
    reason,
    note,
    status: "pending",
    amount: price,
    currency,
    askedAt: now.getTime(),
    askedBy: by,
    acceptAt,
    decidedAt: null,
    decidedBy: null,
    decisionNote: null,
  };
}
