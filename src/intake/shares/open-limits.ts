import { compileCaps } from "#campaigns/campaign.ts";
import { lockConfigurations } from "#campaigns/campaign-lock-records.ts";
import type { BuyerDefinition } from "#campaigns/definition.ts";
import { readBuyerDefinition } from "#campaigns/definition-records.ts";
import { forgetShares } from "#campaigns/recount-records.ts";
import type { UsageRow } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { type PeriodStarts, periodStarts, usageAt } from "#intake/decide/caps.ts";
import { CLOCK_PERIODS } from "#time/period.ts";
import { usedOf } from "./part.ts";
import {
  type LimitRow,
  lockLimits,
  lockShares,
  readCampaignsOf,
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
  const [known] = await lockLimits(tx, buyerId);
  const used = new Map<string, UsageRow | undefined>();
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
  const limits = limitRows(buyer, edition);
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

function sharesAsUsed(
  { id: buyerId, timezone }: BuyerDefinition,
  limits: readonly LimitRow[],
  used: ReadonlyMap<string, UsageRow | undefined>,
  now: Date,
): ShareRow[] {
  const starts = latestOf(periodStarts(timezone, now), [...used.values()]);
  return [...used].flatMap(([campaignId, row]) => {
    const usage = usageAt(row, starts);
    return limits.map(({ measure, edition }) => {
      const { start, units } = usedOf(measure, usage);
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
