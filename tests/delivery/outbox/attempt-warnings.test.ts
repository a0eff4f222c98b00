import { expect, test } from "bun:test";
import { attemptWarnings } from "#delivery/outbox/attempt-warnings.ts";
import type { AttemptRecord } from "#delivery/outbox/outbox-records.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { LogFields } from "#telemetry/log.ts";

/** What is said in the log of an attempt that ended so. */
function saidOf(recipient: Recipient, failure: string | null): [string, LogFields | undefined][] {
  const said: [string, LogFields | undefined][] = [];
  const ignore = () => undefined;
  const log = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (message: string, fields?: LogFields) => void said.push([message, fields]),
  };
  attemptWarnings(log)(recipient, null, { failure } as AttemptRecord);
  return said;
}

test("an e-mail to operators that cannot be sent is told in the log, without the address, for there is no alert of it", () => {
  expect(saidOf("alert:ops@example.com", "connect_failed")).toEqual([
    ["an e-mail to operators cannot be sent", { reason: "connect_failed" }],
  ]);
  expect(saidOf("alert:ops@example.com", null)).toEqual([]);
});

test("of recipients that have alerts, what keeps everything from them alone is told", () => {
  expect(saidOf("buyer:sunco", "http_503")).toEqual([]);
  expect(saidOf("buyer:sunco", "refused_address")).toEqual([
    [expect.stringContaining("WEBHOOK_ALLOW_CIDRS"), expect.objectContaining({ buyer_id: "sunco" })],
  ]);
});
