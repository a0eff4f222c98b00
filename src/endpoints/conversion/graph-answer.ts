import { oneLine } from "#text/one-line.ts";
import { isMapping, type Mapping } from "#text/problem.ts";

/** Why Meta took nothing, whatever the events were. */
export type GraphFailure =
  /** It takes no more for now. */
  | { readonly kind: "rate_limited"; readonly status: number }
  /** It does not know the token, or not any more. */
  | { readonly kind: "token_refused"; readonly status: number }
  /** The token may not write to the dataset, or there is no such dataset. */
  | { readonly kind: "access_refused"; readonly status: number }
  | { readonly kind: "http_status"; readonly status: number };

/** What Meta's answer to a request says of its events. */
export type GraphReading =
  /** All were taken. */
  | { readonly kind: "taken"; readonly reference: string | null }
  /** One of them, or some, are not valid: Meta processes none, or does not say which. */
  | { readonly kind: "some_refused"; readonly reason: string }
  /** It is not the events' fault. */
  | { readonly kind: "failed"; readonly failure: GraphFailure; readonly reason: string };

const MAX_REASON_LENGTH = 200;

/**
 * Reads an answer of the Graph API to `sent` events. Its errors: https://developers.facebook.com/docs/graph-api/guides/error-handling and
 * …/overview/rate-limiting. Never throws.
 */
export function readGraphAnswer(
  { status, body }: { readonly status: number; readonly body: string },
  sent: number,
): GraphReading {
  const answer = parsed(body);
  if (status >= 200 && status <= 299) {
    const { events_received: received, fbtrace_id: trace } = answer;
    if (typeof received === "number" && received < sent)
      return { kind: "some_refused", reason: `${received} of ${sent} events were received` };
    return { kind: "taken", reference: typeof trace === "string" ? oneLine(trace, MAX_REASON_LENGTH) : null };
  }
  const error = isMapping(answer.error) ? answer.error : {};
  const reason = wordsOf(error);
  const failure = failureOf(status, error);
  return failure === undefined ? { kind: "some_refused", reason } : { kind: "failed", failure, reason };
}

/** Undefined: the request was read, and what it holds is not valid. */
function failureOf(status: number, error: Mapping): GraphFailure | undefined {
  const code = typeof error.code === "number" ? error.code : 0;
  if (status === 429 || RATE_LIMITS.has(code) || (code >= 80_000 && code <= 80_014))
    return { kind: "rate_limited", status };
  if (TOKEN_CODES.has(code) || status === 401) return { kind: "token_refused", status };
  const isUnknownDataset = code === 803 || (code === 100 && error.error_subcode === 33);
  if (code === 3 || code === 10 || (code >= 200 && code <= 299) || isUnknownDataset || status === 403)
    return { kind: "access_refused", status };
  if (code === 1 || code === 2 || error.is_transient === true || status >= 500 || code === 0)
    return { kind: "http_status", status };
  return undefined;
}

/** Of the app, the user, a page, and custom ones. */
const RATE_LIMITS: ReadonlySet<number> = new Set([4, 17, 32, 613]);
/** Not valid, expired, or taken back. */
const TOKEN_CODES: ReadonlySet<number> = new Set([102, 190, 463, 467]);

function wordsOf(error: Mapping): string {
  const texts = [error.error_user_msg, error.message].filter((text) => typeof text === "string");
  const [text = ""] = texts;
  const code = typeof error.code === "number" ? `(#${error.code}) ` : "";
  return oneLine(text.startsWith("(#") ? text : code + text, MAX_REASON_LENGTH);
}

function parsed(body: string): Mapping {
  try {
    const value: unknown = JSON.parse(body);
    return isMapping(value) ? value : {};
  } catch {
    return {};
  }
}
