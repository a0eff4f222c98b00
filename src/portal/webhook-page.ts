import { escapeHtml, htmlPage } from "#api-docs/page.ts";
import { exampleDelivery } from "#api-docs/webhook-events.ts";
import type { Campaign, Contract } from "#campaigns/campaign.ts";
import { type Composed, compose } from "#endpoints/compose.ts";
import type { DeliverySettings } from "#endpoints/delivery-settings.ts";
import { formatAmount } from "#money/amount.ts";
import type { PageAddress } from "./campaign-page.ts";
import { exampleLead } from "./example-lead.ts";
import { pingSection } from "./ping-section.ts";
import { snippets } from "./snippets.ts";

/** What a buyer of a campaign receives; undefined: no buyer in particular. */
export interface Receiver {
  campaign: Campaign;
  contract: Contract;
}

/** The page for whoever writes a buyer's side: what is sent, and how to tell that it is ours. */
export function webhookPage(receiver: Receiver | undefined, address: PageAddress, now: Date): Response {
  const title = "Receiving leads";
  return htmlPage(
    title,
    `<main class="ours">
<h1>${title}</h1>
<p>Each lead is one POST. Answer with any 2xx within the time limit, 15 seconds unless agreed otherwise; everything else is tried again:
after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and so on, with some jitter, for a day unless agreed otherwise. <code>410</code>
pauses the endpoint until the
operator resumes it; <code>429</code> and <code>Retry-After</code> are honoured. Redirects are not followed. The order of leads
is not promised.</p>
<h2>Headers</h2>
${HEADER_TABLE}
<h2>Body</h2>
${receiver === undefined ? anybodysBody() : receiversBody(receiver, now)}
${pingSection(receiver && askedFor(receiver, now))}
<h2>Tell that it is ours</h2>
<p>These are <a href="https://www.standardwebhooks.com">Standard Webhooks</a>, for which there are libraries in most languages.
Without one, one
function does it. The secret begins with <code>whsec_</code>; you get it from the operator.</p>
${snippets.map(({ language, source }) => `<h3>${language}</h3>\n<pre>${escapeHtml(source)}</pre>`).join("\n")}
<h2>Try it</h2>
${receiver === undefined ? ANYBODYS_TEST : receiversTest(receiver, address)}
</main>`,
  );
}

const ANYBODYS_TEST = `<p>The operator can send <code>webhook.test</code> to your endpoint, the same way as leads are sent:
<code>POST /api/v1/admin/buyers/{id}/test</code>. Opened by a link that the operator makes for you, this page has a button for it.</p>`;

/** The button, and the line that does the same; src/portal/send-test.js is behind it. */
function receiversTest({ contract }: Receiver, { server, query }: PageAddress): string {
  if (contract.buyer.delivery === null) return "<p>There is nothing to try yet.</p>";
  const path = `${TEST_PATH}${query}`;
  return `<p>One <code>webhook.test</code>, signed as leads are, with nothing of any person in it. It is sent to where your leads go,
once, and what
comes back is shown here.</p>
<p><button type="button" id="send-test" data-address="${escapeHtml(path)}">Send me a test</button></p>
<p id="test-said" role="status"></p>
<pre id="test-excerpt" hidden></pre>
<p>The same from a terminal:</p>
<pre>${escapeHtml(`curl -X POST '${server}${path}'`)}</pre>
<script src="/docs/assets/send-test.js"></script>`;
}

/** Where the button sends to, with the link's own query. */
const TEST_PATH = "/docs/webhooks/test";

const HEADER_TABLE = `<table><tbody>
<tr><td><code>webhook-id</code></td><td>The same on every attempt: keep those that you have seen, and do nothing twice.</td></tr>
<tr><td><code>webhook-timestamp</code></td><td>Of this attempt, in Unix seconds. Refuse what is more than five minutes off.</td></tr>
<tr><td><code>webhook-signature</code></td><td><code>v1,</code> and base64 HMAC-SHA256 of <code>id.timestamp.body</code>. Two
of them, with a space
between, while a secret is being changed: one that fits is enough.</td></tr>
</tbody></table>`;

function anybodysBody(): string {
  return `<pre>${escapeHtml(JSON.stringify(exampleDelivery, null, 2))}</pre>
<p>With a template of your own names the body is that instead, as JSON, a form or XML.</p>`;
}

function receiversBody({ campaign, contract }: Receiver, now: Date): string {
  const { delivery } = contract.buyer;
  if (delivery === null) return "<p>Nothing is sent yet: no delivery is configured.</p>";
  const { contentType, body, subject, request } = compose(exampleSale(campaign, contract, now), delivery);
  if (request?.method === "GET") {
    return `<p>For ${escapeHtml(campaign.name)}, by GET: everything stands in the address. There is no body, and the signature covers
the path and query in its place, as they are sent.</p>`;
  }
  const by = request === undefined ? "" : `by ${request.method}, `;
  return `<p>For ${escapeHtml(campaign.name)}, ${by}as <code>${escapeHtml(contentType)}</code>${legacyHeader(delivery)}:</p>
${subject === null ? "" : `<p>Subject: ${escapeHtml(subject)}</p>\n`}<pre>${escapeHtml(readable({ contentType, body, subject }))}</pre>`;
}

function askedFor({ campaign, contract }: Receiver, now: Date) {
  return { sale: exampleSale(campaign, contract, now), delivery: contract.buyer.delivery };
}

function legacyHeader(delivery: DeliverySettings): string {
  if (delivery.method !== "webhook" || delivery.legacySignatureHeader === null) return "";
  return `, with the hex HMAC-SHA256 of the body alone in <code>${escapeHtml(delivery.legacySignatureHeader)}</code>`;
}

/** JSON is sent in one line. */
function readable({ contentType, body }: Composed): string {
  return contentType === "application/json" ? JSON.stringify(JSON.parse(body), null, 2) : body;
}

function exampleSale(campaign: Campaign, { buyerId, price }: Contract, now: Date) {
  const {
    flo_campaign_id: _campaign,
    flo_supplier_id: _supplier,
    ...sent
  } = exampleLead(campaign, undefined, now);
  const read = campaign.mapping.read(sent, "post");
  const { currency } = campaign;
  return {
    leadId: exampleDelivery.data.lead_id,
    campaignId: campaign.id,
    buyerId,
    supplierId: "supplier",
    isTest: false,
    price: formatAmount(price, currency),
    currency,
    decidedAt: now.toISOString(),
    receivedAt: now.toISOString(),
    saleId: "sale_01m83r1tj6eqv8y45m9z2xk7ap",
    timezone: campaign.timezone,
    fields: read.ok ? read.values : sent,
    ping: null,
  };
}
