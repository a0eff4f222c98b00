import type { Database } from "#database/database.ts";
import { type Measure, usageIn } from "#intake/decide/caps.ts";
import { grantedTo, type ShareAsk, withAllGivenBack } from "./asks.ts";
import { freeOf, giversOf, type Short } from "./give-out.ts";
import { type LimitUse, unusedOf, usedOf } from "./part.ts";
import { type ContractRow, readContractUse, readSharesOfBuyer, type ShareRow } from "./share-records.ts";

/** How the campaigns of a buyer stand, as seen by one that asks. */
export interface Others {
  shares: readonly ShareRow[];
  /** What the campaign could have more of a limit, if all others gave back what they don't use. */
  available(short: Short): number;
  /** What nobody has used of a limit. */
  remaining(short: Pick<Short, "measure" | "limit" | "start">): number;
  /** Who is to give back how much; of what is on its way to it too where the grants are given. */
  givers(short: readonly Short[], grants: readonly ShareRow[]): Map<string, Map<Measure, number>>;
}

export async function readOthers(
  database: Database,
  { buyerId, campaignId }: ShareAsk,
  known: readonly ShareRow[],
): Promise<Others> {
  const [shares, rows] = await database.read((db) =>
    Promise.all([readSharesOfBuyer(db, buyerId), readContractUse(db, buyerId)]),
  );
  const use = new Map(rows.map((row) => [row.campaignId, row]));
  const grants = withAllGivenBack(known, shares);
  const ofMeasure = (measure: Measure) => shares.filter((share) => share.measure === measure);
  const others = ({ measure }: Short) =>
    ofMeasure(measure).filter((share) => share.campaignId !== campaignId);
  const usedBy = (those: readonly ShareRow[], start: number) =>
    those.reduce((sum, share) => {
      const used = usedIn(use.get(share.campaignId), share);
      return used.start === start ? sum + used.units : sum;
    }, 0);
  return {
    shares,
    available(short) {
      const own = grants.filter((each) => each.measure === short.measure && each.campaignId === campaignId);
      return freeOf(short.limit, own, short.start) - usedBy(others(short), short.start);
    },
    remaining({ measure, limit, start }) {
      return limit - usedBy(ofMeasure(measure), start);
    },
    givers(shorts, onTheWay) {
      const givers = new Map<string, Map<Measure, number>>();
      for (const short of shorts) {
        const granted = grants.filter(({ measure }) => measure === short.measure);
        const unused = others(short).flatMap((each) => {
          const share = grantedTo(each, onTheWay);
          const units = unusedOf(share, usedIn(use.get(each.campaignId), share));
          return share.start === short.start ? [{ campaignId: each.campaignId, units }] : [];
        });
        const missing = short.most - freeOf(short.limit, granted, short.start);
        for (const { campaignId: giver, units } of giversOf(unused, missing)) {
          givers.set(giver, (givers.get(giver) ?? new Map()).set(short.measure, units));
        }
      }
      return givers;
    },
  };
}

/** What a campaign has used of the limit that a share is of. */
export function usedIn(row: ContractRow | undefined, { measure, start }: ShareRow): LimitUse {
  if (row === undefined) return { start, units: 0 };
  return usedOf(measure, { usage: usageIn(row), spent: -row.balance });
}
