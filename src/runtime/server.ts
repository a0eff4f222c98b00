import { Elysia } from "elysia";
import { writeOperatorKeyUses, writeSupplierKeyUses } from "#access/key-use-records.ts";
import { openKeyUses } from "#access/key-uses.ts";
import { createLoginThrottle, TooManyFailures } from "#access/login-throttle.ts";
import { type LinkTarget, signedLink } from "#access/signed-link.ts";
import { createKeyring } from "#access/supplier-keyring.ts";
import { backupRoutes } from "#admin/backup.ts";
import { buyerRoutes } from "#admin/buyers.ts";
import { conditionRoutes } from "#admin/condition.ts";
import { configRoutes } from "#admin/config.ts";
import { deliveryRoutes } from "#admin/deliveries.ts";
import { docsLinkRoutes } from "#admin/docs-link.ts";
import { erasureRoutes } from "#admin/erasures.ts";
import { historyRoutes } from "#admin/history.ts";
import { leadRoutes } from "#admin/leads.ts";
import { metricsRoutes } from "#admin/metrics.ts";
import { operatorApi } from "#admin/operator.ts";
import { operatorKeyRoutes } from "#admin/operator-keys.ts";
import { reportRoutes } from "#admin/reports.ts";
import { resourceRoutes } from "#admin/resources.ts";
import { supplierKeyRoutes } from "#admin/supplier-keys.ts";
import { suppressionEntryRoutes } from "#admin/suppression-entries.ts";
import { webhookRoutes } from "#admin/webhooks.ts";
import { docsRoutes } from "#api-docs/docs.ts";
import { TEST_LIMIT } from "#api-docs/endpoint-test.ts";
import { createCampaignCache } from "#campaigns/campaign-cache.ts";
import { DatabaseUnavailable, StatementRefused } from "#database/database.ts";
import { type DeliveryParts, openDelivery } from "#delivery/delivery.ts";
import { openErasure } from "#erasure/erasure.ts";
import { discardBody } from "#http/body.ts";
import { clientNetworks } from "#http/client-address.ts";
import { errorReply, requestIdOf } from "#http/reply.ts";
import { openLanes } from "#intake/lane/lane.ts";
import { createLimits } from "#intake/limit.ts";
import { openRecovery } from "#intake/recover.ts";
import { redistribute } from "#intake/reopen.ts";
import { openAuctions } from "#ping/auction.ts";
import { createTokens, type TokenKeys } from "#ping/token.ts";
import { observedDatabase } from "#telemetry/instrumented-database.ts";
import type { Log } from "#telemetry/log.ts";
import { createMetrics } from "#telemetry/metrics.ts";
import { openRequests } from "#telemetry/requests.ts";
import type { Cidr } from "#text/cidr.ts";
import type { Running } from "#time/running.ts";
import { untilNoRequestBegins } from "./last-requests.ts";
import { mounted } from "./mount.ts";
import { runningIn } from "./roles.ts";
import { routeTable } from "./routes.ts";

/** What a server is made of. */
export interface Parts extends Omit<DeliveryParts, "random" | "observer"> {
  version: string;
  /** Whether /metrics is for everyone who reaches the server, or for operators. */
  metrics: "open" | "keyed";
  /** Keys the hashes that people are compared by. */
  pepper: Uint8Array;
  /** Sign and close what pings are promised. */
  tokenKeys: TokenKeys;
  operatorKey: string;
  /** Proxies whose X-Forwarded-For says where a request comes from. */
  trustedProxies: readonly Cidr[];
  /** Where callers reach the server, without a slash at the end; absent: wherever they say that they did. */
  publicUrl?: string | undefined;
  /** Leads decided in one transaction, and leads that may wait for one campaign. */
  maxBatch: number;
  queueLimit: number;
  /** How long a lead may wait, in ms. */
  waitLimitMs: number;
}

export interface Server extends Running {
  /** Answers one request without a socket. */
  handle(request: Request): Promise<Response>;
  /** Listens; resolves with the port, which the system chose when `port` is 0. Throws when the address is taken. */
  listen(host: string, port: number): Promise<number>;
}

/** Every route refuses by itself what is too large for it, in words; beyond this Bun does, without any. */
const LARGEST_BODY = 1024 ** 3;
/** Longer than the longest asking of buyers before a supplier is answered; Bun cuts what is idle for longer. */
const IDLE_SECONDS = 60;

export function createServer(parts: Parts): Server {
  const { pepper, operatorKey, clock, log, tracing } = parts;
  const metrics = createMetrics({ version: parts.version, database: parts.database.kind, clock });
  const { observer } = metrics;
  const requests = openRequests(observer, clock, tracing);
  const database = observedDatabase(parts.database, observer, clock, tracing);
  const campaignCache = createCampaignCache(database, pepper);
  const attempts = createLoginThrottle(clock.elapsedMs);
  const clientNetwork = clientNetworks(parts.trustedProxies);
  const addressOf = (request: Request) =>
    clientNetwork(app.server?.requestIP(request)?.address, request.headers.get("x-forwarded-for"));
  const supplierKeyUses = openKeyUses({ database, log }, writeSupplierKeyUses);
  const operatorKeyUses = openKeyUses({ database, log }, writeOperatorKeyUses);
  const keyring = createKeyring({ database, clock, attempts, addressOf, used: supplierKeyUses.used });
  const delivery = openDelivery({ ...parts, database, observer, random: Math.random });
  const lanes = openLanes(
    { database, campaignCache, outbox: delivery, clock, log, observer, tracing },
    parts,
  );
  const tokens = createTokens(parts.tokenKeys);
  const auctions = openAuctions({ database, campaignCache, outbox: delivery, bidders: delivery, clock });
  const testLimits = createLimits();
  const settling = { database, lanes, outbox: delivery, clock, log };
  const recovery = openRecovery(settling);
  const erasure = openErasure({ database, pepper, clock, log });
  const running = runningIn({
    front: [auctions],
    lanes: [lanes],
    jobs: [recovery, erasure],
    sender: [delivery],
    notes: [supplierKeyUses, operatorKeyUses, ...(tracing === undefined ? [] : [tracing])],
  });
  const stopped = new AbortController();
  const admin = {
    log,
    stopping: stopped.signal,
    database,
    pepper,
    secretKey: parts.secretKey,
    keysChanged: keyring.forget,
    wake: delivery.wake,
    wakeErasure: erasure.wake,
    redistribute: (leadId: string) => redistribute(leadId, settling),
    docsLink: (target: LinkTarget, expiresAt: Date) =>
      `${parts.publicUrl ?? ""}${signedLink(target, expiresAt, pepper)}`,
    lastUse: (keyId: string) => supplierKeyUses.lastUse(keyId) ?? operatorKeyUses.lastUse(keyId),
    now: () => clock.now(),
  };
  const metricsRoute = metricsRoutes({
    contentType: metrics.contentType,
    text: () =>
      metrics.text({
        lanes: lanes.waiting,
        deliveriesInFlight: delivery.inFlight,
        endpoints: delivery.endpoints,
        outbox: () => delivery.outboxState().catch(() => undefined),
      }),
  });
  const operators = operatorApi({
    database,
    operatorKey,
    attempts,
    addressOf,
    operatorKeyUsed: operatorKeyUses.used,
    now: () => clock.now(),
  })
    .use(backupRoutes(admin))
    .use(conditionRoutes(admin))
    .use(configRoutes(admin))
    .use(resourceRoutes(admin))
    .use(historyRoutes(admin))
    .use(supplierKeyRoutes(admin))
    .use(operatorKeyRoutes(admin))
    .use(suppressionEntryRoutes(admin))
    .use(leadRoutes(admin))
    .use(buyerRoutes(admin))
    .use(webhookRoutes(admin))
    .use(deliveryRoutes(admin))
    .use(reportRoutes(admin))
    .use(erasureRoutes(admin))
    .use(docsLinkRoutes(admin))
    .use(parts.metrics === "keyed" ? metricsRoute : []);
  let stopping = false;
  let requestsBegun = 0;

  const routes = routeTable({
    database,
    keyring,
    campaignCache,
    lanes,
    outbox: delivery,
    clock,
    pepper,
    readQuote: tokens.read,
    observer,
    auctions,
    tokens,
    isStopping: () => stopping,
  });

  const app = new Elysia({
    normalize: false,
    // `reusePort`: else a second copy started by mistake silently takes half of the requests. `development`: else whatever a stream is
    // broken off with is printed.
    serve: {
      development: false,
      reusePort: false,
      maxRequestBodySize: LARGEST_BODY,
      idleTimeout: IDLE_SECONDS,
    },
  })
    .onRequest(({ request, set }) => {
      requestsBegun += 1;
      requests.began(request);
      if (stopping) set.headers["connection"] = "close";
    })
    // Elysia awaits a hook only if it is written as an async function.
    .mapResponse(async ({ request, route, responseValue }) => {
      requests.answered(request, route, responseValue instanceof Response ? responseValue.status : 200);
      await discardBody(request);
    })
    .onError(async ({ error, code, request }) => {
      await discardBody(request);
      const reply = replyToError(error, code, request, log);
      // Without a route there is no mapping of its response.
      if (code === "NOT_FOUND") requests.answered(request, undefined, reply.status);
      return reply;
    })
    .use(operators)
    .use(parts.metrics === "open" ? metricsRoute : [])
    .use(mounted(routes, (request) => tracing?.ofRequest(request)));
  app.use(
    docsRoutes({
      app,
      routes,
      campaignCache,
      supplierOf: async (request) => (await keyring.holderOf(request))?.supplier.id,
      test: delivery.test,
      admitTest: (buyerId) => testLimits.of(buyerId, TEST_LIMIT).limiter.admit(clock.elapsedMs()),
      pepper,
      publicUrl: parts.publicUrl,
      now: () => clock.now(),
    }),
  );

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

/** The one place where what went wrong becomes an answer. What the client sent is in none of them. */
function replyToError(error: unknown, code: unknown, request: Request, log: Log): Response {
  const requestId = requestIdOf(request);
  if (code === "NOT_FOUND") return errorReply("not_found", "There is nothing at this address.", requestId);
  if (code === "PARSE" || code === "VALIDATION" || code === "INVALID_COOKIE_SIGNATURE") {
    return errorReply("malformed_body", "The request could not be read.", requestId);
  }
  if (error instanceof TooManyFailures) {
    return errorReply("rate_limited", error.message, requestId, { retry_after: error.retryAfter });
  }
  if (error instanceof DatabaseUnavailable) {
    log.warn("the database is not available", { request_id: requestId, error });
    return errorReply("unavailable", "The database is not available.", requestId, { retry_after: 2 });
  }
  if (error instanceof StatementRefused && error.sqlstate.startsWith("22")) {
    return errorReply("malformed_body", "A value of this request cannot be stored or compared.", requestId);
  }
  log.error("a request failed", { request_id: requestId, method: request.method, error });
  return errorReply("internal_error", "Something went wrong here; the log has the details.", requestId);
}
