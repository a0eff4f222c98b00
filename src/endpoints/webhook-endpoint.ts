import { type Static, Type } from "@sinclair/typebox";
import { oneOf } from "#text/typebox.ts";
import { RetryDefinition, TargetDefinition } from "./delivery-definition.ts";

/** Operators' own endpoints: what is sent there is for no buyer, always in the default body. */

/** What happens to leads. */
const LEAD_EVENTS = [
  "lead.created",
  "lead.accepted",
  "lead.unmatched",
  "lead.rejected",
  "lead.held",
  "lead.refused",
  "lead.returned",
  "lead.updated",
] as const;

/** What else happens that operators want to hear of. */
export const ALERT_EVENTS = [
  "endpoint.down",
  "endpoint.up",
  "endpoint.paused",
  "delivery.dead",
  "cap.reached",
  "balance.low",
  "balance.empty",
  "supplier.silent",
  "invoice.overdue",
  "import.done",
  "records.dropped",
  "records.held_back",
] as const;
export type AlertEvent = (typeof ALERT_EVENTS)[number];

/** The events that such an endpoint can subscribe to. */
export const WEBHOOK_EVENTS = [...LEAD_EVENTS, ...ALERT_EVENTS] as const;

/** How an endpoint is reached, as operators write it; which leads it hears of stands in the document. */
export const EndpointDefinition = Type.Object({
  ...TargetDefinition,
  events: Type.Array(oneOf(WEBHOOK_EVENTS), { minItems: 1, maxItems: WEBHOOK_EVENTS.length }),
  ...RetryDefinition,
});
export type EndpointDefinition = Static<typeof EndpointDefinition>;
