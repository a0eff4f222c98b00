import type { Keyring } from "#access/keyring.ts";
import type { SharedCounts } from "#access/shared-counts.ts";
import type { Route } from "#http/route.ts";
import type { Clock } from "#time/clock.ts";
import { balanceRoute } from "./balance-route.ts";
import { billRoutes } from "./bill-routes.ts";
import { buyerGate } from "./buyer-gate.ts";
import { ownDeliveryRoutes } from "./delivery-routes.ts";
import { ownEndpointRoutes } from "./endpoint-routes.ts";
import type { BuyerParts } from "./parts.ts";
import { purchaseRoutes } from "./purchase-routes.ts";
import { ownReportRoute } from "./report-route.ts";
import { ownReturnRoutes } from "./return-routes.ts";
import { selfServiceRoutes } from "./self-service-routes.ts";

/** What the buyers' routes are put together from. */
export interface BuyersApiParts extends Omit<BuyerParts, "buyers" | "now"> {
  keyring: Pick<Keyring, "holderOf">;
  sharedCounts: SharedCounts;
  clock: Clock;
}

/** What buyers call by keys of their own. Nothing here tells of another buyer, a supplier, a payout or a margin. */
export function buyerRoutes({ keyring, clock, sharedCounts, ...rest }: BuyersApiParts): Route[] {
  const buyers = buyerGate({ keyring, clock, sharedCounts });
  const parts: BuyerParts = { ...rest, buyers, now: () => clock.now() };
  return [
    ...purchaseRoutes(parts),
    ...ownDeliveryRoutes(parts),
    ...ownEndpointRoutes(parts),
    balanceRoute(parts),
    ...billRoutes(parts),
    ownReportRoute(parts),
    ...ownReturnRoutes(parts),
    ...selfServiceRoutes(parts),
  ];
}
