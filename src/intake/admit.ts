import type { Keyring } from "#access/supplier-keyring.ts";
import type { KeyHolder } from "#campaigns/campaign-records.ts";
import { errorReply, requestIdOf } from "#http/reply.ts";
import { UNAUTHORIZED } from "#intake/reply/reply.ts";
import type { Clock } from "#time/clock.ts";
import type { Limits } from "./limit.ts";

export type Supplier = KeyHolder["supplier"];

/**
 * Answers a request of a supplier about leads that it has sent: `answer` hears of those with a good key and within the limit for
 * look-ups only.
 */
export async function admitted(
  request: Request,
  { keyring, clock, limits }: { keyring: Keyring; clock: Clock; limits: Limits },
  answer: (supplier: Supplier, requestId: string) => Promise<Response>,
): Promise<Response> {
  const requestId = requestIdOf(request);
  const holder = await keyring.holderOf(request);
  if (holder === undefined) return errorReply("unauthorized", UNAUTHORIZED, requestId);
  const { supplier } = holder;
  const { limiter, policy } = limits.of(supplier.id, supplier.rateLimits.lookup);
  const { admitted, retryAfter, remaining } = limiter.admit(clock.elapsedMs());
  const reply = admitted
    ? await answer(supplier, requestId)
    : errorReply("rate_limited", "The supplier is over its rate limit.", requestId, {
        retry_after: retryAfter,
      });
  reply.headers.set("ratelimit-policy", policy);
  reply.headers.set("ratelimit", remaining);
  return reply;
}
