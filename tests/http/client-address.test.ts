import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { clientNetworks } from "#http/client-address.ts";

const networkOf = clientNetworks([
  { address: "10.0.0.0", prefix: 8, family: "ipv4" },
  { address: "fd00::", prefix: 8, family: "ipv6" },
]);

describe("where a request comes from", () => {
  test.each([
    ["its connection says", "198.51.100.7", null, "198.51.100.7"],
    ["its connection says, whatever it claims itself", "198.51.100.7", "203.0.113.9", "198.51.100.7"],
    ["a trusted proxy says", "10.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["the nearest proxy that is trusted says", "10.0.0.1", "192.0.2.1, 203.0.113.9", "203.0.113.9"],
    ["a row of trusted proxies says", "10.0.0.1", "192.0.2.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"],
    ["the farthest proxy is, when all are trusted", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
    ["the proxy is, when it says nothing that can be read", "10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"],
    ["the proxy is, when it says nothing", "10.0.0.1", null, "10.0.0.1"],
    ["a proxy writes with a port", "10.0.0.1", "203.0.113.9:51514", "203.0.113.9"],
    ["a proxy writes in brackets", "10.0.0.1", "[2001:db8:1:2:3::4]:443", "2001:db8:1:2::"],
    ["an IPv4 address inside an IPv6 one says", "::ffff:198.51.100.7", null, "198.51.100.7"],
    ["an IPv4 proxy inside an IPv6 address says", "::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["an IPv6 proxy says", "fd00::1", "203.0.113.9", "203.0.113.9"],
    ["a zone says nothing about", "fe80::1%eth0", null, "fe80::"],
  ])("where a request comes from is what %s", (_, peer, forwardedFor, network) => {
    expect(networkOf(peer, forwardedFor)).toBe(network);
  });

  test("a stranger that writes for whom it forwards is told of once, a trusted proxy never", () => {
    let told = 0;
    const trusted = [{ address: "10.0.0.0", prefix: 8, family: "ipv4" }] as const;
    const network = clientNetworks(trusted, () => (told += 1));
    network("10.0.0.1", "203.0.113.9");
    network("198.51.100.7", null);
    network(undefined, "203.0.113.9");
    expect(told).toBe(0);
    for (const peer of ["198.51.100.7", "198.51.100.7", "198.51.100.8"]) network(peer, "203.0.113.9");
    expect(told).toBe(1);
  });

  test("a request without a connection comes from nowhere", () =>
    expect(networkOf(undefined, "203.0.113.9")).toBeUndefined());

  test("a request comes from one network for all of the addresses that an IPv6 customer has", () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((number) => number.toString(16));
    const half = fc.array(group, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(half, half, half, (network, one, other) => {
        // Not one that only carries an IPv4 address.
        fc.pre(network.some((part) => part !== "0"));
        const [first, second] = [one, other].map((rest) => networkOf([...network, ...rest].join(":"), null));
        expect(first).toBe(second);
        expect(first).toBeString();
      }),
    );
    expect(networkOf("2001:db8:1:2:ffff::1", null)).toBe(networkOf("2001:db8:1:2::", null));
    expect(networkOf("2001:db8:1:3::1", null)).not.toBe(networkOf("2001:db8:1:2::1", null));
  });

  test("where a request comes from can't be made up by what stands to the left of a stranger", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())), (made) => {
        const forwarded = [...made.map((each) => each.replaceAll(",", "")), "203.0.113.9", "10.0.0.2"];
        expect(networkOf("10.0.0.1", forwarded.join(", "))).toBe("203.0.113.9");
      }),
    );
  });
});
