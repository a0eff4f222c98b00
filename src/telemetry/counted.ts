import type { Registry } from "prom-client";
import { type Bounded, namesUpTo } from "./bounded-labels.ts";
import { tally } from "./counter.ts";
import { histogram } from "./histogram.ts";
import type { Observer } from "./observer.ts";

const DECISION_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
const REQUEST_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000];
const WRITE_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000];
const ATTEMPT_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000, 30_000];
const BATCH_LEADS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];

export interface CountedParts {
  mostNames: number;
  campaigns: Bounded;
  /** Called for each request and each attempt to deliver. */
  worked(): void;
}

/** What is counted as it happens. */
export function observerInto(registry: Registry, { mostNames, campaigns, worked }: CountedParts): Observer {
  const leads = leadSeries(registry);
  const work = workSeries(registry);
  const suppliers = namesUpTo(mostNames);
  return {
    requestAnswered(method, route, status, durationMs) {
      worked();
      // A method without a route is anything that somebody typed.
      if (route === undefined) work.requests.add(`${NONE}\n${NONE}\n${status}`);
      else work.requests.add(`${method}\n${route}\n${status}`);
      work.requestTime(route ?? NONE, durationMs);
    },
    rateLimited: (supplierId) => work.limited.add(suppliers(supplierId)),
    batchCommitted({ campaignId, leads: decided, endedAt, onRecord }) {
      const campaign = campaigns(campaignId);
      leads.batchSize("", decided.length);
      for (const { since } of decided) leads.decision("", endedAt - since);
      for (const { status, isTest, prior } of onRecord) {
        leads.decided.add(`${campaign}\n${status}\n${isTest}`);
        if (prior === null) leads.received.add(`${campaign}\n${isTest}`);
      }
    },
    leadForwarded: (outcome) => leads.forwarded.add(outcome),
    pinged(campaignId, outcome, answers, durationMs) {
      leads.pings.add(`${campaigns(campaignId)}\n${outcome}`);
      leads.pingTime("", durationMs);
      for (const answer of answers) leads.bids.add(answer);
    },
    databaseWritten(outcome, durationMs) {
      work.writes.add(outcome);
      work.writeTime("", durationMs);
    },
    attemptEnded(kind, { state, failure, durationMs }) {
      worked();
      work.attempts.add(`${kind}\n${state}\n${failure ?? NONE}`);
      work.attemptTime("", durationMs);
    },
  };
}

/** Leads and pings. */
function leadSeries(registry: Registry) {
  const { count, time } = seriesIn(registry);
  return {
    received: count("leadgate_leads_received_total", "Leads that went on record.", ["campaign", "test"]),
    decided: count(
      "leadgate_leads_decided_total",
      "Decisions on leads by the status that they led to. A lead that is held (PENDING) or sent round again is decided more than once.",
      ["campaign", "status", "test"],
    ),
    decision: time(
      "leadgate_lead_decision_duration_seconds",
      "From a lead's arrival in its campaign's lane until its decision is committed.",
      [],
      DECISION_MS,
    ),
    batchSize: histogram(registry, {
      name: "leadgate_lane_batch_leads",
      help: "Leads decided in one transaction.",
      labelNames: [],
      bounds: BATCH_LEADS,
      perUnit: 1,
    }),
    forwarded: count(
      "leadgate_leads_forwarded_total",
      "Leads that came to this server and were handed to the one whose campaign it is.",
      ["outcome"],
    ),
    pings: count("leadgate_pings_total", "Pings answered.", ["campaign", "outcome"]),
    pingTime: time(
      "leadgate_ping_duration_seconds",
      "From a ping's arrival until its answer, the asking of buyers included.",
      [],
      REQUEST_MS,
    ),
    bids: count("leadgate_bids_total", "Answers of buyers that were asked for a bid.", ["outcome"]),
  };
}

/** Requests, the database and deliveries. */
function workSeries(registry: Registry) {
  const { count, time } = seriesIn(registry);
  return {
    requests: count("leadgate_http_requests_total", "Requests answered.", ["method", "route", "status"]),
    requestTime: time(
      "leadgate_http_request_duration_seconds",
      "From a request's arrival until its answer.",
      ["route"],
      REQUEST_MS,
    ),
    limited: count("leadgate_rate_limited_total", "Requests of suppliers over their rate limit.", [
      "supplier",
    ]),
    writes: count("leadgate_database_writes_total", "Transactions that write, by how they ended.", [
      "outcome",
    ]),
    writeTime: time(
      "leadgate_database_write_duration_seconds",
      "How long transactions that write took, waiting for a connection included.",
      [],
      WRITE_MS,
    ),
    attempts: count(
      "leadgate_delivery_attempts_total",
      "Attempts to deliver, by how they left the delivery and why they failed.",
      ["recipient_kind", "state", "failure"],
    ),
    attemptTime: time(
      "leadgate_delivery_attempt_duration_seconds",
      "How long attempts to deliver took.",
      [],
      ATTEMPT_MS,
    ),
  };
}

function seriesIn(registry: Registry) {
  return {
    count: (name: string, help: string, labelNames: readonly string[]) =>
      tally(registry, name, help, labelNames),
    time: (name: string, help: string, labelNames: readonly string[], bounds: readonly number[]) =>
      histogram(registry, { name, help, labelNames, bounds, perUnit: 1_000 }),
  };
}

const NONE = "none";
