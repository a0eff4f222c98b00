import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readGraphAnswer } from "#endpoints/conversion/graph-answer.ts";

const read = (status: number, body: unknown, sent = 2) =>
  readGraphAnswer({ status, body: typeof body === "string" ? body : JSON.stringify(body) }, sent);

const failed = (kind: string, status: number) => ({ kind: "failed", failure: { kind, status } });

describe("Meta's answer", () => {
  test("that all events were received has taken them, under a trace id of its own", () => {
    const answer = { events_received: 2, messages: [], fbtrace_id: "AbC" };
    expect(read(200, answer)).toEqual({ kind: "taken", reference: "AbC" });
  });

  test("of 2xx that says no number has taken them", () => {
    expect(read(200, "ok")).toEqual({ kind: "taken", reference: null });
  });

  test("that fewer events were received has refused some", () => {
    const reason = "1 of 2 events were received";
    expect(read(200, { events_received: 1 })).toEqual({ kind: "some_refused", reason });
  });

  test("of an invalid parameter has refused some, for a reason in Meta's words", () => {
    const error = {
      message: "Invalid parameter",
      code: 100,
      error_subcode: 2_804_003,
      error_user_msg: "Too old",
    };
    expect(read(400, { error })).toEqual({ kind: "some_refused", reason: "(#100) Too old" });
  });

  test.each([
    [190, 400, "token_refused"],
    [102, 400, "token_refused"],
    [10, 403, "access_refused"],
    [200, 403, "access_refused"],
    [803, 400, "access_refused"],
    [4, 400, "rate_limited"],
    [17, 400, "rate_limited"],
    [613, 400, "rate_limited"],
    [80_004, 400, "rate_limited"],
    [1, 500, "http_status"],
    [2, 503, "http_status"],
  ])("of error %p with the status %p is %s, whatever the events are", (code, status, kind) => {
    expect(read(status, { error: { message: "No", code } })).toMatchObject(failed(kind, status));
  });

  test("that there is no such dataset, or none for this token, says nothing of the events", () => {
    const error = { message: "Unsupported post request.", code: 100, error_subcode: 33 };
    expect(read(400, { error })).toMatchObject(failed("access_refused", 400));
  });

  test("of an error that will pass is a failure by its status", () => {
    expect(read(400, { error: { code: 100, is_transient: true } })).toMatchObject(failed("http_status", 400));
  });

  test.each([
    [429, "rate_limited"],
    [401, "token_refused"],
    [403, "access_refused"],
    [404, "http_status"],
    [502, "http_status"],
  ])("without a word of Meta's goes by its status %p: %s", (status, kind) => {
    expect(read(status, "<html>")).toMatchObject(failed(kind, status));
  });

  test("can be anything", () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
        expect(["taken", "some_refused", "failed"]).toContain(read(status, body).kind);
      }),
    );
  });
});
