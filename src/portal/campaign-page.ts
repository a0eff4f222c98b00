import { escapeHtml, swaggerPage } from "#api-docs/page.ts";
import {
  isPingedFirst,
  limitsOf,
  pingRejectionsOf,
  type Rejection,
  rejectionsOf,
  type Viewed,
} from "./campaign-document.ts";
import { type CampaignField, fieldsOf } from "./campaign-fields.ts";
import { examplePing, examplePost, YOUR_PING_ID } from "./example-lead.ts";

/** Where the page is reached: the server from outside, and the query with which it was opened. */
export interface PageAddress {
  /** Without a slash at the end. */
  server: string;
  /** Of a signed link, with its question mark; empty without one. */
  query: string;
}

/** The page of one campaign, for whoever writes the supplier's side. */
export function campaignPage(viewed: Viewed, { server, query }: PageAddress, now: Date): Response {
  const { id, name, status } = viewed.campaign;
  const own = `/docs/campaigns/${encodeURIComponent(id)}`;
  const limits = limitsOf(viewed);
  const isPinged = isPingedFirst(viewed.campaign);
  const files = [
    `<a href="${escapeHtml(`${own}/openapi.json${query}`)}">OpenAPI document</a>`,
    `<a href="${escapeHtml(`${own}/postman.json${query}`)}" download>Postman collection</a>`,
    ...(isPinged ? [] : [`<a href="${escapeHtml(`${own}/form.html${query}`)}" download>HTML form</a>`]),
  ];
  const intro = `<header class="ours">
<h1>${escapeHtml(name)}</h1>
${status === "paused" ? "<p><strong>This campaign is paused: leads are refused until it goes on.</strong></p>\n" : ""}${
  isPinged ? pingThenPost(viewed, server, now) : postAlone(viewed, server, now)
}
<p>Download: ${files.join(",\n")}.</p>
<h2>Fields</h2>
${fieldTable(fieldsOf(viewed.campaign), isPinged)}
${isPinged ? pingsTurnedAway(viewed, now) : ""}<h2>${isPinged ? "Leads that are turned away" : "What is turned away"}</h2>
${rejectionTable(rejectionsOf(viewed, now))}
${limits.length > 0 ? `<h2>Your limits</h2>\n<ul>${limits.map((limit) => `<li>${escapeHtml(limit)}</li>`).join("")}</ul>\n` : ""}</header>
`;
  return swaggerPage(name, `${own}/openapi.json${query}`, intro);
}

function postAlone(viewed: Viewed, server: string, now: Date): string {
  const lead = examplePost(viewed.campaign, viewed.supplier?.supplierId, now);
  return `<p>Send each lead with your key; the answer says at once what became of it.</p>
<pre>${escapeHtml(`curl -i ${curlWords(server, "ingest", quoted(lead))}`)}</pre>
<p>With <code>?dry_run=true</code> the answer is the same, with a trace of every check, and nothing is recorded.</p>`;
}

/** The lines work one after the other in any shell, with nothing to be copied from one answer into the next request. */
function pingThenPost({ campaign, supplier }: Viewed, server: string, now: Date): string {
  const ping = examplePing(campaign, supplier?.supplierId, now);
  const lead = examplePost(campaign, supplier?.supplierId, now);
  const pinging = `ping=$(curl -s ${curlWords(server, "ping", quoted(ping))})
echo "$ping"`;
  const posting = `ping_id=\${ping#*'"ping_id":"'}; ping_id=\${ping_id%%'"'*}
curl -i ${curlWords(server, "ingest", quoted(lead).replace(YOUR_PING_ID, "'\"$ping_id\"'"))}`;
  return `<p>Ask first what is paid for a lead, with your key and without telling whose it is:</p>
<pre>${escapeHtml(pinging)}</pre>
<p>With <code>"accepted": true</code> the answer has a <code>ping_id</code>, and the bids of those who would take the lead.
Every price is what you are
paid. Then send the whole lead:</p>
<pre>${escapeHtml(posting)}</pre>
<ul><li>A ping holds for 30 minutes and buys one lead, at the price that it was promised.</li>
<li>What was pinged stays as it is; the post only adds to it.</li>
<li>With one of the bids' <code>buyer_id</code> as <code>flo_buyer_id</code> that buyer gets the lead; without it the best
does. When that one can no longer take it, the
next does, at that one's price.</li></ul>
<p>With <code>?dry_run=true</code> either answers with a trace of every check and nothing is recorded. Such a ping has no
<code>ping_id</code>; to try out the post, ping
for good: no ping is recorded.</p>`;
}

/** What stands after curl's options, once the key (and, for a page of nobody's, the supplier's id) is put in. */
function curlWords(server: string, route: string, body: string): string {
  return `${server}/api/v1/${route} -H 'x-api-key: YOUR_KEY' -H 'content-type: application/json' \\\n  -d ${body}`;
}

/** As one word of a shell. */
function quoted(body: object): string {
  return `'${JSON.stringify(body).replaceAll("'", "'\\''")}'`;
}

function pingsTurnedAway(viewed: Viewed, now: Date): string {
  return `${HASHES}\n<h2>Pings that are turned away</h2>\n${rejectionTable(pingRejectionsOf(viewed, now))}\n`;
}

const HASHES = `<p>A ping may have a phone and an e-mail hashed instead: <code>phone_sha256</code> or <code>phone_md5</code>,
in hexadecimal,
of the phone as <code>+15551234567</code> (or its digits alone, with or without the country code); <code>email_sha256</code> or
<code>email_md5</code> of the e-mail in lower case.</p>`;

function fieldTable(fields: readonly CampaignField[], forPing: boolean): string {
  const rows = fields.map(
    ({ name, title, required, requiredForPing, says }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(title)}</td><td>${required ? "yes" : ""}</td>${
        forPing ? `<td>${requiredForPing ? "yes" : ""}</td>` : ""
      }<td>${escapeHtml(says)}</td></tr>`,
  );
  return `<table><thead><tr><th>Name</th><th>Label</th><th>Required</th>${forPing ? "<th>For a ping</th>" : ""}<th></th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table>`;
}

function rejectionTable(rejections: readonly Rejection[]): string {
  const rows = rejections.map(
    ({ status, code, rule, says }) =>
      `<tr><td>${status}</td><td><code>${escapeHtml(code)}</code></td>` +
      `<td>${rule === null ? "" : `<code>${escapeHtml(rule)}</code>`}</td><td>${escapeHtml(says)}</td></tr>`,
  );
  return `<table><thead><tr><th>Answer</th><th>Code</th><th>Rule</th><th></th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table>`;
}
