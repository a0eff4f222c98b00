import type { Campaign, Cap } from "#campaigns/campaign.ts";
import type { CampaignDefinition } from "#campaigns/definition.ts";
import type { Database } from "#database/database.ts";
import {
  eachPeriod,
  type PeriodStarts,
  type StartsIn,
  startsByZone,
  type Usage,
} from "#intake/decide/caps.ts";
import type { Turn } from "#intake/decide/contender.ts";
import { withinOne } from "#intake/decide/rotation.ts";
import { readOpening } from "#ledger/statements/opening-records.ts";
import { type Amount, nearestAmount } from "#money/amount.ts";
import { DAY_MS, MINUTE_MS } from "#time/durations.ts";
import { debtsOf, type Opening, partyName } from "./opening.ts";
import {
  type CounterRow,
  type CountersSince,
  type PartyPeriods,
  type PieceOfTime,
  readBoughtIn,
  readCountersSince,
  readSuppliedIn,
  readTurnsIn,
  readUndoneIn,
  type TurnRow,
  type UndoneRow,
  type UsedRow,
} from "./opening-records.ts";
import { readTermsAt, type TurnTerms } from "./turn-terms-records.ts";

export interface OpeningParts {
  database: Database;
  campaigns: readonly Campaign[];
  /** Those in force, by id. */
  inForce: ReadonlyMap<string, CampaignDefinition>;
  /** The time that is looked at, and the present one, in ms since 1970. */
  at: number;
  now: number;
  /** Called between questions: leads that come have to have their turn. */
  rest(): Promise<void>;
}

/** Whoever was served longer ago than this has the next turn before all that were served since, whenever that was. */
const LOOK_BACK_MS = 40 * DAY_MS;
/** So much of the record is summed up in one question. */
const PIECE_MS = DAY_MS;
/** What was decided longer ago than this is on the counters: no transaction of a lane or of a return takes as long. */
const SETTLED_MS = MINUTE_MS;

/**
 * What was on the counters at a time, from what is on record: caps and whose turn it is from the sales before, totals and what weighted
 * contracts are owed from those of now less what came since, balances from the ledger.
 */
export async function openingAt(parts: OpeningParts): Promise<Opening> {
  const { campaigns, at, database } = parts;
  const startsIn = startsByZone(new Date(at));
  const buyers = buyersOf(campaigns, startsIn);
  const links = linksOf(campaigns, startsIn);
  const before = await readPieces(parts, at - LOOK_BACK_MS, at, at, { buyers, links });
  const counted = await readCounted(parts, { buyers, links });
  const totals = await totalsAt(parts, counted, { buyers, links });
  const debts = await debtsAt(parts, counted);
  const contracts = new Map<string, Usage>();
  const ofBuyers = new Map<string, Usage>();
  for (const { partyId, starts } of buyers) {
    const rows = before.bought.filter((row) => row.partyId === partyId);
    for (const [campaignId, own] of Map.groupBy(rows, (row) => row.campaignId)) {
      const name = partyName(campaignId, partyId);
      contracts.set(name, usageFrom(own, starts, totals.contracts.get(name)));
    }
    ofBuyers.set(partyId, usageFrom(rows, starts, totals.buyers.get(partyId)));
  }
  for (const [name, total] of totals.contracts) {
    const party = buyers.find(({ partyId }) => name.endsWith(` ${partyId}`));
    if (party !== undefined && !contracts.has(name)) contracts.set(name, usageFrom([], party.starts, total));
  }
  return {
    contracts,
    turns: turnsOf(before.bought, debts),
    links: new Map(
      links.map(({ campaignId, partyId, starts }) => {
        const name = partyName(campaignId, partyId);
        const own = before.supplied.filter((row) => row.campaignId === campaignId && row.partyId === partyId);
        return [name, usageFrom(own, starts, totals.links.get(name))];
      }),
    ),
    buyers: ofBuyers,
    balances: await balancesAt(database, campaigns, at),
  };
}

function buyersOf(campaigns: readonly Campaign[], startsIn: StartsIn): PartyPeriods[] {
  const buyers = campaigns.flatMap(({ contracts }) => contracts.map(({ buyer }) => buyer));
  const parties = buyers.map(
    ({ id, timezone }) => [id, { campaignId: "", partyId: id, starts: startsIn(timezone) }] as const,
  );
  return [...new Map(parties).values()];
}

function linksOf(campaigns: readonly Campaign[], startsIn: StartsIn): PartyPeriods[] {
  return campaigns.flatMap(({ id, suppliers }) =>
    [...suppliers.values()].map(({ supplierId, timezone }) => ({
      campaignId: id,
      partyId: supplierId,
      starts: startsIn(timezone),
    })),
  );
}

interface Parties {
  buyers: readonly PartyPeriods[];
  links: readonly PartyPeriods[];
}

interface Used {
  bought: UsedRow[];
  supplied: UsedRow[];
}

/** Pieces are short, as no question may take longer than leads can wait. */
async function readPieces(
  { database, rest }: Pick<OpeningParts, "database" | "rest">,
  from: number,
  to: number,
  asOf: number,
  { buyers, links }: Parties,
): Promise<Used> {
  const found: Used = { bought: [], supplied: [] };
  for (const piece of piecesOf(from, to, asOf)) {
    const [bought, supplied] = await database.read((db) =>
      Promise.all([readBoughtIn(db, buyers, piece), readSuppliedIn(db, links, piece)]),
    );
    found.bought.push(...bought);
    found.supplied.push(...supplied);
    await rest();
  }
  return found;
}

function* piecesOf(from: number, to: number, asOf: number): Generator<PieceOfTime> {
  const iso = (at: number) => new Date(at).toISOString();
  for (let start = from; start < to; start += PIECE_MS) {
    yield { from: iso(start), to: iso(Math.min(start + PIECE_MS, to)), asOf: iso(asOf) };
  }
}

interface Total {
  leads: number;
  amount: number;
}

function usageFrom(
  rows: readonly UsedRow[],
  starts: PeriodStarts,
  total: Total = { leads: 0, amount: 0 },
): Usage {
  const sumOf = (name: Exclude<keyof UsedRow, "campaignId" | "partyId" | "lastSale">) =>
    rows.reduce((sum, row) => sum + row[name], 0);
  return {
    ...eachPeriod((period) => ({
      start: starts[period],
      leads: sumOf(`${period}Leads`),
      amount: nearestAmount(sumOf(`${period}Amount`)),
    })),
    total: { leads: total.leads, amount: nearestAmount(total.amount) },
  };
}

/** What counters hold now, with what came on them since a time, in ms since 1970, from which back to the one looked at pieces are read. */
interface Counted {
  counters: CountersSince;
  from: number;
  /** Campaigns that were and will be weighted. */
  weighted: readonly string[];
}

/** Only where a total cap or a weighted campaign asks for them. */
async function readCounted(
  { database, campaigns, inForce, at, now }: OpeningParts,
  { buyers, links }: Parties,
): Promise<Counted> {
  const weighted = campaigns
    .filter(
      ({ id, distribution }) => distribution === "weighted" && inForce.get(id)?.distribution === "weighted",
    )
    .map(({ id }) => id);
  const from = Math.max(at, now - SETTLED_MS);
  if (weighted.length === 0 && !campaigns.some(hasTotalCap)) {
    return { counters: NOTHING_COUNTED, from, weighted };
  }
  const soldFrom = new Date(at).toISOString();
  const asked = { since: new Date(from).toISOString(), buyers, suppliers: links, weighted, soldFrom };
  return { counters: await database.read((db) => readCountersSince(db, asked)), from, weighted };
}

const NOTHING_COUNTED: CountersSince = { now: [], bought: [], supplied: [], undone: [], turns: [] };

type Totals = Record<"contracts" | "links" | "buyers", Map<string, Total>>;

/** Totals of now, less what came since and with what was taken back since. Only where a cap asks for them. */
async function totalsAt(parts: OpeningParts, { counters, from }: Counted, parties: Parties): Promise<Totals> {
  const totals: Totals = { contracts: new Map(), links: new Map(), buyers: new Map() };
  if (!parts.campaigns.some(hasTotalCap)) return totals;
  const { database, at } = parts;
  const earlier = await readPieces(parts, at, from, from, parties);
  const [since, until] = [new Date(at).toISOString(), new Date(from).toISOString()];
  const undone = await database.read((db) => readUndoneIn(db, { from: since, to: until }));
  for (const row of counters.now) addCounter(totals, row);
  for (const { bought, supplied } of [counters, earlier]) {
    for (const { campaignId, partyId, totalLeads, totalAmount } of bought) {
      addTotal(totals.contracts, partyName(campaignId, partyId), -totalLeads, -totalAmount);
      addTotal(totals.buyers, partyId, -totalLeads, -totalAmount);
    }
    for (const { campaignId, partyId, totalLeads, totalAmount } of supplied) {
      addTotal(totals.links, partyName(campaignId, partyId), -totalLeads, -totalAmount);
    }
  }
  for (const row of [...counters.undone, ...undone]) addUndone(totals, row);
  return totals;
}

function hasTotalCap({ contracts, suppliers }: Campaign): boolean {
  const isTotal = ({ period }: Cap) => period === "total";
  return (
    contracts.some(({ caps, buyerCaps }) => [...caps, ...buyerCaps].some(isTotal)) ||
    [...suppliers.values()].some(({ caps }) => caps.some(isTotal))
  );
}

function addCounter(
  totals: Totals,
  { campaignId, party, partyId, totalLeads, totalAmount }: CounterRow,
): void {
  const name = partyName(campaignId, partyId);
  if (party === "supplier") return addTotal(totals.links, name, totalLeads, totalAmount);
  addTotal(totals.contracts, name, totalLeads, totalAmount);
  addTotal(totals.buyers, partyId, totalLeads, totalAmount);
}

function addUndone(
  totals: Totals,
  { campaignId, buyerId, supplierId, sales, price, leads, payout }: UndoneRow,
): void {
  addTotal(totals.contracts, partyName(campaignId, buyerId), sales, price);
  addTotal(totals.buyers, buyerId, sales, price);
  addTotal(totals.links, partyName(campaignId, supplierId), leads, payout);
}

function addTotal(totals: Map<string, Total>, name: string, leads: number, amount: number): void {
  const known = totals.get(name) ?? { leads: 0, amount: 0 };
  totals.set(name, { leads: known.leads + leads, amount: known.amount + amount });
}

/** In the order of their last sales: ids of sales are in the order of time. */
function turnsOf(bought: readonly UsedRow[], debts: ReadonlyMap<string, number>): Map<string, Turn> {
  const last = new Map<string, { campaignId: string; name: string; sale: string }>();
  for (const { campaignId, partyId, lastSale } of bought) {
    const name = partyName(campaignId, partyId);
    if (lastSale !== null && lastSale > (last.get(name)?.sale ?? ""))
      last.set(name, { campaignId, name, sale: lastSale });
  }
  const turns = new Map([...debts].map(([name, deficit]) => [name, { lastTurn: 0, deficit }]));
  for (const [, served] of Map.groupBy(last.values(), ({ campaignId }) => campaignId)) {
    for (const [place, { name }] of served
      .toSorted((one, other) => (one.sale < other.sale ? -1 : 1))
      .entries()) {
      turns.set(name, { lastTurn: place + 1, deficit: debts.get(name) ?? 0 });
    }
  }
  return turns;
}

/** What contracts of weighted campaigns were owed: what they are now, less what every turn since has added. */
async function debtsAt(
  parts: OpeningParts,
  { counters, from, weighted }: Counted,
): Promise<Map<string, number>> {
  const { database, at, rest } = parts;
  const debts = new Map(
    counters.now.flatMap(({ campaignId, party, partyId, owed }) =>
      party === "contract" && weighted.includes(campaignId)
        ? [[partyName(campaignId, partyId), owed] as const]
        : [],
    ),
  );
  if (weighted.length === 0) return debts;
  const termsAt = termsByRevision(parts, weighted);
  const takeOff = async (turns: readonly TurnRow[]) => {
    for (const turn of turns) {
      const terms = (await termsAt(turn.revision)).get(turn.campaignId);
      for (const [buyer, added] of terms === undefined ? [] : debtsOf(turn, (id) => terms.get(id))) {
        const name = partyName(turn.campaignId, buyer);
        debts.set(name, (debts.get(name) ?? 0) - added * turn.leads);
      }
    }
  };
  await takeOff(counters.turns);
  const soldFrom = new Date(at).toISOString();
  for (const piece of piecesOf(at, from, at)) {
    await takeOff(await database.read((db) => readTurnsIn(db, weighted, { ...piece, soldFrom })));
    await rest();
  }
  return new Map([...debts].map(([name, deficit]) => [name, withinOne(deficit)]));
}

/** The terms that leads were decided by: with those of now, turns of before a change would have added what they did not. */
function termsByRevision(
  { database, rest }: OpeningParts,
  campaigns: readonly string[],
): (revision: number) => Promise<TurnTerms> {
  const known = new Map<number, TurnTerms>();
  return async (revision) => {
    const before = known.get(revision);
    if (before !== undefined) return before;
    const terms = await database.read((db) => readTermsAt(db, revision, campaigns));
    known.set(revision, terms);
    await rest();
    return terms;
  };
}

async function balancesAt(
  database: Database,
  campaigns: readonly Campaign[],
  at: number,
): Promise<Map<string, Amount>> {
  const balances = new Map<string, Amount>();
  for (const { contracts, currency } of campaigns) {
    for (const { buyerId, creditLimit } of contracts) {
      if (creditLimit === null || balances.has(buyerId)) continue;
      const from = new Date(at).toISOString();
      const about = { party: "buyer" as const, id: buyerId, currency, home: currency };
      balances.set(buyerId, nearestAmount(await database.read((db) => readOpening(db, about, from))));
    }
  }
  return balances;
}
