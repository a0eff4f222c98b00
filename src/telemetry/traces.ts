import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Attributes,
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { deliveryIdOf, leadIdOf } from "#text/ids.ts";
import type { Clock } from "#time/clock.ts";
import type { Log } from "./log.ts";
import type { Tracing } from "./observer.ts";
import type { TracingSettings } from "./tracing-settings.ts";

/** What traces need besides their settings. */
export interface TracingParts {
  version: string;
  clock: Clock;
  log: Log;
}

/** Spans that wait to be sent; more than these are dropped rather than held. */
const MOST_WAITING = 16_384;
/** How long stopping waits for the last of them, in ms: a collector that is away is asked again and again, for longer than that. */
const LAST_SENDING_MS = 2_000;
/** A collector that is away is mentioned this often, in ms. */
const WARN_EVERY_MS = 60_000;

/**
 * Traces by OpenTelemetry, sent to a collector over OTLP/HTTP: request, what became of its lead, the batch that decided it, the
 * transaction that wrote it, and each attempt to deliver it, on whichever server. Attributes hold ids, counts and closed sets, never what
 * was sent. Only `leadgate serve` loads this file, and only when an endpoint is set.
 */
export function openTracing(settings: TracingSettings, { version, clock, log }: TracingParts): Tracing {
  const exporter = new OTLPTraceExporter({ url: settings.endpoint, headers: { ...settings.headers } });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.version": version, ...settings.resource }),
    sampler: samplerOf(settings),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: complaining(exporter, clock, log), maxQueueSize: MOST_WAITING }),
    ],
  });
  const tracer = provider.getTracer("leadgate", version);
  return {
    ...requestSpans(tracer, clock),
    ...batchSpans(tracer, clock),
    ...attemptSpans(tracer),
    // Spans are sent in the background from the first one on.
    start() {},
    stop: () => sendRest(provider, log),
  };
}

function requestSpans(tracer: Tracer, clock: Clock): Pick<Tracing, "openRequest"> {
  return {
    openRequest(request) {
      // Health checks, metrics and pages would hide what is of interest.
      if (!request.url.includes("/api/")) return undefined;
      const attributes = { "http.request.method": request.method };
      const options = { kind: SpanKind.SERVER, attributes, startTime: clock.now() };
      let begun: Span | undefined;
      // Whether to sample is decided when a span begins: a stranger's header must not decide it.
      const spanOf = (parent: Context) => (begun ??= tracer.startSpan(request.method, options, parent));
      return {
        callerKnown: () => void spanOf(contextOf(request.headers.get("traceparent"))),
        get traceparent() {
          return traceparentOf(spanOf(ROOT_CONTEXT));
        },
        answered(route, status) {
          const span = spanOf(ROOT_CONTEXT);
          if (route !== undefined)
            span.updateName(`${request.method} ${route}`).setAttribute("http.route", route);
          span.setAttribute("http.response.status_code", status);
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
  };
}

function batchSpans(tracer: Tracer, clock: Clock): Pick<Tracing, "ofBatch" | "ofWrite"> {
  const ofBatches = new AsyncLocalStorage<Context>();
  return {
    async ofBatch(leads, work) {
      const now = clock.elapsedMs();
      const taken = leads.map(({ lead, since }) => {
        const attributes = { "leadgate.campaign_id": lead.campaignId, "leadgate.lead_id": leadIdOf(lead.id) };
        const startTime = clock.now().getTime() - (now - since);
        return tracer.startSpan("take in lead", { attributes, startTime }, contextOf(lead.trace));
      });
      const batch = tracer.startSpan(
        "lane batch",
        {
          attributes: {
            "leadgate.campaign_ids": [...new Set(leads.map(({ lead }) => lead.campaignId))],
            "leadgate.leads": leads.length,
          },
          links: taken.map((span) => ({ context: span.spanContext() })),
        },
        under(taken[0]),
      );
      try {
        return await ended(batch, ofBatches.run(under(batch), work));
      } finally {
        for (const span of taken) span.end();
      }
    },
    ofWrite(work) {
      const parent = ofBatches.getStore();
      if (parent === undefined) return work();
      const attributes = { "db.system.name": "postgresql" };
      return ended(tracer.startSpan("database write", { kind: SpanKind.CLIENT, attributes }, parent), work());
    },
  };
}

function attemptSpans(tracer: Tracer): Pick<Tracing, "ofAttempt"> {
  return {
    async ofAttempt({ id, campaignId, recipient, trace: parent }, work) {
      const attributes: Attributes = {
        "leadgate.delivery_id": deliveryIdOf(id),
        "leadgate.campaign_id": campaignId,
        "leadgate.recipient": recipient,
      };
      const span = tracer.startSpan("deliver", { kind: SpanKind.CLIENT, attributes }, contextOf(parent));
      const attempted = work(traceparentOf(span)).then((done) => {
        const { state, failure, httpStatus } = done.result;
        span.setAttribute("leadgate.delivery.state", state);
        if (httpStatus !== null) span.setAttribute("http.response.status_code", httpStatus);
        if (failure !== null)
          span.setAttribute("error.type", failure).setStatus({ code: SpanStatusCode.ERROR });
        return done;
      });
      return await ended(span, attempted);
    },
  };
}

/** Sends what is left, for a while. */
async function sendRest(provider: TracerProvider, log: Log): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const timer = setTimeout(() => resolve("late"), LAST_SENDING_MS);
  const sent = provider.shutdown().then(
    () => "sent",
    () => "lost",
  );
  if ((await Promise.race([sent, late])) === "late") log.warn("the last traces could not be sent in time");
  clearTimeout(timer);
}

/** Ends the span with the work, which failed when it rejects. What it failed of is in the log, and may hold what may not be here. */
async function ended<T>(span: Span, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

function under(span: Span | undefined): Context {
  return span === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, span);
}

/** W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header. What is none begins a trace of its own. */
function contextOf(traceparent: string | null | undefined): Context {
  const [, version, traceId = "", spanId = "", flags = "0", more] =
    /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/.exec(traceparent?.trim() ?? "") ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined))
    return ROOT_CONTEXT;
  const context = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
  };
  return isSpanContextValid(context) ? trace.setSpanContext(ROOT_CONTEXT, context) : ROOT_CONTEXT;
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, "0")}`;
}

/** The standard's samplers: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
function samplerOf({ sampler, sampledShare }: TracingSettings): Sampler {
  switch (sampler) {
    case "always_on":
      return new AlwaysOnSampler();
    case "always_off":
      return new AlwaysOffSampler();
    case "traceidratio":
      return new TraceIdRatioBasedSampler(sampledShare);
    case "parentbased_always_on":
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case "parentbased_always_off":
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case "parentbased_traceidratio":
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampledShare) });
  }
}

/** The exporter, with a line in the log when the collector takes nothing. */
function complaining(exporter: SpanExporter, clock: Clock, log: Log): SpanExporter {
  let warnedAt = Number.NEGATIVE_INFINITY;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error !== undefined && clock.elapsedMs() - warnedAt >= WARN_EVERY_MS) {
          warnedAt = clock.elapsedMs();
          log.warn("traces cannot be sent to their collector", { count: spans.length });
        }
        done(result);
      });
    },
    forceFlush: async () => await exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
