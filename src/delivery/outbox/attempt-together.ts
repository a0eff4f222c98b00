import type { CompiledRecipient } from "#delivery/recipients/compiled-recipient.ts";
import { type Attempt, noAnswer } from "#delivery/transport/answer.ts";
import { type DatasetSettings, OLDEST_EVENT_SECONDS } from "#endpoints/conversion/conversion-settings.ts";
import { readGraphAnswer } from "#endpoints/conversion/graph-answer.ts";
import { timeOfEvent } from "#endpoints/conversion/graph-event.ts";
import { eventsUrl, graphBody, withoutToken } from "#endpoints/conversion/graph-request.ts";
import type { AttemptParts } from "./attempt.ts";
import { type AttemptVerdict, type EndpointAfter, endpointAfter, recordOf } from "./attempt-record.ts";
import type { AttemptRecord, Claimed } from "./outbox-records.ts";

/** Events that are to go out in one request, under one lease. */
export interface TogetherRequest {
  deliveries: readonly Claimed[];
  lease: string;
  recipient: CompiledRecipient;
  settings: DatasetSettings;
  /** Breaks the attempt off. */
  signal: AbortSignal;
}

/** How it ended, each delivery for itself, and what it says of the endpoint. */
export interface TogetherResult {
  results: readonly AttemptRecord[];
  /** Not attempted: another request has to carry them. */
  unsent: readonly Claimed[];
  endpoint: EndpointAfter;
}

/** Of the requests that look for what Meta refuses. One in a thousand is found with 20. */
const MOST_REQUESTS = 50;
/** How long is looked for it, in ms: the last request has its time within the lease. */
const LOOKING_MS = 30_000;

/**
 * Sends events to Meta in one request. Meta takes all of them or none, and does not say which one it does not take: then each half is
 * sent for itself, until those that are left alone are known. An event keeps its id, so that what was taken already counts once.
 */
export async function attemptTogether(
  request: TogetherRequest,
  parts: AttemptParts,
): Promise<TogetherResult> {
  const { recipient, lease } = request;
  const random = parts.random();
  const results: AttemptRecord[] = [];
  const record = (deliveries: readonly Claimed[], sent: Attempt, verdict: AttemptVerdict) => {
    const now = parts.clock.now();
    for (const delivery of deliveries)
      results.push(recordOf({ delivery, lease, recipient, sent, verdict, now, random }));
    return verdict;
  };

  const [old, fresh] = partition(request.deliveries, (each) => isTooOld(each, parts.clock.now()));
  record(old, notSent(parts), { outcome: "error", failure: { kind: "too_old" } });
  const waiting = fresh.length === 0 ? [] : [fresh];
  const began = parts.clock.elapsedMs();
  let endpoint: EndpointAfter = null;
  for (let requests = 0; waiting.length > 0; requests += 1) {
    if (requests >= MOST_REQUESTS || parts.clock.elapsedMs() - began > LOOKING_MS) break;
    const events = waiting.shift() ?? [];
    const { sent, verdict } = await sendEvents(events, request, parts);
    if (verdict.outcome === "rejected" && events.length > 1) waiting.unshift(...halves(events));
    else if (verdict.outcome === "error") {
      // What is wrong with the endpoint is so for the others too.
      endpoint = endpointAfter(record([...events, ...waiting.splice(0).flat()], sent, verdict));
    } else {
      record(events, sent, verdict);
      endpoint = "ok";
    }
  }
  return { results, unsent: waiting.flat(), endpoint };
}

async function sendEvents(
  events: readonly Claimed[],
  { recipient, settings, signal }: TogetherRequest,
  parts: AttemptParts,
): Promise<{ sent: Attempt; verdict: AttemptVerdict }> {
  const [token] = recipient.secrets;
  if (token === undefined)
    return { sent: notSent(parts), verdict: { outcome: "error", failure: { kind: "no_token" } } };
  const bodies = events.map(({ body }) => body);
  const attempt = await parts.sender.send({
    url: eventsUrl(parts.graphUrl, settings),
    method: "POST",
    headers: { "user-agent": parts.userAgent, "content-type": "application/json" },
    body: graphBody(bodies, settings, token),
    timeoutMs: settings.timeoutSeconds * 1000,
    signal,
  });
  const sent = withoutTokenIn(attempt, token);
  return { sent, verdict: verdictOn(sent, events.length) };
}

function withoutTokenIn(attempt: Attempt, token: string): Attempt {
  const { result } = attempt;
  if (result.kind === "failed") return attempt;
  return { ...attempt, result: { ...result, body: withoutToken(result.body, token) } };
}

function verdictOn({ result }: Attempt, events: number): AttemptVerdict {
  if (result.kind === "failed") return { outcome: "error", failure: result.failure };
  const reading = readGraphAnswer(result, events);
  switch (reading.kind) {
    case "taken":
      return { outcome: "accepted", ...(reading.reference === null ? {} : { reference: reading.reference }) };
    case "some_refused":
      return { outcome: "rejected", reason: reading.reason };
    case "failed":
      return { outcome: "error", failure: reading.failure, reason: reading.reason };
  }
}

function isTooOld({ body }: Claimed, now: Date): boolean {
  return now.getTime() - timeOfEvent(body) > OLDEST_EVENT_SECONDS * 1000;
}

function notSent({ clock }: AttemptParts): Attempt {
  return { startedAt: clock.now(), durationMs: 0, result: noAnswer("no_endpoint") };
}

function halves<Item>(items: readonly Item[]): [Item[], Item[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

function partition<Item>(items: readonly Item[], holds: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(holds), items.filter((item) => !holds(item))];
}
