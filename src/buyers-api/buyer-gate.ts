import type { Keyring } from "#access/keyring.ts";
import { createSharedLimits } from "#access/limit.ts";
import type { SharedCounts } from "#access/shared-counts.ts";
import type { RateLimit } from "#campaigns/campaign.ts";
import type { BuyerHolder } from "#campaigns/campaign-records.ts";
import type { RequestContext } from "#http/context.ts";
import type { Admission, Gate } from "#http/route.ts";
import type { Clock } from "#time/clock.ts";

/** Requests of one buyer, over all that it may call: a list may walk through all sales, and others' leads need the database more. */
const LIMIT: RateLimit = { perSecond: 5, burstPerSecond: 10, burstSeconds: 5 };

/** Of all who look in browsers for a buyer: a page asks for some seven things, and its programs do not wait for it. */
const BROWSER_LIMIT: RateLimit = { perSecond: 10, burstPerSecond: 40, burstSeconds: 5 };

const UNAUTHORIZED = "The API key is missing or not valid.";
const NOT_A_BUYERS = "This is a supplier's key; what buyers do needs a buyer's.";
const TOO_OFTEN = "The buyer calls more often than it may.";

export interface BuyerGateParts {
  keyring: Pick<Keyring, "holderOf">;
  clock: Clock;
  sharedCounts: SharedCounts;
}

/** Lets in who has a buyer's key or session, and only so often. */
export function buyerGate({ keyring, clock, sharedCounts }: BuyerGateParts): Gate<BuyerHolder> {
  const elapsedMs = () => clock.elapsedMs();
  const limits = createSharedLimits({ of: "buyers", counts: sharedCounts, elapsedMs });
  const browserLimits = createSharedLimits({ of: "buyers_in_browsers", counts: sharedCounts, elapsedMs });

  async function readmit(context: RequestContext): Promise<Admission<BuyerHolder>> {
    const holder = await keyring.holderOf(context.request);
    if (holder === undefined) return { refusal: context.refuse("unauthorized", UNAUTHORIZED) };
    return holder.kind === "buyer"
      ? { caller: holder }
      : { refusal: context.refuse("forbidden", NOT_A_BUYERS) };
  }

  return {
    asks: "buyer",
    readmit,
    async admit(context) {
      const known = await readmit(context);
      if (known.refusal !== undefined) return known;
      const { caller: holder } = known;
      const { buyerId, inBrowser } = holder;
      const { limiter, policy } =
        inBrowser === true ? browserLimits.of(buyerId, BROWSER_LIMIT) : limits.of(buyerId, LIMIT);
      const { admitted, retryAfter, remaining } = limiter.admit(clock.elapsedMs());
      const headers = { "ratelimit-policy": policy, ratelimit: remaining };
      if (admitted) return { caller: holder, headers };
      return { refusal: context.refuse("rate_limited", TOO_OFTEN, { retry_after: retryAfter }), headers };
    },
  };
}
