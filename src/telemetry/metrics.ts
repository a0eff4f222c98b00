import { Gauge, Registry } from "prom-client";
import type { OutboxState } from "#leads/delivery-state.ts";
import type { Clock } from "#time/clock.ts";
import { namesUpTo } from "./bounded-labels.ts";
import { tally } from "./counter.ts";
import { histogram } from "./histogram.ts";
import type { Observer } from "./observer.ts";
import { addProcessMetrics } from "./process-metrics.ts";

/** What Prometheus is told: counted as it happens, or asked for when it asks. */
export interface Metrics {
  observer: Observer;
  /** All of it, in Prometheus' text format. */
  text(state: State): Promise<string>;
  readonly contentType: string;
}

/** What can be asked at any time, rather than counted. */
export interface State {
  /** How many leads wait in each campaign's lane. */
  lanes(): Iterable<readonly [campaignId: string, leads: number]>;
  /** Requests to recipients that are on their way. */
  deliveriesInFlight(): number;
  /** `paused`: the endpoint answered 410 Gone. */
  endpoints(): Iterable<readonly [recipient: string, state: "closed" | "open" | "half_open" | "paused"]>;
  /** What the outbox of all servers holds; undefined while the database cannot be asked. */
  outbox(): Promise<OutboxState | undefined>;
}

export interface About {
  version: string;
  database: "postgres" | "embedded";
  clock: Clock;
}

/** Campaigns, suppliers and recipients that have series of their own. */
const MOST_NAMES = 500;

const DECISION_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
const REQUEST_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000];
const WRITE_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000];
const ATTEMPT_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000, 30_000];
const BATCH_LEADS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];

/** No label holds anything that a supplier, a buyer or a person sent: ids of the configuration, and closed sets. */
export function createMetrics({ version, database, clock }: About): Metrics {
  const registry = new Registry();
  const campaigns = namesUpTo(MOST_NAMES);
  const suppliers = namesUpTo(MOST_NAMES);
  addProcessMetrics(registry);
  const info = new Gauge({
    name: "leadgate_build_info",
    help: "Always 1; the labels say what is running.",
    labelNames: ["version", "database", "bun"],
    registers: [registry],
  });
  info.set({ version, database, bun: Bun.version }, 1);

  function count(name: string, help: string, labelNames: readonly string[]) {
    return tally(registry, name, help, labelNames);
  }
  function time(name: string, help: string, labelNames: readonly string[], bounds: readonly number[]) {
    return histogram(registry, { name, help, labelNames, bounds, perUnit: 1_000 });
  }
  function gauge(name: string, help: string, labelNames: readonly string[] = []) {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  }

  const received = count("leadgate_leads_received_total", "Leads that went on record.", ["campaign", "test"]);
  const decided = count(
    "leadgate_leads_decided_total",
    "Decisions on leads by the status that they led to. A lead that is held (PENDING) or sent round again is decided more than once.",
    ["campaign", "status", "test"],
  );
  const decision = time(
    "leadgate_lead_decision_duration_seconds",
    "From a lead's arrival in its campaign's lane until its decision is committed.",
    [],
    DECISION_MS,
  );
  const batchSize = histogram(registry, {
    name: "leadgate_lane_batch_leads",
    help: "Leads decided in one transaction.",
    labelNames: [],
    bounds: BATCH_LEADS,
    perUnit: 1,
  });
  const requests = count("leadgate_http_requests_total", "Requests answered.", ["method", "route", "status"]);
  const requestTime = time(
    "leadgate_http_request_duration_seconds",
    "From a request's arrival until its answer.",
    ["route"],
    REQUEST_MS,
  );
  const limited = count("leadgate_rate_limited_total", "Requests of suppliers over their rate limit.", [
    "supplier",
  ]);
  const writes = count("leadgate_database_writes_total", "Transactions that write, by how they ended.", [
    "outcome",
  ]);
  const writeTime = time(
    "leadgate_database_write_duration_seconds",
    "How long transactions that write took, waiting for a connection included.",
    [],
    WRITE_MS,
  );
  const pings = count("leadgate_pings_total", "Pings answered.", ["campaign", "outcome"]);
  const pingTime = time(
    "leadgate_ping_duration_seconds",
    "From a ping's arrival until its answer, the asking of buyers included.",
    [],
    REQUEST_MS,
  );
  const bids = count("leadgate_bids_total", "Answers of buyers that were asked for a bid.", ["outcome"]);
  const attempts = count(
    "leadgate_delivery_attempts_total",
    "Attempts to deliver, by how they left the delivery and why they failed.",
    ["recipient_kind", "state", "failure"],
  );
  const attemptTime = time(
    "leadgate_delivery_attempt_duration_seconds",
    "How long attempts to deliver took.",
    [],
    ATTEMPT_MS,
  );

  const waiting = gauge("leadgate_lane_queue_leads", "Leads waiting in their campaign's lane.", ["campaign"]);
  const inFlight = gauge("leadgate_deliveries_in_flight", "Attempts to deliver that are on their way.");
  const endpoints = gauge("leadgate_endpoints", "Endpoints of recipients by the state of their breaker.", [
    "state",
  ]);
  const down = gauge("leadgate_endpoint_down", "1 for each recipient to whom nothing can be sent now.", [
    "recipient",
  ]);
  const databaseUp = gauge("leadgate_database_up", "Whether the database answers.");
  const outbox = gauge(
    "leadgate_outbox_deliveries",
    "Deliveries in the outbox that all servers share, counted to 10,000 each; due ones are pending too.",
    ["state"],
  );
  const oldest = gauge(
    "leadgate_outbox_oldest_due_seconds",
    "How long the oldest delivery that is due has been so.",
  );

  const observer: Observer = {
    requestAnswered(method, route, status, durationMs) {
      // A method without a route is anything that somebody typed.
      if (route === undefined) requests.add(`${NONE}\n${NONE}\n${status}`);
      else requests.add(`${method}\n${route}\n${status}`);
      requestTime(route ?? NONE, durationMs);
    },
    rateLimited: (supplierId) => limited.add(suppliers(supplierId)),
    batchCommitted({ campaignId, leads, endedAt, onRecord }) {
      const campaign = campaigns(campaignId);
      batchSize("", leads.length);
      for (const { since } of leads) decision("", endedAt - since);
      for (const { status, isTest, prior } of onRecord) {
        decided.add(`${campaign}\n${status}\n${isTest}`);
        if (prior === null) received.add(`${campaign}\n${isTest}`);
      }
    },
    pinged(campaignId, outcome, answers, durationMs) {
      pings.add(`${campaigns(campaignId)}\n${outcome}`);
      pingTime("", durationMs);
      for (const answer of answers) bids.add(answer);
    },
    databaseWritten(outcome, durationMs) {
      writes.add(outcome);
      writeTime("", durationMs);
    },
    attemptEnded(kind, { state, failure, durationMs }) {
      attempts.add(`${kind}\n${state}\n${failure ?? NONE}`);
      attemptTime("", durationMs);
    },
  };

  async function ask(state: State): Promise<void> {
    waiting.reset();
    for (const [campaignId, leads] of state.lanes()) waiting.inc({ campaign: campaigns(campaignId) }, leads);
    inFlight.set(state.deliveriesInFlight());
    endpoints.reset();
    down.reset();
    const recipients = namesUpTo(MOST_NAMES);
    for (const each of BREAKER_STATES) endpoints.set({ state: each }, 0);
    for (const [recipient, is] of state.endpoints()) {
      endpoints.inc({ state: is });
      if (is === "open" || is === "paused") down.set({ recipient: recipients(recipient) }, 1);
    }
    const stored = await outboxOnce(state);
    databaseUp.set(stored === undefined ? 0 : 1);
    outbox.reset();
    oldest.set(Number.NaN);
    if (stored === undefined) return;
    const { oldestDueMs, ...counts } = stored;
    for (const [name, deliveries] of Object.entries(counts)) outbox.set({ state: name }, deliveries);
    oldest.set(oldestDueMs / 1000);
  }

  let asked: { at: number; outbox: Promise<OutboxState | undefined> } | undefined;

  /** Whoever asks without pause gets the answer of a moment ago: the others' leads need the database more. */
  function outboxOnce(state: State): Promise<OutboxState | undefined> {
    const at = clock.elapsedMs();
    if (asked === undefined || at - asked.at >= ASK_AGAIN_MS) asked = { at, outbox: state.outbox() };
    return asked.outbox;
  }

  return {
    observer,
    contentType: registry.contentType,
    async text(state) {
      await ask(state);
      return await registry.metrics();
    },
  };
}

const NONE = "none";
const BREAKER_STATES = ["closed", "half_open", "open", "paused"] as const;
const ASK_AGAIN_MS = 1_000;
