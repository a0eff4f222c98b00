import { describe, expect, test } from "bun:test";
import { wholeTime, zonesOf } from "#web/times/clocks.ts";

describe("a time in the pages", () => {
  test("is told by the clock of each party whose day is another one, and as the API has it", () => {
    const clocks = [
      { whose: "lone-star", zone: "America/Chicago" },
      { whose: "tokyo-solar", zone: "Asia/Tokyo" },
    ];
    const lines = wholeTime("2030-01-15T04:30:00.000Z", clocks).split("\n");
    expect(lines).toHaveLength(4);
    const day = (timeZone: string) =>
      new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeZone }).format(
        Date.UTC(2030, 0, 15, 4, 30),
      );
    expect(lines[1]).toStartWith(`lone-star (America/Chicago): ${day("America/Chicago")}`);
    expect(lines[2]).toStartWith(`tokyo-solar (Asia/Tokyo): ${day("Asia/Tokyo")}`);
    expect(lines[3]).toBe("2030-01-15T04:30:00.000Z");
  });

  test("is not told twice where a party is in the viewer's own zone", () => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    expect(wholeTime("2030-01-15T04:30:00Z", [{ whose: "near", zone: timeZone }]).split("\n")).toHaveLength(
      2,
    );
  });

  test("knows where buyers and suppliers of the same id are, and of a supplier without a zone nothing", () => {
    const suppliers = [{ id: "a", timezone: "Asia/Tokyo" }, { id: "b" }];
    expect(zonesOf({ buyers: [{ id: "a" }], suppliers })).toEqual(
      new Map([
        ["buyer a", "UTC"],
        ["supplier a", "Asia/Tokyo"],
      ]),
    );
  });
});
