import { backupRoute } from "#admin/backup.ts";
import { conditionRoute } from "#admin/condition.ts";
import { configRoutes } from "#admin/configuration/config.ts";
import { historyRoutes } from "#admin/configuration/history.ts";
import { resourceRoutes } from "#admin/configuration/resources.ts";
import { conversionTokenRoute } from "#admin/conversion-token.ts";
import { deliveryRoutes } from "#admin/deliveries.ts";
import { docsLinkRoute } from "#admin/docs-link.ts";
import { endpointsRoute } from "#admin/endpoints.ts";
import { operatorKeyRoutes } from "#admin/keys/operator-keys.ts";
import { partyKeyRoutes } from "#admin/keys/party-keys.ts";
import { peopleRoutes } from "#admin/keys/people.ts";
import { personPasskeyRoutes } from "#admin/keys/person-passkeys.ts";
import { portalLinkRoutes } from "#admin/keys/portal-links.ts";
import { postingUrlRoutes } from "#admin/keys/posting-urls.ts";
import { sessionRoutes } from "#admin/keys/session.ts";
import { openSessionRoutes } from "#admin/keys/sessions.ts";
import { erasureRoutes } from "#admin/leads/erasures.ts";
import { heldRoutes } from "#admin/leads/held.ts";
import { importLeadsRoute } from "#admin/leads/import-leads.ts";
import { leadRoutes } from "#admin/leads/leads.ts";
import { returnRoutes } from "#admin/leads/returns.ts";
import { simulateRoute } from "#admin/leads/simulate.ts";
import { simulationRoutes } from "#admin/leads/simulations.ts";
import { usageRoute } from "#admin/leads/usage.ts";
import { type MetricsText, metricsRoute } from "#admin/metrics.ts";
import { balanceRoutes } from "#admin/money/balances.ts";
import { costRoute } from "#admin/money/costs.ts";
import { invoiceRoutes } from "#admin/money/invoices.ts";
import { ledgerCheckRoute, ledgerRoute } from "#admin/money/ledger.ts";
import { paymentRoutes } from "#admin/money/payments.ts";
import { statementRoutes } from "#admin/money/statements.ts";
import type { AdminParts } from "#admin/parts.ts";
import { recipientRoutes } from "#admin/recipients.ts";
import { leadCountsRoute } from "#admin/reports/lead-counts-report.ts";
import { pnlRoute } from "#admin/reports/pnl-report.ts";
import { serversRoute } from "#admin/servers.ts";
import { suppressionEntryRoutes } from "#admin/suppression-entries.ts";
import { testPingRoute } from "#admin/test-ping.ts";
import { docsRoutes } from "#api-docs/docs-routes.ts";
import { type GeneratedPaths, generatedPaths } from "#api-docs/openapi/generated.ts";
import { type BuyersApiParts, buyerRoutes } from "#buyers-api/buyer-routes.ts";
import { consoleRoutes } from "#console/console-routes.ts";
import type { Database } from "#database/database.ts";
import { anybody, type Route } from "#http/route.ts";
import { feedbackRoute } from "#intake/feedback-route.ts";
import type { BatchIntake } from "#intake/ingest/ingest-batch-route.ts";
import { ingestRoutes } from "#intake/ingest/ingest-route.ts";
import { operatorLoginRoutes } from "#login/operator-login-routes.ts";
import type { PasskeyParts } from "#login/passkey-routes.ts";
import { type PortalLoginParts, portalLoginRoutes } from "#login/portal-login-routes.ts";
import { type PingParts, pingRoute } from "#ping/ping-route.ts";
import { type PortalParts, portalPages, portalRoutes } from "#portal/portal-routes.ts";
import { type SuppliersApiParts, supplierRoutes } from "#suppliers-api/supplier-routes.ts";
import { type DocsGateParts, gatedDocs } from "./docs-gate.ts";
import { healthRoutes } from "./health.ts";

/** What the routes work with. */
export interface RouteParts {
  suppliers: BatchIntake & PingParts & SuppliersApiParts;
  buyers: BuyersApiParts;
  admin: AdminParts;
  login: PortalLoginParts & Omit<PasskeyParts, "operators">;
  portal: Omit<PortalParts, "documents">;
  metrics: MetricsText & { access: "open" | "keyed" };
  docs: Pick<DocsGateParts, "access" | "addressOf" | "elapsedMs">;
  database: Database;
  isStopping(): boolean;
}

/** Every route of the server. */
export function routeTable(parts: RouteParts): Route[] {
  let generated: Promise<GeneratedPaths> | undefined;
  const documents = {
    routes: () => routes,
    /** The routes do not change while the server runs. */
    paths() {
      generated ??= generatedPaths(routes);
      return generated;
    },
  };
  const docs = { documents, publicUrl: parts.portal.publicUrl, furtherPages: portalPages };
  const routes = [
    ...routesOfSuppliers(parts.suppliers),
    ...buyerRoutes(parts.buyers),
    ...operatorRoutes(parts.admin),
    ...portalLoginRoutes(parts.login),
    ...operatorLoginRoutes({ ...parts.login, operators: parts.admin.operators }),
    metricsRouteOf(parts),
    ...healthRoutes(parts.database, parts.isStopping),
    ...consoleRoutes(),
    ...gatedDocs([...docsRoutes(docs), ...portalRoutes({ ...parts.portal, documents })], {
      ...parts.portal,
      ...parts.docs,
      operatorRefusal: async (context) => (await parts.admin.operators.read.admit(context, {})).refusal,
    }),
  ];
  return routes;
}

function routesOfSuppliers(parts: RouteParts["suppliers"]): Route[] {
  return [...ingestRoutes(parts), pingRoute(parts), ...supplierRoutes(parts), feedbackRoute(parts)];
}

export function operatorRoutes(parts: AdminParts): Route[] {
  return [
    backupRoute(parts),
    conditionRoute(parts),
    endpointsRoute(parts),
    serversRoute(parts),
    ...configRoutes(parts),
    ...resourceRoutes(parts),
    ...historyRoutes(parts),
    ...partyKeyRoutes(parts),
    ...postingUrlRoutes(parts),
    ...portalLinkRoutes(parts),
    ...operatorKeyRoutes(parts),
    ...sessionRoutes(parts),
    ...openSessionRoutes(parts),
    ...peopleRoutes(parts),
    ...personPasskeyRoutes(parts),
    ...suppressionEntryRoutes(parts),
    ...leadRoutes(parts),
    ...heldRoutes(parts),
    ...paymentRoutes(parts),
    ...balanceRoutes(parts),
    costRoute(parts),
    ledgerRoute(parts),
    ledgerCheckRoute(parts),
    ...statementRoutes(parts),
    ...invoiceRoutes(parts),
    ...returnRoutes(parts),
    ...recipientRoutes(parts),
    testPingRoute(parts),
    conversionTokenRoute(parts),
    ...deliveryRoutes(parts),
    pnlRoute(parts),
    leadCountsRoute(parts),
    usageRoute(parts),
    simulateRoute(parts),
    ...simulationRoutes(parts),
    importLeadsRoute(parts),
    ...erasureRoutes(parts),
    docsLinkRoute(parts),
  ];
}

/** Where metrics are for everybody, the document says all the same which key they would need otherwise. */
function metricsRouteOf({ metrics, admin }: RouteParts): Route {
  const { read } = admin.operators;
  const isOpen = metrics.access === "open";
  return metricsRoute(metrics, isOpen ? { ...anybody, asks: read.asks, role: read.role ?? "" } : read);
}
