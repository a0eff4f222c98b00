import { sql } from "drizzle-orm";
import { type Columns, columnInsert, type Rows } from "#database/batch.ts";
import { type UsageColumn, usage } from "#database/columns.ts";
import { statement } from "#database/statement.ts";
import type { Usage } from "#intake/decide/caps.ts";
import type { Turn } from "#intake/decide/contender.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { balanceChanges } from "./balances.ts";
import type { LeadEntry } from "./entry.ts";

/** What the batch has used of caps and money, what is owed by it, and whose turn it is now. `states`: by campaign. */
export function usageRows(leads: readonly LeadEntry[], states: ReadonlyMap<string, BatchState>): Rows[] {
  const byCampaign = Map.groupBy(leads, ({ lead }) => lead.campaignId);
  const counters: (PartyUse & { campaign: string })[] = [];
  const turns: (ContractTurn & { campaign: string })[] = [];
  for (const [campaign, state] of states) {
    const moved = (byCampaign.get(campaign) ?? []).filter(movesCounters);
    if (moved.length === 0) continue;
    const buyers = buyersOf(moved);
    for (const row of counterRows(moved, buyers, state)) counters.push({ campaign, ...row });
    for (const row of turnRows(buyers, state)) turns.push({ campaign, ...row });
  }
  const [state] = states.values();
  return [
    [writeCounters, counters],
    [writeTurns, turns],
    [writeBuyerCounters, state === undefined ? [] : buyerCounterRows(leads, state)],
  ];
}

/** A party's counters as they are written; money in ten-thousandths. */
interface PartyUse {
  party: "contract" | "supplier";
  partyId: string;
  lastTurn: number;
  owed: number;
  balance: number;
  usage: Usage;
}

/** Whose turn it is of a contract that sold nothing: by weights, all of a campaign are owed by each sale. */
interface ContractTurn {
  partyId: string;
  turn: Turn;
}

function movesCounters({ isTest, sales, prior }: LeadEntry): boolean {
  return !isTest && (sales.length > 0 || (prior?.sales.length ?? 0) > 0);
}

/** The counters that live sales moved: of the suppliers and contracts that took part. */
function counterRows(
  moved: readonly LeadEntry[],
  buyers: ReadonlySet<string>,
  state: BatchState,
): PartyUse[] {
  const suppliers = new Set(moved.map((each) => each.lead.supplierId));
  const owed = balanceChanges(moved);
  const rows: PartyUse[] = [];
  for (const partyId of suppliers) {
    const usage = state.links.get(partyId)?.usage;
    if (usage === undefined) continue;
    const balance = owed.suppliers.get(partyId) ?? 0;
    rows.push({ party: "supplier", partyId, lastTurn: 0, owed: 0, balance, usage });
  }
  for (const [partyId, { usage, turn }] of state.contracts) {
    if (!buyers.has(partyId)) continue;
    const balance = hasOwnBalance(state, partyId) ? 0 : (owed.buyers.get(partyId) ?? 0);
    rows.push({ party: "contract", partyId, lastTurn: turn.lastTurn, owed: turn.deficit, balance, usage });
  }
  return rows;
}

function turnRows(buyers: ReadonlySet<string>, { campaign, contracts }: BatchState): ContractTurn[] {
  if (campaign.distribution !== "weighted") return [];
  return [...contracts].flatMap(([partyId, { turn }]) => (buyers.has(partyId) ? [] : [{ partyId, turn }]));
}

/** Of shares all that buyers are charged stands with their contracts. */
function hasOwnBalance({ buyers }: BatchState, buyerId: string): boolean {
  const buyer = buyers.get(buyerId);
  return buyer !== undefined && buyer.pays && buyer.share === undefined;
}

/** Those that sold leads went to, and those that leads were taken back from. */
function buyersOf(moved: readonly LeadEntry[]): Set<string> {
  return new Set(
    moved.flatMap(({ sales, prior }) => [...sales, ...(prior?.sales ?? [])].map(({ buyerId }) => buyerId)),
  );
}

/** Period starts in seconds since 1970, money in ten-thousandths. */
const usageColumns: Columns<{ usage: Usage }> = Object.fromEntries(
  usage.columns.map(({ name, period, kind, type }) => [
    name,
    [type, ({ usage: used }) => (kind === "start" ? startOf(used, period) / 1000 : used[period][kind])],
  ]),
);

function startOf(used: Usage, period: UsageColumn["period"]): number {
  return period === "total" ? 0 : used[period].start;
}

const writeCounters = columnInsert<PartyUse & { campaign: string }>(
  {
    campaign: ["text", ({ campaign }) => campaign],
    party: ["text", ({ party }) => party],
    party_id: ["text", ({ partyId }) => partyId],
    last_turn: ["bigint", ({ lastTurn }) => lastTurn],
    owed: ["float8", ({ owed }) => owed],
    balance: ["numeric", ({ balance }) => balance],
    ...usageColumns,
  },
  (rows) =>
    statement(
      "write_counters",
      "named campaigns",
      sql`insert into campaign_counters as counter (campaign_id, party, party_id, last_turn, owed, balance, ${usage.names})
        select campaign, party, party_id, last_turn, owed, balance * 0.0001, ${usage.values} from ${rows}
        on conflict (campaign_id, party, party_id) do update
          set last_turn = excluded.last_turn, owed = excluded.owed, balance = counter.balance + excluded.balance, ${usage.replaced}`,
    ),
);

/** With all else that such a row has it took Postgres nearly twice as long: 9.7 µs, and 5.6 so. */
const writeTurns = columnInsert<ContractTurn & { campaign: string }>(
  {
    campaign: ["text", ({ campaign }) => campaign],
    party_id: ["text", ({ partyId }) => partyId],
    last_turn: ["bigint", ({ turn }) => turn.lastTurn],
    owed: ["float8", ({ turn }) => turn.deficit],
  },
  (rows) =>
    statement(
      "write_turns",
      "named campaigns",
      sql`insert into campaign_counters as counter (campaign_id, party, party_id, last_turn, owed, balance, ${usage.names})
        select campaign, 'contract', party_id, last_turn, owed, 0, ${usage.nothing} from ${rows}
        on conflict (campaign_id, party, party_id) do update set last_turn = excluded.last_turn, owed = excluded.owed`,
    ),
);

interface BuyerUse {
  buyerId: string;
  /** What is added to it: it may be more than can be told exactly. */
  balance: number;
  usage: Usage;
}

/** Of buyers that are counted over all their campaigns, and not by shares: any state of the batch tells of all of them. */
function buyerCounterRows(taken: readonly LeadEntry[], state: BatchState): BuyerUse[] {
  const buyers = buyersOf(taken.filter((each) => !each.isTest));
  const spent = balanceChanges(taken).buyers;
  return [...state.buyers].flatMap(([buyerId, { usage, pays, share }]) => {
    if (!buyers.has(buyerId) || share !== undefined) return [];
    return [{ buyerId, balance: pays ? (spent.get(buyerId) ?? 0) : 0, usage }];
  });
}

const writeBuyerCounters = columnInsert<BuyerUse>(
  {
    buyer_id: ["text", ({ buyerId }) => buyerId],
    balance: ["numeric", ({ balance }) => balance],
    ...usageColumns,
  },
  (rows) =>
    statement(
      "write_buyer_counters",
      "unspread",
      sql`insert into buyer_counters as counter (buyer_id, balance, ${usage.names})
        select buyer_id, balance * 0.0001, ${usage.values} from ${rows}
        order by buyer_id
        on conflict (buyer_id) do update set balance = counter.balance + excluded.balance, ${usage.replaced}`,
    ),
);
