import { exampleEvents } from "#api-docs/openapi/webhook-events.ts";
import { jsonBlock } from "#api-docs/site/code.ts";
import { escapeHtml, splitSection } from "#api-docs/site/html.ts";
import type { DocsPage } from "#api-docs/site/page.ts";

/** What can be heard of leads, an event a section. */
export function eventsPage(): DocsPage {
  const sections = exampleEvents().map(({ name, summary, readers, event }) =>
    splitSection(
      `<h2 id="${name}">${name}</h2>\n<p>${escapeHtml(summary)}.</p>\n<p>Sent to ${readers}.</p>`,
      jsonBlock(event, name),
    ),
  );
  const body = `<h1>Events</h1>
<p class="lead">All have one shape: <code>type</code>, <code>timestamp</code> and <code>data</code>. They are signed and sent again
as leads are.</p>
${sections.join("")}`;
  return { title: "Events", readers: "buyers", path: "/docs/webhooks/events", body };
}
