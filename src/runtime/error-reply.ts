import { TooManyFailures } from "#access/login-throttle.ts";
import { DatabaseUnavailable, StatementRefused } from "#database/database.ts";
import type { RequestContext } from "#http/context.ts";
import { INTERNAL_FAULT } from "#http/reply.ts";
import { NotTakenIn } from "#intake/lane/lane.ts";
import type { Log } from "#telemetry/log.ts";

/** The one place where what went wrong becomes an answer. What the client sent is in none of them. */
export function replyToError(error: unknown, context: RequestContext, log: Log): Response {
  if (error instanceof TooManyFailures) {
    return context.refuse("rate_limited", error.message, { retry_after: error.retryAfter });
  }
  if (error instanceof DatabaseUnavailable) {
    log.warn("the database is not available", { request_id: context.id, error });
    const message = error.certain ? "The database is not available." : LOST_AT_COMMIT;
    return context.refuse("unavailable", message, { retry_after: 2 });
  }
  if (error instanceof NotTakenIn) {
    return context.refuse("unavailable", "The lead could not be decided now. Look at it, and try again.", {
      retry_after: error.retryAfter,
    });
  }
  if (error instanceof StatementRefused && error.sqlstate.startsWith("22")) {
    return context.refuse("malformed_body", "A value of this request cannot be stored or compared.");
  }
  log.error("a request failed", { request_id: context.id, method: context.request.method, error });
  return context.refuse("internal_error", INTERNAL_FAULT);
}

/** A payment that is sent again because it was answered 503 would be booked twice. */
const LOST_AT_COMMIT =
  "The database was lost at the last moment, and whether this was done is not known. Look before you do it again.";
