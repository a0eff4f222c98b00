import { type CodeBlock, codeTabs } from "#api-docs/site/code.ts";
import { requestCode } from "#api-docs/site/request-code.ts";
import type { Campaign } from "#campaigns/campaign.ts";
import { errorExample, invalidExample } from "#http/words.ts";
import { filterDemands, isPingedFirst, titleOfPhone, type Viewed } from "./campaign-document.ts";
import { examplePing, examplePost, YOUR_PING_ID } from "./example-lead.ts";

/** What asks for the price of the campaign's example lead, in several languages. */
export function pingCode({ campaign, supplier }: Viewed, server: string, now: Date): CodeBlock[] {
  return requestCode({
    method: "POST",
    url: `${server}/api/v1/ping`,
    key: "x-api-key",
    body: examplePing(campaign, supplier?.supplierId, now),
    into: "ping",
  });
}

/** What sends the campaign's example lead; after a ping, with what the code above it has got. */
export function postCode({ campaign, supplier }: Viewed, server: string, now: Date): CodeBlock[] {
  return requestCode({
    method: "POST",
    url: `${server}/api/v1/ingest`,
    key: "x-api-key",
    body: examplePost(campaign, supplier?.supplierId, now),
    ...(isPingedFirst(campaign) && {
      taken: { placeholder: YOUR_PING_ID, variable: "ping", name: "ping_id" },
    }),
  });
}

/** Nothing in these tells of the campaign's own buyers or prices. */
const SOME_BUYER = "a-buyer";
const SOME_PRICE = "20.00";
const LEAD_ID = "lead_01k6a1npq7f9gtqf2hs6zkdsn4";

/** What the campaign answers to a lead, a status a tab. */
export function answerTabs(viewed: Viewed, now: Date): string {
  const { campaign } = viewed;
  const outcome = (status: string, buyer: string | null, more: object = {}) => ({
    data: { id: LEAD_ID, status, buyer_id: buyer, campaign_id: campaign.id, ...more },
  });
  const price = isPingedFirst(campaign) ? { price: SOME_PRICE, currency: campaign.currency } : {};
  const filtered = filterDemands(viewed, now).find(({ holds }) => holds !== true);
  return answers({
    201: outcome("ACCEPTED", buyerOf(campaign), price),
    200: outcome("UNMATCHED", null),
    400: invalidExample(["phone", "required", `${titleOfPhone(campaign)} is required`]),
    422: {
      ...(filtered === undefined
        ? errorExample("suppressed", "The person is on a suppression list of the campaign.")
        : errorExample("filtered", "The lead does not pass the campaign's filters.", {
            filter_errors: [filtered],
          })),
      ...outcome("REJECTED", null),
    },
  });
}

/** What the campaign answers to a ping. */
export function pingAnswerTabs({ campaign }: Viewed, now: Date): string {
  const { currency } = campaign;
  const bids = campaign.showBuyers ? [{ buyer_id: SOME_BUYER, price: SOME_PRICE }] : [];
  const accepted = {
    accepted: true,
    ping_id: "v1.3f9c2a10.pY3uYkq0xgE2m1x7sQ5bNw.9mCwJ2pXh0b3Vd8s…",
    message: "Send the whole lead to /api/v1/ingest with this ping_id as flo_ping_id.",
    price: SOME_PRICE,
    currency,
    expires_at: new Date(now.getTime() + HALF_AN_HOUR_MS).toISOString(),
    bids,
  };
  const refused = { accepted: false, reason: "no_buyer", message: "No buyer would take this lead now." };
  return codeTabs(
    [
      { label: "200 accepted", language: "json", source: JSON.stringify(accepted, null, 2) },
      { label: "200 not accepted", language: "json", source: JSON.stringify(refused, null, 2) },
    ],
    "Answers",
  );
}

const HALF_AN_HOUR_MS = 30 * 60_000;

function buyerOf({ showBuyers }: Campaign): string | null {
  return showBuyers ? SOME_BUYER : null;
}

function answers(byStatus: Readonly<Record<number, unknown>>): string {
  const order = [201, 200, 400, 422];
  return codeTabs(
    order.map((status) => ({
      label: String(status),
      language: "json",
      source: JSON.stringify(byStatus[status], null, 2),
    })),
    "Answers",
  );
}
