import { collectDefaultMetrics, Registry } from "prom-client";
import { EventLoopLag } from "./event-loop-lag.ts";

/** Of prom-client's own metrics, those that mean under Bun what their names say. */
const SOUND = [
  "process_cpu_user_seconds_total",
  "process_cpu_system_seconds_total",
  "process_cpu_seconds_total",
  "process_start_time_seconds",
  "process_resident_memory_bytes",
  "process_open_fds",
  "process_max_fds",
  "nodejs_eventloop_lag_seconds",
];

/** prom-client's own watch over the event loop wakes the process 20 times a second, idle or not: once in 20 days it does no harm. */
const SELDOM_MS = 2_000_000_000;

let collected: { registry: Registry; lag: EventLoopLag } | undefined;

/**
 * Puts what is known of the process into a registry. There is one process, however many servers it runs. What is answered is to be called
 * whenever there was work.
 */
export function addProcessMetrics(registry: Registry): () => void {
  collected ??= collect();
  const { lag } = collected;
  for (const name of SOUND) {
    const metric = collected.registry.getSingleMetric(name);
    if (metric !== undefined) registry.registerMetric(metric);
  }
  lag.addTo(registry);
  return () => lag.worked();
}

function collect() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: SELDOM_MS });
  return { registry, lag: new EventLoopLag() };
}
