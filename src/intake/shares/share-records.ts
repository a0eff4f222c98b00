import { sql } from "drizzle-orm";
import { lockCampaign } from "#campaigns/campaign-lock-records.ts";
import { money, ms, type UsageRow, usage } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { Measure } from "#intake/decide/caps.ts";
import type { PartOfCampaign } from "./part.ts";

export interface ShareRow extends PartOfCampaign {
  buyerId: string;
}

const part = sql`campaign_id as "campaignId", buyer_id as "buyerId", measure, edition::text as edition,
  ${ms("period_start")} as start, granted::float8 as granted, given_back::float8 as "givenBack"`;

/** The shares that campaigns have of their buyers' limits. `campaigns`: ids, as the text of an array. */
export const readShares = statement<ShareRow, { campaigns: string }>(
  "read_shares",
  "named campaigns",
  ($) => sql`select ${part} from buyer_shares where campaign_id = any (${$.campaigns}::text[])`,
);

/** The shares that all campaigns have of a buyer's limits. */
export function readSharesOfBuyer(db: Queryable, buyer: string): Promise<ShareRow[]> {
  return selectShares.run(db, { buyer });
}

const selectShares = statement<ShareRow, { buyer: string }>(
  "select_shares_of_buyer",
  "all campaigns",
  ($) => sql`select ${part} from buyer_shares where buyer_id = ${$.buyer}`,
);

/** What all campaigns have used of a buyer's limits, in whatever periods they last counted. */
export function readContractUse(
  db: Queryable,
  buyer: string,
): Promise<(ContractRow & { campaignId: string })[]> {
  return selectContractUse.run(db, { buyer });
}

/** What a contract has used, and its balance: less than zero for what its buyer was sold. */
export interface ContractRow extends UsageRow {
  balance: number;
}

const selectContractUse = statement<ContractRow & { campaignId: string }, { buyer: string }>(
  "select_contract_use",
  "all campaigns",
  (
    $,
  ) => sql`select campaign_id as "campaignId", ${money("balance")} as balance, ${usage.read} from campaign_counters
      where party = 'contract' and party_id = ${$.buyer}`,
);

interface InCampaign extends Record<string, unknown> {
  buyer: string;
  campaign: string;
}

/** A campaign's shares of a buyer's limits and what it has used, under its lock: nobody else changes them until the transaction ends. */
export async function lockShares(
  tx: Queryable,
  at: InCampaign,
): Promise<{ shares: ShareRow[]; use: ContractRow | undefined }> {
  await lockCampaign(tx, at.campaign);
  const [shares, [use]] = await Promise.all([selectOwnShares.run(tx, at), selectOwnUse.run(tx, at)]);
  return { shares, use };
}

const selectOwnShares = statement<ShareRow, InCampaign>(
  "select_own_shares",
  "one campaign",
  ($) => sql`select ${part} from buyer_shares where campaign_id = ${$.campaign} and buyer_id = ${$.buyer}`,
);

const selectOwnUse = statement<ContractRow, InCampaign>(
  "select_own_use",
  "one campaign",
  ($) => sql`select ${money("balance")} as balance, ${usage.read} from campaign_counters
      where campaign_id = ${$.campaign} and party = 'contract' and party_id = ${$.buyer}`,
);

export interface LimitRow {
  measure: Measure;
  edition: string;
  units: number;
}

/** A buyer's limits; whoever else gives out some of them waits until the transaction ends. None: they are not given out yet. */
export function lockLimits(tx: Queryable, buyer: string): Promise<LimitRow[]> {
  return lockLimitRows.run(tx, { buyer });
}

const lockLimitRows = statement<LimitRow, { buyer: string }>(
  "lock_limits",
  "unspread",
  ($) => sql`select measure, edition::text as edition, units::float8 as units from buyer_limits
      where buyer_id = ${$.buyer} order by measure for update`,
);

export function readGrants(db: Queryable, buyer: string): Promise<ShareRow[]> {
  return selectGrants.run(db, { buyer });
}

const selectGrants = statement<ShareRow, { buyer: string }>(
  "select_grants",
  "unspread",
  ($) => sql`select ${part} from buyer_grants where buyer_id = ${$.buyer}`,
);

/**
 * Row by row: what Citus copies out of one statement to another node may be lost when that one ends as it is committed, and nobody is told.
 */
export async function writeGrants(tx: Queryable, grants: readonly ShareRow[]): Promise<void> {
  await Promise.all(grants.map((each) => writeGrant.run(tx, rowOf(each))));
}

export async function writeShares(tx: Queryable, shares: readonly ShareRow[]): Promise<void> {
  await Promise.all(shares.map((each) => writeShare.run(tx, rowOf(each))));
}

export async function writeLimits(tx: Queryable, buyer: string, limits: readonly LimitRow[]): Promise<void> {
  await Promise.all(limits.map((each) => writeLimit.run(tx, { buyer, ...each })));
}

type PartValues = Omit<InCampaign, "buyer"> & ReturnType<typeof rowOf>;

function rowOf({ campaignId: campaign, buyerId: buyer, ...row }: ShareRow) {
  return { ...row, campaign, buyer, start: row.start / 1000 };
}

const partNames = sql`(campaign_id, buyer_id, measure, edition, period_start, granted, given_back)`;
const partReplaced = sql`edition = excluded.edition, period_start = excluded.period_start, granted = excluded.granted,
  given_back = excluded.given_back`;

const writeGrant = statement<unknown, PartValues>(
  "write_grant",
  "unspread",
  ($) => sql`insert into buyer_grants ${partNames}
      values (${$.campaign}, ${$.buyer}, ${$.measure}, ${$.edition}::text::uuid, to_timestamp(${$.start}::float8),
        ${$.granted}::text::bigint, ${$.givenBack}::text::bigint)
      on conflict (buyer_id, campaign_id, measure) do update set ${partReplaced}`,
);

const writeShare = statement<unknown, PartValues>(
  "write_share",
  "one campaign",
  ($) => sql`insert into buyer_shares ${partNames}
      values (${$.campaign}, ${$.buyer}, ${$.measure}, ${$.edition}::text::uuid, to_timestamp(${$.start}::float8),
        ${$.granted}::text::bigint, ${$.givenBack}::text::bigint)
      on conflict (campaign_id, buyer_id, measure) do update set ${partReplaced}`,
);

const writeLimit = statement<unknown, LimitRow & { buyer: string } & Record<string, unknown>>(
  "write_limit",
  "unspread",
  ($) => sql`insert into buyer_limits (buyer_id, measure, edition, units)
      values (${$.buyer}, ${$.measure}, ${$.edition}::text::uuid, ${$.units}::text::bigint)`,
);
