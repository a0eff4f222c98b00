import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { StatementRefused } from "#database/database.ts";
import { withoutValues } from "#database/refusal.ts";
import { createLog, type LogFields } from "#telemetry/log.ts";

const NOON = new Date("2026-03-01T12:00:00Z");

function logged(format: "text" | "json", level: "debug" | "info" | "warn" | "error" = "debug") {
  const lines: string[] = [];
  return { lines, log: createLog({ format, level, write: (line) => lines.push(line), now: () => NOON }) };
}

/** Writes one line as JSON and reads it back. */
function saidAbout(fields: LogFields): Record<string, unknown> {
  const { lines, log } = logged("json");
  log.error("It failed.", fields);
  return JSON.parse(lines[0] ?? "");
}

describe("a log", () => {
  test("writes text that a person reads", () => {
    const { lines, log } = logged("text");
    log.info("Lead taken in.", {
      campaign_id: "solar-tx",
      status: 201,
      duration_ms: 1.9,
      is_test: false,
      reason: "two words",
    });
    expect(lines).toEqual([
      '2026-03-01T12:00:00.000Z INFO  Lead taken in. campaign_id=solar-tx reason="two words" status=201 duration_ms=1.9 is_test=false\n',
    ]);
  });

  test("writes JSON that a machine reads", () => {
    const { lines, log } = logged("json");
    log.warn("Queue full.", { campaign_id: "solar-tx", count: 10_000 });
    expect(lines).toEqual([
      '{"time":"2026-03-01T12:00:00.000Z","level":"warn","message":"Queue full.","campaign_id":"solar-tx","count":10000}\n',
    ]);
  });

  test("leaves out what is below its level", () => {
    const { lines, log } = logged("json", "warn");
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(["c", "d"]);
  });

  test("leaves out fields that are undefined", () => {
    expect(saidAbout({ lead_id: undefined, count: 0 })).toEqual({
      time: NOON.toISOString(),
      level: "error",
      message: "It failed.",
      count: 0,
    });
  });

  test("refuses personal fields by type, and drops them when a cast lets them through", () => {
    const { lines, log } = logged("json");
    // @ts-expect-error a phone has no place in a log
    log.info("Lead taken in.", { phone: "5551234567" });
    log.info("Lead taken in.", { lead_id: "lead_1", email: "jo@example.com" } as LogFields);
    log.info("Lead taken in.", { count: "jo@example.com" } as unknown as LogFields);
    expect(lines.join("")).not.toMatch(/5551234567|jo@example\.com/);
    expect(lines).toHaveLength(3);
  });

  test("is one line a call, whatever the fields hold", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.constantFrom("text", "json"), (value, format) => {
        const { lines, log } = logged(format);
        log.info("Some\nthing.", { reason: value, route: `${value}\r\n` });
        return lines.length === 1 && (lines[0] ?? "").split(/[\r\n]/).length === 2;
      }),
    );
  });
});

describe("a line that says the same as one of the last minute", () => {
  let now = NOON.getTime();
  function logging() {
    now = NOON.getTime();
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    const log = createLog({ format: "json", level: "info", write, now: () => new Date(now) });
    const times = () => lines.map((line) => JSON.parse(line).times);
    return { lines, log, times };
  }

  test("is left out of warnings, whichever lead it is of, and counted by the next one", () => {
    const { log, times } = logging();
    const error = new TypeError("x");
    for (const lead_id of ["lead_1", "lead_2", "lead_3"])
      log.warn("It is away.", { buyer_id: "sunco", lead_id, error });
    now += 60_000;
    log.warn("It is away.", { buyer_id: "sunco", count: 4, error });
    expect(times()).toEqual([undefined, 3]);
  });

  test("is told all the same of somebody else, or with another reason", () => {
    const { lines, log } = logging();
    log.warn("It is away.", { buyer_id: "sunco", reason: "timeout" });
    log.warn("It is away.", { buyer_id: "sunco", reason: "reset" });
    log.warn("It is away.", { buyer_id: "texsun", reason: "timeout" });
    log.error("It is away.", { buyer_id: "sunco", reason: "timeout" });
    expect(lines).toHaveLength(4);
  });

  test("is told ten times of errors, each with its request, and of what is no warning always", () => {
    const { lines, log, times } = logging();
    for (let request = 0; request < 30; request += 1) log.error("Failed.", { request_id: String(request) });
    expect(lines.map((line) => JSON.parse(line).request_id)).toEqual("0123456789".split(""));
    now += 60_000;
    log.error("Failed.", { request_id: "30" });
    expect(times().at(-1)).toBe(21);
    for (let each = 0; each < 3; each += 1) log.info("Listening.");
    expect(lines).toHaveLength(14);
  });

  test("is not silenced for longer where the clock is set back", () => {
    const { lines, log } = logging();
    log.warn("It is away.");
    now -= 3_600_000;
    log.warn("It is away.");
    expect(lines).toHaveLength(2);
  });
});

describe("an error in a log", () => {
  test("is told by its name, its code, its constraint and where it happened", () => {
    const refused = Object.assign(new Error("duplicate key value"), {
      name: "PostgresError",
      code: "23505",
      constraint_name: "leads_pkey",
    });
    const said = saidAbout({
      error: new Error("Failed query: insert … params: jo@example.com", { cause: refused }),
    });
    expect(said).toMatchObject({ error: "Error < PostgresError", code: "23505", constraint: "leads_pkey" });
    expect(said["stack"]).toMatch(/log\.test\.ts:\d+:\d+/);
  });

  test("is told by its SQLSTATE where the database refused a statement", () => {
    const { lines, log } = logged("json");
    log.error("failed", { error: new StatementRefused("The database refused a statement", "25006") });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ error: "StatementRefused", code: "25006" });
  });

  test("is told in its own sentence, with where it was asked, where the database is away", () => {
    const refused = Object.assign(new Error("connect"), {
      code: "ECONNREFUSED",
      syscall: "connect",
      address: "10.0.0.5",
      port: 5432,
    });
    const said = saidAbout({ error: withoutValues(refused) });
    expect(said).toMatchObject({
      error: "DatabaseUnavailable",
      reason: "The connection to the database at 10.0.0.5:5432 failed (ECONNREFUSED)",
    });
    expect(said).not.toHaveProperty("stack");
  });

  test("never shows a message, not even one that looks like a stack", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{0,9}\n {4}at SECRET \(SECRET:1:1\)$/), (message) => {
        const changed = new RangeError("first SECRET");
        changed.message = message;
        for (const error of [
          new Error(message),
          new TypeError("outer SECRET", { cause: new Error(message) }),
          changed,
          message,
        ]) {
          expect(JSON.stringify(saidAbout({ error }))).not.toContain("SECRET");
        }
      }),
    );
  });

  test("that is no Error is told by its type alone", () => {
    expect(saidAbout({ error: "jo@example.com" })).toMatchObject({ error: "string" });
    expect(saidAbout({ error: undefined })).toMatchObject({ error: "undefined" });
  });

  test("with a circle of causes is told in one line", () => {
    const error = new Error("a");
    error.cause = error;
    expect(saidAbout({ error })["error"]).toBe("Error < Error < Error < Error < Error");
  });
});
