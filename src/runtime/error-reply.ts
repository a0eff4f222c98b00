import { TooManyFailures } from "#access/login-throttle.ts";
import { DatabaseUnavailable, StatementRefused } from "#database/database.ts";
import { errorReply, requestIdOf } from "#http/reply.ts";
import type { Log } from "#telemetry/log.ts";

/** The one place where what went wrong becomes an answer. What the client sent is in none of them. */
export function replyToError(error: unknown, code: unknown, request: Request, log: Log): Response {
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
