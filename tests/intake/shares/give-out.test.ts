import { expect, test } from "bun:test";
import { type AskedOfLimit, freeOf, giveOut, giversOf } from "#intake/shares/give-out.ts";
import type { PartOfCampaign } from "#intake/shares/part.ts";

const DAY = 1_000;

function part(campaignId: string, granted: number, over: Partial<PartOfCampaign> = {}): PartOfCampaign {
  return {
    campaignId,
    measure: "day.leads",
    edition: "one",
    start: DAY,
    granted,
    givenBack: 0,
    ...over,
  };
}

function asking(share: PartOfCampaign, least = 1, most = least): AskedOfLimit {
  return { measure: "day.leads", start: DAY, least, most, share };
}

/** What the campaign `a` holds after asking for it. */
function given(limit: number, grants: readonly PartOfCampaign[], asked: AskedOfLimit): number | undefined {
  const [own] = giveOut(new Map([["day.leads", limit]]), grants, "a", [asked]).grants;
  return own && own.granted - own.givenBack;
}

test("a campaign that asks is given a part that leaves as much to others, and shrinks near the limit", () => {
  const none = [part("a", 0), part("b", 0)];
  expect(given(100, none, asking(part("a", 0)))).toBe(25);
  const some = [part("a", 25), part("b", 65)];
  expect(given(100, some, asking(part("a", 25)))).toBe(27);
  expect(given(100, [part("a", 25), part("b", 74)], asking(part("a", 25)))).toBe(26);
});

test("a campaign is given what its waiting leads need, if nobody has it", () => {
  expect(given(100, [part("a", 0), part("b", 0)], asking(part("a", 0), 1, 40))).toBe(40);
  expect(given(100, [part("a", 0), part("b", 90)], asking(part("a", 0), 1, 40))).toBe(10);
});

test("a part of money is of so much that whole prices fit into it", () => {
  expect(given(1_000, [part("a", 0), part("b", 0)], asking(part("a", 0), 70))).toBe(210);
});

test("nothing is given of a limit of which less is left than a lead needs, nor of others that it needs beside", () => {
  const month = { measure: "month.leads", start: 0 } as const;
  const limits = new Map([["day.leads", 100] as const, ["month.leads", 10] as const]);
  const grants = [part("a", 0), part("b", 0), part("a", 0, month), part("b", 10, month)];
  const asked = [asking(part("a", 0)), { ...asking(part("a", 0, month)), ...month }];
  const { short, grants: changed } = giveOut(limits, grants, "a", asked);
  expect(changed).toEqual([]);
  expect(short).toEqual([{ ...month, least: 1, most: 1, limit: 10 }]);
});

test("what was granted in a period that is over counts in the next one for nothing", () => {
  const over = [part("a", 60), part("b", 40)];
  const asked = { ...asking(part("a", 60)), start: DAY * 2 };
  expect(given(100, over, asked)).toBe(25);
  expect(freeOf(100, [part("a", 10, { start: DAY * 2 }), part("b", 40)], DAY * 2)).toBe(90);
});

test("a server whose clock is behind is given of the period that others have begun", () => {
  const grants = [part("a", 60), part("b", 40, { start: DAY * 2 })];
  const { grants: changed } = giveOut(new Map([["day.leads", 100]]), grants, "a", [asking(part("a", 60))]);
  expect(changed).toEqual([part("a", 15, { start: DAY * 2 })]);
});

test("a grant that has not come to its share is not made once more", () => {
  expect(given(100, [part("a", 30), part("b", 0)], asking(part("a", 5)))).toBe(30);
});

test("those give back that have most, each at least half of what it has, until it is enough", () => {
  const unused = [
    { campaignId: "a", units: 3 },
    { campaignId: "b", units: 20 },
    { campaignId: "c", units: 0 },
  ];
  expect(giversOf(unused, 1)).toEqual([{ campaignId: "b", units: 10 }]);
  expect(giversOf(unused, 22)).toEqual([
    { campaignId: "b", units: 20 },
    { campaignId: "a", units: 2 },
  ]);
  expect(giversOf(unused, 0)).toEqual([]);
});
