import { isIP } from "node:net";

/** A range of addresses. */
export interface Cidr {
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

export function parseCidr(entry: string): Cidr | undefined {
  const [address = "", length, ...rest] = entry.split("/");
  const version = address.includes("%") ? 0 : isIP(address);
  if (version === 0 || rest.length > 0) return undefined;
  const longest = version === 4 ? 32 : 128;
  const prefix = length === undefined ? longest : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  return prefix <= longest ? { address, prefix, family: version === 4 ? "ipv4" : "ipv6" } : undefined;
}
