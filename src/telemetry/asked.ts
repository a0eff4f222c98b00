import { Gauge, type Registry } from "prom-client";
import type { OutboxState } from "#leads/delivery-state.ts";
import type { Clock } from "#time/clock.ts";
import { type Bounded, namesUpTo } from "./bounded-labels.ts";

/** What can be asked at any time, rather than counted. */
export interface State {
  /** How many leads wait in each campaign's lane. */
  lanes(): Iterable<readonly [campaignId: string, leads: number]>;
  /** The campaigns whose leads this server takes, and the servers that it knows, with itself; undefined: there can be no others. */
  servers(): { campaigns: number; servers: number } | undefined;
  /** Requests to recipients that are on their way. */
  deliveriesInFlight(): number;
  /** `paused`: the endpoint answered 410 Gone. */
  endpoints(): Iterable<readonly [recipient: string, state: "closed" | "open" | "half_open" | "paused"]>;
  /** What the outbox of all servers holds; undefined while the database cannot be asked. */
  outbox(): Promise<OutboxState | undefined>;
}

/** What is asked for when Prometheus asks. `ask` brings the registry up to date. */
export function gaugesInto(registry: Registry, clock: Clock, mostNames: number, campaigns: Bounded) {
  const { waiting, owned, servers, inFlight, endpoints, down, databaseUp, outbox, oldest } =
    declareGauges(registry);
  let asked: { at: number; outbox: Promise<OutboxState | undefined> } | undefined;

  /** Who asks without pause gets the answer of a moment ago: the others' leads need the database more. */
  function outboxOnce(state: State): Promise<OutboxState | undefined> {
    const at = clock.elapsedMs();
    if (asked === undefined || at - asked.at >= ASK_AGAIN_MS) asked = { at, outbox: state.outbox() };
    return asked.outbox;
  }

  async function ask(state: State): Promise<void> {
    waiting.reset();
    for (const [campaignId, leads] of state.lanes()) waiting.inc({ campaign: campaigns(campaignId) }, leads);
    const known = state.servers();
    owned.set(known?.campaigns ?? 0);
    servers.set(known?.servers ?? 1);
    inFlight.set(state.deliveriesInFlight());
    endpoints.reset();
    down.reset();
    const recipients = namesUpTo(mostNames);
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

  return { ask };
}

function declareGauges(registry: Registry) {
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  /** What every copy of the server knows alike, and is no sum of what they know. */
  const common = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry], aggregator: "first" });
  return {
    waiting: gauge("leadgate_lane_queue_leads", "Leads waiting in their campaign's lane.", ["campaign"]),
    owned: gauge(
      "leadgate_campaigns_owned",
      "Campaigns whose leads this server takes, of those shared with others.",
    ),
    servers: common(
      "leadgate_servers",
      "Servers on this database that were heard of lately, each process by itself.",
    ),
    inFlight: gauge("leadgate_deliveries_in_flight", "Attempts to deliver that are on their way."),
    endpoints: common("leadgate_endpoints", "Endpoints of recipients by the state of their breaker.", [
      "state",
    ]),
    down: common("leadgate_endpoint_down", "1 for each recipient to whom nothing can be sent now.", [
      "recipient",
    ]),
    databaseUp: common("leadgate_database_up", "Whether the database answers."),
    outbox: common(
      "leadgate_outbox_deliveries",
      "Deliveries in the outbox that all servers share, counted to 10,000 each; due ones are pending too.",
      ["state"],
    ),
    oldest: common(
      "leadgate_outbox_oldest_due_seconds",
      "How long the oldest delivery that is due has been so.",
    ),
  };
}

const BREAKER_STATES = ["closed", "half_open", "open", "paused"] as const;
const ASK_AGAIN_MS = 1_000;
