import type { BuyerDefinition, CampaignDefinition, CapsDefinition } from "#campaigns/definition.ts";
import {
  type Involved,
  isSupplier,
  readBuyerDefinition,
  readDefinitions,
} from "#campaigns/definition-records.ts";
import type { Queryable } from "#database/database.ts";
import { periodStarts, sumOfUsage, usageAt } from "#intake/decide/caps.ts";
import { type Amount, formatAmount, parseAmount } from "#money/amount.ts";
import { CAP_PERIODS, type CapPeriod, nextPeriodStart } from "#time/period.ts";
import { type CountedRow, readBuyersUse, readCampaignUse } from "./cap-usage-records.ts";

/** One limit of a cap, and how much of it is used as the next lead would find it. */
export type CapUse = CappedParty & {
  period: CapPeriod;
  /** When it begins anew, in its party's time zone; null: never. */
  resetsAt: Date | null;
} & ({ unit: "leads"; used: number; limit: number } | { unit: "amount"; used: string; limit: string });

/** Whose cap it is. That of a buyer counts all its campaigns together. */
type CappedParty =
  | { party: "contract"; campaignId: string; buyerId: string; supplierId: null }
  | { party: "supplier"; campaignId: string; buyerId: null; supplierId: string }
  | { party: "buyer"; campaignId: null; buyerId: string; supplierId: null };

/** A party's caps, and what they are counted by. */
interface Capped {
  who: CappedParty;
  caps: CapsDefinition;
  timezone: string;
  currency: string;
}

/**
 * Every cap that has to do with a campaign, a buyer or a supplier, as the lane would count it at `now`. Of a campaign: those of its
 * contracts, of its suppliers, and of its buyers in all their campaigns. Undefined: there is no such campaign, buyer or supplier.
 */
export async function readCapUse(
  db: Queryable,
  involved: Involved,
  now: Date,
): Promise<CapUse[] | undefined> {
  const [campaigns, known] = await Promise.all([readDefinitions(db, involved), readKnown(db, involved)]);
  if (campaigns.length === 0 && known === undefined) return undefined;
  const capped = [
    ...campaigns.flatMap((campaign) => cappedIn(campaign, involved)),
    ...cappedBuyers(campaigns, involved, known),
  ].filter(({ caps }) => Object.keys(caps).length > 0);
  const rows = await readUse(db, capped);
  return capped.flatMap((each) => usesOf(each, rows.get(nameOf(each.who)) ?? [], now));
}

/** What is known of a buyer or supplier that may be in no campaign. */
async function readKnown(
  db: Queryable,
  { kind, id }: Involved,
): Promise<{ buyer?: BuyerDefinition } | undefined> {
  switch (kind) {
    case "campaign":
      return undefined;
    case "buyer": {
      const buyer = await readBuyerDefinition(db, id);
      return buyer && { buyer };
    }
    case "supplier":
      return (await isSupplier(db, id)) ? {} : undefined;
  }
}

/** The caps of contracts and suppliers in one campaign. */
function cappedIn(campaign: CampaignDefinition, { kind, id }: Involved): Capped[] {
  const { id: campaignId, currency } = campaign;
  const isAsked = (side: Involved["kind"], partyId: string) =>
    kind === "campaign" || (kind === side && id === partyId);
  const contracts = campaign.buyers.filter(({ buyer }) => isAsked("buyer", buyer.id));
  const links = campaign.suppliers.filter(({ supplier }) => isAsked("supplier", supplier.id));
  return [
    ...contracts.map(
      ({ buyer, caps }): Capped => ({
        who: { party: "contract", campaignId, buyerId: buyer.id, supplierId: null },
        caps,
        timezone: buyer.timezone,
        currency,
      }),
    ),
    ...links.map(
      ({ supplier, caps }): Capped => ({
        who: { party: "supplier", campaignId, buyerId: null, supplierId: supplier.id },
        caps,
        timezone: supplier.timezone ?? campaign.timezone,
        currency,
      }),
    ),
  ];
}

/** A buyer in no campaign has no currency: its amounts have two decimals, as most currencies do. */
function cappedBuyers(
  campaigns: readonly CampaignDefinition[],
  { kind }: Involved,
  known: { buyer?: BuyerDefinition } | undefined,
): Capped[] {
  const currency = campaigns.at(0)?.currency ?? "USD";
  const inCampaign = campaigns.flatMap(({ buyers }) => buyers.map(({ buyer }) => buyer));
  const buyers = kind === "campaign" ? inCampaign : known?.buyer === undefined ? [] : [known.buyer];
  return buyers.map(({ id, caps, timezone }) => ({
    who: { party: "buyer", campaignId: null, buyerId: id, supplierId: null },
    caps,
    timezone,
    currency,
  }));
}

/** What capped parties have used, by their names. */
async function readUse(db: Queryable, capped: readonly Capped[]): Promise<Map<string, CountedRow[]>> {
  const campaignIds = new Set(capped.flatMap(({ who }) => who.campaignId ?? []));
  const buyerIds = capped.flatMap(({ who }) => (who.party === "buyer" ? [who.buyerId] : []));
  const [buyers, ...inCampaigns] = await Promise.all([
    readBuyersUse(db, buyerIds),
    ...[...campaignIds].map(async (campaignId) =>
      (await readCampaignUse(db, campaignId)).map((row) => ({ row, campaignId })),
    ),
  ]);
  const all = [...buyers.map((row) => ({ row, campaignId: null })), ...inCampaigns.flat()];
  const named = Map.groupBy(all, ({ row, campaignId }) => keyOf(row.party, campaignId, row.partyId));
  return new Map([...named].map(([name, each]) => [name, each.map(({ row }) => row)]));
}

function nameOf(who: CappedParty): string {
  return keyOf(who.party, who.campaignId, who.party === "supplier" ? who.supplierId : who.buyerId);
}

function keyOf(party: CappedParty["party"], campaignId: string | null, partyId: string): string {
  return JSON.stringify([party, campaignId, partyId]);
}

function usesOf({ who, caps, timezone, currency }: Capped, rows: readonly CountedRow[], now: Date): CapUse[] {
  const starts = periodStarts(timezone, now);
  const usage = sumOfUsage(rows.map((row) => usageAt(row, starts))) ?? usageAt(undefined, starts);
  return CAP_PERIODS.flatMap((period): CapUse[] => {
    const cap = caps[period];
    if (cap === undefined) return [];
    const resetsAt = period === "total" ? null : nextPeriodStart(period, timezone, now);
    const { leads, amount } = usage[period];
    const limit = cap.amount === undefined ? undefined : parseAmount(cap.amount);
    const shown = (money: Amount) => formatAmount(money, currency);
    return [
      ...(cap.leads === undefined
        ? []
        : [{ ...who, period, resetsAt, unit: "leads" as const, used: leads, limit: cap.leads }]),
      ...(limit === undefined
        ? []
        : [{ ...who, period, resetsAt, unit: "amount" as const, used: shown(amount), limit: shown(limit) }]),
    ];
  });
}
