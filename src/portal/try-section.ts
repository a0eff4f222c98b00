import { escapeHtml } from "#api-docs/site/html.ts";
import { isPingedFirst, type Viewed } from "./campaign-document.ts";
import { examplePing, examplePost } from "./example-lead.ts";

/** The form by which the example is sent; `documentUrl` tells its script whose key it is. src/api-docs/site/docs.js is behind it. */
export function trySection({ campaign, supplier }: Viewed, documentUrl: string, now: Date): string {
  const id = supplier?.supplierId;
  const isPinged = isPingedFirst(campaign);
  const ping = isPinged
    ? part({
        path: "/api/v1/ping",
        name: "ping",
        title: "Ping",
        body: examplePing(campaign, id, now),
        isDry: undefined,
        button: "Send the ping",
      })
    : "";
  const lead = part({
    path: "/api/v1/ingest",
    name: "lead",
    title: "Lead",
    body: examplePost(campaign, id, now),
    isDry: true,
    button: "Send the lead",
  });
  return `<div class="try wide" data-document="${escapeHtml(documentUrl)}">
<label>Your key<input name="key" type="password" autocomplete="off" spellcheck="false" placeholder="lg_sup_…">
<span class="hint">It stays in this tab, and is sent to this server alone.</span></label>
<p class="told" role="status"></p>
${ping}${lead}<noscript><p>This needs JavaScript; the examples above do not.</p></noscript>
</div>
`;
}

function part({
  path,
  name,
  title,
  body,
  isDry,
  button,
}: {
  path: string;
  name: string;
  title: string;
  body: object;
  isDry: boolean | undefined;
  button: string;
}): string {
  const dry =
    isDry === undefined
      ? ""
      : `<label class="inline"><input type="checkbox" name="dry_run" checked> Dry run: nothing is recorded or sold</label>\n`;
  return `<div data-path="${path}">
<label>${title}<textarea name="${name}" spellcheck="false" rows="14">${escapeHtml(JSON.stringify(body, null, 2))}</textarea></label>
${dry}<p><button type="button" class="main">${button}</button></p>
<p class="said" role="status"></p>
<figure class="code answer" hidden><figcaption>Answer</figcaption><pre><code></code></pre></figure>
</div>
`;
}
