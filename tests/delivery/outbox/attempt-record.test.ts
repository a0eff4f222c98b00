import { expect, test } from "bun:test";
import { type EndpointAfter, endpointAfter } from "#delivery/outbox/attempt-record.ts";
import type { Failure } from "#delivery/transport/failure.ts";

test.each<[Failure, EndpointAfter]>([
  [{ kind: "timeout" }, "failed"],
  [{ kind: "http_status", status: 503 }, "failed"],
  [{ kind: "http_status", status: 404 }, "ok"],
  [{ kind: "mail_refused", status: 550 }, "ok"],
  [{ kind: "http_status", status: 410 }, "gone"],
  [{ kind: "interrupted" }, null],
  [{ kind: "no_endpoint" }, null],
  [{ kind: "no_token" }, "gone"],
  [{ kind: "too_old" }, null],
])("an attempt that ends with %j says of its endpoint: %p", (failure, said) => {
  expect(endpointAfter({ outcome: "error", failure })).toBe(said);
});

test("an attempt that was answered says that its endpoint is up, also when the lead is refused", () => {
  expect([endpointAfter({ outcome: "accepted" }), endpointAfter({ outcome: "rejected" })]).toEqual([
    "ok",
    "ok",
  ]);
});
