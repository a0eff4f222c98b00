import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Measure } from "#intake/decide/caps.ts";
import { freeOf, giveOut, giversOf } from "#intake/shares/give-out.ts";
import {
  heldIn,
  type PartOfCampaign,
  unusedOf,
  withGivenBack,
  withGranted,
  withLess,
} from "#intake/shares/part.ts";

const MEASURE: Measure = "total.leads";
const CAMPAIGNS = ["a", "b", "c"];

function part(campaignId: string): PartOfCampaign {
  return { campaignId, measure: MEASURE, edition: "one", start: 0, granted: 0, givenBack: 0 };
}

/** A buyer's limit and its campaigns, as they are on record, each row changed by one transaction at a time. */
class Nodes {
  readonly limit: number;
  grants = new Map(CAMPAIGNS.map((id) => [id, part(id)]));
  shares = new Map(CAMPAIGNS.map((id) => [id, part(id)]));
  used = new Map(CAMPAIGNS.map((id) => [id, 0]));

  constructor(limit: number) {
    this.limit = limit;
  }

  grantOf(id: string): PartOfCampaign {
    return this.grants.get(id) ?? expect.unreachable();
  }

  shareOf(id: string): PartOfCampaign {
    return this.shares.get(id) ?? expect.unreachable();
  }

  usedBy(id: string) {
    return { start: 0, units: this.used.get(id) ?? 0 };
  }

  /** What a server has read of all shares some steps ago is good enough. */
  giveOut(id: string, most: number, seen: ReadonlyMap<string, PartOfCampaign>, share: PartOfCampaign) {
    for (const [campaign, grant] of this.grants) {
      this.grants.set(campaign, withGivenBack(grant, seen.get(campaign) ?? grant));
    }
    const asked = { measure: MEASURE, start: 0, least: 1, most, share };
    const given = giveOut(new Map([[MEASURE, this.limit]]), [...this.grants.values()], id, [asked]);
    for (const grant of given.grants) this.grants.set(grant.campaignId, grant);
  }

  takeUp(id: string, grant: PartOfCampaign) {
    this.shares.set(id, withGranted(this.shareOf(id), grant));
  }

  giveBack(id: string, units: number) {
    this.shares.set(id, withLess(this.shareOf(id), this.usedBy(id), units));
  }

  /** Sells a lead if the share has room, as the lane does. */
  sell(id: string): boolean {
    if (unusedOf(this.shareOf(id), this.usedBy(id)) < 1) return false;
    this.used.set(id, this.usedBy(id).units + 1);
    return true;
  }

  undo(id: string) {
    this.used.set(id, Math.max(0, this.usedBy(id).units - 1));
  }

  sold(): number {
    return [...this.used.values()].reduce((sum, units) => sum + units, 0);
  }
}

/** One committed step of some server; what it goes by may have been read before any of the steps since. */
type Step =
  | { do: "give out"; campaign: string; most: number; ago: number }
  | { do: "take up"; campaign: string; ago: number }
  | { do: "give back"; campaign: string; units: number }
  | { do: "sell" | "undo"; campaign: string };

const campaign = fc.constantFrom(...CAMPAIGNS);
/** Mostly of now; a server that was slow goes by what is old. */
const ago = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 20 }) });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("give out" as const), campaign, most: fc.integer({ min: 1, max: 5 }), ago }),
  fc.record({ do: fc.constant("take up" as const), campaign, ago }),
  fc.record({ do: fc.constant("give back" as const), campaign, units: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant("sell" as const), campaign }),
  fc.record({ do: fc.constant("sell" as const), campaign }),
  fc.record({ do: fc.constant("undo" as const), campaign }),
);

/** Has the steps made, of servers that may end between any two of them, by what was on record so many steps ago. */
function play(nodes: Nodes, steps: readonly Step[], check: () => void): void {
  const past = [{ grants: new Map(nodes.grants), shares: new Map(nodes.shares) }];
  for (const each of steps) {
    const seen = past.at(-1 - ("ago" in each ? Math.min(each.ago, past.length - 1) : 0));
    if (seen === undefined) throw new Error("there is a past");
    switch (each.do) {
      case "give out":
        nodes.giveOut(each.campaign, each.most, seen.shares, seen.shares.get(each.campaign) ?? part("a"));
        break;
      case "take up":
        nodes.takeUp(each.campaign, seen.grants.get(each.campaign) ?? part("a"));
        break;
      case "give back":
        nodes.giveBack(each.campaign, each.units);
        break;
      case "sell":
        nodes.sell(each.campaign);
        break;
      case "undo":
        nodes.undo(each.campaign);
        break;
    }
    past.push({ grants: new Map(nodes.grants), shares: new Map(nodes.shares) });
    check();
  }
}

test("no limit is exceeded, whichever steps are made, of whatever was read before, and whoever ends in between", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5 }),
      fc.array(step, { minLength: 20, maxLength: 150, size: "max" }),
      (limit, steps) => {
        const nodes = new Nodes(limit);
        play(nodes, steps, () => {
          expect(nodes.sold()).toBeLessThanOrEqual(limit);
          expect(freeOf(limit, [...nodes.grants.values()], 0)).toBeGreaterThanOrEqual(0);
          for (const id of CAMPAIGNS) {
            expect(heldIn(nodes.shareOf(id))).toBeLessThanOrEqual(heldIn(nodes.grantOf(id)));
            expect(nodes.usedBy(id).units).toBeLessThanOrEqual(heldIn(nodes.shareOf(id)));
          }
        });
      },
    ),
    { numRuns: 500 },
  );
});

test("nothing is lost for good: after whatever was left undone, one campaign with leads sells all that is left", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5 }),
      fc.array(step, { minLength: 20, maxLength: 150, size: "max" }),
      campaign,
      (limit, steps, last) => {
        const nodes = new Nodes(limit);
        play(nodes, steps, () => undefined);
        for (let tries = 0; tries < 60 && nodes.sold() < limit; tries++) {
          if (nodes.sell(last)) continue;
          nodes.giveOut(last, 1, new Map(nodes.shares), nodes.shareOf(last));
          nodes.takeUp(last, nodes.grantOf(last));
          const others = CAMPAIGNS.filter((id) => id !== last);
          const unused = others.map((id) => ({
            campaignId: id,
            units: unusedOf(withGranted(nodes.shareOf(id), nodes.grantOf(id)), nodes.usedBy(id)),
          }));
          if (unusedOf(nodes.shareOf(last), nodes.usedBy(last)) > 0) continue;
          for (const { campaignId, units } of giversOf(unused, 1)) {
            nodes.takeUp(campaignId, nodes.grantOf(campaignId));
            nodes.giveBack(campaignId, units);
          }
        }
        expect(nodes.sold()).toBe(limit);
      },
    ),
    { numRuns: 500 },
  );
});

test("a grant of a period that is over, or of limits that were given out anew, is worth nothing", () => {
  const share = { ...part("a"), start: 2_000, granted: 3 };
  expect(withGranted(share, { ...share, start: 1_000, granted: 9 })).toBe(share);
  expect(withGranted(share, { ...share, edition: "before", granted: 9 })).toBe(share);
  expect(withGranted(share, { ...share, start: 3_000, granted: 2 })).toEqual({
    ...share,
    start: 3_000,
    granted: 2,
  });
});

test("a share gives back what is not used, and all of it in a period in which its campaign has sold nothing", () => {
  const share = { ...part("a"), start: 2_000, granted: 5 };
  expect(withLess(share, { start: 2_000, units: 3 }, 4).givenBack).toBe(2);
  expect(withLess(share, { start: 1_000, units: 3 }, 4).givenBack).toBe(4);
  expect(withLess(share, { start: 2_000, units: 5 }, 4)).toBe(share);
});
