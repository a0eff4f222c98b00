import { limitsOf, rejectionsOf, type Viewed } from "./campaign-document.ts";
import { type CampaignField, fieldsOf } from "./campaign-fields.ts";
import { exampleLead } from "./example-lead.ts";
import { escapeHtml, swaggerPage } from "./page.ts";

/** Where the page is reached: the server from outside, and the query with which it was opened. */
export interface Address {
  /** Without a slash at the end. */
  server: string;
  /** Of a signed link, with its question mark; empty without one. */
  query: string;
}

/** The page of one campaign, for whoever writes the supplier's side. */
export function campaignPage(viewed: Viewed, { server, query }: Address, now: Date): Response {
  const { definition } = viewed.campaign;
  const own = `/docs/campaigns/${encodeURIComponent(definition.id)}`;
  const limits = limitsOf(viewed);
  const intro = `<header class="ours">
<h1>${escapeHtml(definition.name)}</h1>
${definition.status === "paused" ? "<p><strong>This campaign is paused: leads are refused until it goes on.</strong></p>\n" : ""}<p>Send each lead with your key; the answer says at once what became of it.</p>
<pre>${escapeHtml(curlLine(viewed, server, now))}</pre>
<p>With <code>?dry_run=true</code> the answer is the same, with a trace of every check, and nothing is recorded.</p>
<p>Download: <a href="${escapeHtml(`${own}/openapi.json${query}`)}">OpenAPI document</a>,
<a href="${escapeHtml(`${own}/postman.json${query}`)}" download>Postman collection</a>,
<a href="${escapeHtml(`${own}/form.html${query}`)}" download>HTML form</a>.</p>
<h2>Fields</h2>
${fieldTable(fieldsOf(viewed.campaign))}
<h2>What is turned away</h2>
${rejectionTable(viewed, now)}
${limits.length > 0 ? `<h2>Your limits</h2>\n<ul>${limits.map((limit) => `<li>${escapeHtml(limit)}</li>`).join("")}</ul>\n` : ""}</header>
`;
  return swaggerPage(definition.name, `${own}/openapi.json${query}`, intro);
}

/** A line that works as it stands once the key (and, for a page of nobody's, the supplier's id) is put in. */
function curlLine({ campaign, supplier }: Viewed, server: string, now: Date): string {
  const lead = JSON.stringify(exampleLead(campaign, supplier?.supplierId, now)).replaceAll("'", "'\\''");
  return `curl -i ${server}/api/v1/ingest -H 'x-api-key: YOUR_KEY' -H 'content-type: application/json' \\\n  -d '${lead}'`;
}

function fieldTable(fields: readonly CampaignField[]): string {
  const forPing = fields.some((field) => field.requiredForPing);
  const rows = fields.map(
    ({ name, title, required, requiredForPing, says }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(title)}</td><td>${required ? "yes" : ""}</td>${
        forPing ? `<td>${requiredForPing ? "yes" : ""}</td>` : ""
      }<td>${escapeHtml(says)}</td></tr>`,
  );
  return `<table><thead><tr><th>Name</th><th>Label</th><th>Required</th>${forPing ? "<th>For a ping</th>" : ""}<th></th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table>`;
}

function rejectionTable(viewed: Viewed, now: Date): string {
  const rows = rejectionsOf(viewed, now).map(
    ({ status, code, rule, says }) =>
      `<tr><td>${status}</td><td><code>${escapeHtml(code)}</code></td><td>${rule === null ? "" : `<code>${escapeHtml(rule)}</code>`}</td><td>${escapeHtml(says)}</td></tr>`,
  );
  return `<table><thead><tr><th>Answer</th><th>Code</th><th>Rule</th><th></th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table>`;
}
