import { backupRoutes } from "#admin/backup.ts";
import { buyerRoutes } from "#admin/buyers.ts";
import { conditionRoutes } from "#admin/condition.ts";
import { configRoutes } from "#admin/config.ts";
import { deliveryRoutes } from "#admin/deliveries.ts";
import { docsLinkRoutes } from "#admin/docs-link.ts";
import { erasureRoutes } from "#admin/erasures.ts";
import { historyRoutes } from "#admin/history.ts";
import { leadRoutes } from "#admin/leads.ts";
import { metricsRoutes } from "#admin/metrics.ts";
import { operatorApi } from "#admin/operator.ts";
import { operatorKeyRoutes } from "#admin/operator-keys.ts";
import { reportRoutes } from "#admin/reports.ts";
import { resourceRoutes } from "#admin/resources.ts";
import { supplierKeyRoutes } from "#admin/supplier-keys.ts";
import { suppressionEntryRoutes } from "#admin/suppression-entries.ts";
import { webhookRoutes } from "#admin/webhooks.ts";
import type { Parts } from "./parts.ts";

/** What operators call, and /metrics where it is for them alone. */
export function operatorRoutes(parts: Parts) {
  const { admin, clock } = parts;
  return operatorApi({
    database: parts.database,
    operatorKey: parts.operatorKey,
    attempts: parts.attempts,
    addressOf: parts.addressOf,
    operatorKeyUsed: parts.operatorKeyUsed,
    now: () => clock.now(),
  })
    .use(backupRoutes(admin))
    .use(conditionRoutes(admin))
    .use(configRoutes(admin))
    .use(resourceRoutes(admin))
    .use(historyRoutes(admin))
    .use(supplierKeyRoutes(admin))
    .use(operatorKeyRoutes(admin))
    .use(suppressionEntryRoutes(admin))
    .use(leadRoutes(admin))
    .use(buyerRoutes(admin))
    .use(webhookRoutes(admin))
    .use(deliveryRoutes(admin))
    .use(reportRoutes(admin))
    .use(erasureRoutes(admin))
    .use(docsLinkRoutes(admin))
    .use(parts.metrics === "keyed" ? metricsOf(parts) : []);
}

/** /metrics, for operators or for everybody. */
export function metricsOf({ metricsContentType, metricsText }: Parts) {
  return metricsRoutes({ contentType: metricsContentType, text: metricsText });
}
