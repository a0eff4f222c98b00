import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import type { Cidr } from "#text/cidr.ts";
import { destinationOf } from "./destination.ts";

/** All the addresses of a name, IPv4 and IPv6. Rejects when there are none. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/**
 * The addresses of a name that may be dialled, in the order in which they are tried; none when all it has are forbidden. A name that leads
 * to a public and to a private address is dialled at the public one. The caller must dial these very addresses: looking the name up
 * again is what would let it point inside the second time. Rejects as `resolve` does.
 */
export async function dialableAddresses(
  name: string,
  allowed: readonly Cidr[],
  resolve: Resolve,
): Promise<string[]> {
  return (await resolve(name)).filter((address) => !isForbidden(address, allowed));
}

/** The addresses that the system's resolver (and its hosts file) gives. */
export async function resolveBySystem(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/**
 * Whether webhooks must not reach `ip`: it is not a public unicast address, and not in a network of `allowed`. An IPv4 address that is
 * written inside an IPv6 one is judged as the IPv4 address. What is not plainly an address (a name, a zone, `0177.0.0.1`) is forbidden.
 */
export function isForbidden(ip: string, allowed: readonly Cidr[]): boolean {
  if (isIP(ip) === 0 || ip.includes("%")) return true;
  const address = ipaddr.process(ip);
  if (allowed.some((cidr) => isWithin(address, ipaddr.parseCIDR(`${cidr.address}/${cidr.prefix}`))))
    return false;
  return (
    NOT_PUBLIC.some((network) => isWithin(address, network)) ||
    (address.kind() === "ipv6" && !isWithin(address, ALL_UNICAST_V6))
  );
}

/**
 * Whether what is sent to this URL is refused whenever it is sent, as far as the URL alone tells: names are looked up when they are
 * dialled.
 */
export function isRefusedUrl(url: string, allowed: readonly Cidr[]): boolean {
  const name = destinationOf(url)?.name.toLowerCase() ?? "";
  if (name === "localhost" || name.endsWith(".localhost")) return isForbidden("127.0.0.1", allowed);
  return isIP(name) !== 0 && isForbidden(name, allowed);
}

function isWithin(address: IpAddress, [network, prefix]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, prefix);
}

type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [IpAddress, number];

/** All of IPv6 that has been given out as unicast; what lies outside it is not the internet. */
const ALL_UNICAST_V6: Network = ipaddr.parseCIDR("2000::/3");

/**
 * Networks that are not the public internet, from the special-purpose registries of IANA (RFC 6890) for IPv4 and, within 2000::/3, for
 * IPv6. Those that only carry an IPv4 address inside an IPv6 one are here as well: what they lead to is out of our sight.
 */
const NOT_PUBLIC: readonly Network[] = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local, and the metadata service of most clouds
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments
  "192.0.2.0/24", // documentation
  "192.31.196.0/24", // AS112
  "192.52.193.0/24", // multicast tunnels
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "192.175.48.0/24", // AS112
  "198.18.0.0/15", // benchmarking
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, and broadcast
  "2001::/23", // protocol assignments: Teredo, benchmarking, ORCHID
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4
  "2620:4f:8000::/48", // AS112
  "3fff::/20", // documentation
].map((network) => ipaddr.parseCIDR(network));
