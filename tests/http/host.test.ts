import { expect, test } from "bun:test";
import { hostFlaw } from "#http/host.ts";

test.each(["a.example", "a.example:8080", "127.0.0.1:80", "[::1]:8080", "LOCALHOST", "", null])(
  "a request to the host %j is answered",
  (host) => expect(hostFlaw(host)).toBeUndefined(),
);

test.each([
  "a.example, b.example",
  'a"><b>.example',
  "a example",
  "a.example:80:80",
  "user@a.example",
  "[::1",
  "a/b",
])("a request to the host %j is refused", (host) => expect(hostFlaw(host)).toBeString());
