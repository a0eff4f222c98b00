import { and, asc, type Column, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { type Campaign, type Contract, compileCampaign } from "#campaigns/campaign.ts";
import { readCampaign } from "#campaigns/campaign-records.ts";
import { queryableOver } from "#database/queryable.ts";
import * as schema from "#database/tables.ts";
import { asOf, periodStarts, type Usage, withOneMore } from "#intake/decide/caps.ts";
import { type Amount, amountOfTenThousandths, formatAmount } from "#money/amount.ts";
import { payoutFor } from "#money/price.ts";
import { newUuid } from "#text/ids.ts";
import { choose, type Facts } from "./choose.ts";

/**
 * The design that one writes first: each lead in a transaction of its own, the counters locked while it is decided. Tables, field
 * mapping, filters and schedules are Leadgate's, and so are the promises: no cap is exceeded, and of two equal leads one
 * is taken. Drizzle's query builder is used as its manual shows it. What differs is that there is no lane.
 */

const { buyerCounters, campaignCounters, campaigns, leadKeys, leads, partyKeys, sales, suppressionEntries } =
  schema;

export interface Arrival {
  key: string;
  campaign: string;
  supplier: string;
  fields: Record<string, unknown>;
}

export type Outcome =
  | { kind: "unauthorized" | "not_found" | "invalid" | "filtered" | "suppressed" }
  | { kind: "accepted" | "unmatched" | "duplicate"; id: string; buyerId: string | null };

/** Takes one lead in. */
export function takeIn(
  db: PostgresJsDatabase<typeof schema>,
  { key, campaign: campaignId, supplier: supplierId, fields }: Arrival,
  pepper: Uint8Array,
): Promise<Outcome> {
  return db.transaction(async (tx): Promise<Outcome> => {
    if (!(await holdsKey(tx, key, supplierId))) return { kind: "unauthorized" };
    const campaign = await currentCampaign(tx, campaignId, pepper);
    const link = campaign?.suppliers.get(supplierId);
    if (campaign === undefined || link === undefined) return { kind: "not_found" };
    const read = campaign.mapping.read(fields, "post");
    if (!read.ok) return { kind: "invalid" };
    const { values } = read;
    const now = new Date();
    if (campaign.filters !== null && campaign.filters.check(values, now).length > 0)
      return { kind: "filtered" };
    const keys = campaign.suppressionKeys(values).map((each) => each.key);
    const lists = await listsWith(tx, keys);
    if (!campaign.suppressionLists.isDisjointFrom(lists)) return { kind: "suppressed" };

    // The lock comes as late as it can: only what it guards is read behind it.
    const used = await lockUsage(tx, campaign, now);
    const personKeys = campaign.duplicateKeys(values).map((each) => each.accepted);
    const id = newUuid();
    if (await isDuplicate(tx, campaign, personKeys, now)) return { kind: "duplicate", id, buyerId: null };
    const facts: Facts = { campaign, supplierId, values, lists, used, now };
    const { contract, trace } = choose(facts);
    const price = contract?.price ?? null;
    const payout = price === null ? null : payoutFor(link.payout, price, null, campaign.currency);
    const { currency } = campaign;
    await tx.insert(leads).values({
      id,
      campaignId,
      supplierId,
      status: contract === undefined ? "UNMATCHED" : "ACCEPTED",
      isTest: false,
      currency,
      revision: campaign.revision,
      decidedAt: now.toISOString(),
      requestId: newUuid(),
      fields: { ...values, ...read.extra },
      sent: { ...read.sent },
      trace,
    });
    if (contract === undefined || price === null || payout === null)
      return { kind: "unmatched", id, buyerId: null };
    await tx.insert(sales).values({
      supplierId,
      id: newUuid(),
      campaignId,
      leadId: id,
      buyerId: contract.buyerId,
      place: 1,
      status: "sold",
      price: formatAmount(price, currency),
      payout: formatAmount(payout, currency),
      currency,
      soldAt: now.toISOString(),
    });
    const counted = { leadId: id, buyerId: contract.buyerId, countedAt: now.toISOString() };
    await tx.insert(leadKeys).values(personKeys.map((each) => ({ key: each, campaignId, ...counted })));
    await count(tx, facts, contract, payout);
    return { kind: "accepted", id, buyerId: contract.buyerId };
  });
}

async function holdsKey(tx: Transaction, key: string, supplierId: string): Promise<boolean> {
  const held = await tx
    .select({ id: partyKeys.id })
    .from(partyKeys)
    .where(
      and(
        eq(partyKeys.sha256, new Bun.CryptoHasher("sha256").update(key).digest()),
        eq(partyKeys.supplierId, supplierId),
        isNull(partyKeys.revokedAt),
      ),
    );
  return held.length > 0;
}

const compiled = new Map<string, Campaign>();

/** The campaign of the row's revision, compiled once. */
type Transaction = Pick<PostgresJsDatabase<typeof schema>, "select" | "update" | "execute">;

/** Runs a statement of the program's own: its parameters stand in the order of their numbers. */
function queryableIn(tx: Transaction) {
  return queryableOver(async (text, parameters) => {
    const pieces = text
      .split(/\$\d+/)
      .map((piece, place) =>
        place < parameters.length ? sql`${sql.raw(piece)}${parameters[place]}` : sql.raw(piece),
      );
    return [...(await tx.execute(sql.join(pieces)))];
  });
}

async function currentCampaign(
  tx: Transaction,
  id: string,
  pepper: Uint8Array,
): Promise<Campaign | undefined> {
  const [row] = await tx.select({ revision: campaigns.revision }).from(campaigns).where(eq(campaigns.id, id));
  const held = compiled.get(id);
  if (held !== undefined && held.revision === row?.revision) return held;
  const stored = await readCampaign(queryableIn(tx), id);
  if (stored === undefined) return undefined;
  const campaign = compileCampaign(stored, pepper);
  compiled.set(id, campaign);
  return campaign;
}

async function listsWith(tx: Transaction, keys: string[]): Promise<Set<string>> {
  const entries = await tx
    .select({ list: suppressionEntries.listId })
    .from(suppressionEntries)
    .where(inArray(suppressionEntries.key, keys));
  return new Set(entries.map((entry) => entry.list));
}

/** Everyone's use of their caps, locked in one order by all. The rows must be there: what is not there cannot be locked. */
async function lockUsage(tx: Transaction, campaign: Campaign, now: Date): Promise<Facts["used"]> {
  const rows = await tx
    .select({
      party: campaignCounters.party,
      id: campaignCounters.partyId,
      ...usageColumns(campaignCounters),
    })
    .from(campaignCounters)
    .where(eq(campaignCounters.campaignId, campaign.id))
    .orderBy(asc(campaignCounters.party), asc(campaignCounters.partyId))
    .for("update");
  const buyers = await tx
    .select({ id: buyerCounters.buyerId, ...usageColumns(buyerCounters) })
    .from(buyerCounters)
    .where(inArray(buyerCounters.buyerId, [...campaign.countedBuyers]))
    .orderBy(asc(buyerCounters.buyerId))
    .for("update");
  if (rows.length <= campaign.contracts.length) throw new Error("a counter is missing");
  const zoneOf = (id: string) =>
    campaign.contracts.find((each) => each.buyerId === id)?.buyer.timezone ??
    campaign.suppliers.get(id)?.timezone ??
    campaign.timezone;
  const used = (of: readonly (UsageRow & { id: string })[]) =>
    new Map(of.map((row) => [row.id, asOf(usageOf(row), periodStarts(zoneOf(row.id), now))]));
  return {
    contracts: used(rows.filter((row) => row.party === "contract")),
    links: used(rows.filter((row) => row.party === "supplier")),
    buyers: used(buyers),
  };
}

type UsageTable = typeof campaignCounters | typeof buyerCounters;

function usageColumns(table: UsageTable) {
  return {
    hourStart: milliseconds(table.hourStart),
    hourLeads: table.hourLeads,
    hourAmount: tenThousandths(table.hourAmount),
    dayStart: milliseconds(table.dayStart),
    dayLeads: table.dayLeads,
    dayAmount: tenThousandths(table.dayAmount),
    weekStart: milliseconds(table.weekStart),
    weekLeads: table.weekLeads,
    weekAmount: tenThousandths(table.weekAmount),
    monthStart: milliseconds(table.monthStart),
    monthLeads: table.monthLeads,
    monthAmount: tenThousandths(table.monthAmount),
    totalLeads: table.totalLeads,
    totalAmount: tenThousandths(table.totalAmount),
  };
}

const milliseconds = (instant: Column) => sql<number>`(extract(epoch from ${instant}) * 1000)::float8`;
const tenThousandths = (amount: Column) => sql<number>`(${amount} * 10000)::float8`;

type UsageRow = Record<keyof ReturnType<typeof usageColumns>, number>;

function usageOf(row: UsageRow): Usage {
  const amount = amountOfTenThousandths;
  return {
    hour: { start: row.hourStart, leads: row.hourLeads, amount: amount(row.hourAmount) },
    day: { start: row.dayStart, leads: row.dayLeads, amount: amount(row.dayAmount) },
    week: { start: row.weekStart, leads: row.weekLeads, amount: amount(row.weekAmount) },
    month: { start: row.monthStart, leads: row.monthLeads, amount: amount(row.monthAmount) },
    total: { leads: row.totalLeads, amount: amount(row.totalAmount) },
  };
}

async function isDuplicate(
  tx: Transaction,
  { id, duplicates }: Campaign,
  keys: string[],
  now: Date,
): Promise<boolean> {
  const opened = new Date(now.getTime() - duplicates.windowDays * 86_400_000).toISOString();
  const earlier = await tx
    .select({ lead: leadKeys.leadId })
    .from(leadKeys)
    .where(and(inArray(leadKeys.key, keys), eq(leadKeys.campaignId, id), gt(leadKeys.countedAt, opened)));
  return earlier.length > 0;
}

/** Counts a sale on its contract, on the buyer if its own caps count, and on the supplier. */
async function count(
  tx: Transaction,
  { campaign, supplierId, used }: Facts,
  { buyerId, price }: Contract,
  payout: Amount,
): Promise<void> {
  const more = (usage: Usage | undefined, amount: Amount) => {
    if (usage === undefined) throw new Error("a counter is missing");
    return usageRow(withOneMore(usage, amount), campaign.currency);
  };
  const counterOf = (party: string, partyId: string) =>
    and(
      eq(campaignCounters.campaignId, campaign.id),
      eq(campaignCounters.party, party),
      eq(campaignCounters.partyId, partyId),
    );
  await tx
    .update(campaignCounters)
    .set(more(used.contracts.get(buyerId), price))
    .where(counterOf("contract", buyerId));
  await tx
    .update(campaignCounters)
    .set(more(used.links.get(supplierId), payout))
    .where(counterOf("supplier", supplierId));
  if (!used.buyers.has(buyerId)) return;
  await tx
    .update(buyerCounters)
    .set(more(used.buyers.get(buyerId), price))
    .where(eq(buyerCounters.buyerId, buyerId));
}

function usageRow({ hour, day, week, month, total }: Usage, currency: string) {
  const instant = (ms: number) => new Date(ms).toISOString();
  const money = (amount: Amount) => formatAmount(amount, currency);
  return {
    hourStart: instant(hour.start),
    hourLeads: hour.leads,
    hourAmount: money(hour.amount),
    dayStart: instant(day.start),
    dayLeads: day.leads,
    dayAmount: money(day.amount),
    weekStart: instant(week.start),
    weekLeads: week.leads,
    weekAmount: money(week.amount),
    monthStart: instant(month.start),
    monthLeads: month.leads,
    monthAmount: money(month.amount),
    totalLeads: total.leads,
    totalAmount: money(total.amount),
  };
}
