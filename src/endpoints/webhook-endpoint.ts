import { type Static, Type } from "@sinclair/typebox";
import { oneOf } from "#text/typebox.ts";
import {
  completeWebhook,
  RetryDefinition,
  TargetDefinition,
  type WebhookSettings,
} from "./delivery-settings.ts";

/** Operators' own endpoints: what is sent there is about leads and to no buyer, always in the default body. */

/** What such an endpoint can subscribe to. */
export const WEBHOOK_EVENTS = [
  "lead.created",
  "lead.accepted",
  "lead.unmatched",
  "lead.rejected",
  "lead.returned",
  "lead.updated",
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** How an endpoint is reached, as operators write it; which leads it hears of is the document's to say. */
export const EndpointDefinition = Type.Object({
  ...TargetDefinition,
  events: Type.Array(oneOf(WEBHOOK_EVENTS), { minItems: 1, maxItems: WEBHOOK_EVENTS.length }),
  ...RetryDefinition,
});
export type EndpointDefinition = Static<typeof EndpointDefinition>;

/** An endpoint with nothing left to guess. It is sent to as a buyer with a webhook is. */
export interface WebhookEndpoint extends Omit<WebhookSettings, "events"> {
  readonly events: readonly WebhookEvent[];
}

/** Standard Webhooks' whole schedule, 75 h 35 min: what an operator keeps books by is still worth having after days. */
const GIVE_UP_AFTER_SECONDS = 272_100;

/** Fills in what a checked definition leaves out. */
export function completeEndpoint({ events, ...definition }: EndpointDefinition): WebhookEndpoint {
  const delivery = completeWebhook({
    method: "webhook",
    give_up_after_seconds: GIVE_UP_AFTER_SECONDS,
    ...definition,
  });
  return { ...delivery, events };
}
