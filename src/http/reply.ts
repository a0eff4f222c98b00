/** What the server answers when it does not do what was asked: one shape and one closed set of names on every route. */

const HTTP_STATUS = {
  validation_failed: 400,
  malformed_body: 400,
  unauthorized: 401,
  forbidden: 403,
  inactive: 403,
  campaign_not_found: 404,
  not_found: 404,
  idempotency_in_flight: 409,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  filtered: 422,
  suppressed: 422,
  idempotency_key_reused: 422,
  rate_limited: 429,
  internal_error: 500,
  unavailable: 503,
} as const;

export type ErrorKind = keyof typeof HTTP_STATUS;
export const ERROR_KINDS = Object.keys(HTTP_STATUS) as readonly ErrorKind[];

/** What can be wrong with a field; the last four are of a token alone. */
export const FIELD_CODES = [
  "required",
  "invalid_type",
  "invalid_format",
  "too_short",
  "too_long",
  "out_of_range",
  "not_allowed",
  "unknown_field",
  "invalid",
  "expired",
  "replayed",
  "mismatch",
] as const;

export type ReplyFieldCode = (typeof FIELD_CODES)[number];

export interface ReplyFieldError {
  field: string;
  code: ReplyFieldCode;
  message: string;
}

/** What an error body may carry beside its name and message. `retry_after` is in whole seconds. */
export interface ErrorDetails {
  field_errors?: readonly ReplyFieldError[];
  filter_errors?: readonly { rule: string; field: string; code: string; message: string }[];
  retry_after?: number;
  data?: Readonly<Record<string, unknown>>;
}

export interface ErrorBody extends ErrorDetails {
  error: ErrorKind;
  message: string;
  request_id: string;
}

/** The answer to a request that failed. With `retry_after` among the details the header `Retry-After` says the same. */
export function errorReply(
  kind: ErrorKind,
  message: string,
  requestId: string,
  details: ErrorDetails = {},
): Response {
  const headers: Record<string, string> = { "x-request-id": requestId };
  if (details.retry_after !== undefined) headers["retry-after"] = String(details.retry_after);
  return jsonResponse(statusOf(kind), errorBody(kind, message, requestId, details), headers);
}

/** The message over several field errors. */
export function fieldsNotValid(count: number): string {
  return count === 1 ? "1 field is not valid" : `${count} fields are not valid`;
}

export function statusOf(kind: ErrorKind): number {
  return HTTP_STATUS[kind];
}

/** `message` is read by people and must not repeat anything that the client sent. */
export function errorBody(
  kind: ErrorKind,
  message: string,
  requestId: string,
  details: ErrorDetails = {},
): ErrorBody {
  return { error: kind, message, request_id: requestId, ...details };
}

export function jsonResponse(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });
}

/** What a client may send as `x-request-id`. */
export const ACCEPTABLE_REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;
/** On the request itself, see src/telemetry/requests.ts. */
const MADE_ID = Symbol("made id");

interface Identified extends Request {
  [MADE_ID]?: string;
}

/** The client's `x-request-id` when it is well formed, else a new one; the same for every call with one request. */
export function requestIdOf(request: Identified): string {
  const sent = request.headers.get("x-request-id");
  if (sent !== null && ACCEPTABLE_REQUEST_ID.test(sent)) return sent;
  request[MADE_ID] ??= Bun.randomUUIDv7();
  return request[MADE_ID];
}
