import { createLimits } from "#access/limit.ts";
import { TEST_LIMIT, type TestSender } from "#buyers-api/endpoint-test.ts";
import { countRequests } from "#http/in-flight.ts";
import { takeFromPeers } from "#intake/take-in.ts";
import { openRequests } from "#telemetry/requests.ts";
import type { Running } from "#time/running.ts";
import { answerErrand } from "./errands.ts";
import { untilNoRequestBegins } from "./last-requests.ts";
import { mountRoutes } from "./mount.ts";
import { openParts, type ServerConfig } from "./parts.ts";
import { routeTable } from "./routes.ts";

/** A server as its process sees it: nothing runs before it is started, and it answers without listening. */
export interface Server extends Running {
  /** Answers one request without a socket. */
  handle(request: Request): Promise<Response>;
  /**
   * Listens; resolves with the port, which the system chose when `port` is 0. Throws when the address is taken, by something else than
   * another copy of this server.
   */
  listen(host: string, port: number): Promise<number>;
}

/** Puts a server together. */
export function createServer(config: ServerConfig): Server {
  let stopping = false;
  let requestsBegun = 0;
  const isStopping = () => stopping;
  const parts = openParts(config, {
    peerOf: (request) => app.server?.requestIP(request)?.address,
    requestsBegun: () => requestsBegun,
  });
  const { delivery, clock, callers, running, stopped } = parts;
  const testLimits = createLimits();
  const tests: TestSender = {
    test: delivery.test,
    admitTest: (buyerId) => testLimits.of(buyerId, TEST_LIMIT).limiter.admit(clock.elapsedMs()),
  };
  const suppliers = {
    ...parts,
    outbox: delivery,
    checkers: delivery,
    readQuote: parts.tokens.read,
    stopping: stopped.signal,
  };
  takeFromPeers(suppliers, (question) => answerErrand(parts.errands, question));
  const routes = routeTable({
    suppliers,
    buyers: {
      ...parts,
      ...tests,
      keyring: parts.callers,
      wake: delivery.wake,
      tellIn: delivery.tellIn,
      stopping: stopped.signal,
    },
    admin: parts.admin,
    portal: {
      campaignCache: parts.campaignCache,
      async supplierOf(request) {
        const holder = await callers.holderOf(request);
        return holder?.kind === "supplier" ? holder.supplier.id : undefined;
      },
      ...tests,
      showsStrangers: config.docs === "open",
      pepper: parts.pepper,
      publicUrl: parts.publicUrl,
      now: () => clock.now(),
    },
    docs: {
      access: config.docs,
      addressOf: parts.addressOf,
      elapsedMs: () => clock.elapsedMs(),
    },
    login: { ...parts, elapsedMs: () => clock.elapsedMs() },
    metrics: { access: parts.metrics, contentType: parts.metricsContentType, text: parts.metricsText },
    database: parts.database,
    isStopping,
  });
  const inFlight = countRequests(config.requestsPerAddress);
  const app = mountRoutes(routes, {
    enter: (request) => inFlight.enter(parts.addressOf(request)),
    follow: openRequests(parts.observer, clock, parts.tracing),
    isStopping,
    missingNodes: () => parts.database.whatIsThere?.away() ?? [],
    isOneOfSeveral: config.siblings !== undefined,
    log: parts.log,
    began() {
      requestsBegun += 1;
    },
  });

  return {
    start: () => running.start(),
    handle: (request) => app.handle(request),
    listen(hostname, port) {
      const { promise, resolve } = Promise.withResolvers<number>();
      app.listen({ hostname, port }, (listening) => resolve(listening.port ?? port));
      return promise;
    },
    async stop() {
      stopping = true;
      stopped.abort();
      await running.stop();
      if (app.server === null) return;
      await untilNoRequestBegins(() => requestsBegun);
      await app.stop();
    },
  };
}
