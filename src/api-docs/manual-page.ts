import { referenceMarkdown } from "#configuration/reference/reference-text.ts";
import { TOPICS, type Topic } from "#manual/manual.ts";
import { htmlOf } from "#manual/markdown.ts";
import { escapeHtml, htmlPage } from "./page.ts";

/** A page of the manual, with links to all others. */
export function manualPage(topic: Topic): Response {
  return htmlPage(
    `${topic.title} – Leadgate`,
    `${manualLinks(topic.name)}<main class="ours">
${htmlOf(wholeText(topic))}</main>`,
  );
}

/** The page on configuration ends in what is generated: every setting. */
function wholeText({ name, text }: Topic): string {
  return name === "configuration" ? `${text}\n${referenceMarkdown()}` : text;
}

/** Links to the pages of the manual and to the API; the one that is shown is marked. */
export function manualLinks(current?: string): string {
  const pages = [
    { path: "/docs", title: "API", isCurrent: current === undefined },
    ...TOPICS.map(({ name, title }) => ({
      path: `/docs/${name}`,
      title: title.replace(/:.*$/, ""),
      isCurrent: name === current,
    })),
    { path: "/docs/webhooks", title: "Receiving leads", isCurrent: false },
  ];
  const links = pages.map(
    ({ path, title, isCurrent }) =>
      `<a href="${path}"${isCurrent ? ' aria-current="page"' : ""}>${escapeHtml(title)}</a>`,
  );
  return `<nav class="manual" aria-label="Manual">\n${links.join("\n")}\n</nav>\n`;
}
