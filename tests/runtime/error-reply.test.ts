import { expect, test } from "bun:test";
import { TooManyFailures } from "#access/login-throttle.ts";
import { DatabaseUnavailable } from "#database/database.ts";
import { RequestContext } from "#http/context.ts";
import { NotTakenIn } from "#intake/lane/lane.ts";
import { replyToError } from "#runtime/error-reply.ts";
import { createLog } from "#telemetry/log.ts";

function answered(error: unknown) {
  const lines: string[] = [];
  const log = createLog({
    format: "json",
    level: "info",
    write: (line) => lines.push(line),
    now: () => new Date(0),
  });
  const context = new RequestContext(new Request("http://localhost/", { method: "POST" }));
  return { answer: replyToError(error, context, log), levels: lines.map((line) => JSON.parse(line).level) };
}

test.each([
  ["the database is away", new DatabaseUnavailable("gone"), 503, ["warn"]],
  ["a lead that an operator sends round again finds its lane full", new NotTakenIn("full", 1), 503, []],
  ["a key was tried too often", new TooManyFailures(7), 429, []],
  ["nobody thought of it", new Error("4111 1111 1111 1111"), 500, ["error"]],
])(
  "a request that fails because %s is answered in a way that says whose fault it is",
  async (_, error, status, levels) => {
    const { answer, levels: logged } = answered(error);
    expect(answer.status).toBe(status);
    expect(logged).toEqual(levels);
    const body = await answer.json();
    expect(JSON.stringify(body)).not.toContain("4111");
    expect(body.retry_after !== undefined).toBe(status !== 500);
  },
);

test("a change is not called undone where the database was lost as it was committed, and nobody knows", async () => {
  const { message } = await answered(new DatabaseUnavailable("lost at COMMIT", false)).answer.json();
  expect(message).toContain("whether this was done is not known");
});
