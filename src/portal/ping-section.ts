import { codeBlock, jsonBlock } from "#api-docs/site/code.ts";
import { splitSection } from "#api-docs/site/html.ts";
import { composeAsk } from "#endpoints/compose.ts";
import type { DeliverySettings, PingSettings } from "#endpoints/delivery-settings.ts";
import type { SaleVariables } from "#endpoints/message/sale-variables.ts";
import type { Template } from "#endpoints/message/template.ts";

/** How buyers are asked for bids, as a section of their page; nothing for a buyer who is not asked. */
export function pingSection(
  of: { sale: SaleVariables; delivery: DeliverySettings | null } | undefined,
): string {
  if (of === undefined) {
    return section(
      "one second unless agreed otherwise",
      USUAL_WORDS,
      jsonBlock(EXAMPLE_ASK, "POST") + USUAL_ANSWER,
    );
  }
  const ping = of.delivery?.method === "webhook" ? of.delivery.ping : undefined;
  if (!ping) return "";
  const isUsual =
    ping.responseRules.length === 0 && ping.responseValues.bid_price?.json_path === "$.bid_price";
  return section(
    `${ping.timeoutMs} ms`,
    isUsual ? USUAL_WORDS : "<p>Your answer is read by the rules that are agreed on.</p>",
    asked(of.sale, ping) + (isUsual ? USUAL_ANSWER : ""),
  );
}

function section(time: string, answering: string, examples: string): string {
  return splitSection(
    `<h2 id="bids">Bids</h2>
<p>A buyer that bids is asked before the lead is sold, by one POST with the same headers and signature, and with what is known of the lead
by then. Answer within ${time}: what comes later is no bid, and nothing is asked twice. <code>ping_id</code> and your reference
can be repeated to you with the lead, as <code>{ping.id}</code> and <code>{ping.reference}</code> of your template.</p>
${answering}`,
    examples,
  );
}

const USUAL_WORDS = `<p>A bid is a 2xx answer with a price above 0, to the last of at most four decimals, in the currency of the
campaign; 0, or no 2xx, is none.</p>`;

const USUAL_ANSWER = jsonBlock(
  { bid_price: "37.50", reference: "your own, at most 200 characters" },
  "Your answer",
);

const EXAMPLE_ASK = {
  type: "ping",
  timestamp: "2026-01-13T17:00:00.000Z",
  data: {
    ping_id: "ping_01k6a1npq7f9gtqf2hs6zkdsn4",
    campaign_id: "solar",
    buyer_id: "national-solar",
    is_test: false,
    currency: "USD",
    fields: { state: "FL", zip_code: "33101", homeowner: true, roof_age: 12 },
  },
};

function asked(
  { campaignId, buyerId, isTest, currency, decidedAt, timezone, fields }: SaleVariables,
  ping: PingSettings,
): string {
  const { ping_id: pingId } = EXAMPLE_ASK.data;
  const facts = { pingId, campaignId, buyerId, isTest, currency, askedAt: decidedAt, timezone, fields };
  const template = ping.template === null ? null : (JSON.parse(ping.template) as Template);
  const { contentType, body } = composeAsk(facts, ping, template);
  if (contentType === "application/json") return jsonBlock(JSON.parse(body), "POST");
  return codeBlock({ label: "POST", language: contentType.includes("xml") ? "xml" : "text", source: body });
}
