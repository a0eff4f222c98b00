/** A name, an IPv4 address or one of IPv6 in brackets, and a port (RFC 9110, section 7.2). */
const HOST = /^(?:[A-Za-z0-9._~-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{0,5})?$/;

/**
 * What is wrong with a request's Host, as a sentence; undefined: nothing. `host` is the header, in which several stand with commas
 * between them: RFC 9112 has them answered 400, for two servers on the way could each believe another one.
 */
export function hostFlaw(host: string | null): string | undefined {
  if (host === null || host === "" || HOST.test(host)) return undefined;
  return host.includes(",")
    ? "Send one Host header."
    : "The Host header must be a name or an address, with or without a port.";
}
