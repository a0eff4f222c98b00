/** What the server answers when it does not do what was asked: one shape and one closed set of names on every route. */

const HTTP_STATUS = {
  validation_failed: 400,
  malformed_body: 400,
  unauthorized: 401,
  forbidden: 403,
  inactive: 403,
  campaign_not_found: 404,
  not_found: 404,
  method_not_allowed: 405,
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
  /** Where it stands in a document that was sent as text; both count from 1. */
  line?: number;
  column?: number;
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

/** The message of what is no fault of the caller: nothing of it is told. */
export const INTERNAL_FAULT = "Something went wrong here; the log has the details.";

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

/** Answers may hold what people have sent: no cache keeps them, and no browser takes them for a page. */
export const UNCACHED: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

export function jsonResponse(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...UNCACHED, "content-type": "application/json; charset=utf-8", ...headers },
  });
}
