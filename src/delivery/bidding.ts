import { afterAttempt, type Breaker, CLOSED, mayTry, probing } from "#delivery/recipients/breaker.ts";
import type { CompiledPing, CompiledRecipient, Recipients } from "#delivery/recipients/recipients.ts";
import type { Attempt } from "#delivery/transport/answer.ts";
import { type Failure, isEndpointDown } from "#delivery/transport/failure.ts";
import type { Sender } from "#delivery/transport/send.ts";
import { legacyHeader, signedHeaders } from "#delivery/transport/sign.ts";
import { composeAsk } from "#endpoints/compose.ts";
import type { Bidders } from "#handover/bidders.ts";
import type { BidAnswer, BidAnswers, BidRequest, NoBid } from "#leads/bid.ts";
import type { Log } from "#telemetry/log.ts";
import { askIdOf, newUuid, pingIdOf } from "#text/ids.ts";
import type { Clock } from "#time/clock.ts";

export interface BiddingParts {
  recipients: Recipients;
  sender: Sender;
  clock: Clock;
  log: Log;
  /** Sent as `user-agent`. */
  userAgent: string;
}

/**
 * What this server knows of a buyer's ping: forgotten when the ping is changed, and with the server. The breaker is not that of the
 * buyer's leads: they may go elsewhere.
 */
interface Asked {
  readonly ping: CompiledPing;
  inFlight: number;
  breaker: Breaker;
}

/** A buyer that was given less was given no chance; no ping or budget may be set below it. */
const LEAST_CHANCE_MS = 50;

export function openBidding({ recipients, sender, clock, log, userAgent }: BiddingParts): Bidders {
  const asked = new Map<string, Asked>();
  let newestRevision = 0;

  async function askForBids(
    buyers: readonly { readonly buyerId: string }[],
    request: BidRequest,
    budgetMs: number,
  ): Promise<BidAnswers> {
    const budget = new AbortController();
    const timer = setTimeout(() => budget.abort(), Math.max(0, budgetMs));
    const isOver = new Promise<"over">((over) => {
      budget.signal.addEventListener("abort", () => over("over"));
    });
    try {
      // Where the database has no answer either, what is held is the best that is known.
      const known = upToDate(request.revision).catch(() => "outdated");
      const isKnown = budgetMs > 0 && (await Promise.race([known, isOver])) !== "over";
      const answers = buyers.map(async ({ buyerId }) => {
        const answer = isKnown ? await askOne(buyerId, request, budget.signal) : noBid("out_of_budget");
        return [buyerId, answer] as const;
      });
      return new Map(await Promise.all(answers));
    } finally {
      clearTimeout(timer);
    }
  }

  /** A ping records nothing, so a new configuration may have come into force without a word to delivery. */
  async function upToDate(revision: number): Promise<void> {
    if (revision > newestRevision) recipients.invalidate();
    newestRevision = Math.max(newestRevision, revision);
    await recipients.upToDate();
  }

  async function askOne(buyerId: string, request: BidRequest, budget: AbortSignal): Promise<BidAnswer> {
    const recipient = recipients.find(`buyer:${buyerId}`);
    if (recipient.ping === null) return noBid("not_asked");
    const known = askedAs(buyerId, recipient.ping);
    if (known.inFlight >= recipient.ping.how.maxInFlight) return noBid("too_many_in_flight");
    switch (mayTry(known.breaker, clock.now())) {
      case "no":
        return noBid("breaker_open");
      case "probe":
        known.breaker = probing(known.breaker, clock.now());
        break;
      case "yes":
        break;
    }
    known.inFlight += 1;
    try {
      const attempt = await send(buyerId, recipient, recipient.ping, request, budget);
      const { ended, failure } = meaningOf(attempt, recipient.ping);
      const outcome = outcomeOf(failure, attempt.durationMs);
      if (outcome !== undefined) known.breaker = afterAttempt(known.breaker, outcome, clock.now());
      return ended;
    } catch (error) {
      log.error("a buyer cannot be asked for a bid", { buyer_id: buyerId, error });
      return noBid("not_asked");
    } finally {
      known.inFlight -= 1;
    }
  }

  function askedAs(buyerId: string, ping: CompiledPing): Asked {
    const known = asked.get(buyerId);
    if (known?.ping === ping) return known;
    const fresh: Asked = { ping, inFlight: 0, breaker: CLOSED };
    asked.set(buyerId, fresh);
    return fresh;
  }

  async function send(
    buyerId: string,
    { secrets }: CompiledRecipient,
    { how, template, legacySignatureHeader }: CompiledPing,
    request: BidRequest,
    signal: AbortSignal,
  ): Promise<Attempt> {
    const now = clock.now();
    const facts = { ...request, pingId: pingIdOf(request.pingId), buyerId, askedAt: now.toISOString() };
    const { contentType, body } = composeAsk(facts, how, template);
    const [newest = ""] = secrets;
    return await sender.send({
      url: how.url,
      method: "POST",
      headers: {
        "user-agent": userAgent,
        ...how.headers,
        "content-type": contentType,
        ...signedHeaders({
          id: askIdOf(newUuid()),
          timestampSeconds: Math.floor(now.getTime() / 1000),
          body,
          secrets,
        }),
        ...(legacySignatureHeader === null ? {} : legacyHeader(legacySignatureHeader, body, newest)),
      },
      body,
      timeoutMs: how.timeoutMs,
      signal,
    });
  }

  return { askForBids };
}

function noBid(why: NoBid, reason: string | null = null): BidAnswer {
  return { kind: "no_bid", why, reason };
}

function meaningOf({ result }: Attempt, ping: CompiledPing): { ended: BidAnswer; failure?: Failure } {
  if (result.kind === "failed") return { ended: noBid(nameOf(result.failure)), failure: result.failure };
  const reading = ping.read(result);
  switch (reading.kind) {
    case "bid":
      return { ended: reading };
    case "refused":
      return { ended: noBid(reading.why, reading.reason) };
    case "bad_price":
      return { ended: noBid("bad_price") };
    case "error":
      return { ended: noBid(nameOf(reading.failure)), failure: reading.failure };
  }
}

/** What an asking says of the endpoint. One that never answers within the budget is as good as down, whatever its own time. */
function outcomeOf(failure: Failure | undefined, durationMs: number): "ok" | "failed" | undefined {
  if (failure?.kind === "interrupted") return durationMs < LEAST_CHANCE_MS ? undefined : "failed";
  return failure !== undefined && isEndpointDown(failure) ? "failed" : "ok";
}

function nameOf(failure: Failure): NoBid {
  switch (failure.kind) {
    case "timeout":
    case "connect_timeout":
      return "timed_out";
    case "interrupted":
      return "out_of_budget";
    case "dns_failure":
    case "connect_failed":
    case "tls_failure":
      return "unreachable";
    case "refused_address":
      return "not_allowed";
    case "reset":
      return "broken_off";
    case "redirect":
    case "http_status":
      return "http_status";
    case "error_by_rule":
      return "error_by_rule";
    case "header_too_large":
    case "bad_answer":
    case "no_rule_matched":
      return "unreadable";
    case "no_endpoint":
    case "mail_deferred":
    case "mail_refused":
      // What only an e-mail ends in.
      return "not_asked";
  }
}
