import type { Route } from "#http/route.ts";
import { feedbackRoute } from "#intake/feedback-route.ts";
import { type Intake, ingestRoute } from "#intake/ingest-route.ts";
import { lookupRoutes } from "#intake/lookup-route.ts";
import { type PingParts, pingRoute } from "#ping/ping-route.ts";
import { healthRoutes } from "./health.ts";

/** What the routes work with. */
export interface RouteParts extends Intake, PingParts {
  isStopping(): boolean;
}

/** Every route of the server. */
export function routeTable(parts: RouteParts): Route[] {
  return [
    ingestRoute(parts),
    pingRoute(parts),
    ...lookupRoutes(parts),
    feedbackRoute(parts),
    ...healthRoutes(parts.database, parts.isStopping),
  ];
}
