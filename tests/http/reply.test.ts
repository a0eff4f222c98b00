import { describe, expect, test } from "bun:test";
import { RequestContext } from "#http/context.ts";
import type { ErrorKind } from "#http/reply.ts";
import { streamReply } from "#http/stream.ts";
import { replyOf } from "#intake/supplier-request.ts";

const from = (id: string) =>
  new RequestContext(new Request("http://localhost/", { headers: { "x-request-id": id } }));

describe("error reply", () => {
  const statuses: [ErrorKind, number][] = [
    ["validation_failed", 400],
    ["malformed_body", 400],
    ["unauthorized", 401],
    ["forbidden", 403],
    ["inactive", 403],
    ["campaign_not_found", 404],
    ["not_found", 404],
    ["conflict", 409],
    ["idempotency_in_flight", 409],
    ["payload_too_large", 413],
    ["unsupported_media_type", 415],
    ["filtered", 422],
    ["suppressed", 422],
    ["idempotency_key_reused", 422],
    ["rate_limited", 429],
    ["internal_error", 500],
    ["unavailable", 503],
  ];
  test.each(statuses)("an error reply of %s has status %i and the one shape", async (kind, status) => {
    const reply = from("r-1").refuse(kind, "Why.");
    expect(reply.status).toBe(status);
    expect(await reply.json()).toEqual({ error: kind, message: "Why.", request_id: "r-1" });
    expect(reply.headers.get("x-request-id")).toBe("r-1");
    expect(reply.headers.get("content-type")).toBe("application/json; charset=utf-8");
  });

  test("an error reply says in the header what it says in the body about trying again", async () => {
    const reply = from("r-1").refuse("unavailable", "Busy.", { retry_after: 3 });
    expect(reply.headers.get("retry-after")).toBe("3");
    expect(await reply.json()).toMatchObject({ retry_after: 3 });
  });
});

describe("what an answer says of itself", () => {
  test.each([
    ["JSON", from("r-1").json(200, {})],
    ["a refusal", from("r-1").refuse("not_found", "Why.")],
    ["a file", from("r-1").file("a,b", "text/csv")],
    [
      "a stream",
      streamReply(from("r-1"), {
        texts: async function* () {},
        headers: {},
        stopping: new AbortController().signal,
        whenStopped: "end",
      }),
    ],
    ["what became of a lead", replyOf({ body: "{}", httpStatus: 201, replayed: false }, from("r-1"))],
  ])("what an answer says of itself is that nobody keeps it or takes it for a page: %s", (_, { headers }) => {
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("request's id", () => {
  test.each(["a", "A-z_0.9", "x".repeat(64)])(
    "a request's id is the client's own when it is well formed: %s",
    (id) => {
      expect(from(id).id).toBe(id);
    },
  );

  test.each(["x".repeat(65), "two words", "a/b", "é"])(
    "a request's id is made when the client's is not: %s",
    (id) => {
      expect(from(id).id).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  test("a request's id is made once for one request, and another for the next", () => {
    const context = () => new RequestContext(new Request("http://localhost/"));
    const [one, other] = [context(), context()];
    expect(one.id).toBe(one.id);
    expect(one.id).not.toBe(other.id);
  });
});
