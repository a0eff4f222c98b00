import type { Campaign } from "#campaigns/campaign.ts";
import type { UsageRow } from "#database/columns.ts";
import {
  asOf,
  eachPeriod,
  type PeriodStarts,
  periodStarts,
  type Usage,
  unused,
} from "#intake/decide/caps.ts";
import type { Turn } from "#intake/decide/contender.ts";
import type { ParsedLead } from "#intake/decide/reading.ts";
import type { BatchState, CountedLead } from "#intake/decide/state.ts";
import type { StoredReply } from "#intake/reply/reply.ts";
import type { RecordStatus } from "#leads/status.ts";
import { amountOfTenThousandths } from "#money/amount.ts";

/** What the database says of a batch of leads. `answers` by idempotency key. */
export interface BatchRows {
  revision: number;
  suppressed: Map<string, string[]>;
  earlier: Map<string, CountedLead>;
  receivedByBuyer: Map<string, CountedLead>;
  counters: PartyCounterRow[];
  buyers: BuyerCounterRow[];
  answers: Map<string, StoredReply>;
  /** The pings among those of the batch that have bought their lead. */
  redeemed: Set<string>;
  /** The leads on record that are to be decided once more, by UUID, as they stand now. */
  standings: Map<string, { status: RecordStatus; buyerId: string | null; isErased: boolean }>;
  /** Buyers without a contract whose leads are decided once more, and whether they pay as they go; null for one that is not counted. */
  left: Map<string, { pays: boolean } | null>;
}

export interface PartyCounterRow extends UsageRow {
  party: "contract" | "supplier";
  partyId: string;
  lastTurn: number;
  owed: number;
}

export interface BuyerCounterRow extends UsageRow {
  buyerId: string;
  balance: number;
}

/** Brings the rows into the shape that decisions read: what was used, as it counts at `now` in each party's time zone. */
export function stateFrom(
  rows: BatchRows,
  campaign: Campaign,
  leads: readonly ParsedLead[],
  isDown: (buyerId: string) => boolean,
  now: Date,
): BatchState {
  const startsIn = startsByZone(now);
  const counters = new Map(rows.counters.map((row) => [`${row.party} ${row.partyId}`, row]));
  const buyerRows = new Map(rows.buyers.map((row) => [row.buyerId, row]));
  return {
    campaign,
    down: new Set(campaign.contracts.map((contract) => contract.buyerId).filter(isDown)),
    suppressed: rows.suppressed,
    earlier: rows.earlier,
    receivedByBuyer: rows.receivedByBuyer,
    redeemed: rows.redeemed,
    turns: Math.max(0, ...rows.counters.map((row) => row.lastTurn)),
    contracts: new Map([
      ...campaign.contracts.map((contract) => {
        const row = counters.get(`contract ${contract.buyerId}`);
        const usage = usageAt(row, startsIn(contract.buyer.timezone));
        return [contract.buyerId, { usage, turn: turnOf(row) }] as const;
      }),
      ...[...rows.left.keys()].flatMap((id) => {
        const row = counters.get(`contract ${id}`);
        return row === undefined ? [] : ([[id, { usage: usageIn(row), turn: turnOf(row) }]] as const);
      }),
    ]),
    links: new Map(
      [...new Set(leads.map(({ lead }) => lead.supplierId))].flatMap((supplierId) => {
        const link = campaign.suppliers.get(supplierId);
        if (link === undefined) return [];
        return [[supplierId, usageAt(counters.get(`supplier ${supplierId}`), startsIn(link.timezone))]];
      }),
    ),
    buyers: new Map([
      ...campaign.contracts
        .filter((contract) => contract.buyerIsCounted)
        .map((contract) => {
          const row = buyerRows.get(contract.buyerId);
          const balance = amountOfTenThousandths(row?.balance ?? 0);
          const usage = usageAt(row, startsIn(contract.buyer.timezone));
          return [contract.buyerId, { usage, balance, pays: contract.creditLimit !== null }] as const;
        }),
      ...[...rows.left].flatMap(([id, counted]) => {
        const row = buyerRows.get(id);
        if (counted === null || row === undefined) return [];
        const balance = amountOfTenThousandths(row.balance);
        return [[id, { usage: usageIn(row), balance, pays: counted.pays }]] as const;
      }),
    ]),
  };
}

function turnOf(row: PartyCounterRow | undefined): Turn {
  return { lastTurn: row?.lastTurn ?? 0, deficit: row?.owed ?? 0 };
}

function startsByZone(now: Date): (timezone: string) => PeriodStarts {
  const zones = new Map<string, PeriodStarts>();
  return (timezone) => {
    const starts = zones.get(timezone) ?? periodStarts(timezone, now);
    zones.set(timezone, starts);
    return starts;
  };
}

function usageAt(row: UsageRow | undefined, starts: PeriodStarts): Usage {
  return row === undefined ? unused(starts) : asOf(usageIn(row), starts);
}

/** As it was last counted, in whatever periods those were. */
function usageIn(row: UsageRow): Usage {
  const amount = amountOfTenThousandths;
  return {
    ...eachPeriod((period) => ({
      start: row[`${period}Start`],
      leads: row[`${period}Leads`],
      amount: amount(row[`${period}Amount`]),
    })),
    total: { leads: row.totalLeads, amount: amount(row.totalAmount) },
  };
}
