/** Where a URL leads. */
export interface Destination {
  readonly protocol: "http:" | "https:";
  /** A name without the root's full stop, or an address without brackets. */
  readonly name: string;
  readonly port: string;
  /** As the Host header says it. */
  readonly host: string;
  readonly path: string;
}

/** A URL that is written as it is sent: an origin, and a path and query of characters that stay as they are, with nothing to resolve. */
const PLAIN_URL = /^(https?:\/\/[a-z0-9.:[\]-]+)(?!.*\/(?:\.|%2e)|.*\?$)(\/[\w.~!$&()*+,;=:@%/?-]*)$/i;

/** Its origin and its path; undefined: only a parser tells what they are. */
export function plainParts(url: string): { origin: string; path: string } | undefined {
  const [, origin, path] = PLAIN_URL.exec(url) ?? [];
  return origin === undefined || path === undefined ? undefined : { origin, path };
}

/** Undefined for what is no HTTP URL, and for one with a user name or password in it. */
export function destinationOf(text: string): Destination | undefined {
  const url = URL.parse(text);
  if (!url || url.username !== "" || url.password !== "") return undefined;
  const { protocol, hostname, port, host } = url;
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  const name = hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  return {
    protocol,
    name,
    port: port || (protocol === "https:" ? "443" : "80"),
    host,
    path: url.pathname + url.search,
  };
}
