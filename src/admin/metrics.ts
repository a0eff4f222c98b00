import { Elysia } from "elysia";
import { requestIdOf } from "#http/reply.ts";
import { describedAs } from "./described.ts";

/** Metrics as a monitoring system reads them. */
export interface MetricsText {
  text(): Promise<string>;
  contentType: string;
}

/** `GET /metrics`. Figures of the business are in it: operators read it, unless it is said to be open. */
export function metricsRoutes({ text, contentType }: MetricsText) {
  return new Elysia().get(
    "/metrics",
    async ({ request }) =>
      new Response(await text(), {
        headers: { "content-type": contentType, "x-request-id": requestIdOf(request) },
      }),
    describedAs("getMetrics", "Metrics in Prometheus' text format", "read"),
  );
}
