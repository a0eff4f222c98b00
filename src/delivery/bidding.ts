import { afterAttempt, type Breaker, CLOSED, mayTry, probing } from "#delivery/recipients/breaker.ts";
import type { CompiledPing } from "#delivery/recipients/compiled-recipient.ts";
import type { Recipients } from "#delivery/recipients/recipients.ts";
import type { Attempt } from "#delivery/transport/answer.ts";
import { type EndpointFailure, endpointOutcome, reasonFor } from "#delivery/transport/failure.ts";
import { outgoingRequest } from "#delivery/transport/outgoing.ts";
import type { Sender } from "#delivery/transport/send.ts";
import { requestHeaders } from "#delivery/transport/sign.ts";
import { composeAsk } from "#endpoints/compose.ts";
import type { Bidders } from "#handover/bidders.ts";
import type { BidAnswer, BidAnswers, BidRequest, NoBid, TriedPing } from "#leads/bid.ts";
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
 * This server's knowledge of a buyer's ping: forgotten when the ping is changed, and with the server. The breaker is not that of the
 * buyer's leads: they may go elsewhere.
 */
interface PingState {
  readonly ping: CompiledPing;
  inFlight: number;
  breaker: Breaker;
}

/** Asks buyers for bids, past the outbox. */
export class Bidding implements Bidders {
  readonly #parts: BiddingParts;
  readonly #states = new Map<string, PingState>();

  constructor(parts: BiddingParts) {
    this.#parts = parts;
  }

  async askForBids(
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
      // Where the database has no answer either, what was read last is the best that is known.
      const known = this.#upToDate(request.revision).catch(() => "outdated");
      const isKnown = budgetMs > 0 && (await Promise.race([known, isOver])) !== "over";
      const answers = buyers.map(async ({ buyerId }) => {
        const answer = isKnown ? await this.#ask(buyerId, request, budget.signal) : noBid("out_of_budget");
        return [buyerId, answer] as const;
      });
      return new Map(await Promise.all(answers));
    } finally {
      clearTimeout(timer);
    }
  }

  /** A ping records nothing, so a new configuration may have come into force without a word to delivery. */
  async #upToDate(revision: number): Promise<void> {
    this.#parts.recipients.requireRevision(revision);
    await this.#parts.recipients.upToDate();
  }

  async #ask(buyerId: string, request: BidRequest, budget: AbortSignal): Promise<BidAnswer> {
    const { recipients, clock, log } = this.#parts;
    const { ping, secrets } = recipients.find(`buyer:${buyerId}`);
    if (ping === null) return noBid("not_asked");
    const state = this.#stateOf(buyerId, ping);
    if (state.inFlight >= ping.settings.maxInFlight) return noBid("too_many_in_flight");
    switch (mayTry(state.breaker, clock.now())) {
      case "no":
        return noBid("breaker_open");
      case "probe":
        state.breaker = probing(state.breaker, clock.now());
        break;
      case "yes":
        break;
    }
    state.inFlight += 1;
    try {
      const attempt = await this.#send({ buyerId, request, ping, secrets, signal: budget });
      const { answer, failure } = readAttempt(attempt, ping, request.currency);
      const outcome = endpointOutcome(failure, attempt.durationMs);
      if (outcome !== undefined) state.breaker = afterAttempt(state.breaker, outcome, clock.now());
      return answer;
    } catch (error) {
      log.error("a buyer cannot be asked for a bid", { buyer_id: buyerId, error });
      return noBid("not_asked");
    } finally {
      state.inFlight -= 1;
    }
  }

  /** Asks one buyer for a bid once, whatever is known against its endpoint; undefined: it has no ping. Nothing is learned from it. */
  async tryOut(buyerId: string, request: BidRequest): Promise<TriedPing | undefined> {
    const { recipients } = this.#parts;
    recipients.invalidate();
    await recipients.upToDate();
    const { ping, secrets } = recipients.find(`buyer:${buyerId}`);
    if (ping === null) return undefined;
    const attempt = await this.#send({ buyerId, request, ping, secrets, signal: undefined });
    const { result, durationMs } = attempt;
    const body = result.kind === "answered" ? result.body : "";
    const { answer } = readAttempt(attempt, ping, request.currency);
    return { status: result.status, durationMs, body: body.slice(0, SHOWN_CHARACTERS), answer };
  }

  #stateOf(buyerId: string, ping: CompiledPing): PingState {
    const known = this.#states.get(buyerId);
    if (known?.ping === ping) return known;
    const fresh: PingState = { ping, inFlight: 0, breaker: CLOSED };
    this.#states.set(buyerId, fresh);
    return fresh;
  }

  async #send({ buyerId, request, ping, secrets, signal }: Asking): Promise<Attempt> {
    const { sender, clock, userAgent } = this.#parts;
    const { settings, template, legacySignatureHeader } = ping;
    const now = clock.now();
    const facts = { ...request, pingId: pingIdOf(request.pingId), buyerId, askedAt: now.toISOString() };
    const composed = composeAsk(facts, settings, template);
    const { method, url, headers, signed } = outgoingRequest(composed, settings);
    return await sender.send({
      url,
      method,
      headers: requestHeaders(
        { id: askIdOf(newUuid()), contentType: composed.contentType, signed },
        { headers, legacySignatureHeader, secrets },
        { now, userAgent },
      ),
      body: composed.body,
      timeoutMs: settings.timeoutMs,
      ...(signal !== undefined && { signal }),
    });
  }
}

interface Asking {
  readonly buyerId: string;
  readonly request: BidRequest;
  readonly ping: CompiledPing;
  readonly secrets: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** Of what a buyer answered to a ping that was tried out, this much is shown. */
const SHOWN_CHARACTERS = 1024;

function noBid(why: NoBid, reason: string | null = null): BidAnswer {
  return { kind: "no_bid", why, reason };
}

function readAttempt(
  { result }: Attempt,
  ping: CompiledPing,
  currency: string,
): { answer: BidAnswer; failure?: EndpointFailure } {
  if (result.kind === "failed") return { answer: noBid(reasonFor(result.failure)), failure: result.failure };
  const reading = ping.read(result, currency);
  switch (reading.kind) {
    case "bid":
      return { answer: reading };
    case "refused":
      return { answer: noBid(reading.why, reading.reason) };
    case "bad_price":
      return { answer: noBid("bad_price") };
    case "error":
      return { answer: noBid(reasonFor(reading.failure)), failure: reading.failure };
  }
}
