/** A span as OTLP/HTTP's JSON has it, as far as tests look at it. */
export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  attributes: Readonly<Record<string, unknown>>;
  links: readonly { traceId: string; spanId: string }[];
}

/** An OpenTelemetry collector that keeps what it is sent. */
export interface PretendCollector extends Disposable {
  readonly url: string;
  readonly spans: readonly Span[];
  /** All that came, word for word. */
  said(): string;
  /** Of each request. */
  readonly headers: readonly Headers[];
}

export function startCollector(): PretendCollector {
  const spans: Span[] = [];
  const bodies: string[] = [];
  const headers: Headers[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (new URL(request.url).pathname !== "/v1/traces") return new Response(null, { status: 404 });
      headers.push(request.headers);
      const body = await request.text();
      bodies.push(body);
      spans.push(...spansIn(body));
      return Response.json({ partialSuccess: {} });
    },
  });
  return {
    url: server.url.href.replace(/\/$/, ""),
    spans,
    headers,
    said: () => bodies.join("\n"),
    [Symbol.dispose]: () => void server.stop(true),
  };
}

interface Sent {
  resourceSpans: {
    scopeSpans: {
      spans: {
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        name: string;
        attributes?: { key: string; value: Record<string, unknown> }[];
        links?: { traceId: string; spanId: string }[];
      }[];
    }[];
  }[];
}

function spansIn(body: string): Span[] {
  const { resourceSpans } = JSON.parse(body) as Sent;
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap((scope) => scope.spans)
    .map(({ traceId, spanId, parentSpanId, name, attributes = [], links = [] }) => ({
      traceId,
      spanId,
      parentSpanId,
      name,
      attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
      links,
    }));
}
