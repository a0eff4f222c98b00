import type { Campaign } from "#campaigns/campaign.ts";
import type { UsageRow } from "#database/columns.ts";
import { type StartsIn, startsByZone, usageAt, usageIn } from "#intake/decide/caps.ts";
import type { Turn } from "#intake/decide/contender.ts";
import type { ParsedLead } from "#intake/decide/reading.ts";
import { withinOne } from "#intake/decide/rotation.ts";
import type { BatchState, CountedLead } from "#intake/decide/state.ts";
import type { StandingLead, StoredReply } from "#intake/reply/reply.ts";
import { leftToSpend, startsWith, usageByShares } from "#intake/shares/asks.ts";
import type { ShareRow } from "#intake/shares/share-records.ts";
import type { Shares } from "#intake/shares/shares.ts";
import type { Candidate } from "#leads/candidate.ts";
import type { RecordStatus } from "#leads/status.ts";
import { type Amount, add, amountOfTenThousandths, nearestAmount, subtract } from "#money/amount.ts";
import type { OwnerRow } from "#peers/peer-records.ts";

/** Leads of one campaign, as it reads them. */
export interface LeadsOfCampaign<Lead extends Candidate = Candidate> {
  campaign: Campaign;
  leads: readonly ParsedLead<Lead>[];
}

/** What the database says of a batch of leads, maybe of several campaigns. */
export interface BatchRows {
  /** By the id of the campaign: of those that are locked, or there. */
  revisions: Map<string, number>;
  suppressed: Map<string, string[]>;
  earlier: Map<string, CountedLead>;
  receivedByBuyer: Map<string, CountedLead>;
  /** By the id of the campaign. */
  counters: Map<string, PartyCounterRow[]>;
  buyers: BuyerCounterRow[];
  /** By `answerName`. */
  answers: Map<string, StoredReply>;
  /** The pings among those of the batch that have bought their lead. */
  redeemed: Set<string>;
  /** The leads on record that are to be decided once more, by UUID, as they stand now. */
  standings: Map<string, Standing>;
  /** Those of them, by UUID, that somebody else holds. */
  held: ReadonlySet<string>;
  /** Buyers without a contract whose leads are decided once more, and whether they pay as they go; null for one that is not counted. */
  left: Map<string, { pays: boolean } | null>;
  /** Of leads that another server may have taken in already, or that were decided meanwhile, by UUID: those that are on record. */
  onRecord: Map<string, StandingLead>;
  /** Whose the campaigns are; nothing where there is one server. */
  owners: readonly OwnerRow[];
  /** Where tables are spread over nodes: what the campaigns may use of their buyers' limits, instead of these buyers' own counters. */
  shares: readonly ShareRow[] | null;
}

/** An idempotency key stands for a lead of its campaign. */
export function answerName(campaignId: string, key: string): string {
  return `${key} ${campaignId}`;
}

/** How a lead stands on record. */
export interface Standing {
  id: string;
  status: RecordStatus;
  isErased: boolean;
  /** The id and status of each of its sales, in the order of their ids. */
  sales: string;
  /** The ids of those of its returns that are to be decided. */
  pendingReturns: string;
}

export interface PartyCounterRow extends UsageRow {
  /** Read where tables are spread over nodes, as all that buyers are charged stands with their contracts there. */
  balance?: number;
  party: "contract" | "supplier";
  partyId: string;
  lastTurn: number;
  owed: number;
}

export interface BuyerCounterRow extends UsageRow {
  buyerId: string;
  balance: number;
}

/**
 * Brings the rows into the shape that decisions read, by campaign: what was used, as it counts at `now` in each party's time zone. What
 * campaigns share, their buyers' own counters and leads, the states share too.
 */
export function statesFrom(
  rows: BatchRows,
  batch: readonly LeadsOfCampaign[],
  isDown: (buyerId: string) => boolean,
  now: Date,
  elsewhere: Shares["elsewhere"] = nowhere,
): Map<string, BatchState> {
  const startsIn = startsByZone(now);
  const { shares } = rows;
  const buyers = shares === null ? buyersFrom(rows, batch, startsIn) : new Map();
  return new Map(
    batch.map((each) => {
      const state = stateOf(each, rows, isDown, startsIn);
      const own = shares === null ? buyers : sharingBuyers(state, rows, shares, elsewhere);
      return [each.campaign.id, { ...state, buyers: own }];
    }),
  );
}

const nowhere: Shares["elsewhere"] = () => new Map();

/** Buyers whose limits count over campaigns of several nodes, as far as the campaign has a share of these. */
function sharingBuyers(
  { campaign, contracts }: Pick<BatchState, "campaign" | "contracts">,
  { counters, buyers: paidIn }: Pick<BatchRows, "counters" | "buyers">,
  shares: readonly ShareRow[],
  elsewhere: Shares["elsewhere"],
): BatchState["buyers"] {
  const ofCampaign = shares.filter((each) => each.campaignId === campaign.id);
  const buyers: BatchState["buyers"] = new Map();
  const rows = counters.get(campaign.id) ?? [];
  for (const { buyerId, buyerIsCounted, buyerCaps, creditLimit } of campaign.contracts) {
    const counted = contracts.get(buyerId)?.usage;
    if (!buyerIsCounted || counted === undefined) continue;
    const own = ofCampaign.filter((each) => each.buyerId === buyerId);
    const usage = usageByShares(buyerCaps, counted, own);
    const paid = balanceOf(paidIn.find((each) => each.buyerId === buyerId));
    const share = { elsewhere: elsewhere(own[0], usage, add(paid, creditLimit ?? NOTHING)) };
    const row = rows.find(({ party, partyId }) => party === "contract" && partyId === buyerId);
    const left = leftToSpend(own, -(row?.balance ?? 0));
    const balance = creditLimit === null ? NOTHING : subtract(left, creditLimit);
    buyers.set(buyerId, { usage, balance, pays: creditLimit !== null, share });
  }
  return buyers;
}

const NOTHING = amountOfTenThousandths(0);

function stateOf(
  { campaign, leads }: LeadsOfCampaign,
  rows: BatchRows,
  isDown: (buyerId: string) => boolean,
  startsIn: StartsIn,
): Omit<BatchState, "buyers"> {
  const ofCampaign = rows.counters.get(campaign.id) ?? [];
  const counters = new Map(ofCampaign.map((row) => [`${row.party} ${row.partyId}`, row]));
  return {
    campaign,
    down: new Set(campaign.contracts.map((contract) => contract.buyerId).filter(isDown)),
    suppressed: rows.suppressed,
    earlier: rows.earlier,
    receivedByBuyer: rows.receivedByBuyer,
    redeemed: rows.redeemed,
    turns: Math.max(0, ...ofCampaign.map((row) => row.lastTurn)),
    contracts: contractsFrom(rows, counters, campaign, startsIn),
    links: linksFrom(counters, campaign, leads, startsIn),
  };
}

/** By `contract` or `supplier` and the id of the party. */
type Counters = ReadonlyMap<string, PartyCounterRow>;

function contractsFrom(
  { left, shares }: BatchRows,
  counters: Counters,
  campaign: Campaign,
  startsIn: StartsIn,
): BatchState["contracts"] {
  const contracts: BatchState["contracts"] = new Map();
  for (const { buyerId, buyer } of campaign.contracts) {
    const row = counters.get(`contract ${buyerId}`);
    const starts = startsIn(buyer.timezone);
    const own = shares?.filter((each) => each.buyerId === buyerId && each.campaignId === campaign.id);
    const usage = usageAt(row, own === undefined ? starts : startsWith(own, starts));
    contracts.set(buyerId, { usage, turn: turnOf(row) });
  }
  for (const buyerId of left.keys()) {
    const row = counters.get(`contract ${buyerId}`);
    if (row !== undefined && !contracts.has(buyerId)) {
      contracts.set(buyerId, { usage: usageIn(row), turn: turnOf(row) });
    }
  }
  return contracts;
}

function linksFrom(
  counters: Counters,
  campaign: Campaign,
  leads: readonly ParsedLead[],
  startsIn: StartsIn,
): BatchState["links"] {
  const links: BatchState["links"] = new Map();
  for (const supplierId of new Set(leads.map(({ lead }) => lead.supplierId))) {
    const link = campaign.suppliers.get(supplierId);
    const row = counters.get(`supplier ${supplierId}`);
    if (link !== undefined) links.set(supplierId, { usage: usageAt(row, startsIn(link.timezone)) });
    else if (row !== undefined) links.set(supplierId, { usage: usageIn(row) });
  }
  return links;
}

function buyersFrom(
  rows: BatchRows,
  batch: readonly LeadsOfCampaign[],
  startsIn: StartsIn,
): BatchState["buyers"] {
  const buyers: BatchState["buyers"] = new Map();
  const counters = new Map(rows.buyers.map((row) => [row.buyerId, row]));
  const contracts = batch.flatMap(({ campaign }) => campaign.contracts);
  for (const { buyerId, buyer, buyerIsCounted, creditLimit } of contracts) {
    if (!buyerIsCounted || buyers.has(buyerId)) continue;
    const row = counters.get(buyerId);
    const usage = usageAt(row, startsIn(buyer.timezone));
    buyers.set(buyerId, { usage, balance: balanceOf(row), pays: creditLimit !== null });
  }
  for (const [buyerId, counted] of rows.left) {
    const row = counters.get(buyerId);
    if (counted === null || row === undefined || buyers.has(buyerId)) continue;
    buyers.set(buyerId, { usage: usageIn(row), balance: balanceOf(row), pays: counted.pays });
  }
  return buyers;
}

function balanceOf(row: BuyerCounterRow | undefined): Amount {
  return nearestAmount(row?.balance ?? 0);
}

function turnOf(row: PartyCounterRow | undefined): Turn {
  return { lastTurn: row?.lastTurn ?? 0, deficit: withinOne(row?.owed ?? 0) };
}
