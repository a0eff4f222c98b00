import { type Static, Type } from "@sinclair/typebox";
import { oneOf } from "#text/typebox.ts";
import { RetryDefinition, TargetDefinition } from "./delivery-definition.ts";

/** Operators' own endpoints: what is sent there is about leads and to no buyer, always in the default body. */

/** The events that such an endpoint can subscribe to. */
export const WEBHOOK_EVENTS = [
  "lead.created",
  "lead.accepted",
  "lead.unmatched",
  "lead.rejected",
  "lead.refused",
  "lead.returned",
  "lead.updated",
] as const;

/** How an endpoint is reached, as operators write it; which leads it hears of stands in the document. */
export const EndpointDefinition = Type.Object({
  ...TargetDefinition,
  events: Type.Array(oneOf(WEBHOOK_EVENTS), { minItems: 1, maxItems: WEBHOOK_EVENTS.length }),
  ...RetryDefinition,
});
export type EndpointDefinition = Static<typeof EndpointDefinition>;
