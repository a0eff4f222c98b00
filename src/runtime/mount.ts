import { Elysia } from "elysia";
import { discardBody } from "#http/body.ts";
import { RequestContext } from "#http/context.ts";
import { hostFlaw } from "#http/host.ts";
import type { Route } from "#http/route.ts";
import type { Log } from "#telemetry/log.ts";
import type { FollowedRequest } from "#telemetry/requests.ts";
import { replyToError } from "./error-reply.ts";

/** Every route refuses by itself what is too large for it, in words; beyond this Bun does, without any. */
const LARGEST_BODY = 1024 ** 3;
/** Longer than the longest asking of buyers before a supplier is answered; Bun cuts what is idle for longer. */
const IDLE_SECONDS = 60;

/** What all routes are served with. */
export interface Serving {
  /** A request has begun. */
  began(): void;
  /** Counts it for where it comes from, until the answer is there; undefined when too many come from there already. */
  enter(request: Request): (() => void) | undefined;
  follow(request: Request): FollowedRequest;
  /** From then on each answer is the last on its connection. */
  isStopping(): boolean;
  /** The nodes of the database that operators are shown nothing of, as they are away. */
  missingNodes(): readonly string[];
  /** Other copies of the server listen on the same port. */
  isOneOfSeveral: boolean;
  log: Log;
}

/** Mounts routes as they are declared. They read bodies by themselves: Elysia would before anybody asks who calls. */
export function mountRoutes(routes: readonly Route[], serving: Serving): Elysia {
  const app = new Elysia({
    normalize: false,
    // `reusePort`: where it is not meant, a second copy started by mistake would silently take half of the requests. `development`: else
    // whatever a stream is broken off with is printed.
    serve: {
      development: false,
      reusePort: serving.isOneOfSeveral,
      maxRequestBodySize: LARGEST_BODY,
      idleTimeout: IDLE_SECONDS,
    },
  });
  app.onRequest(() => serving.began());
  for (const route of routes) {
    app.route(
      route.method.toUpperCase(),
      route.path,
      ({ request, params, server }) => {
        const allowSilence = (seconds: number) => server?.timeout(request, seconds);
        return serve(route.path, request, serving, allowSilence, (context) =>
          areRead(params) ? route.serve(context, params) : context.refuse("not_found", NOTHING_THERE),
        );
      },
      { parse: "none" },
    );
  }
  const methodsAt = knownMethods(routes);
  app.onError(({ error, code, request }) =>
    serve(undefined, request, serving, undefined, (context) =>
      code === "NOT_FOUND" ? refuseUnmounted(context, methodsAt) : replyToError(error, context, serving.log),
    ),
  );
  return app;
}

const NOTHING_THERE = "There is nothing at this address.";

/** Elysia hands on null for what stands in a path and is no UTF-8 behind its signs of percent: nothing has such a name. */
function areRead(params: Readonly<Record<string, string | null>>): boolean {
  for (const name in params) if (params[name] === null) return false;
  return true;
}

/** By what methods a path can be asked for, in capitals; none where nothing is. */
function knownMethods(routes: readonly Route[]): (path: string) => string[] {
  const patterns = routes.map(({ method, path }) => ({
    method: method.toUpperCase(),
    pattern: new RegExp(
      `^${path
        .split(/(:\w+|\*)/)
        .map(patternOfPart)
        .join("")}$`,
    ),
  }));
  return (path) => [
    ...new Set(patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)),
  ];
}

/** A part of a path: text, the name of a segment, or what stands for all that follows. */
function patternOfPart(part: string): string {
  if (part === "*") return ".*";
  return part.startsWith(":") ? "[^/]+" : RegExp.escape(part);
}

/** 405 says by `Allow` how the address may be asked for (RFC 9110, 15.5.6). */
function refuseUnmounted(context: RequestContext, methodsAt: (path: string) => string[]): Response {
  const methods = methodsAt(new URL(context.request.url).pathname);
  if (methods.length === 0) return context.refuse("not_found", NOTHING_THERE);
  const allowed = methods.join(", ");
  const reply = context.refuse("method_not_allowed", `This address takes ${allowed}.`);
  reply.headers.set("allow", allowed);
  return reply;
}

const TOO_MANY_AT_ONCE = "Too many requests from this address are being answered: send fewer at once.";

/** Where what operators call is. */
const OPERATORS = "/api/v1/admin/";

/** Says which nodes the answer is without. What is not found may be on one of them. */
function tellMissing(nodes: readonly string[], reply: Response, context: RequestContext): Response {
  if (nodes.length === 0) return reply;
  const addresses = nodes.join(", ");
  const told =
    reply.status === 404
      ? context.refuse("unavailable", `It may be on a node of the database that is away: ${addresses}.`, {
          retry_after: 10,
        })
      : reply;
  told.headers.set("leadgate-missing-nodes", addresses);
  return told;
}

/** Answers a request, and tells those who watch how it was answered. */
async function serve(
  path: string | undefined,
  request: Request,
  { enter, follow, isStopping, missingNodes, log }: Serving,
  allowSilence: ((seconds: number) => void) | undefined,
  answer: (context: RequestContext) => Promise<Response> | Response,
): Promise<Response> {
  const followed = follow(request);
  const context = new RequestContext(request, { trace: followed.trace, allowSilence });
  const leave = enter(request);
  let reply: Response;
  const flaw = hostFlaw(request.headers.get("host"));
  try {
    if (flaw !== undefined) reply = context.refuse("malformed_body", flaw);
    else if (leave === undefined)
      reply = context.refuse("rate_limited", TOO_MANY_AT_ONCE, { retry_after: 1 });
    else reply = await answer(context);
  } catch (error) {
    reply = replyToError(error, context, log);
  }
  if (path?.startsWith(OPERATORS) === true) reply = tellMissing(missingNodes(), reply, context);
  followed.answered(path, reply.status);
  if (leave === undefined) {
    reply.headers.set("connection", "close");
    return reply;
  }
  if (!request.bodyUsed) await discardBody(request);
  leave();
  // After a CONNECT, Bun takes all that comes for the tunnel that there is not.
  if (isStopping() || flaw !== undefined || request.method === "CONNECT") {
    reply.headers.set("connection", "close");
  }
  return reply;
}
