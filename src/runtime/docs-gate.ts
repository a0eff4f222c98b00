import { createLimits } from "#access/limit.ts";
import { linkTarget } from "#access/signed-link.ts";
import type { RateLimit } from "#campaigns/campaign.ts";
import type { RequestContext } from "#http/context.ts";
import type { Route } from "#http/route.ts";

/** What the pages and documents below /docs are shown by. */
export interface DocsGateParts {
  /** Whether strangers see them, or only who has a key or a link. */
  access: "open" | "keyed";
  /** Where a request comes from; undefined when it came by no connection. */
  addressOf(request: Request): string | undefined;
  /** Why the bearer of this request is no operator; undefined when it is one. */
  operatorRefusal(context: RequestContext): Promise<Response | undefined>;
  supplierOf(request: Request): Promise<string | undefined>;
  /** Keys the signatures of links. */
  pepper: Uint8Array;
  now(): Date;
  elapsedMs(): number;
}

/** A page and what it loads are some ten requests; who opens one after the other does not notice. */
const DOCS_LIMIT: RateLimit = { perSecond: 5, burstPerSecond: 50, burstSeconds: 4 };

/** Puts a limit by address before what is for everybody, and where it is closed to strangers, a key or a link too. */
export function gatedDocs(routes: readonly Route[], parts: DocsGateParts): Route[] {
  const limits = createLimits(MOST_ADDRESSES);
  return routes.map((route) => ({
    ...route,
    async serve(context, params) {
      const address = parts.addressOf(context.request);
      if (address !== undefined) {
        const { admitted, retryAfter } = limits.of(address, DOCS_LIMIT).limiter.admit(parts.elapsedMs());
        if (!admitted) return context.refuse("rate_limited", MANY, { retry_after: retryAfter });
      }
      const refusal =
        parts.access === "open" ? undefined : await refusalOfStranger(context, route.path, parts);
      return refusal ?? (await route.serve(context, params));
    },
  }));
}

/** About 1 KB each. */
const MOST_ADDRESSES = 10_000;

const MANY = "These are many requests for documents from one address.";

/** A campaign's own pages ask by themselves, and files that pages load say nothing of the installation. */
async function refusalOfStranger(
  context: RequestContext,
  path: string,
  { supplierOf, operatorRefusal, pepper, now }: DocsGateParts,
): Promise<Response | undefined> {
  if (/^\/docs\/(campaigns|assets)\//.test(path)) return undefined;
  const { request } = context;
  const query = new URL(request.url).searchParams;
  if (linkTarget(query.get("campaign") ?? "", query, pepper, now()) !== undefined) return undefined;
  if (request.headers.has("x-api-key") && (await supplierOf(request)) !== undefined) return undefined;
  return await operatorRefusal(context);
}
