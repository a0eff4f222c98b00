import type { Campaign } from "#campaigns/campaign.ts";
import { eachPeriod, type Measure, type PeriodStarts, type Usage } from "#intake/decide/caps.ts";
import type { Lack } from "#intake/decide/decision.ts";
import type { BatchState } from "#intake/decide/state.ts";
import type { Candidate } from "#leads/candidate.ts";
import { type Amount, amountOfTenThousandths } from "#money/amount.ts";
import type { AskedOfLimit } from "./give-out.ts";
import { heldIn, type LimitPart, periodStartIn, withGivenBack, withGranted } from "./part.ts";
import type { ShareRow } from "./share-records.ts";

/** What a campaign asks for of a buyer's limits. */
export interface ShareAsk {
  campaignId: string;
  buyerId: string;
  currency: string;
  /** What the buyer's balance, credit included, is called low below; null: it never is. */
  lowBalance: Amount | null;
  /** None: the buyer's limits are not given out yet. */
  asked: readonly AskedOfLimit[];
}

/** A lead can't be decided before its campaign was given more of a buyer's limits, or it is known that nobody has more. */
export class ShortOfShares extends Error {
  override readonly name = "ShortOfShares";
  readonly asks: readonly ShareAsk[];
  /** The leads before it, which can be. */
  readonly before: ReadonlySet<Candidate>;
  constructor(asks: readonly ShareAsk[], before: ReadonlySet<Candidate> = new Set()) {
    super("the campaign's share of a limit is used up");
    this.asks = asks;
    this.before = before;
  }
}

/** What is to be asked before the campaign's leads can be decided at all: for those buyers of whose limits it has no shares. */
export function asksToOpen(
  { id: campaignId, currency, contracts }: Campaign,
  shares: readonly ShareRow[],
): ShareAsk[] {
  return contracts.flatMap(({ buyerId, buyerCaps, creditLimit, lowBalance }) => {
    const own = shares.filter((each) => each.buyerId === buyerId);
    const isOpen = buyerCaps.every(
      ({ period, leads, amount }) =>
        (leads === null || own.some(({ measure }) => measure === `${period}.leads`)) &&
        (amount === null || own.some(({ measure }) => measure === `${period}.amount`)),
    );
    const isPaid = creditLimit === null || own.some(({ measure }) => measure === "balance");
    return isOpen && isPaid ? [] : [{ campaignId, buyerId, currency, lowBalance, asked: [] }];
  });
}

/** What is to be asked for a lead that lacks something, and if it can be had for those `behind` it too. */
export function asksFor(
  { campaign, buyers }: Pick<BatchState, "campaign" | "buyers">,
  shares: readonly ShareRow[],
  lacks: readonly Lack[],
  behind: readonly Lack[] = [],
): ShareAsk[] {
  return [...Map.groupBy(lacks, ({ buyerId }) => buyerId)].map(([buyerId, ofBuyer]) => {
    const usage = buyers.get(buyerId)?.usage;
    const asked = ofBuyer.flatMap(({ measure, units }): AskedOfLimit[] => {
      const isOfIt = (each: Pick<Lack, "buyerId" | "measure">) =>
        each.buyerId === buyerId && each.measure === measure;
      const share = shares.find(isOfIt);
      if (usage === undefined || share === undefined) return [];
      const most = behind.filter(isOfIt).reduce((sum, each) => sum + each.units, units);
      return [{ measure, start: periodStartIn(measure, usage), least: units, most, share }];
    });
    const lowBalance = campaign.contracts.find((each) => each.buyerId === buyerId)?.lowBalance ?? null;
    return { campaignId: campaign.id, buyerId, currency: campaign.currency, lowBalance, asked };
  });
}

/** The usage of a contract with so much added to it that the caps of its buyer leave as much room as the campaign's shares of them have. */
export function usageByShares(
  caps: Campaign["contracts"][number]["buyerCaps"],
  usage: Usage,
  shares: readonly ShareRow[],
): Usage {
  const held = (measure: Measure) =>
    heldAt(
      shares.find((each) => each.measure === measure),
      periodStartIn(measure, usage),
    );
  const counted: Usage = { ...usage };
  for (const { period, leads, amount } of caps) {
    const own = counted[period];
    const more = {
      leads: leads === null ? own.leads : own.leads + leads - held(`${period}.leads`),
      amount:
        amount === null ? own.amount : amountOfTenThousandths(own.amount + amount - held(`${period}.amount`)),
    };
    if (period === "total") counted.total = more;
    else counted[period] = { ...counted[period], ...more };
  }
  return counted;
}

/** What a buyer with a wallet or credit may spend in the campaign, which has spent so much of its share. */
export function leftToSpend(shares: readonly ShareRow[], spent: number): Amount {
  return amountOfTenThousandths(
    heldAt(
      shares.find(({ measure }) => measure === "balance"),
      0,
    ) - spent,
  );
}

/** When the periods began that a contract counts in: a share may be of one that by this server's clock is still to begin. */
export function startsWith(shares: readonly ShareRow[], starts: PeriodStarts): PeriodStarts {
  return eachPeriod((period) =>
    Math.max(
      starts[period],
      ...shares.flatMap(({ measure, start }) => (measure.startsWith(`${period}.`) ? [start] : [])),
    ),
  );
}

/** A share of another period is worth nothing in this one. */
function heldAt(share: LimitPart | undefined, start: number): number {
  return share === undefined || share.start !== start ? 0 : heldIn(share);
}

/** A share as it is once it is made of the grants to its campaign. */
export function grantedTo(share: ShareRow, grants: readonly ShareRow[]): ShareRow {
  return grants
    .filter((each) => shareName(each) === shareName(share) && each.buyerId === share.buyerId)
    .reduce(withGranted, share);
}

/** A buyer's grants once they know of what was given back of its shares; of one that has no share yet, nothing was. */
export function withAllGivenBack(grants: readonly ShareRow[], shares: readonly ShareRow[]): ShareRow[] {
  const known = new Map(shares.map((share) => [shareName(share), share]));
  return grants.map((grant) => withGivenBack(grant, known.get(shareName(grant)) ?? grant));
}

export function shareName({ campaignId, measure }: Pick<ShareRow, "campaignId" | "measure">): string {
  return `${measure} ${campaignId}`;
}

/** Those of the shares that are others once they are made of the grants. */
export function takenUpBy(shares: readonly ShareRow[], grants: readonly ShareRow[]): ShareRow[] {
  return shares.flatMap((share) => {
    const after = grantedTo(share, grants);
    return after === share ? [] : [after];
  });
}
