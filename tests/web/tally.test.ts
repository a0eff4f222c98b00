import { describe, expect, test } from "bun:test";
import { createTally } from "#web/pages/board/tally.ts";

const lead = (number: number) => ({ id: `lead_${number}` });

describe("the board's tally of leads as they come", () => {
  test("counts each lead once, also where a tail that goes on tells thousands once more", () => {
    const tally = createTally<{ id: string }>();
    tally.begin("2030-01-01T12:00:00Z");
    for (let number = 0; number < 10_000; number++) tally.add(lead(number), number * 2);
    for (let number = 0; number < 10_100; number++) tally.add(lead(number), 60_000);
    const { count, leads } = tally.at(60_000);
    expect(count).toBe(10_100);
    expect(leads[0]).toEqual(lead(10_099));
    expect(new Set(leads.map(({ id }) => id)).size).toBe(leads.length);
  });

  test("tells as the rate what came in the last ten seconds, a second", () => {
    const tally = createTally<{ id: string }>();
    for (let number = 0; number < 50; number++) tally.add(lead(number), 1_000 * number);
    expect(tally.at(49_000).rate).toBe(1);
    expect(tally.at(54_000).rate).toBe(0.5);
    expect(tally.at(70_000).rate).toBe(0);
  });

  test("counts anew from the time at which it began again, and goes on showing what it showed", () => {
    const tally = createTally<{ id: string }>();
    tally.begin("2030-01-01T12:00:00Z");
    tally.add(lead(1), 0);
    tally.begin("2030-01-01T13:00:00Z");
    expect(tally.at(10)).toMatchObject({ count: 0, since: "2030-01-01T13:00:00Z", leads: [lead(1)] });
  });
});
