import { type AskedParty, askParty, type QuestionEnd, withBudget } from "#delivery/recipients/asking.ts";
import { CLOSED } from "#delivery/recipients/breaker.ts";
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
interface PingState extends AskedParty {
  readonly ping: CompiledPing;
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
    return await withBudget(budgetMs, async ({ signal, within }) => {
      // Where the database has no answer either, what was read last is the best that is known.
      const known = await within(() => this.#upToDate(request.revision).catch(() => "outdated"));
      const answers = buyers.map(async ({ buyerId }) => {
        const answer = known === "over" ? noBid("out_of_budget") : await this.#ask(buyerId, request, signal);
        if (answer.kind === "no_bid") this.#warnOf(answer, buyerId);
        return [buyerId, answer] as const;
      });
      return new Map(await Promise.all(answers));
    });
  }

  /** A ping is on no record where one would look for this. */
  #warnOf({ why }: { why: NoBid }, buyerId: string): void {
    if (!EVERYDAY.has(why))
      this.#parts.log.warn("a buyer that is asked for bids gives none that can be read", {
        buyer_id: buyerId,
        reason: why,
      });
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
    try {
      const asked = await askParty(state, { most: ping.settings.maxInFlight, clock }, async () => {
        const attempt = await this.#send({ buyerId, request, ping, secrets, signal: budget });
        return readAttempt(attempt, ping, request.currency);
      });
      return "refused" in asked ? noBid(asked.refused) : asked.answer;
    } catch (error) {
      log.error("a buyer cannot be asked for a bid", { buyer_id: buyerId, error });
      return noBid("not_asked");
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

/** What comes of bidding as it should; what could not be asked has a line of its own. */
const EVERYDAY: ReadonlySet<NoBid> = new Set([
  "rejected",
  "duplicate",
  "no_price",
  "timed_out",
  "out_of_budget",
  "not_asked",
]);

function noBid(why: NoBid, reason: string | null = null): BidAnswer {
  return { kind: "no_bid", why, reason };
}

function readAttempt(
  { result, durationMs }: Attempt,
  ping: CompiledPing,
  currency: string,
): QuestionEnd<BidAnswer> {
  if (result.kind === "failed") return failed(result.failure, durationMs);
  const reading = ping.read(result, currency);
  switch (reading.kind) {
    case "bid":
      return { answer: reading, outcome: "ok" };
    case "refused":
      return { answer: noBid(reading.why, reading.reason), outcome: "ok" };
    case "bad_price":
      return { answer: noBid("bad_price"), outcome: "ok" };
    case "error":
      return failed(reading.failure, durationMs);
  }
}

function failed(failure: EndpointFailure, durationMs: number): QuestionEnd<BidAnswer> {
  return { answer: noBid(reasonFor(failure)), outcome: endpointOutcome(failure, durationMs) };
}
