import type { DatasetSettings } from "./conversion-settings.ts";

/** The version of the Graph API that is spoken; Meta keeps one for two years. */
const VERSION = "v23.0";

/** The events that one request may carry, by Meta's limit. */
export const MOST_EVENTS = 1_000;

/** Where a dataset's events are sent; `base` is without a slash at the end. */
export function eventsUrl(base: string, { datasetId }: DatasetSettings): string {
  return `${base}/${VERSION}/${datasetId}/events`;
}

/** The request's JSON body. The token stands in it and not in the URL, which proxies write down. */
export function graphBody(
  events: readonly string[],
  { testEventCode }: DatasetSettings,
  token: string,
): string {
  const rest = {
    ...(testEventCode === null ? {} : { test_event_code: testEventCode }),
    access_token: token,
  };
  return `{"data":[${events.join(",")}],${JSON.stringify(rest).slice(1)}`;
}

/** What a token looks like: none of these characters is ever escaped in JSON. */
export const TOKEN_PATTERN = "^[A-Za-z0-9|._~-]{8,1000}$";

/** A text without the token: Meta repeats one that it does not know. */
export function withoutToken(text: string, token: string): string {
  return text.replaceAll(token, "***");
}
