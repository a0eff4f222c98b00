import { sql } from "drizzle-orm";
import type { BatchInsert, Rows } from "#database/batch.ts";
import { usage } from "#database/columns.ts";
import { statement } from "#database/statement.ts";
import type { Usage } from "#intake/decide/caps.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { CLOCK_PERIODS } from "#time/period.ts";
import { balanceChanges } from "./balances.ts";
import type { LeadEntry } from "./entry.ts";

/** What the batch has used of caps and money, what is owed by it, and whose turn it is now. `states`: by campaign. */
export function usageRows(leads: readonly LeadEntry[], states: ReadonlyMap<string, BatchState>): Rows[] {
  const byCampaign = Map.groupBy(leads, ({ lead }) => lead.campaignId);
  const counters = [...states].flatMap(([campaign, state]) =>
    counterRows(byCampaign.get(campaign) ?? [], state).map((row) => ({ campaign, ...row })),
  );
  const [state] = states.values();
  return [
    [writeCounters, counters],
    [writeBuyerCounters, state === undefined ? [] : buyerCounterRows(leads, state)],
  ];
}

/** The counters that live sales moved: of the suppliers and contracts that took part, and of every contract that is now owed. */
function counterRows(taken: readonly LeadEntry[], state: BatchState): object[] {
  const moved = taken.filter(
    ({ isTest, sales, prior }) => !isTest && (sales.length > 0 || (prior?.sales.length ?? 0) > 0),
  );
  if (moved.length === 0) return [];
  const suppliers = new Set(moved.map((each) => each.lead.supplierId));
  const buyers = buyersOf(moved);
  const weighted = state.campaign.distribution === "weighted";
  const owed = balanceChanges(moved, (buyerId) => state.buyers.get(buyerId)?.pays ?? false);
  return [
    ...[...suppliers].flatMap((id) => {
      const usage = state.links.get(id)?.usage;
      return usage === undefined
        ? []
        : [
            {
              party: "supplier",
              party_id: id,
              last_turn: 0,
              owed: 0,
              balance: owed.suppliers.get(id) ?? 0,
              ...usageRow(usage),
            },
          ];
    }),
    ...[...state.contracts].flatMap(([id, { usage, turn }]) =>
      weighted || buyers.has(id)
        ? [
            {
              party: "contract",
              party_id: id,
              last_turn: turn.lastTurn,
              owed: turn.deficit,
              balance: owed.contracts.get(id) ?? 0,
              ...usageRow(usage),
            },
          ]
        : [],
    ),
  ];
}

/** Those that sold leads went to, and those that leads were taken back from. */
function buyersOf(moved: readonly LeadEntry[]): Set<string> {
  return new Set(
    moved.flatMap(({ sales, prior }) => [...sales, ...(prior?.sales ?? [])].map(({ buyerId }) => buyerId)),
  );
}

/** As the table's columns, but for the units: period starts in seconds since 1970, money in ten-thousandths. */
function usageRow({ total, ...periods }: Usage): object {
  const columns = CLOCK_PERIODS.flatMap((period) => {
    const { start, leads, amount } = periods[period];
    return [
      [`${period}_start`, start / 1000],
      [`${period}_leads`, leads],
      [`${period}_amount`, amount],
    ];
  });
  return { ...Object.fromEntries(columns), total_leads: total.leads, total_amount: total.amount };
}

const writeCounters: BatchInsert = statement(
  "write_counters",
  "named campaigns",
  (
    $,
  ) => sql`insert into campaign_counters as counter (campaign_id, party, party_id, last_turn, owed, balance, ${usage.names})
      select campaign, party, party_id, last_turn, owed, balance / 10000, ${usage.values}
      from json_to_recordset(${$.rows}::text::json) as row (
        campaign text, party text, party_id text, last_turn bigint, owed float8, balance numeric, ${usage.types})
      on conflict (campaign_id, party, party_id) do update
        set last_turn = excluded.last_turn, owed = excluded.owed, balance = counter.balance + excluded.balance, ${usage.replaced}`,
);

/** Of buyers that are counted over all their campaigns: any state of the batch tells of all of them. */
function buyerCounterRows(taken: readonly LeadEntry[], state: BatchState): object[] {
  const buyers = buyersOf(taken.filter((each) => !each.isTest));
  return [...state.buyers].flatMap(([buyer_id, { usage, balance }]) =>
    buyers.has(buyer_id) ? [{ buyer_id, balance, ...usageRow(usage) }] : [],
  );
}

const writeBuyerCounters: BatchInsert = statement(
  "write_buyer_counters",
  "unspread",
  ($) => sql`insert into buyer_counters (buyer_id, balance, ${usage.names})
      select buyer_id, balance / 10000, ${usage.values}
      from json_to_recordset(${$.rows}::text::json) as row (buyer_id text, balance numeric, ${usage.types})
      order by buyer_id
      on conflict (buyer_id) do update set balance = excluded.balance, ${usage.replaced}`,
);
