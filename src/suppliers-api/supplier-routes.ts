import type { Route } from "#http/route.ts";
import { type FrontParts, supplierGate } from "#intake/supplier-request.ts";
import { campaignsRoute } from "./campaign-route.ts";
import { earningRoutes } from "./earning-routes.ts";
import { lookupRoutes } from "./lookup-route.ts";
import type { SupplierParts } from "./parts.ts";
import { leadReportRoute } from "./report-route.ts";

/** What the suppliers' look-ups are put together from. */
export type SuppliersApiParts = FrontParts &
  Pick<SupplierParts, "database" | "campaignCache" | "pepper" | "stopping"> & {
    /** Knows suppliers by their sessions too, by which no lead comes in. */
    callers: Pick<FrontParts["keyring"], "holderOf">;
  };

/** What suppliers may know by keys of their own. Nothing here tells of another supplier, a price or a margin. */
export function supplierRoutes(front: SuppliersApiParts): Route[] {
  const { database, campaignCache, pepper, stopping, clock } = front;
  const parts: SupplierParts = {
    database,
    campaignCache,
    pepper,
    suppliers: supplierGate("lookup", { ...front, keyring: { ...front.keyring, ...front.callers } }),
    now: () => clock.now(),
    stopping,
  };
  return [...lookupRoutes(parts), ...earningRoutes(parts), leadReportRoute(parts), campaignsRoute(parts)];
}
