import type { Gate, Route } from "#http/route.ts";
import { route } from "#http/route.ts";
import { text } from "#http/schema.ts";
import { reply } from "#http/words.ts";

/** Metrics as a monitoring system reads them. */
export interface MetricsText {
  text(): Promise<string>;
  contentType: string;
}

/** `GET /metrics`. Figures of the business are in it: operators read it, unless it is said to be open. */
export function metricsRoute(metrics: MetricsText, who: Gate<unknown>): Route {
  return route({
    method: "get",
    path: "/metrics",
    who,
    answer: async ({ context }) => context.file(await metrics.text(), metrics.contentType),
    words: {
      operation: "getMetrics",
      section: "Operators",
      summary: "Metrics in Prometheus' text format",
      description: `Prometheus' text format: leads, decisions, lanes, requests, database, outbox, endpoints and the
process. With \`LEADGATE_METRICS=open\` it asks for no key. No label holds anything that was sent; ids of campaigns,
suppliers and recipients are labels, each kind up to 500 of them.`,
      replies: { 200: reply("The metrics (`text/plain; version=0.0.4`).", text) },
    },
  });
}
