import { parseRecipient, type Recipient } from "#endpoints/recipient.ts";
import type { Alert } from "#handover/alert.ts";
import type { LogFields } from "#telemetry/log.ts";
import { isoOf } from "#time/iso.ts";
import type { StoredEndpoint } from "./endpoint-records.ts";
import { type EndpointStanding, endpointStanding } from "./endpoint-report.ts";

/** What operators are told when what is stored of an endpoint changes; undefined: nothing, for it stands as it did. */
export function endpointAlert(
  recipient: Recipient,
  stored: StoredEndpoint,
  becomes: StoredEndpoint,
): Alert | undefined {
  const [before, after] = [endpointStanding(stored), endpointStanding(becomes)];
  // Whoever cannot be told is not told so.
  if (before.state === after.state || parseRecipient(recipient).kind === "alert") return undefined;
  const event = `endpoint.${after.state}` as const;
  const since = after.since ?? before.since;
  return {
    event,
    key: `${event}:${recipient}:${since}`,
    campaignId: null,
    data: { ...recipientIds(recipient), ...standingData(before, after) },
  };
}

/** An endpoint that is up again was not since when, and why. */
function standingData(before: EndpointStanding, after: EndpointStanding) {
  const { since, reason } = after.state === "up" ? before : after;
  return { since: isoOf(since), reason, next_try_at: isoOf(after.nextTryAt) };
}

/** A recipient as the log names it. */
export function recipientFields(recipient: Recipient): LogFields {
  const { buyer_id, webhook_id, conversion_id } = recipientIds(recipient);
  return {
    buyer_id: buyer_id ?? undefined,
    webhook_id: webhook_id ?? undefined,
    conversion_id: conversion_id ?? undefined,
  };
}

/** A recipient as events name it. */
export function recipientIds(recipient: Recipient) {
  const { kind, id } = parseRecipient(recipient);
  return {
    buyer_id: kind === "buyer" ? id : null,
    webhook_id: kind === "webhook" ? id : null,
    conversion_id: kind === "conversion" ? id : null,
  };
}
