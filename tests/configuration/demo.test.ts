import { describe, expect, test } from "bun:test";
import { withDefaults } from "#configuration/defaults.ts";
import { demoDocument, demoSuppressionEntries } from "#configuration/demo.ts";
import { identify } from "#configuration/identify.ts";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import { wholeCampaigns } from "#configuration/whole-campaigns.ts";
import { readEntry } from "#suppression/entry.ts";

const campaigns = wholeCampaigns(withDefaults(identify(demoDocument, null)));

describe("the demo", () => {
  test("the demo is two campaigns, three suppliers, five buyers and a suppression list without problems", () => {
    expect(problemsIn(demoDocument)).toEqual([]);
    const { campaigns: all, suppliers, buyers, suppression_lists: lists } = demoDocument;
    expect([all?.length, suppliers?.length, buyers?.length, lists?.length]).toEqual([2, 3, 5, 1]);
  });

  test.each(campaigns.map((campaign) => [campaign.name, campaign] as const))(
    "the demo has a buyer for every hour, state and number of leads: %s",
    (_, campaign) => {
      const always = campaign.buyers.filter(
        ({ buyer, ...contract }) =>
          contract.schedule === null &&
          contract.filters === null &&
          contract.states.length + contract.exclude_states.length === 0 &&
          Object.keys({ ...contract.caps, ...buyer.caps }).length === 0 &&
          buyer.billing.mode === "manual" &&
          buyer.duplicates === null,
      );
      expect(always).not.toEqual([]);
    },
  );

  test("the demo suppresses only people who do not exist", () => {
    const pepper = new Uint8Array(32);
    expect(demoSuppressionEntries.every((entry) => readEntry(entry, pepper).ok)).toBe(true);
    for (const { phone } of demoSuppressionEntries) {
      if (phone !== undefined) expect(phone).toMatch(/^\+1\d{3}55501\d\d$/);
    }
  });
});
