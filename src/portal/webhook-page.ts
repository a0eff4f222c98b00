import { exampleDelivery } from "#api-docs/openapi/webhook-events.ts";
import { codeBlock, codeTabs, jsonBlock } from "#api-docs/site/code.ts";
import { escapeHtml, splitSection, tableOf } from "#api-docs/site/html.ts";
import { type DocsPage, docsPage } from "#api-docs/site/page.ts";
import { type Composed, compose } from "#endpoints/compose.ts";
import type { DeliverySettings } from "#endpoints/delivery-settings.ts";
import { formatAmount } from "#money/amount.ts";
import type { PageAddress } from "./campaign-page.ts";
import { exampleLead } from "./example-lead.ts";
import { pingSection } from "./ping-section.ts";
import { type Receiver, receiverRules } from "./receiver-rules.ts";
import { snippets } from "./snippets.ts";

/** The page for whoever writes a buyer's side: what is sent, and how to tell that it is ours. */
export function webhookPage(
  receiver: Receiver | undefined,
  { server, visitor }: PageAddress,
  now: Date,
): Response {
  const page = receiver === undefined ? anybodysPage() : receiversPage(receiver, server, visitor.query, now);
  return docsPage(page, visitor);
}

const TITLE = "What you receive";

/** The page for no buyer in particular. */
export function anybodysPage(): DocsPage {
  const body = `<h1>${TITLE}</h1>
<p class="lead">Each lead is one request to your server, signed, sent again until you have it.</p>
${splitSection(
  `<h2 id="body">The request</h2>
<p>A POST with JSON in it. With a template of your own names the body is that instead, as JSON, a form, XML or text; by
e-mail it is a list, or a template too. The order of leads is not promised.</p>
${HEADERS}`,
  jsonBlock(exampleDelivery, "POST to your address"),
)}
${verification()}
<h2 id="answers">Your answer</h2>
<p>Answer with any 2xx within 15 seconds, unless agreed otherwise. Redirects are not followed.</p>
${ANSWER_TABLE}<p>It is tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and so on, with some jitter, for a day unless agreed
otherwise. The same lead may arrive twice, under the same <code>webhook-id</code>: keep the ids that you have seen.</p>
${pingSection(undefined)}
<h2 id="test">Try it</h2>
<p>The operator can send <code>webhook.test</code> to your endpoint, the same way as leads are sent, and see what it answers.
Opened by a link that the operator makes for you, this page has a button for it, and tells your own rules.</p>
<h2 id="keys">What you can see and do yourself</h2>
<p>With a key of your own you list what you bought, have a delivery sent again, give a lead back, pause yourself and see your
balance: <a href="/docs/reference/buyers">the buyers' API</a>.</p>
`;
  return { title: TITLE, readers: "buyers", path: "/docs/webhooks", body };
}

function receiversPage(receiver: Receiver, server: string, query: string, now: Date): DocsPage {
  const { campaign, contract } = receiver;
  const { delivery } = contract.buyer;
  const body = `<h1>${TITLE}</h1>
<p class="lead">How leads of ${escapeHtml(campaign.name)} reach you, made from what is configured for you now.</p>
${delivery === null ? NOT_YET : deliverySections(receiver, delivery, now)}<h2 id="test">Try it</h2>
${delivery === null ? "<p>There is nothing to try yet.</p>" : testButton(server, query)}
`;
  return { title: TITLE, readers: "buyers", path: "/docs/webhooks", body };
}

const NOT_YET = "<p>Nothing is sent yet: no delivery is configured.</p>\n";

function deliverySections(receiver: Receiver, delivery: DeliverySettings, now: Date): string {
  const headers = isWebhook(delivery) ? HEADERS : "";
  const request = splitSection(
    `<h2 id="body">${isWebhook(delivery) ? "The request" : "The e-mail"}</h2>\n${requestWords(receiver, delivery, now)}${headers}`,
    bodyExample(receiver, delivery, now),
  );
  return [
    receiverRules(receiver, delivery),
    request,
    pingSection({ sale: exampleSale(receiver, delivery, now), delivery }),
    isWebhook(delivery) ? verification() : "",
  ].join("\n");
}

function isWebhook({ method }: DeliverySettings): boolean {
  return method === "webhook";
}

const HEADERS = `<h3>Headers</h3>
${tableOf(
  ["Header", "What it says"],
  [
    [
      "<code>webhook-id</code>",
      "The same on every attempt: keep those that you have seen, and do nothing twice.",
    ],
    [
      "<code>webhook-timestamp</code>",
      "Of this attempt, in Unix seconds. Refuse what is more than five minutes off.",
    ],
    [
      "<code>webhook-signature</code>",
      `<code>v1,</code> and base64 HMAC-SHA256 of <code>id.timestamp.body</code>. Two of them, with a space between, while a
secret is being changed: one that fits is enough.`,
    ],
  ],
)}`;

const ANSWER_TABLE = tableOf(
  ["Answer", "What follows"],
  [
    ["any 2xx", "the lead is yours; with response rules agreed, these read your answer instead"],
    ["<code>410</code>", "the endpoint is paused until the operator resumes it"],
    [
      "<code>429</code>, <code>503</code>",
      "tried again; <code>Retry-After</code> is honoured, up to twice the usual wait",
    ],
    ["anything else, or nothing", "tried again"],
  ],
);

function verification(): string {
  return splitSection(
    `<h2 id="signature">Tell that it is ours</h2>
<p>These are <a href="https://www.standardwebhooks.com">Standard Webhooks</a>, for which there are libraries in most languages.
Without one, one function does it.</p>
<p>The secret begins with <code>whsec_</code>; you get it from the operator. Give the function the body exactly as it came,
before anything parses it. It answers false for whatever is unsigned, changed or old: answer that with <code>401</code>.</p>`,
    codeTabs(
      snippets.map(({ label, language, source }) => ({ label, language, source })),
      "Tell that it is ours",
      "leadgate-receiver",
    ),
  );
}

/** The button, and the line that does the same; src/api-docs/site/docs.js is behind it. */
function testButton(server: string, query: string): string {
  const path = `${TEST_PATH}${query}`;
  return `<p>One <code>webhook.test</code>, signed as leads are, with nothing of any person in it. It is sent to where your leads go,
once, and what comes back is shown here.</p>
<p><button type="button" class="main" id="send-test" data-address="${escapeHtml(path)}">Send me a test</button></p>
<p id="test-said" role="status"></p>
<figure class="code" id="test-excerpt" hidden><figcaption>Your answer</figcaption><pre><code></code></pre></figure>
<p>The same from a terminal:</p>
${codeBlock({ language: "shell", source: `curl -X POST '${server}${path}'` })}`;
}

/** Where the button sends to, with the link's own query. */
const TEST_PATH = "/docs/webhooks/test";

function requestWords(receiver: Receiver, delivery: DeliverySettings, now: Date): string {
  const { contentType, request } = compose(exampleSale(receiver, delivery, now), delivery);
  const name = escapeHtml(receiver.campaign.name);
  if (request?.method === "GET") {
    return `<p>For ${name}, by GET: everything stands in the address. There is no body, and the signature covers the path and query in
its place, as they are sent.</p>\n`;
  }
  const by = request === undefined || request.method === "mail" ? "" : `by ${request.method}, `;
  return `<p>For ${name}, ${by}as <code>${escapeHtml(contentType)}</code>, with a person who does not exist:</p>\n`;
}

function bodyExample(receiver: Receiver, delivery: DeliverySettings, now: Date): string {
  const composed = compose(exampleSale(receiver, delivery, now), delivery);
  if (composed.request?.method === "GET") return "";
  const label = composed.subject === null ? "Body" : `Subject: ${composed.subject}`;
  const { source, language } = readable(composed);
  return codeBlock({ label, language, source });
}

/** What a buyer that bids may pay. */
const EXAMPLE_BID = "37.50";

/** JSON is sent in one line. */
function readable({ contentType, body }: Composed): { source: string; language: "json" | "xml" | "text" } {
  if (contentType === "application/json")
    return { source: JSON.stringify(JSON.parse(body), null, 2), language: "json" };
  return { source: body, language: /xml|html/.test(contentType) ? "xml" : "text" };
}

function exampleSale(
  { campaign, contract: { buyerId, price } }: Receiver,
  delivery: DeliverySettings,
  now: Date,
) {
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
    campaignName: campaign.name,
    buyerId,
    supplierId: "supplier",
    isTest: false,
    price:
      delivery.method === "webhook" && delivery.ping !== null ? EXAMPLE_BID : formatAmount(price, currency),
    currency,
    decidedAt: now.toISOString(),
    receivedAt: now.toISOString(),
    saleId: "sale_01m83r1tj6eqv8y45m9z2xk7ap",
    timezone: campaign.timezone,
    labels: campaign.mapping.spellings.titles,
    fields: read.ok ? read.values : sent,
    ping: null,
  };
}
