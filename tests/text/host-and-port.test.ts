import { expect, test } from "bun:test";
import { formatHostAndPort, parseHostAndPort } from "#text/host-and-port.ts";

test.each([
  ["10.0.0.5:7800", { host: "10.0.0.5", port: 7800 }],
  ["leads-1.internal:1", { host: "leads-1.internal", port: 1 }],
  ["[fd00::5]:65535", { host: "fd00::5", port: 65_535 }],
])("a host and a port are written as they are read: %s", (text, place) => {
  expect(parseHostAndPort(text)).toEqual(place);
  expect(formatHostAndPort(place)).toBe(text);
});

test.each([
  "",
  "10.0.0.5",
  "10.0.0.5:0",
  "10.0.0.5:65536",
  "fd00::5:7800",
  "[fd00::5]",
  ":7800",
  "a b:1",
  "http://a:1",
])("what is no host and port is not read as one: %p", (text) =>
  expect(parseHostAndPort(text)).toBeUndefined(),
);
