import type { HttpMethod } from "./delivery-definition.ts";
import type { RequestFormat } from "./delivery-settings.ts";
import { fillInText } from "./message/placeholder.ts";
import type { TemplateValues } from "./message/variables.ts";

/** What of a request, beside its body, is made of the lead: as every attempt sends it, once secrets stand where it has `***`. */
export interface ComposedRequest {
  readonly method: HttpMethod;
  readonly url: string;
  /** Those with placeholders alone; the others are as configured. One that is empty is not sent. */
  readonly headers: Readonly<Record<string, string>>;
  /** `test`: to where the endpoint takes tests; absent: to where it takes leads. */
  readonly to?: "test";
}

/** More than any server takes in one header. */
const MAX_HEADER_LENGTH = 4000;

/** The request of a lead that is a test, for an endpoint that takes those elsewhere: always all of it. */
export function composeTestRequest(
  format: RequestFormat,
  testUrl: string,
  values: TemplateValues,
): ComposedRequest {
  const composed = composeRequest({ ...format, url: testUrl }, values);
  return { method: format.httpMethod, url: testUrl, headers: {}, ...composed, to: "test" };
}

/** Fills in the URL and the headers; undefined when the request is a POST with nothing of the lead in them. */
export function composeRequest(
  { httpMethod, url, headers }: RequestFormat,
  values: TemplateValues,
): ComposedRequest | undefined {
  const templates = Object.entries(headers).filter(([, text]) => hasBrace(text));
  if (httpMethod === "POST" && !hasBrace(url) && templates.length === 0) return undefined;
  const filled = templates.map(([name, text]) => [name, headerText(fillInText(text, values, headerValue))]);
  return {
    method: httpMethod,
    url: hasBrace(url) ? fillInText(url, values, urlText) : url,
    headers: Object.fromEntries(filled),
  };
}

/** Whether a text is one to be filled in: it may also hold a brace that is doubled to stand for itself. */
export function hasBrace(text: string): boolean {
  return text.includes("{") || text.includes("}");
}

/**
 * A value as it can stand in a URL; `.` and `..`, which lead to another path however they are encoded, are dropped. No value has the `***`
 * that stands for a secret.
 */
function urlText(value: string): string {
  return /^\.{1,2}$/.test(value) ? "" : encodeURIComponent(value.toWellFormed()).replaceAll("*", "%2A");
}

/** A value within a header; it has no `***` either. */
function headerValue(value: string): string {
  return headerText(value).replace(/\*{3,}/g, "**");
}

/** In one line of ASCII: control characters are blanks, and what is not ASCII is percent-encoded. */
function headerText(value: string): string {
  return value
    .toWellFormed()
    .replace(/\p{Cc}+/gu, " ")
    .replace(/[^\x20-\x7e]+/g, encodeURIComponent)
    .slice(0, MAX_HEADER_LENGTH)
    .trim();
}
