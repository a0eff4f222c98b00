import type { ComposedRequest } from "#endpoints/compose-request.ts";
import { destinationOf } from "./destination.ts";

/** A request to an endpoint, before its own headers are put to those of its configuration. */
interface Outgoing extends ComposedRequest {
  /** What its signature covers: the body, or of a GET, which has none, the path and query as they are sent. */
  readonly signed: string;
}

/** The request that carries a message: as it was composed, else a POST to the endpoint as it is configured. */
export function outgoingRequest(
  message: { readonly body: string; readonly request?: ComposedRequest | null | undefined },
  endpoint: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
): Outgoing {
  const { method, url, headers } = message.request ?? { method: "POST", url: endpoint.url, headers: {} };
  const all = Object.entries({ ...endpoint.headers, ...headers });
  return {
    method,
    url,
    headers: Object.fromEntries(all.filter(([, value]) => value !== "")),
    signed: method === "GET" ? (destinationOf(url)?.path ?? "") : message.body,
  };
}
