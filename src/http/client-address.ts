import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import type { Cidr } from "#text/cidr.ts";

/** Who a request comes from: the address of its connection (undefined without one) and its X-Forwarded-For. */
export type ClientNetwork = (peer: string | undefined, forwardedFor: string | null) => string | undefined;

/**
 * Names the network that a client is in: an IPv4 address, or the first 64 bits of an IPv6 one, which one customer has to itself.
 * X-Forwarded-For is believed as far as `trusted` proxies wrote it, read from the right: each proxy appends whom it was called by, and
 * what stands to the left of the first stranger is whatever that stranger made up. `onStranger` is told, once, that one that is not
 * trusted wrote it.
 */
export function clientNetworks(
  trusted: readonly Cidr[],
  onStranger: () => void = () => undefined,
): ClientNetwork {
  let isToldOf = false;
  const networks = trusted.map(({ address, prefix }) => ipaddr.parseCIDR(`${address}/${prefix}`));
  const isTrusted = (address: Address) =>
    networks.some(([network, prefix]) => address.kind() === network.kind() && address.match(network, prefix));

  function networkBehind(peer: string | undefined, forwardedFor: string | null): string | undefined {
    let client = addressFrom(peer ?? "");
    const before = forwardedFor?.split(",") ?? [];
    if (!isToldOf && client !== undefined && forwardedFor !== null && !isTrusted(client)) {
      isToldOf = true;
      onStranger();
    }
    while (client !== undefined && before.length > 0 && isTrusted(client)) {
      const previous = addressFrom(before.pop() ?? "");
      if (previous === undefined) break;
      client = previous;
    }
    return client === undefined ? undefined : networkOf(client);
  }

  /** Of those who speak for themselves: a connection brings many requests, and reading its address took as long as a lead's JSON. */
  const known = new Map<string, string | undefined>();
  return (peer = "", forwardedFor) => {
    if (forwardedFor !== null) return networkBehind(peer, forwardedFor);
    const before = known.get(peer);
    if (before !== undefined) return before;
    const network = networkBehind(peer, null);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(peer, network);
    return network;
  };
}

const MOST_KNOWN = 1_000;

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** An address as proxies write it: alone, with a port, or in brackets. An IPv4 address inside an IPv6 one is that IPv4 address. */
function addressFrom(written: string): Address | undefined {
  const text = written.trim();
  const bare =
    /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  const [withoutZone = ""] = bare.split("%");
  return isIP(withoutZone) === 0 ? undefined : ipaddr.process(withoutZone);
}

function networkOf(address: Address): string {
  if (address.kind() === "ipv4") return address.toString();
  const [a, b, c, d] = (address as ipaddr.IPv6).parts;
  return ipaddr.parse(`${[a, b, c, d].map((part) => (part ?? 0).toString(16)).join(":")}::`).toString();
}
