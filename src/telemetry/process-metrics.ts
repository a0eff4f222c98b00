import { collectDefaultMetrics, Registry } from "prom-client";

/** Of prom-client's own metrics, those that mean under Bun what their names say. The first of a family measures for the others. */
const SOUND = [
  "process_cpu_user_seconds_total",
  "process_cpu_system_seconds_total",
  "process_cpu_seconds_total",
  "process_start_time_seconds",
  "process_resident_memory_bytes",
  "process_open_fds",
  "process_max_fds",
  "nodejs_eventloop_lag_seconds",
  "nodejs_eventloop_lag_mean_seconds",
  "nodejs_eventloop_lag_p99_seconds",
  "nodejs_eventloop_lag_max_seconds",
];

/** How often the event loop is looked at, in ms. */
const LAG_EVERY_MS = 50;

let collected: Registry | undefined;

/** Puts what is known of the process into a registry. There is one process, however many servers it runs. */
export function addProcessMetrics(registry: Registry): void {
  if (collected === undefined) {
    collected = new Registry();
    collectDefaultMetrics({ register: collected, eventLoopMonitoringPrecision: LAG_EVERY_MS });
  }
  for (const name of SOUND) {
    const metric = collected.getSingleMetric(name);
    if (metric !== undefined) registry.registerMetric(metric);
  }
}
