import { codeBlock, codeTabs } from "#api-docs/site/code.ts";
import { escapeHtml, splitSection, tableOf, withCode } from "#api-docs/site/html.ts";
import { docsPage } from "#api-docs/site/page.ts";
import { LANGUAGES } from "#api-docs/site/request-code.ts";
import type { Visitor } from "#api-docs/site/visitor.ts";
import {
  isPingedFirst,
  limitsOf,
  pingRejectionsOf,
  type Rejection,
  rejectionsOf,
  type Viewed,
} from "./campaign-document.ts";
import { answerTabs, pingAnswerTabs, pingCode, postCode } from "./campaign-examples.ts";
import { type CampaignField, fieldsOf } from "./campaign-fields.ts";
import { trySection } from "./try-section.ts";

/** Where the page is reached: the server from outside, and who came by which link. */
export interface PageAddress {
  /** Without a slash at the end. */
  server: string;
  visitor: Visitor;
}

/** The page of one campaign, for whoever writes the supplier's side. */
export function campaignPage(viewed: Viewed, { server, visitor }: PageAddress, now: Date): Response {
  const { id, name, status } = viewed.campaign;
  const own = `/docs/campaigns/${encodeURIComponent(id)}`;
  const isPinged = isPingedFirst(viewed.campaign);
  const body = [
    `<h1>${escapeHtml(name)}</h1>`,
    '<p class="lead">What this campaign asks for, made from its configuration as it is in force now.</p>',
    status === "paused" ? PAUSED : "",
    filesOf(own, isPinged),
    isPinged ? pingThenPost(viewed, server, now) : postAlone(viewed, server, now),
    `<h2 id="fields">Fields</h2>\n${fieldTable(fieldsOf(viewed.campaign, now), isPinged)}`,
    isPinged ? HASHES : "",
    `<h2 id="try">Try it</h2>\n${trySection(viewed, `${own}/openapi.json${visitor.query}`, now)}`,
    turnedAway(viewed, isPinged, now),
    limitSection(viewed),
  ].join("\n");
  return docsPage({ title: name, readers: "suppliers", path: own, body, swagger: `${own}/swagger` }, visitor);
}

function turnedAway(viewed: Viewed, isPinged: boolean, now: Date): string {
  const leads = rejectionTable(rejectionsOf(viewed, now));
  if (!isPinged) return `<h2 id="turned-away">What is turned away</h2>\n${leads}`;
  return `<h2 id="pings-turned-away">Pings that are turned away</h2>
${rejectionTable(pingRejectionsOf(viewed, now))}
<h2 id="turned-away">Leads that are turned away</h2>
${leads}`;
}

function limitSection(viewed: Viewed): string {
  const limits = limitsOf(viewed).map((limit) => `<li>${escapeHtml(limit)}</li>`);
  return limits.length > 0 ? `<h2 id="limits">Your limits</h2>\n<ul>${limits.join("")}</ul>\n` : "";
}

const PAUSED = `<p class="note warning"><strong>This campaign is paused: leads are refused until it goes on.</strong></p>\n`;

function filesOf(own: string, isPinged: boolean): string {
  const files = [
    `<a href="${own}/swagger">Swagger UI</a>`,
    `<a href="${own}/openapi.json">OpenAPI document</a>`,
    `<a href="${own}/postman.json" download>Postman collection</a>`,
    ...(isPinged ? [] : [`<a href="${own}/form.html" download>HTML form</a>`]),
  ];
  return `<ul class="actions wide">${files.map((file) => `<li>${file}</li>`).join("")}</ul>\n`;
}

const KEY = `<p>Your key goes into the header <code>x-api-key</code>; the examples read it from the environment:</p>
${codeBlock({ language: "shell", source: "export LEADGATE_KEY='lg_sup_…'" })}`;

function postAlone(viewed: Viewed, server: string, now: Date): string {
  return splitSection(
    `<h2 id="send">Send a lead</h2>
<p>Send each lead by itself; the answer says at once what became of it.</p>
${KEY}<p>With <code>?dry_run=true</code> the answer is the same, with a trace of every check, and nothing is recorded.</p>
<ul><li><code>201</code>: a buyer has the lead.</li>
<li><code>200</code>: it is good, and nobody has it: <code>UNMATCHED</code> or <code>DUPLICATE</code>.</li>
<li><code>400</code>: fields are missing or wrong, all named at once. Nothing is on record.</li>
<li><code>422</code>: a rule turned it away. It is on record as <code>REJECTED</code>.</li></ul>
<p><a href="/docs/guide/errors">All statuses</a>, and <a href="/docs/guide/retries">how to send a lead again safely</a>.</p>`,
    `${codeTabs(postCode(viewed, server, now), "Send a lead", LANGUAGES)}${answerTabs(viewed, now)}`,
  );
}

/** The lines of a language work one after the other, with nothing to be copied from one answer into the next request. */
function pingThenPost(viewed: Viewed, server: string, now: Date): string {
  const asking = splitSection(
    `<h2 id="ping">Ask for the price</h2>
<p>Ask first what is paid for a lead, without telling whose it is.</p>
${KEY}<p>With <code>"accepted": true</code> the answer has a <code>ping_id</code>, and the bids of those who would take the lead.
Every price is what you are paid.</p>`,
    `${codeTabs(pingCode(viewed, server, now), "Ask for the price", LANGUAGES)}${pingAnswerTabs(viewed, now)}`,
  );
  const posting = splitSection(
    `<h2 id="send">Send the lead</h2>
<ul><li>A ping holds for 30 minutes and buys one lead, at the price that it was promised.</li>
<li>What was pinged stays as it is; the post only adds to it.</li>
<li>With one of the bids' <code>buyer_id</code> as <code>flo_buyer_id</code> that buyer gets the lead; without it the best
does. When that one can no longer take it, the next does, at that one's price.</li></ul>
<p>With <code>?dry_run=true</code> either answers with a trace of every check and nothing is recorded. Such a ping has no
<code>ping_id</code>; to try out the post, ping for good: no ping is recorded.</p>`,
    `${codeTabs(postCode(viewed, server, now), "Send the lead", LANGUAGES)}${answerTabs(viewed, now)}`,
  );
  return asking + posting;
}

const HASHES = `<p>A ping may have a phone and an e-mail hashed instead: <code>phone_sha256</code> or <code>phone_md5</code>,
in hexadecimal, of the phone as <code>+15551234567</code> (or its digits alone, with or without the country code);
<code>email_sha256</code> or <code>email_md5</code> of the e-mail in lower case.</p>\n`;

function fieldTable(fields: readonly CampaignField[], forPing: boolean): string {
  const rows = fields.map(({ name, title, required, requiredForPing, says, example }) => [
    `<code>${escapeHtml(name)}</code>`,
    `${escapeHtml(title)}${neededFor(required, forPing && requiredForPing)}`,
    escapeHtml(says),
    `<code>${escapeHtml(String(example))}</code>`,
  ]);
  return tableOf(["Name", "Label", "What it must be", "Example"], rows, ["Example"]);
}

function neededFor(required: boolean, forPing: boolean): string {
  const said = [...(required ? ["required"] : []), ...(forPing ? ["for a ping"] : [])];
  return said.length === 0 ? "" : `<br><span class="required">${said.join(", ")}</span>`;
}

function rejectionTable(rejections: readonly Rejection[]): string {
  const rows = rejections.map(({ status, code, rule, says }) => [
    String(status),
    `<code>${escapeHtml(code)}</code>`,
    rule === null ? "" : `<code>${escapeHtml(rule)}</code>`,
    withCode(says),
  ]);
  return tableOf(["Answer", "Code", "Rule", "When"], rows);
}
