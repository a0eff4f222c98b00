import { recipientIds } from "#delivery/recipients/endpoint-alert.ts";
import { ALERT_EVENTS } from "#endpoints/webhook-endpoint.ts";
import type { Alert } from "#handover/alert.ts";
import { deliveryIdOf, leadIdOf } from "#text/ids.ts";
import type { DeadDelivery } from "./dead-records.ts";
import { NO_CAMPAIGN } from "./outbox-records.ts";

/** What operators are told of a delivery that is given up; undefined: nothing, for it was to tell them something itself. */
export function deadAlert(dead: DeadDelivery): Alert | undefined {
  if (ALERTS.has(dead.event)) return undefined;
  const campaignId = dead.campaignId === NO_CAMPAIGN ? null : dead.campaignId;
  return {
    event: "delivery.dead",
    key: `delivery.dead:${dead.id}:${dead.attempts}`,
    campaignId,
    data: {
      delivery_id: deliveryIdOf(dead.id),
      ...recipientIds(dead.recipient),
      campaign_id: campaignId,
      lead_id: dead.leadId === null ? null : leadIdOf(dead.leadId),
      event: dead.event,
      attempt_count: dead.attempts,
      reason: dead.lastFailure,
    },
  };
}

const ALERTS: ReadonlySet<string> = new Set(ALERT_EVENTS);
