import { Elysia } from "elysia";
import { buyerRoutes } from "#admin/buyers.ts";
import { configRoutes } from "#admin/config.ts";
import { deliveryRoutes } from "#admin/deliveries.ts";
import { docsLinkRoutes } from "#admin/docs-link.ts";
import { leadRoutes } from "#admin/leads.ts";
import { supplierKeyRoutes } from "#admin/supplier-keys.ts";
import { suppressionEntryRoutes } from "#admin/suppression-entries.ts";
import { webhookRoutes } from "#admin/webhooks.ts";
import { createCatalog } from "#catalog/catalog.ts";
import { type DeliveryParts, openDelivery } from "#delivery/delivery.ts";
import { docsRoutes } from "#docs/docs.ts";
import { type LinkTarget, signedLink } from "#docs/link.ts";
import { createKeyring } from "#intake/authenticate.ts";
import { openLanes } from "#intake/lane.ts";
import { lookUpRoutes } from "#intake/look-up.ts";
import { ingestRoutes } from "#intake/receive.ts";
import { startRecovery } from "#intake/recover.ts";
import { redistribute } from "#intake/redistribute.ts";
import { discardBody } from "./body.ts";
import { type Database, DatabaseUnavailable, StatementRefused } from "./database/database.ts";
import type { Log } from "./log.ts";
import { errorReply, jsonResponse, requestIdOf } from "./reply.ts";

/** What a server is made of. */
export interface Parts extends Omit<DeliveryParts, "random"> {
  /** Keys the hashes that people are compared by. */
  pepper: Uint8Array;
  operatorKey: string;
  /** Where callers reach the server, without a slash at the end; absent: wherever they say that they did. */
  publicUrl?: string | undefined;
  /** Leads decided in one transaction, and leads that may wait for one campaign. */
  maxBatch: number;
  queueLimit: number;
  /** How long a lead may wait, in ms. */
  waitLimitMs: number;
}

export interface Server {
  /** Answers one request without a socket. */
  handle(request: Request): Promise<Response>;
  /** Listens; resolves with the port, which the system chose when `port` is 0. Throws when the address is taken. */
  listen(host: string, port: number): Promise<number>;
  /** Refuses new leads, answers what is in flight, and stops listening. */
  stop(): Promise<void>;
}

/** Every route refuses by itself what is too large for it, in words; beyond this Bun does, without any. */
const LARGEST_BODY = 1024 ** 3;
/** Longer than the longest asking of buyers before a supplier is answered; Bun cuts what is idle for longer. */
const IDLE_SECONDS = 60;
/** A health check should not have to wait as long as a lead may. */
const READY_WITHIN_MS = 1_000;

/** How long requests are still read, refused, and their connections closed, before the server stops listening, in ms. */
const LAST_CALLS_MS = 500;

export function createServer(parts: Parts): Server {
  const { database, pepper, operatorKey, clock, log } = parts;
  const catalog = createCatalog(database, pepper);
  const keyring = createKeyring(database, clock);
  const delivery = openDelivery({ ...parts, random: Math.random });
  const lanes = openLanes({ database, catalog, outbox: delivery, clock, log }, parts);
  const settling = { database, lanes, outbox: delivery, clock, log };
  const stopRecovery = startRecovery(settling);
  const admin = {
    database,
    operatorKey,
    pepper,
    secretKey: parts.secretKey,
    keysChanged: keyring.forget,
    wake: delivery.wake,
    redistribute: (leadId: string) => redistribute(leadId, settling),
    docsLink: (target: LinkTarget, expiresAt: Date) =>
      `${parts.publicUrl ?? ""}${signedLink(target, expiresAt, pepper)}`,
    now: () => clock.now(),
  };
  let stopping = false;

  async function readiness(): Promise<Response> {
    const why = stopping ? "stopping" : await whyNotReady(database);
    return why === undefined ? jsonResponse(200, { status: "ready" }) : jsonResponse(503, { status: why });
  }

  const app = new Elysia({
    normalize: false,
    // Without this a second copy started by mistake silently takes half of the requests.
    serve: { reusePort: false, maxRequestBodySize: LARGEST_BODY, idleTimeout: IDLE_SECONDS },
  })
    .onRequest(({ set }) => {
      if (stopping) set.headers["connection"] = "close";
    })
    // Elysia awaits a hook only if it is written as an async function.
    .mapResponse(async ({ request }) => {
      await discardBody(request);
    })
    .onError(async ({ error, code, request }) => {
      await discardBody(request);
      return replyToError(error, code, request, log);
    })
    .use(ingestRoutes({ database, keyring, catalog, lanes, outbox: delivery, clock, pepper }))
    .use(lookUpRoutes({ keyring, database, clock }))
    .use(configRoutes(admin))
    .use(supplierKeyRoutes(admin))
    .use(suppressionEntryRoutes(admin))
    .use(leadRoutes(admin))
    .use(buyerRoutes(admin))
    .use(webhookRoutes(admin))
    .use(deliveryRoutes(admin))
    .use(docsLinkRoutes(admin))
    .get("/livez", () => jsonResponse(200, { status: "alive" }), {
      detail: { operationId: "isAlive", tags: ["Health"], summary: "Whether the process lives" },
    })
    .get("/readyz", readiness, {
      detail: { operationId: "isReady", tags: ["Health"], summary: "Whether leads can be taken in" },
    });
  app.use(
    docsRoutes({
      app,
      catalog,
      supplierOf: async (request) => (await keyring.holderOf(request.headers.get("x-api-key")))?.supplier.id,
      pepper,
      publicUrl: parts.publicUrl,
      now: () => clock.now(),
    }),
  );

  return {
    handle: (request) => app.handle(request),
    listen(hostname, port) {
      const { promise, resolve } = Promise.withResolvers<number>();
      app.listen({ hostname, port }, (listening) => resolve(listening.port ?? port));
      return promise;
    },
    async stop() {
      stopping = true;
      await stopRecovery();
      await lanes.close();
      await delivery.close();
      if (app.server === null) return;
      // Callers keep their connections, and the next request of each may be on its way: closed unread, it would seem lost.
      await Bun.sleep(LAST_CALLS_MS);
      await app.stop();
    },
  };
}

async function whyNotReady(database: Database): Promise<string | undefined> {
  const { promise: tooLate, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve("database_unavailable"), READY_WITHIN_MS);
  const asked = database.ping().then(
    () => undefined,
    () => "database_unavailable",
  );
  try {
    return await Promise.race([asked, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** The one place where what went wrong becomes an answer. What the client sent is in none of them. */
function replyToError(error: unknown, code: unknown, request: Request, log: Log): Response {
  const requestId = requestIdOf(request);
  if (code === "NOT_FOUND") return errorReply("not_found", "There is nothing at this address.", requestId);
  if (code === "PARSE" || code === "VALIDATION" || code === "INVALID_COOKIE_SIGNATURE") {
    return errorReply("malformed_body", "The request could not be read.", requestId);
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
