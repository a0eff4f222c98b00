import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { dialableAddresses, isForbidden } from "#delivery/transport/address.ts";
import { runs } from "../../support/runs.ts";

describe("an address that webhooks must not reach", () => {
  test.each([
    ["this network", "0.0.0.0"],
    ["private", "10.0.0.1"],
    ["carrier-grade NAT", "100.64.0.1"],
    ["carrier-grade NAT, its end", "100.127.255.255"],
    ["loopback", "127.0.0.1"],
    ["loopback, its end", "127.255.255.255"],
    ["a cloud's metadata", "169.254.169.254"],
    ["private", "172.16.0.1"],
    ["private, its end", "172.31.255.255"],
    ["protocol assignments", "192.0.0.192"],
    ["documentation", "192.0.2.1"],
    ["6to4 relay", "192.88.99.1"],
    ["private", "192.168.1.1"],
    ["benchmarking", "198.18.0.1"],
    ["benchmarking, its end", "198.19.255.255"],
    ["documentation", "198.51.100.1"],
    ["documentation", "203.0.113.1"],
    ["multicast", "224.0.0.1"],
    ["reserved", "240.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["unspecified", "::"],
    ["loopback", "::1"],
    ["mapped loopback", "::ffff:127.0.0.1"],
    ["mapped loopback in hex", "::ffff:7f00:1"],
    ["mapped metadata", "::ffff:169.254.169.254"],
    ["IPv4-compatible loopback", "::127.0.0.1"],
    ["translated", "::ffff:0:127.0.0.1"],
    ["NAT64 of loopback", "64:ff9b::7f00:1"],
    ["NAT64 of a public address", "64:ff9b::808:808"],
    ["local NAT64", "64:ff9b:1::1"],
    ["discard", "100::1"],
    ["Teredo", "2001::1"],
    ["benchmarking", "2001:2::1"],
    ["ORCHID", "2001:20::1"],
    ["documentation", "2001:db8::1"],
    ["6to4 of loopback", "2002:7f00:1::"],
    ["documentation", "3fff::1"],
    ["segment routing", "5f00::1"],
    ["unique local", "fc00::1"],
    ["AWS metadata", "fd00:ec2::254"],
    ["link-local", "fe80::1"],
    ["site-local", "fec0::1"],
    ["multicast", "ff02::1"],
    ["with a zone", "fe80::1%eth0"],
    ["octal", "0177.0.0.1"],
    ["decimal", "2130706433"],
    ["short", "127.1"],
    ["hex", "0x7f.0.0.1"],
    ["full-width", "１２７.0.0.1"],
    ["a name", "localhost"],
    ["nothing", ""],
  ])("is one that is %s: %s", (_what, address) => expect(isForbidden(address, [])).toBe(true));

  test("is any that ipaddr.js does not call unicast", () => {
    const octet = fc.nat(255);
    const word = fc.nat(0xffff);
    const v4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join("."));
    // Half of them from where the special networks lie: few random addresses would fall into one.
    const v6 = fc
      .tuple(
        fc.oneof(fc.constantFrom(0, 0x64, 0x100, 0x2001, 0x2002, 0x2620, 0xfe80), word),
        word,
        word,
        word,
        word,
        word,
        word,
        word,
      )
      .map((words) => words.map((each) => each.toString(16)).join(":"));
    fc.assert(
      fc.property(fc.oneof(v4, v6), (address) => {
        fc.pre(ipaddr.process(address).range() !== "unicast");
        expect(isForbidden(address, [])).toBe(true);
      }),
      { numRuns: runs(2000) },
    );
  });
});

describe("an address that webhooks may reach", () => {
  test.each([
    "8.8.8.8",
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e",
    "::ffff:8.8.8.8",
  ])("is a public one: %s", (address) => expect(isForbidden(address, [])).toBe(false));

  test("is one in a network that was opened, also when it is written inside an IPv6 address; its neighbours stay shut", () => {
    const opened = [
      { address: "10.1.0.0", prefix: 16, family: "ipv4" },
      { address: "fd00::", prefix: 8, family: "ipv6" },
    ] as const;
    expect(["10.1.2.3", "::ffff:10.1.2.3", "fd12::1"].map((each) => isForbidden(each, opened))).toEqual([
      false,
      false,
      false,
    ]);
    expect(
      ["10.2.0.1", "::ffff:10.2.0.1", "fc00::1", "127.0.0.1"].map((each) => isForbidden(each, opened)),
    ).toEqual([true, true, true, true]);
  });
});

describe("a name", () => {
  const dialable = (found: string[]) => dialableAddresses("buyer.example", [], () => Promise.resolve(found));

  test("is dialled at its public addresses alone, in the resolver's order", async () => {
    expect(await dialable(["10.0.0.1", "2606:4700::1", "::1", "8.8.8.8"])).toEqual([
      "2606:4700::1",
      "8.8.8.8",
    ]);
  });

  test("is dialled nowhere when all its addresses are forbidden", async () => {
    expect(await dialable(["127.0.0.1", "fd00::1"])).toEqual([]);
  });
});
