import { expect, test } from "bun:test";
import { countRequests } from "#http/in-flight.ts";

test("an address has so many requests answered at once, and another one when one of them has ended", () => {
  const requests = countRequests(2);
  const [first, second] = [requests.enter("192.0.2.1"), requests.enter("192.0.2.1")];
  expect(requests.enter("192.0.2.1")).toBeUndefined();
  expect(requests.enter("192.0.2.2")).toBeFunction();
  first?.();
  const third = requests.enter("192.0.2.1");
  expect(third).toBeFunction();
  expect(requests.enter("192.0.2.1")).toBeUndefined();
  second?.();
  third?.();
  expect(requests.enter("192.0.2.1")).toBeFunction();
});

test("requests from this machine, whose address is not known, or without a limit are never too many", () => {
  const requests = countRequests(1);
  for (const network of ["127.0.0.1", "::", undefined]) {
    requests.enter(network);
    expect(requests.enter(network)).toBeFunction();
  }
  const unlimited = countRequests(0);
  unlimited.enter("192.0.2.1");
  expect(unlimited.enter("192.0.2.1")).toBeFunction();
});
