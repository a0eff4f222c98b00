import { describe, expect, test } from "bun:test";
import type { Finding } from "#cli/installation/doctor-checks.ts";
import { conditionIn, onCondition, onNodes, onServers } from "#cli/installation/doctor-condition.ts";

/** What a server that is well answers. */
const WELL = {
  version: "0.1.0",
  host: "leads-1",
  settings: { LEADGATE_ENV: "development", WEBHOOK_ALLOW_CIDRS: null, SMTP_URL: null, LOG_FORMAT: "json" },
  database: {
    kind: "embedded",
    version: "18.1",
    durable: true,
    standby: false,
    schema: "up to date",
    clock_ahead_ms: 0,
    size_bytes: 1_000_000,
  },
  disk: { free_bytes: 50e9, floor_bytes: 500e6 },
  outbox: { pending: 3, due: 0, paused: 0, dead: 1, oldest_due_seconds: 2 },
  endpoints: { up: 5, down: 0, paused: 0, not_up: [] },
  mail: { set_up: false, answers: null, needed_by: [] },
  proxies: { strangers_forward: false },
};

const findings = (changes: object, own: object = {}) =>
  onCondition(conditionIn({ ...WELL, ...changes }), { ...own });
const complaints = (found: readonly Finding[]) => found.filter(({ level }) => level !== "ok");
const saysOf = (found: readonly Finding[], about: string) =>
  found.filter((each) => each.about === about).map(({ says }) => says);

const PAUSED = {
  buyer_id: "sunbelt",
  webhook_id: null,
  conversion_id: null,
  endpoint: {
    state: "paused",
    since: "2026-01-31T18:02:11.000Z",
    reason: "http_410",
    next_try_at: null,
    waiting: 1,
    oldest_due_seconds: 0,
  },
};

describe("leadgate doctor, of a running server,", () => {
  test("finds nothing wrong where all is well", () => {
    const found = findings({});
    expect(complaints(found)).toEqual([]);
    expect(saysOf(found, "outbox")).toEqual(["3 deliveries wait, 1 is dead"]);
    expect(saysOf(found, "endpoints")).toEqual(["5 are up"]);
    expect(saysOf(found, "mail")).toEqual(["none is sent, since SMTP_URL is not set"]);
  });

  test("says what keeps a month on record that is over, and names one of it", () => {
    const held_back = {
      before: "2026-02-01T00:00:00.000Z",
      leads: 0,
      deliveries: 1,
      returns: 2,
      delivery_id: "delivery_1",
    };
    expect(complaints(findings({ records: { held_back: { ...held_back, lead_id: null } } }))).toEqual([
      {
        level: "warn",
        about: "records",
        says:
          "what is older than 2026-02-01T00:00:00.000Z is over for records_days and is kept: 1 delivery waits, 2 returns are undecided, " +
          "such as delivery_1. It is dropped once they are done.",
      },
    ]);
  });

  test("judges the server's settings and not those of its own shell, and names the ones that differ", () => {
    const settings = { ...WELL.settings, WEBHOOK_ALLOW_CIDRS: "127.0.0.0/8,10.0.0.0/8", SMTP_URL: "***" };
    const found = findings({ settings }, { WEBHOOK_ALLOW_CIDRS: null, SMTP_URL: null, LOG_FORMAT: "text" });
    expect(complaints(found).map(({ level, about }) => [level, about])).toEqual([
      ["warn", "webhook networks"],
    ]);
    expect(saysOf(found, "this shell")[0]).toEndWith("not judged: WEBHOOK_ALLOW_CIDRS, SMTP_URL");
  });

  test("names each endpoint that is not up, since when and why, and what to do", () => {
    const found = findings({ endpoints: { up: 3, down: 1, paused: 1, not_up: [PAUSED] } });
    expect(complaints(found)).toEqual([
      {
        level: "warn",
        about: "endpoint",
        says:
          "buyer sunbelt is paused since 2026-01-31T18:02:11.000Z (http_410); 1 delivery waits. Nothing is sent until " +
          "you say so: leadgate buyers resume sunbelt.",
      },
      { level: "warn", about: "endpoints", says: "1 more is not up: leadgate endpoints" },
    ]);
  });

  test("tells of servers of another version, and of those that are silent and have not stopped", () => {
    const there = { host: "leads-1", version: "0.1.0", seen_seconds_ago: 3 };
    const other = { ...there, host: "leads-2" };
    expect(onServers([], "0.1.0")).toEqual([]);
    expect(onServers([there, other], "0.1.0")).toEqual([
      { level: "ok", about: "servers", says: "2 are there" },
    ]);
    const found = onServers(
      [there, { ...other, version: "0.2.0" }, { ...other, host: "leads-3", seen_seconds_ago: 60 }],
      "0.1.0",
    );
    expect(found.map(({ level, says }) => [level, says])).toEqual([
      ["warn", expect.stringContaining("1 is of another version than 0.1.0, such as 0.2.0 on leads-2")],
      ["warn", expect.stringContaining("1 is silent and did not stop in order, such as 0.1.0 on leads-3")],
    ]);
  });

  test("says of nodes which have no server, whose leads nobody decides, and which server is on none", () => {
    const nodes = [
      { node: 1, address: "10.0.0.1:5432" },
      { node: 2, address: "10.0.0.2:5432" },
    ];
    const there = { host: "leads-1", version: "0.1.0", seen_seconds_ago: 3, node: 1 };
    expect(onNodes(nodes, [there, { ...there, node: 2 }])).toEqual([
      { level: "ok", about: "nodes", says: "2 have campaigns, each with a server" },
    ]);
    const found = onNodes(nodes, [there, { ...there, node: 0 }, { ...there, node: 2, seen_seconds_ago: 60 }]);
    expect(found.map(({ level, says }) => [level, says])).toEqual([
      ["fail", expect.stringContaining("node 2 (10.0.0.2:5432) has campaigns, and no server is connected")],
      ["warn", expect.stringContaining("a server on leads-1 is connected to node 0")],
    ]);
    const away = nodes.map((each) => ({ ...each, there: each.node === 1 }));
    expect(onNodes(away, [there, { ...there, node: 2 }])).toEqual([
      { level: "fail", about: "nodes", says: expect.stringContaining("node 2 (10.0.0.2:5432) is away") },
    ]);
  });

  test("says of recipients whose secrets do not open how to mend it, and nothing to a server that knows of none", () => {
    const locked = { buyer_id: null, webhook_id: null, conversion_id: "facebook" };
    const [found] = complaints(findings({ locked: [locked, { ...locked, conversion_id: "other" }] }));
    expect(found).toMatchObject({ level: "fail", about: "secrets" });
    expect(found?.says).toMatch(
      /to 2 recipients, such as conversion facebook.*conversions token facebook FILE/,
    );
    const sunbelt = { buyer_id: "sunbelt", webhook_id: null, conversion_id: null };
    expect(saysOf(findings({ locked: [sunbelt] }), "secrets")[0]).toMatch(
      /to buyer sunbelt.*buyers secret sunbelt --overlap 0/,
    );
    expect(saysOf(findings({}), "secrets")).toEqual([]);
  });

  test.each<[object, string, string, string]>([
    [{ outbox: { ...WELL.outbox, oldest_due_seconds: 600 } }, "warn", "outbox", "due for 10 min"],
    [
      { mail: { answers: null, needed_by: ["a", "b", "c"] } },
      "fail",
      "mail",
      "3 buyers are sent leads by e-mail",
    ],
    [{ mail: { answers: null, needed_by: ["sunco"] } }, "fail", "mail", "buyer sunco is sent leads"],
    [{ mail: { answers: false, needed_by: [] } }, "fail", "mail", "does not answer"],
    [{ proxies: { strangers_forward: true } }, "warn", "proxies", "LEADGATE_TRUSTED_PROXIES does not name"],
    [{ disk: { free_bytes: 100e6, floor_bytes: 500e6 } }, "fail", "disk", "503"],
    [{ database: { ...WELL.database, clock_ahead_ms: 5_000 } }, "warn", "clock", "differs by 5.0 s"],
    [
      { database: { ...WELL.database, read_standby: false } },
      "warn",
      "read standby",
      "is away, or further behind",
    ],
  ])("complains of %j", (changes, level, about, says) => {
    expect(complaints(findings(changes))).toEqual([
      { level: level as Finding["level"], about, says: expect.stringContaining(says) },
    ]);
  });

  test("says that a standby is read", () => {
    const found = findings({ database: { ...WELL.database, read_standby: true } });
    expect(saysOf(found, "read standby")).toEqual(["lists, exports and reports are read from it"]);
    expect(complaints(found)).toEqual([]);
  });

  test("takes what an older server says of itself", () => {
    const { database } = WELL;
    expect(complaints(onCondition(conditionIn({ version: "0.0.9", database }), {}))).toEqual([]);
  });
});
