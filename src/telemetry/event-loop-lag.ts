import { monitorEventLoopDelay } from "node:perf_hooks";
import { Gauge, type Registry } from "prom-client";

/** How often the event loop is looked at while there is work, and how long after the last of it, in ms. */
const LAG_EVERY_MS = 50;
const WORK_LASTS_MS = 1_000;

/** How late the event loop is, since it was last asked. */
export class EventLoopLag {
  readonly #histogram = monitorEventLoopDelay({ resolution: LAG_EVERY_MS });
  #isMeasured = false;
  #hasWorked = false;

  /** There is work: from now on, and until there is none, it is measured. A process that idles is not woken to be measured. */
  worked(): void {
    this.#hasWorked = true;
    if (!this.#isMeasured) this.#measure();
  }

  /** Has a registry ask. Nothing measured is no lag. */
  addTo(registry: Registry): void {
    const histogram = this.#histogram;
    const ask = () => {
      const seconds = (nanoseconds: number) => (histogram.count === 0 ? 0 : nanoseconds / 1e9);
      max.set(seconds(histogram.max));
      mean.set(seconds(histogram.mean));
      p99.set(seconds(histogram.percentile(99)));
      histogram.reset();
    };
    // The first of them is asked first, and asks for the others.
    const max = gauge(registry, "max", ask);
    const mean = gauge(registry, "mean");
    const p99 = gauge(registry, "p99");
  }

  #measure(): void {
    this.#isMeasured = true;
    this.#histogram.enable();
    const timer = setInterval(() => {
      if (!this.#hasWorked) {
        clearInterval(timer);
        this.#histogram.disable();
        this.#isMeasured = false;
      }
      this.#hasWorked = false;
    }, WORK_LASTS_MS).unref();
  }
}

function gauge(registry: Registry, name: string, collect?: () => void): Gauge {
  return new Gauge({
    name: `nodejs_eventloop_lag_${name}_seconds`,
    help: `Delay of the event loop since it was last asked for, while there was work: ${name}.`,
    registers: [registry],
    ...(collect && { collect }),
  });
}
