import { readRecipient } from "#campaigns/recipient-records.ts";
import { operation } from "#configuration/history.ts";
import { type Recovery, recover, resume } from "#delivery/outbox/delivery-records.ts";
import { insertDeliveries } from "#delivery/outbox/outbox-records.ts";
import { rotateSecret } from "#delivery/recipients/signing-secret-records.ts";
import { NO_CAMPAIGN, testDelivery } from "#delivery/test-delivery.ts";
import { parseRecipient, type Recipient } from "#endpoints/recipient.ts";
import { invalid, unknownNames } from "#http/field-errors.ts";
import { instantFrom } from "#http/instant.ts";
import { readObject, readOptionalObject } from "#http/json-body.ts";
import { errorReply, jsonResponse, type ReplyFieldError, requestIdOf } from "#http/reply.ts";
import { deliveryIdOf } from "#text/ids.ts";
import type { AdminContext } from "./operator.ts";
import { overlapFrom } from "./overlap.ts";
import { recording } from "./recording.ts";

/** What operators do to whoever is sent deliveries, be it a buyer or a webhook of their own. */

/** Makes a recipient's signing secret, or a new one beside which the one before signs for a while. It is shown this once. */
export async function giveSecret(
  request: Request,
  recipient: Recipient,
  context: AdminContext,
): Promise<Response> {
  const { database, secretKey, now } = context;
  const requestId = requestIdOf(request);
  const body = await readOptionalObject(request);
  if (!body.ok) return body.reply;
  const read = overlapFrom(body.value);
  if ("errors" in read) return invalid(read.errors, requestId);
  if ((await database.read((db) => readRecipient(db, recipient))) === undefined) {
    return noSuchRecipient(recipient, requestId);
  }
  const noted = recording(request, context, () =>
    operation(parseRecipient(recipient), "secret_rotated", {
      path: "overlap_seconds",
      to: read.overlapSeconds,
    }),
  );
  const secret = await rotateSecret(noted, recipient, secretKey, now(), read.overlapSeconds);
  return jsonResponse(201, { secret }, { "x-request-id": requestId });
}

const MOST_RECOVERED = 10_000;
const RECOVERED_AT_ONCE = 1_000;

/** Makes due again what was written for a recipient in a stretch of time and did not arrive, 10,000 deliveries at most. */
export async function recoverDeliveries(
  request: Request,
  recipient: Recipient,
  context: AdminContext,
): Promise<Response> {
  const requestId = requestIdOf(request);
  const body = await readObject(request);
  if (!body.ok) return body.reply;
  const range = rangeFrom(body.value);
  if ("errors" in range) return invalid(range.errors, requestId);
  if ((await context.database.read((db) => readRecipient(db, recipient))) === undefined) {
    return noSuchRecipient(recipient, requestId);
  }
  const { count, complete } = await recoverInBatches(recipient, range, context);
  return jsonResponse(202, { data: { recovered: count, complete } }, { "x-request-id": requestId });
}

/** `complete` is false when there may be more than could be recovered at once. */
async function recoverInBatches(
  recipient: Recipient,
  { since, until }: Range,
  { database, now, wake }: AdminContext,
): Promise<{ count: number; complete: boolean }> {
  const at = now().toISOString();
  let count = 0;
  let after: string | null = null;
  while (count < MOST_RECOVERED) {
    const recovery: Recovery = { recipient, since, until, after };
    const batch = await database.write((tx) => recover(tx, recovery, at, RECOVERED_AT_ONCE));
    for (const campaignId of new Set(batch.map((each) => each.campaignId))) wake(campaignId, [recipient]);
    count += batch.length;
    if (batch.length < RECOVERED_AT_ONCE) return { count, complete: true };
    after = batch.at(-1)?.id ?? null;
  }
  return { count, complete: false };
}

/** ISO 8601. */
interface Range {
  since: string;
  until: string | null;
}

function rangeFrom(body: Readonly<Record<string, unknown>>): Range | { errors: ReplyFieldError[] } {
  const { since, until = null, ...others } = body;
  const [from, to] = [instantFrom(since), until === null ? null : instantFrom(until)];
  const errors = unknownNames(others, ["since", "until"]);
  const message = "must be a time such as 2030-01-31T00:00:00Z";
  if (since === undefined) errors.push({ field: "since", code: "required", message: "is required" });
  else if (from === undefined) errors.push({ field: "since", code: "invalid_format", message });
  if (to === undefined) errors.push({ field: "until", code: "invalid_format", message });
  if (from !== undefined && to && to <= from) {
    errors.push({ field: "until", code: "out_of_range", message: "must be later than since" });
  }
  if (errors.length > 0 || from === undefined) return { errors };
  return { since: from.toISOString(), until: to?.toISOString() ?? null };
}

/** Sends `webhook.test` to a recipient, by the same way as leads. */
export async function sendTest(
  request: Request,
  recipient: Recipient,
  { database, now, wake }: AdminContext,
): Promise<Response> {
  const requestId = requestIdOf(request);
  const configured = await database.read((db) => readRecipient(db, recipient));
  if (configured === undefined) return noSuchRecipient(recipient, requestId);
  const { delivery } = configured;
  if (delivery === null) return errorReply("conflict", "This buyer has no delivery.", requestId);
  const at = now();
  const test = testDelivery(recipient, delivery, at);
  await database.write((tx) => insertDeliveries(tx, NO_CAMPAIGN, [test], at.toISOString()));
  wake(NO_CAMPAIGN, [recipient]);
  return jsonResponse(202, { data: { id: deliveryIdOf(test.id) } }, { "x-request-id": requestId });
}

/** Sends to a recipient again that answered 410 Gone. What was held back since is due at once. */
export async function resumeDeliveries(
  request: Request,
  recipient: Recipient,
  { database, now, wake }: AdminContext,
): Promise<Response> {
  const requestId = requestIdOf(request);
  if ((await database.read((db) => readRecipient(db, recipient))) === undefined) {
    return noSuchRecipient(recipient, requestId);
  }
  const at = now().toISOString();
  const campaigns = await database.write((tx) => resume(tx, recipient, at));
  for (const campaignId of new Set(campaigns)) wake(campaignId, [recipient]);
  return jsonResponse(202, { data: { resumed: campaigns.length } }, { "x-request-id": requestId });
}

function noSuchRecipient(recipient: Recipient, requestId: string): Response {
  return errorReply("not_found", `There is no such ${parseRecipient(recipient).kind}.`, requestId);
}
