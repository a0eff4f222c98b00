import type { Database } from "#database/database.ts";
import type { Alert, Tell } from "#handover/alert.ts";
import type { Measure, Usage } from "#intake/decide/caps.ts";
import { capReached } from "#intake/usage/cap-alert.ts";
import { amountOfTenThousandths, formatAmount } from "#money/amount.ts";
import type { Clock } from "#time/clock.ts";
import type { CapPeriod } from "#time/period.ts";
import { type ShareAsk, takenUpBy } from "./asks.ts";
import { obtain, SharesUnavailable, type SpentLimit } from "./obtain.ts";
import { periodStartIn } from "./part.ts";
import { lockShares, type ShareRow, writeShares } from "./share-records.ts";

/**
 * Moves what buyers may have in all their campaigns together between these, where each campaign is decided on one node of several. All is
 * done in steps that are committed one by one, each by what is on record of the one before: see `part.ts`. Who finds a step that was not
 * made, as its server ended, makes it.
 */
export interface Shares {
  /**
   * Has a campaign granted what it asks for, of what nobody has, else of what others don't use; or finds that nobody has that much. The
   * grants are answered, for the campaign's shares to be made of them: until then the others wait for that.
   *
   * @throws SharesUnavailable when a node does not answer, or others took all that was given back, again and again.
   */
  ask(asks: readonly ShareAsk[]): Promise<readonly ShareRow[]>;
  /** The same, and makes the shares of the grants. */
  askAndTakeUp(asks: readonly ShareAsk[]): Promise<void>;
  /**
   * What of a buyer's limits others had left to give, as far as the campaign asked for it a moment ago, in the periods of `usage`; of what
   * it may spend, while that is `toSpend` in all.
   */
  elsewhere(share: ShareRow | undefined, usage: Usage, toSpend: number): ReadonlyMap<Measure, number>;
}

export interface SharesParts {
  database: Database;
  clock: Clock;
  tell: Tell;
}

/** How long it is good, in ms, that nobody had more: what is given back by a return is found after that. */
const KNOWN_MS = 1_000;

export function openShares({ database, clock, tell }: SharesParts): Shares {
  const known = openKnown(clock);
  const told = new Set<string>();
  const underWay = new Map<string, Promise<readonly ShareRow[]>>();
  const failed = new Map<string, { at: number; error: unknown }>();

  /** Of one campaign and buyer one at a time. */
  function askOnce(ask: ShareAsk): Promise<readonly ShareRow[]> {
    const name = `${ask.campaignId} ${ask.buyerId}`;
    const last = failed.get(name);
    if (last !== undefined && clock.elapsedMs() - last.at < KNOWN_MS)
      return Promise.reject(new SharesUnavailable("asked a moment ago", { cause: last.error }));
    failed.delete(name);
    const asking =
      underWay.get(name) ??
      askFor(ask)
        .catch((error: unknown) => {
          failed.set(name, { at: clock.elapsedMs(), error });
          throw new SharesUnavailable("a buyer's limits cannot be asked about", { cause: error });
        })
        .finally(() => underWay.delete(name));
    underWay.set(name, asking);
    return asking;
  }

  async function askFor(ask: ShareAsk): Promise<readonly ShareRow[]> {
    const obtained = await obtain(ask, { database, clock });
    if ("grants" in obtained) {
      if (obtained.low !== undefined) tellOnce(balanceAlert("balance.low", ask, obtained.low));
      return obtained.grants;
    }
    for (const spent of obtained.spent) {
      known.learn(ask, spent);
      for (const alert of alertsOf(ask, spent)) tellOnce(alert);
    }
    return [];
  }

  function tellOnce(alert: Alert): void {
    if (told.size > MOST_KNOWN) told.clear();
    if (!told.has(alert.key)) tell(alert);
    told.add(alert.key);
  }

  async function ask(asks: readonly ShareAsk[]): Promise<readonly ShareRow[]> {
    return (await Promise.all(asks.map(askOnce))).flat();
  }

  return {
    ask,
    async askAndTakeUp(asks) {
      const grants = await ask(asks);
      for (const { buyerId: buyer, campaignId: campaign } of asks) {
        await database.write(async (tx) => {
          const { shares } = await lockShares(tx, { buyer, campaign });
          await writeShares(tx, takenUpBy(shares, grants));
        });
      }
    },
    elsewhere: known.elsewhere,
  };
}

function alertsOf(ask: ShareAsk, spent: SpentLimit): Alert[] {
  const { measure, start, limit, remaining } = spent;
  if (measure === "balance") {
    const isLow = ask.lowBalance !== null && remaining < ask.lowBalance;
    return [
      ...(isLow ? [balanceAlert("balance.low", ask, spent)] : []),
      balanceAlert("balance.empty", ask, spent),
    ];
  }
  const [period, unit] = measure.split(".") as [CapPeriod, "leads" | "amount"];
  const whose = { campaign_id: null, buyer_id: ask.buyerId, supplier_id: null };
  const since = period === "total" ? null : start;
  return [capReached(whose, { period, unit, start: since, limit, currency: ask.currency })];
}

/** Once for what was paid in until then: with the next payment the limit is another. */
function balanceAlert(
  event: "balance.low" | "balance.empty",
  { buyerId, campaignId, currency, lowBalance, asked }: ShareAsk,
  { remaining, limit }: Pick<SpentLimit, "remaining" | "limit">,
): Alert {
  return {
    event,
    key: `${event}:${buyerId}:${asked[0]?.share.edition}:${limit}`,
    campaignId: null,
    data: {
      buyer_id: buyerId,
      campaign_id: campaignId,
      spendable: formatAmount(amountOfTenThousandths(remaining), currency),
      low_balance: lowBalance === null ? null : formatAmount(lowBalance, currency),
      currency,
    },
  };
}

/** What was found of limits of which nobody had as much as was asked for. */
function openKnown(clock: Clock) {
  const known = new Map<
    string,
    Map<Measure, Pick<SpentLimit, "start" | "left" | "limit"> & { at: number }>
  >();
  return {
    learn({ campaignId, asked }: ShareAsk, { measure, start, left, limit }: SpentLimit): void {
      if (known.size > MOST_KNOWN) known.clear();
      const name = `${asked[0]?.share.edition} ${campaignId}`;
      const ofBuyer = known.get(name) ?? new Map();
      known.set(name, ofBuyer);
      ofBuyer.set(measure, { start, left, limit, at: clock.elapsedMs() });
    },
    elsewhere(share: ShareRow | undefined, usage: Usage, toSpend: number): ReadonlyMap<Measure, number> {
      const name = `${share?.edition} ${share?.campaignId}`;
      const found = new Map<Measure, number>();
      const since = clock.elapsedMs() - KNOWN_MS;
      for (const [measure, { start, left, limit, at }] of known.get(name) ?? []) {
        const isPaidIn = measure === "balance" && limit !== toSpend;
        if (at > since && start === periodStartIn(measure, usage) && !isPaidIn) found.set(measure, left);
      }
      return found;
    },
  };
}

const MOST_KNOWN = 10_000;
