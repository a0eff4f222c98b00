import { beforeEach, describe, expect, test } from "bun:test";
import { createLog } from "#telemetry/log.ts";
import { openTracing } from "#telemetry/traces.ts";
import { deliveryJourneys, liveClock, webhookTo } from "../journeys/delivery-journeys.ts";
import { aDocument, aLead, openLeadgate } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import { type PretendCollector, type Span, startCollector } from "./pretend-collector.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

function tracingTo({ url }: PretendCollector, sampler: "always_on" | "parentbased_always_off" = "always_on") {
  const clock = liveClock();
  const settings = {
    endpoint: `${url}/v1/traces`,
    headers: { "api-key": "collectors-own" },
    resource: { "service.name": "leadgate" },
    sampler,
    sampledShare: 1,
  };
  const logged: string[] = [];
  const write = (line: string) => void logged.push(line);
  const log = createLog({ format: "json", level: "warn", write, now: clock.now });
  return { clock, logged, tracing: openTracing(settings, { version: "1.2.3", clock, log }) };
}

function named(spans: readonly Span[], name: string): Span[] {
  return spans.filter((span) => span.name === name);
}

deliveryJourneys("a traced lead", (journey) => {
  // The server without a collector would deliver too, of what is due at once whatever it comes upon first.
  beforeEach(() => journey.leadgate.server.stop());

  test("is followed from its supplier's trace through batch and transaction to its buyer", async () => {
    using collector = startCollector();
    const { clock, tracing } = tracingTo(collector);
    const leadgate = openLeadgate(journey.database, clock, new Map(), { tracing });
    const buyer = await journey.buyer();
    await leadgate.configure(aDocument({ buyers: { first: webhookTo(buyer) } }));
    const lead = aLead({ first_name: "Wilhelmina" });
    const traceparent = `00-${TRACE_ID}-${PARENT}-01`;
    const { body } = await leadgate.ingest("acme", lead, { traceparent });
    await untilTrue(() => buyer.seen.requests === 1, "the delivery was attempted");
    await leadgate.server.stop();

    const own = collector.spans.filter(({ traceId }) => traceId === TRACE_ID);
    const [request] = named(own, "POST /api/v1/ingest");
    const [taken] = named(own, "take in lead");
    const [batch] = named(own, "lane batch");
    const [written] = named(own, "database write");
    const [attempt] = named(own, "deliver");
    expect(own.map(({ name }) => name).toSorted()).toEqual([
      "POST /api/v1/ingest",
      "database write",
      "deliver",
      "lane batch",
      "take in lead",
    ]);
    expect(request?.parentSpanId).toBe(PARENT);
    expect(taken?.parentSpanId).toBe(request?.spanId ?? "");
    expect(batch?.parentSpanId).toBe(taken?.spanId ?? "");
    expect(written?.parentSpanId).toBe(batch?.spanId ?? "");
    expect(attempt?.parentSpanId).toBe(request?.spanId ?? "");
    expect(request?.attributes).toMatchObject({ "http.route": "/api/v1/ingest" });
    expect(taken?.attributes).toMatchObject({ "leadgate.lead_id": body.data.id });
    expect(attempt?.attributes).toMatchObject({
      "leadgate.recipient": "buyer:first",
      "leadgate.delivery.state": "delivered",
    });
    const [received] = buyer.received.values();
    expect(received?.headers["traceparent"]).toBe(`00-${TRACE_ID}-${attempt?.spanId}-01`);
    expect(collector.headers.every((headers) => headers.get("api-key") === "collectors-own")).toBe(true);
    for (const value of ["Wilhelmina", "Lovelace", String(lead["phone"]), String(lead["email"])])
      expect(collector.said()).not.toContain(value);
  });

  test("shares a batch with others, which is linked to each of them", async () => {
    using collector = startCollector();
    const { clock, tracing } = tracingTo(collector);
    const leadgate = openLeadgate(journey.database, clock, new Map(), { tracing });
    await leadgate.configure(aDocument());
    await Promise.all(Array.from({ length: 20 }, () => leadgate.ingest("acme", aLead())));
    await leadgate.server.stop();
    const taken = named(collector.spans, "take in lead");
    expect(new Set(taken.map(({ traceId }) => traceId)).size).toBe(20);
    const links = named(collector.spans, "lane batch").flatMap((batch) => batch.links);
    expect(links.map(({ spanId }) => spanId).toSorted()).toEqual(
      taken.map(({ spanId }) => spanId).toSorted(),
    );
  });

  test("is sampled by its supplier's header only where the supplier's key is good", async () => {
    using collector = startCollector();
    const { clock, tracing } = tracingTo(collector, "parentbased_always_off");
    const leadgate = openLeadgate(journey.database, clock, new Map(), { tracing });
    await leadgate.configure(aDocument());
    const traceparent = `00-${TRACE_ID}-${PARENT}-01`;
    const key = { "x-api-key": "lg_sup_nobodys-key-nobodys-key" };
    const refused = await leadgate.ingest("acme", aLead(), { traceparent, ...key });
    await leadgate.server.handle(new Request("http://localhost/api/v1/none", { headers: { traceparent } }));
    await leadgate.ingest("acme", aLead(), { traceparent });
    await leadgate.server.stop();
    expect(refused.status).toBe(401);
    const requests = collector.spans.filter(({ name }) => /^(GET|POST)/.test(name));
    expect(requests.map(({ attributes }) => attributes["http.response.status_code"])).toEqual([201]);
    expect(requests.map(({ traceId }) => traceId)).toEqual([TRACE_ID]);
  });

  test("that nobody samples is told to its buyer as such, and to no collector", async () => {
    using collector = startCollector();
    const { clock, tracing } = tracingTo(collector, "parentbased_always_off");
    const leadgate = openLeadgate(journey.database, clock, new Map(), { tracing });
    const buyer = await journey.buyer();
    await leadgate.configure(aDocument({ buyers: { first: webhookTo(buyer) } }));
    await leadgate.ingest("acme", aLead(), { traceparent: "not-a-traceparent" });
    await untilTrue(() => buyer.seen.requests === 1, "the delivery was attempted");
    await leadgate.server.stop();
    const [received] = buyer.received.values();
    expect(received?.headers["traceparent"]).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
    expect(collector.spans).toEqual([]);
  });
});

describe("traces", () => {
  test("that a collector does not take are dropped, and the log says so", async () => {
    const collector = startCollector();
    const { tracing, logged } = tracingTo(collector);
    collector[Symbol.dispose]();
    const request = new Request("http://localhost/api/v1/ingest", { method: "POST" });
    tracing.openRequest(request)?.answered("/api/v1/ingest", 201);
    await tracing.stop();
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatch(/traces (cannot be sent to their collector|could not be sent in time)/);
  });

  test("cost nothing without a collector: what makes them is not loaded", async () => {
    const script = `await import("#cli/serving/serve.ts"); process.stdout.write(Object.keys(require.cache).join("\\n"));`;
    const child = Bun.spawn([process.execPath, "-e", script], {
      cwd: `${import.meta.dir}/../..`,
      stdout: "pipe",
    });
    const loaded = (await new Response(child.stdout).text()).split("\n");
    expect(loaded.filter((path) => path.endsWith("/src/cli/serving/serve.ts"))).toHaveLength(1);
    // Its interfaces alone come with prom-client.
    expect(loaded.filter((path) => /telemetry\/traces|@opentelemetry\/(?!api\/)/.test(path))).toEqual([]);
  });
});
