import { errorExample, type Reply, schemaNamed } from "./description.ts";

/** What answers to suppliers say of their limits. */
export const LIMITED = ["ratelimit-policy", "ratelimit"];

export const OVER_LIMIT: Reply = {
  description:
    "The supplier is over its rate limit; or the key is not known to be good, and too many from this address were not (then without the limits).",
  schema: schemaNamed("Error"),
  headers: [...LIMITED, "retry-after"],
  examples: {
    over_limit: {
      summary: "Over the limit",
      value: errorExample("rate_limited", "The supplier is over its rate limit.", { retry_after: 1 }),
    },
  },
};
