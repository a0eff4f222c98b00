import type { CompiledRecipient } from "#delivery/recipients/compiled-recipient.ts";
import { type Attempt, noAnswer } from "#delivery/transport/answer.ts";
import type { Mailer } from "#delivery/transport/mail.ts";
import { outgoingRequest } from "#delivery/transport/outgoing.ts";
import type { Sender } from "#delivery/transport/send.ts";
import { requestHeaders } from "#delivery/transport/sign.ts";
import type { ComposedEnvelope } from "#endpoints/compose.ts";
import type { EmailSettings } from "#endpoints/delivery-settings.ts";
import { otherForm } from "#endpoints/message/mail-listing.ts";
import { deliveryIdOf } from "#text/ids.ts";
import type { Clock } from "#time/clock.ts";
import { type AttemptVerdict, type EndpointAfter, endpointAfter, recordOf } from "./attempt-record.ts";
import type { AttemptRecord, Claimed } from "./outbox-records.ts";

export interface AttemptParts {
  sender: Sender;
  /** Null: no mail server is set. */
  mailer: Mailer | null;
  clock: Clock;
  /** From 0 up to 1. */
  random(): number;
  /** Sent as `user-agent`. */
  userAgent: string;
  /** Where Meta is told of conversions, without a slash at the end. */
  graphUrl: string;
}

/** How an attempt ended, and what it says of the endpoint. */
export interface AttemptResult {
  result: AttemptRecord;
  endpoint: EndpointAfter;
}

/** One attempt to be made, and its limits. */
export interface AttemptRequest {
  delivery: Claimed;
  lease: string;
  recipient: CompiledRecipient;
  /** Breaks the attempt off. */
  signal: AbortSignal;
  /** A limit in ms that holds together with the recipient's own. */
  withinMs?: number | undefined;
}

/** Tries to deliver once: the stored request, signed anew, and the answer read by the recipient's rules. */
export async function attempt(request: AttemptRequest, parts: AttemptParts): Promise<AttemptResult> {
  const sent = await send(request, parts);
  const verdict = verdictOn(sent, request.recipient);
  const { delivery, lease, recipient } = request;
  const ended = { delivery, lease, recipient, sent, verdict, now: parts.clock.now(), random: parts.random() };
  return { result: recordOf(ended), endpoint: endpointAfter(verdict) };
}

async function send(
  { delivery, recipient, signal, withinMs = Number.POSITIVE_INFINITY }: AttemptRequest,
  { sender, mailer, clock, userAgent }: AttemptParts,
): Promise<Attempt> {
  const { delivery: settings, secrets } = recipient;
  switch (settings?.method) {
    case "webhook": {
      const { method, url, headers, signed } = outgoingRequest(delivery, settings);
      return await sender.send({
        url,
        method,
        headers: requestHeaders(
          { ...delivery, id: deliveryIdOf(delivery.id), signed },
          { ...settings, headers, secrets },
          { now: clock.now(), userAgent },
        ),
        body: delivery.body,
        timeoutMs: Math.min(settings.timeoutSeconds * 1000, withinMs),
        signal,
      });
    }
    case "email":
      return mailer === null
        ? unsent(clock, "no_endpoint")
        : await mailer.send({
            ...mailOf(delivery, settings),
            timeoutMs: settings.timeoutSeconds * 1000,
            signal,
          });
    // What is sent together is sent by `attemptTogether`.
    case "meta":
    case undefined:
      return unsent(clock, "no_endpoint");
  }
}

/** In the form that it was composed in, whatever the configuration says by now. */
function mailOf({ id, subject, body, contentType, request }: Claimed, { to, template }: EmailSettings) {
  const format = contentType.startsWith("text/html") ? ("html" as const) : ("text" as const);
  const { replyTo, file }: Partial<ComposedEnvelope> = request?.method === "mail" ? request : {};
  return {
    id: deliveryIdOf(id),
    to,
    subject: subject ?? "",
    body,
    format,
    // Of a mail with a file that is no lead's, there is no other form.
    alternative: file === undefined ? otherForm(body, format, template === null) : undefined,
    replyTo,
    file,
  };
}

function unsent(clock: Clock, kind: "no_endpoint"): Attempt {
  return { startedAt: clock.now(), durationMs: 0, result: noAnswer(kind) };
}

function verdictOn({ result }: Attempt, recipient: CompiledRecipient): AttemptVerdict {
  if (result.kind === "failed") return { outcome: "error", failure: result.failure };
  return recipient.judge(result);
}
