import type { Campaign, CampaignCheck } from "#campaigns/campaign.ts";
import type { Database } from "#database/database.ts";
import { type AskedParty, askParty, type QuestionEnd, withBudget } from "#delivery/recipients/asking.ts";
import { CLOSED } from "#delivery/recipients/breaker.ts";
import type { Attempt } from "#delivery/transport/answer.ts";
import { type EndpointFailure, endpointOutcome, reasonFor } from "#delivery/transport/failure.ts";
import { outgoingRequest } from "#delivery/transport/outgoing.ts";
import type { Sender } from "#delivery/transport/send.ts";
import { unsignedHeaders } from "#delivery/transport/sign.ts";
import { openedTarget } from "#endpoints/checks/check-settings.ts";
import { composeCheck } from "#endpoints/checks/compose-check.ts";
import type { Composed } from "#endpoints/compose.ts";
import { openText } from "#endpoints/credentials/stored-text.ts";
import type { Checkers, LeadToCheck } from "#handover/checkers.ts";
import type { CheckFailure, CheckFinding } from "#leads/candidate.ts";
import type { Log } from "#telemetry/log.ts";
import { keyedHash } from "#text/hmac.ts";
import { leadIdOf } from "#text/ids.ts";
import type { Clock } from "#time/clock.ts";
import { DAY_MS } from "#time/durations.ts";
import { localDay } from "#time/wall-clock.ts";
import { findKeptAnswer, keepAnswer, takeOne } from "./checking-records.ts";

export interface CheckingParts {
  database: Database;
  sender: Sender;
  clock: Clock;
  log: Log;
  /** What secrets are sealed under, and questions are remembered by. */
  secretKey: Uint8Array;
  /** Sent as `user-agent`. */
  userAgent: string;
}

/** This server's knowledge of who is asked: forgotten when the check is changed, and with the server. */
interface CheckState extends AskedParty {
  check: CampaignCheck;
  readonly target: ReturnType<typeof openedTarget>;
}

/** Questions that may be on their way by one check at once, from one server. */
const MOST_IN_FLIGHT = 1_000;
/** So much of what was sent is kept as evidence. */
const KEPT_CHARACTERS = 4_096;

/** A question as it is sent and kept, and how long it took so far. */
interface Question {
  readonly lead: LeadToCheck;
  readonly check: CampaignCheck;
  readonly composed: Composed;
  readonly askedAt: Date;
  readonly began: number;
}

/** Asks others about leads, past the outbox. */
export class Checking implements Checkers {
  readonly #parts: CheckingParts;
  readonly #states = new Map<string, CheckState>();

  constructor(parts: CheckingParts) {
    this.#parts = parts;
  }

  async askChecks(
    lead: LeadToCheck,
    checks: readonly CampaignCheck[],
    budgetMs: number,
  ): Promise<CheckFinding[]> {
    return await withBudget(budgetMs, ({ signal, within }) =>
      Promise.all(
        checks.map(async (check) => {
          const question = this.#question(lead, check);
          const found = await within(() => this.#find(question, signal));
          const finding = found === "over" ? this.#failed(question, "out_of_budget") : found;
          this.#warnOf(finding, lead.campaign.id);
          return finding;
        }),
      ),
    );
  }

  /** A check that lets leads pass unasked is missed by nobody else. */
  #warnOf({ id, failure }: CheckFinding, campaignId: string): void {
    // What could not be asked has a line of its own, with the error.
    if (failure === null || failure === "not_asked") return;
    this.#parts.log.warn("a check has no verdict on leads", {
      campaign_id: campaignId,
      check_id: id,
      reason: failure,
    });
  }

  #question(lead: LeadToCheck, check: CampaignCheck): Question {
    const { clock } = this.#parts;
    const { campaign } = lead;
    const askedAt = clock.now();
    const { id, timezone } = campaign;
    const composed = composeCheck(
      {
        leadId: leadIdOf(lead.leadId),
        campaignId: id,
        supplierId: lead.supplierId,
        askedAt: askedAt.toISOString(),
        timezone,
        fields: lead.fields,
      },
      check.settings,
    );
    return { lead, check, composed, askedAt, began: clock.elapsedMs() };
  }

  /** By what the same question is known again, while its answers are read alike. */
  #keyOf({ lead, check, composed }: Question): string {
    const { response_rules, values } = check.settings.definition;
    const sent = JSON.stringify([
      check.id,
      requestOf(composed, check),
      composed.body,
      response_rules,
      values,
    ]);
    return keyedHash(this.#parts.secretKey, `check\0${lead.campaign.id}\0${sent}`);
  }

  /** The answer to the same question that is still remembered, else a new one. Never rejects. */
  async #find(question: Question, signal: AbortSignal): Promise<CheckFinding> {
    const { check, lead } = question;
    const { cache_days } = check.settings.definition;
    try {
      return await (cache_days === null
        ? this.#ask(question, signal)
        : this.#remembered(question, cache_days, signal));
    } catch (error) {
      this.#parts.log.warn("a check cannot be asked", {
        campaign_id: lead.campaign.id,
        check_id: check.id,
        error,
      });
      return this.#failed(question, "not_asked");
    }
  }

  async #remembered(question: Question, days: number, signal: AbortSignal): Promise<CheckFinding> {
    const { database } = this.#parts;
    const { check, lead, askedAt } = question;
    const key = this.#keyOf(question);
    const kept = await database.lookUp((db) => findKeptAnswer(db, lead.campaign.id, key, askedAt));
    // It was kept for as long as was said then.
    const isGood = kept !== undefined && Date.parse(kept.askedAt) > askedAt.getTime() - days * DAY_MS;
    if (isGood) return { ...kept, id: check.id, isKept: true };
    const found = await this.#ask(question, signal);
    if (found.verdict !== "failed") {
      const until = new Date(askedAt.getTime() + days * DAY_MS);
      await database.write((tx) => keepAnswer(tx, lead, key, found, until));
    }
    return found;
  }

  #takeOne({ id, timezone }: Campaign, check: CampaignCheck, limit: number, now: Date): Promise<boolean> {
    const day = localDay(now.getTime(), timezone);
    return this.#parts.database.write((tx) => takeOne(tx, id, check.id, day, limit));
  }

  async #ask(question: Question, signal: AbortSignal): Promise<CheckFinding> {
    const { clock } = this.#parts;
    const { lead, check, askedAt } = question;
    const { per_day } = check.settings.definition;
    const state = this.#stateOf(lead.campaign, check);
    const asked = await askParty(state, { most: MOST_IN_FLIGHT, clock }, async () => {
      if (per_day !== null && !(await this.#takeOne(lead.campaign, check, per_day, askedAt)))
        return { answer: this.#failed(question, "per_day_reached"), outcome: undefined };
      return this.#read(question, await this.#send(question, state, signal));
    });
    return "refused" in asked ? this.#failed(question, asked.refused) : asked.answer;
  }

  async #send({ check, composed }: Question, state: CheckState, signal: AbortSignal): Promise<Attempt> {
    const { sender, userAgent } = this.#parts;
    const { method, url, headers } = outgoingRequest(
      { ...composed, request: requestOf(composed, check) },
      state.target,
    );
    return await sender.send({
      url,
      method,
      headers: unsignedHeaders(composed.contentType, headers, userAgent),
      body: composed.body,
      timeoutMs: check.settings.definition.timeout_ms,
      signal,
    });
  }

  #read(question: Question, { result, durationMs }: Attempt): QuestionEnd<CheckFinding> {
    const failed = (failure: EndpointFailure, status: number | null) => ({
      answer: this.#failed(question, reasonFor(failure), status),
      outcome: endpointOutcome(failure, durationMs),
    });
    if (result.kind === "failed") {
      return failed(result.failure, result.status);
    }
    const { status } = result;
    // What was cut off may have said anything behind.
    if (result.truncated) return { answer: this.#failed(question, "unreadable", status), outcome: "ok" };
    const { judgement, values } = question.check.settings.read(result);
    if (judgement.outcome === "error") {
      return failed(judgement.failure, status);
    }
    const verdict = judgement.outcome === "accepted" ? "passed" : "rejected";
    return { answer: { ...this.#result(question, status), verdict, failure: null, values }, outcome: "ok" };
  }

  #failed(question: Question, failure: CheckFailure, status: number | null = null): CheckFinding {
    return { ...this.#result(question, status), verdict: "failed", failure };
  }

  #result(
    { check, composed, askedAt, began }: Question,
    status: number | null,
  ): Omit<CheckFinding, "verdict" | "failure"> {
    const { method, url } = requestOf(composed, check);
    return {
      id: check.id,
      values: {},
      askedAt: askedAt.toISOString(),
      tookMs: Math.round(this.#parts.clock.elapsedMs() - began),
      status,
      isKept: false,
      request: { method, url, body: composed.body.slice(0, KEPT_CHARACTERS) },
    };
  }

  #stateOf({ id }: Campaign, check: CampaignCheck): CheckState {
    const name = `${id} ${check.id}`;
    const known = this.#states.get(name);
    if (known?.check === check) return known;
    // A new revision of the campaign may have changed something else of it.
    if (known !== undefined && Bun.deepEquals(known.check.settings.definition, check.settings.definition)) {
      known.check = check;
      return known;
    }
    const read = (text: Parameters<typeof openText>[0]) =>
      openText(text, `campaign:${id}`, this.#parts.secretKey);
    const target = openedTarget(check.settings.definition, read);
    const fresh: CheckState = { check, target, inFlight: 0, breaker: CLOSED };
    this.#states.set(name, fresh);
    return fresh;
  }
}

/** What was composed, with `***` in the place of secrets, also where nothing of the lead is in it. */
function requestOf({ request }: Composed, { settings: { format } }: CampaignCheck) {
  if (request !== undefined && request.method !== "mail") return request;
  return { method: format.httpMethod, url: format.url, headers: {} };
}
