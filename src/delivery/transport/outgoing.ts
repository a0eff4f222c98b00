import type { ComposedEnvelope } from "#endpoints/compose.ts";
import type { ComposedRequest } from "#endpoints/compose-request.ts";
import {
  HIDDEN,
  headerPieces,
  restoreHeader,
  restoreUrl,
  secretsIn,
  urlPieces,
} from "#endpoints/credentials/secret-parts.ts";
import { destinationOf } from "./destination.ts";

/** A request to an endpoint, before its own headers are put to those of its configuration. */
interface Outgoing extends ComposedRequest {
  /** What its signature covers: the body, or of a GET, which has none, the path and query as they are sent. */
  readonly signed: string;
}

/** An endpoint as it is configured, with its secrets. */
interface Endpoint {
  readonly url: string;
  /** Where it takes tests; absent or null: where it takes all. */
  readonly testUrl?: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** The request that carries a message: as it was composed, else a POST to the endpoint as it is configured. */
export function outgoingRequest(
  message: {
    readonly body: string;
    readonly request?: ComposedRequest | ComposedEnvelope | null | undefined;
  },
  endpoint: Endpoint,
): Outgoing {
  const { request } = message;
  const { method, url, headers } =
    request && request.method !== "mail"
      ? withSecrets(request, endpoint)
      : { method: "POST" as const, url: endpoint.url, headers: {} };
  const all = Object.entries({ ...endpoint.headers, ...headers });
  return {
    method,
    url,
    headers: Object.fromEntries(all.filter(([, value]) => value !== "")),
    signed: method === "GET" ? (destinationOf(url)?.path ?? "") : message.body,
  };
}

/**
 * With the endpoint's secrets in place of `***`: those of now, should they have changed since it was composed. They are looked for only
 * where there is one.
 */
function withSecrets(request: ComposedRequest, endpoint: Endpoint): ComposedRequest {
  const headers = Object.entries(request.headers).map(([name, value]) => {
    if (!value.includes(HIDDEN)) return [name, value];
    const secrets = secretsIn(headerPieces(name, endpoint.headers[name] ?? "", true));
    return [name, restoreHeader(name, value, secrets).text];
  });
  return {
    method: request.method,
    url: request.url.includes(HIDDEN) ? urlWithSecrets(request, endpoint) : request.url,
    headers: Object.fromEntries(headers),
  };
}

function urlWithSecrets(request: ComposedRequest, endpoint: Endpoint): string {
  // An endpoint that has moved keeps its secrets from where it was.
  const url = request.to === "test" ? (endpoint.testUrl ?? "") : endpoint.url;
  const isSameHost = hostOf(request.url) === hostOf(url);
  const secrets = secretsIn(isSameHost ? urlPieces(url, true) : []);
  return restoreUrl(request.url, secrets).text;
}

/** Whether both lead to a host, and not to the same one. */
export function isAtAnotherHost(url: string, than: string): boolean {
  const [host, other] = [hostOf(url), hostOf(than)];
  return host !== undefined && other !== undefined && host !== other;
}

function hostOf(url: string): string | undefined {
  const destination = destinationOf(url);
  return destination && `${destination.protocol}//${destination.host}`;
}
