import { expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { recountFor } from "#campaigns/recount.ts";
import { withDefaults } from "#configuration/defaults.ts";
import { identify } from "#configuration/identify.ts";
import { wholeCampaigns } from "#configuration/whole-campaigns.ts";
import { fullDocument, withBuyer, withCampaign, withSupplier } from "../configuration/document-examples.ts";

const configured = (document: ConfigurationDocument) => {
  const complete = withDefaults(identify(document, null));
  return { campaigns: wholeCampaigns(complete), buyers: complete.buyers };
};
const recounted = (from: ConfigurationDocument, to: ConfigurationDocument) =>
  recountFor(configured(from), configured(to));
const nothing = { contracts: [], links: [], buyers: [] };
const campaignId = "campaign_abc123";

test("a first configuration has nothing to count but its counted buyers", () => {
  expect(recounted({ version: 1 }, fullDocument())).toEqual({
    ...nothing,
    buyers: [{ buyerId: "buyer_abc", timezone: "America/Chicago" }],
  });
});

test("prices, caps and schedules change nothing that was counted", () => {
  expect(recounted(fullDocument(), withBuyer({ caps: { hour: { leads: 1 } }, status: "paused" }))).toEqual(
    nothing,
  );
});

test("a buyer in another time zone is counted anew, in itself and in each of its campaigns", () => {
  const timezone = "Europe/Berlin";
  expect(recounted(fullDocument(), withBuyer({ timezone }))).toEqual({
    contracts: [{ campaignId, partyId: "buyer_abc", timezone }],
    links: [],
    buyers: [{ buyerId: "buyer_abc", timezone }],
  });
});

test("a campaign in another time zone has its suppliers counted anew, but those with a zone of their own", () => {
  const timezone = "Europe/Berlin";
  expect(recounted(fullDocument(), withCampaign({ timezone })).links).toEqual([
    { campaignId, partyId: "supplier_xyz789", timezone },
  ]);
  const own = withSupplier({ timezone: "UTC" });
  const moved = { ...own, campaigns: withCampaign({ timezone }).campaigns ?? [] };
  expect(recounted(own, moved).links).toEqual([]);
});

test("a buyer that is counted for the first time is counted", () => {
  const uncounted = withBuyer({ caps: {} });
  expect(recounted(fullDocument(), uncounted)).toEqual(nothing);
  for (const change of [
    { caps: { total: { leads: 5 } } },
    { billing: { mode: "wallet" as const } },
    { duplicates: { fields: ["phone"], window_days: 30 } },
  ]) {
    const to = withBuyer({ caps: {}, ...change });
    expect(recounted(uncounted, to).buyers).toEqual([{ buyerId: "buyer_abc", timezone: "America/Chicago" }]);
  }
});

test("a contract that comes back to its campaign is counted", () => {
  expect(recounted(withCampaign({ buyers: [] }), fullDocument()).contracts).toEqual([
    { campaignId, partyId: "buyer_abc", timezone: "America/Chicago" },
  ]);
});
