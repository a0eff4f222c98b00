import { withDeliveryDefaults } from "#configuration/delivery-defaults.ts";
import type { DeliveryDefinition } from "#endpoints/delivery-definition.ts";
import {
  compileDelivery,
  type DeliverySettings,
  type WebhookSettings,
} from "#endpoints/delivery-settings.ts";
import type { AskVariables } from "#endpoints/message/ask-variables.ts";
import type { SaleVariables } from "#endpoints/message/sale-variables.ts";

export function sale(fields: Record<string, unknown> = {}): SaleVariables {
  return {
    leadId: "lead_01h455vb4pex5vsknk084sn02q",
    campaignId: "campaign_abc123",
    campaignName: "Solar Texas",
    buyerId: "buyer_abc",
    supplierId: "supplier_xyz789",
    isTest: false,
    price: "40.00",
    currency: "USD",
    decidedAt: "2026-05-01T12:00:00.000Z",
    receivedAt: "2026-05-01T11:59:30.000Z",
    saleId: "sale_01h455vb4pex5vsknk084sn02q",
    timezone: "America/Chicago",
    labels: new Map([["first_name", "First name"]]),
    fields,
    ping: null,
  };
}

export function ask(fields: Record<string, unknown> = {}): AskVariables {
  return {
    pingId: "ping_01h455vb4pex5vsknk084sn02q",
    campaignId: "campaign_abc123",
    buyerId: "buyer_abc",
    isTest: false,
    currency: "USD",
    askedAt: "2026-05-01T12:00:00.000Z",
    timezone: "America/Chicago",
    fields,
  };
}

/** How a recipient with this delivery is sent to. */
export function settingsOf(definition: DeliveryDefinition): DeliverySettings {
  return compileDelivery(withDeliveryDefaults(definition));
}

export function webhook(
  more: Partial<Extract<DeliveryDefinition, { method: "webhook" }>> = {},
): WebhookSettings {
  const settings = settingsOf({ method: "webhook", url: "https://buyer.example/leads", ...more });
  if (settings.method !== "webhook") throw new Error("not a webhook");
  return settings;
}
