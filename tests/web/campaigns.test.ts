import { describe, expect, test } from "bun:test";
import { mergePatchOf, readTyped, type Setting, withValue } from "#web/forms/setting.ts";
import { stepsOf } from "#web/pages/campaigns/funnel.ts";

const setting = (kind: Setting["kind"]): Setting => ({ path: "it", label: "It", kind, otherwise: "nothing" });

describe("what is typed into a form of the console", () => {
  test("is read by its kind, stays as it is where it cannot be read, and is nothing when it is empty", () => {
    expect(readTyped(setting("count"), " 20 ")).toBe(20);
    expect(readTyped(setting("count"), "twenty")).toBe("twenty");
    expect(readTyped(setting("amount"), "12.50")).toBe("12.50");
    expect(readTyped(setting("states"), "tx, ok")).toEqual(["TX", "OK"]);
    expect(readTyped(setting("flag"), "false")).toBe(false);
    expect(readTyped(setting("text"), "  ")).toBeUndefined();
  });

  test("changes one place of a part, and takes away what is empty then", () => {
    const part = { id: "solar", margin: { percent: "20" } };
    expect(withValue(part, "margin.flat", "1")).toEqual({
      id: "solar",
      margin: { percent: "20", flat: "1" },
    });
    expect(withValue(part, "margin.percent", undefined)).toEqual({ id: "solar" });
    expect(withValue(part, "duplicates.window_days", 30)).toEqual({
      ...part,
      duplicates: { window_days: 30 },
    });
  });

  test("is sent as what is different: null for what is taken back, lists whole", () => {
    const before = {
      name: "Solar",
      margin: { percent: "20", flat: "1" },
      buyers: [{ buyer: "a" }],
      docs: "public",
    };
    const after = { name: "Solar", margin: { percent: "25" }, buyers: [{ buyer: "a", price: "1" }] };
    expect(mergePatchOf(before, after)).toEqual({
      margin: { percent: "25", flat: null },
      buyers: [{ buyer: "a", price: "1" }],
      docs: null,
    });
    expect(mergePatchOf(before, before)).toEqual({});
  });
});

describe("where the leads of a campaign end", () => {
  test("is told in the order of the checks, each way from what the one before left", () => {
    const steps = stepsOf([
      { status: "ACCEPTED", reason: null, leads: 60 },
      { status: "UNMATCHED", reason: "no_buyer", leads: 20 },
      { status: "ACCEPTED", reason: "routed_to_original", leads: 5 },
      { status: "REJECTED", reason: "filtered", leads: 10 },
      { status: "UNMATCHED", reason: "no_buyer", leads: 5 },
    ]);
    expect(steps.map(({ status, reason, leads, after }) => [status, reason, leads, after])).toEqual([
      [undefined, undefined, 100, 0],
      ["REJECTED", "filtered", 10, 90],
      ["UNMATCHED", "no_buyer", 25, 65],
      ["ACCEPTED", undefined, 65, 0],
    ]);
  });
});
