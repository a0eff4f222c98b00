import { describe, expect, test } from "bun:test";
import {
  type Finding,
  onDatabase,
  onDisk,
  onLedger,
  onSecret,
  onSettings,
} from "#cli/installation/doctor-checks.ts";
import type { DatabaseStatus } from "#database/engine/database-status.ts";
import { readSettings } from "#runtime/settings.ts";

const WELL: DatabaseStatus = {
  kind: "postgres",
  version: "18.1",
  isDurable: true,
  isStandby: false,
  schema: "up to date",
  aheadMs: 3,
  bytes: 50e6,
};

const MEBIBYTE = 2 ** 20;

/** What is not well, as "level about". */
const complaints = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level !== "ok").map(({ level, about }) => `${level} ${about}`);

describe("leadgate doctor finds", () => {
  test.each<[Partial<DatabaseStatus>, string[]]>([
    [{}, []],
    [{ isDurable: false }, ["fail durability"]],
    [{ isStandby: true }, ["fail database"]],
    [{ schema: "older" }, ["warn schema"]],
    [{ schema: "newer" }, ["fail schema"]],
    [{ aheadMs: 1_900 }, []],
    [{ aheadMs: -2_100 }, ["warn clock"]],
    [{ aheadMs: 31_000 }, ["fail clock"]],
  ])("in a database that is %j: %j", (changes, found) => {
    expect(complaints(onDatabase({ ...WELL, ...changes }))).toEqual(found);
  });

  test.each<[number, number, string[]]>([
    [5_000, 100, []],
    [5_000, 6_000, ["warn disk"]],
    [900, 100, ["warn disk"]],
    [200, 100, ["fail disk"]],
  ])("with %i MiB free for a database of %i MiB: %j", (free, size, found) => {
    expect(complaints([onDisk(free * MEBIBYTE, size * MEBIBYTE, 0)])).toEqual(found);
  });

  test("below the room that leads need, is said to refuse them", () => {
    const [found] = [onDisk(600 * MEBIBYTE, MEBIBYTE, 800 * MEBIBYTE)];
    expect(found).toMatchObject({ level: "fail", says: expect.stringContaining("503") });
  });

  test.each<[Parameters<typeof onSecret>[2], boolean, string[]]>([
    [{ mode: 0o100600, flaw: undefined }, true, []],
    [{ mode: 0o100640, flaw: undefined }, true, ["warn master key"]],
    [{ mode: 0o100600, flaw: "must hold at least 32 bytes" }, true, ["fail master key"]],
    ["missing", false, []],
    ["missing", true, ["fail master key"]],
    ["unreadable", false, ["fail master key"]],
  ])("of a master key that is %j, with data %j: %j", (file, holdsData, found) => {
    expect(complaints([onSecret("master key", "data/secret", file, holdsData)])).toEqual(found);
  });

  test("that an operator key which is missing can be made anew, also beside data", () => {
    expect(complaints([onSecret("operator key", "data/operator-key", "missing", true)])).toEqual([]);
  });

  test("each balance that does not equal the ledger, of which it says the first", () => {
    expect(complaints([onLedger([])])).toEqual([]);
    const found = onLedger(["The balance of buyer sunco is 1, by the ledger it is 2.", "Another."]);
    expect(complaints([found])).toEqual(["fail ledger"]);
    expect(found.says).toStartWith(
      "The balance of buyer sunco is 1, by the ledger it is 2. And 1 more: leadgate ledger check.",
    );
  });

  test.each<[Record<string, string>, string[]]>([
    [{}, []],
    [{ LEADGATE_ENV: "production" }, ["warn public url"]],
    [{ LEADGATE_ENV: "production", LEADGATE_PUBLIC_URL: "http://leads.example" }, ["warn public url"]],
    [{ LEADGATE_ENV: "production", LEADGATE_PUBLIC_URL: "https://leads.example" }, ["warn proxies"]],
    [
      {
        LEADGATE_ENV: "production",
        LEADGATE_PUBLIC_URL: "https://leads.example",
        LEADGATE_TRUSTED_PROXIES: "10.0.0.0/8",
      },
      [],
    ],
    [{ WEBHOOK_ALLOW_CIDRS: "10.1.0.0/16" }, []],
    [{ WEBHOOK_ALLOW_CIDRS: "10.1.0.0/16,127.0.0.1" }, ["warn webhook networks"]],
    [{ WEBHOOK_ALLOW_CIDRS: "169.254.0.0/16" }, ["warn webhook networks"]],
    [{ WEBHOOK_ALLOW_CIDRS: "::/0" }, ["fail webhook networks"]],
  ])("in settings that are %j: %j", (settings, found) => {
    expect(complaints(onSettings(readSettings(settings, false)))).toEqual(found);
  });
});
