/** A server that campaigns may be given to, and what is known of its work. */
export interface Worker {
  id: string;
  campaigns: number;
  leadsPerSecond: number;
  /** The node of Citus that it is connected to; null: the database is no such. */
  node: number | null;
}

/**
 * Who is to take a campaign that nobody has: of those with the fewest campaigns the one with the least to do. Of equals `own`, which has
 * the lead in hand.
 */
export function ownerFor(own: Worker, others: readonly Worker[]): string {
  const best = others.reduce((least, each) => (isLess(each, least) ? each : least), own);
  return best.id;
}

function isLess(one: Worker, other: Worker): boolean {
  if (one.campaigns !== other.campaigns) return one.campaigns < other.campaigns;
  // What was measured of so few leads says nothing.
  return one.leadsPerSecond + NOTHING < other.leadsPerSecond;
}

const NOTHING = 10;

/** A handover costs some leads the way through two servers: it must be worth it. */
const WORTH_MOVING = 0.2;

/** A campaign that a server gives to another, so that both have about as much to do; undefined: it is well as it is. */
export function campaignToMove(
  own: ReadonlyMap<string, number>,
  others: readonly Worker[],
): { campaignId: string; to: string } | undefined {
  const [least] = others.toSorted((one, other) => one.leadsPerSecond - other.leadsPerSecond);
  if (least === undefined || own.size < 2) return undefined;
  const mine = [...own.values()].reduce((sum, each) => sum + each, 0);
  const highest = (moved: number) => Math.max(mine - moved, least.leadsPerSecond + moved);
  const [best] = [...own].toSorted(([, one], [, other]) => highest(one) - highest(other));
  if (best === undefined || mine < NOTHING || highest(best[1]) > mine * (1 - WORTH_MOVING)) return undefined;
  return { campaignId: best[0], to: least.id };
}
