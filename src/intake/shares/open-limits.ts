import { compileCaps } from "#campaigns/campaign.ts";
import { lockConfigurations } from "#campaigns/campaign-lock-records.ts";
import type { BuyerDefinition } from "#campaigns/definition.ts";
import { readBuyerDefinition } from "#campaigns/definition-records.ts";
import { forgetShares, readCampaignsOf } from "#campaigns/recount-records.ts";
import type { UsageRow } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { type PeriodStarts, periodStarts, usageAt } from "#intake/decide/caps.ts";
import { addToBuyer, readPaidIn } from "#ledger/balance-records.ts";
import { amountOfTenThousandths, parseAmount } from "#money/amount.ts";
import { CLOCK_PERIODS } from "#time/period.ts";
import { usedOf } from "./part.ts";
import {
  type ContractRow,
  type LimitRow,
  lockLimits,
  lockShares,
  type ShareRow,
  writeGrants,
  writeLimits,
  writeShares,
} from "./share-records.ts";

/**
 * Begins to give out a buyer's limits by the configuration in force, unless somebody did meanwhile: each campaign has as much of them as it
 * has used, counted under the locks of all of them, and the rest is nobody's yet.
 */
export async function openLimits(
  tx: Queryable,
  { buyerId, campaignId }: { buyerId: string; campaignId: string },
  { now, edition }: { now: Date; edition: string },
): Promise<void> {
  await lockConfigurations(tx);
  const buyer = await readBuyerDefinition(tx, buyerId);
  if (buyer === undefined) return;
  // Who pays in waits for this, and this for who pays in.
  if (buyer.billing.mode !== "manual") await addToBuyer(tx, buyerId, NOTHING);
  const [known] = await lockLimits(tx, buyerId);
  const used = new Map<string, ContractRow | undefined>();
  for (const campaign of await readCampaignsOf(tx, buyerId)) {
    const { shares, use } = await lockShares(tx, { buyer: buyerId, campaign });
    if (
      known !== undefined &&
      campaign === campaignId &&
      shares.some((each) => each.edition === known.edition)
    )
      return;
    used.set(campaign, use);
  }
  await forgetShares(tx, [buyerId]);
  const limits = [...limitRows(buyer, edition), ...(await moneyLimit(tx, buyer, edition))];
  const shares = sharesAsUsed(buyer, limits, used, now);
  await writeLimits(tx, buyerId, limits);
  await writeGrants(tx, shares);
  await writeShares(tx, shares);
}

function limitRows(buyer: BuyerDefinition, edition: string): LimitRow[] {
  return compileCaps(buyer.caps).flatMap(({ period, leads, amount }) => [
    ...(leads === null ? [] : [{ measure: `${period}.leads` as const, edition, units: leads }]),
    ...(amount === null ? [] : [{ measure: `${period}.amount` as const, edition, units: amount as number }]),
  ]);
}

/** What a buyer that pays may spend in all: what it paid in, and its credit. What it was sold stands with its contracts. */
async function moneyLimit(
  tx: Queryable,
  { id, billing }: BuyerDefinition,
  edition: string,
): Promise<LimitRow[]> {
  if (billing.mode === "manual") return [];
  const credit = billing.mode === "credit" ? (parseAmount(billing.limit) ?? 0) : 0;
  return [{ measure: "balance", edition, units: (await readPaidIn(tx, id)) + credit }];
}

const NOTHING = amountOfTenThousandths(0);

function sharesAsUsed(
  { id: buyerId, timezone }: BuyerDefinition,
  limits: readonly LimitRow[],
  used: ReadonlyMap<string, ContractRow | undefined>,
  now: Date,
): ShareRow[] {
  const starts = latestOf(periodStarts(timezone, now), [...used.values()]);
  return [...used].flatMap(([campaignId, row]) => {
    const usage = usageAt(row, starts);
    return limits.map(({ measure, edition }) => {
      const { start, units } = usedOf(measure, { usage, spent: 0 - (row?.balance ?? 0) });
      return { campaignId, buyerId, measure, edition, start, granted: units, givenBack: 0 };
    });
  });
}

/** A campaign may have counted in a period that by this server's clock is still to begin. */
function latestOf(starts: PeriodStarts, rows: readonly (UsageRow | undefined)[]): PeriodStarts {
  const latest = { ...starts };
  for (const period of CLOCK_PERIODS) {
    latest[period] = Math.max(starts[period], ...rows.map((row) => row?.[`${period}Start`] ?? 0));
  }
  return latest;
}
