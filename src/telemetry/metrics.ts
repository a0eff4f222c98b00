import { AggregatorRegistry, Gauge, Registry } from "prom-client";
import type { Clock } from "#time/clock.ts";
import { gaugesInto, type State } from "./asked.ts";
import { namesUpTo } from "./bounded-labels.ts";
import { observerInto } from "./counted.ts";
import type { Observer } from "./observer.ts";
import { addProcessMetrics } from "./process-metrics.ts";

/** What Prometheus is told: counted as it happens, or asked for when it asks. */
export interface Metrics {
  observer: Observer;
  /** All of it, in Prometheus' text format; `others`: the figures of other copies of the server, which are added to it. */
  text(state: State, others?: readonly (readonly object[])[]): Promise<string>;
  /** The same as objects, for another copy. */
  figures(state: State): Promise<readonly object[]>;
  readonly contentType: string;
}

export interface About {
  version: string;
  database: "postgres" | "embedded";
  clock: Clock;
}

/** Campaigns, suppliers and recipients that have series of their own. */
const MOST_NAMES = 500;

/** No label holds anything that a supplier, a buyer or a person sent: ids of the configuration, and closed sets. */
export function createMetrics({ version, database, clock }: About): Metrics {
  const registry = new Registry();
  const worked = addProcessMetrics(registry);
  const info = new Gauge({
    name: "leadgate_build_info",
    help: "Always 1; the labels say what is running.",
    labelNames: ["version", "database", "bun"],
    aggregator: "first",
    registers: [registry],
  });
  info.set({ version, database, bun: Bun.version }, 1);
  const campaigns = namesUpTo(MOST_NAMES);
  const observer = observerInto(registry, { mostNames: MOST_NAMES, campaigns, worked });
  const gauges = gaugesInto(registry, clock, MOST_NAMES, campaigns);
  return {
    observer,
    contentType: registry.contentType,
    async text(state, others = []) {
      await gauges.ask(state);
      if (others.length === 0) return await registry.metrics();
      const own = await registry.getMetricsAsJSON();
      return await AggregatorRegistry.aggregate([own, ...others]).metrics();
    },
    async figures(state) {
      await gauges.ask(state);
      return await registry.getMetricsAsJSON();
    },
  };
}
