import { Counter, type Registry } from "prom-client";

/** A counter for the hot path: counting takes one look-up, and prom-client hears of it when it is asked. */
export interface Tally {
  /** `labels` are joined by a line feed, in the order of their names. */
  add(labels: string, count?: number): void;
}

export function tally(registry: Registry, name: string, help: string, labelNames: readonly string[]): Tally {
  const counts = new Map<string, number>();
  const counter = new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, count] of counts) counter.inc(labelsOf(labelNames, labels), count);
    },
  });
  return {
    add(labels, count = 1) {
      counts.set(labels, (counts.get(labels) ?? 0) + count);
    },
  };
}

/** Labels by their names, out of their joined text. */
export function labelsOf(names: readonly string[], joined: string): Record<string, string> {
  const texts = joined.split("\n");
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ""]));
}
