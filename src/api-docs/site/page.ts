import { escapeHtml } from "./html.ts";
import { HOMES, navigationOf, type PageLink } from "./navigation.ts";
import type { Readers, Visitor } from "./visitor.ts";

/** A page as it is put into the frame that all have in common. */
export interface DocsPage {
  title: string;
  readers: Readers;
  /** Of the page itself, without a query. */
  path: string;
  /** HTML, with one `h1`. */
  body: string;
  /** Where "Swagger UI" in the head leads; the readers' own document when nothing else is said. */
  swagger?: string;
  /** More for the head of the document, as HTML. */
  head?: string;
  className?: string;
}

/** A whole page: nothing is loaded from elsewhere, and no script or style stands in it. */
export function docsPage(page: DocsPage, visitor: Visitor): Response {
  const { title, readers, body, head = "", className } = page;
  const swagger = page.swagger ?? `/docs/swagger?for=${readers}`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} – Leadgate</title>
<link rel="icon" href="data:,">
${head}<link rel="stylesheet" href="/docs/assets/docs.css">
<script type="module" src="/docs/assets/docs.js"></script>
</head>
<body${className === undefined ? "" : ` class="${className}"`}>
<a class="skip" href="#main">Skip to the text</a>
<header class="head">
<a class="brand" href="${HOMES[readers].path}">${MARK}Leadgate</a>
<nav class="readers" aria-label="Documentation for">${readersShown(readers, visitor)}</nav>
<search class="search"><input type="search" placeholder="Search" aria-label="Search the documentation" autocomplete="off"
 data-index="${escapeHtml(withQuery(`/docs/search.json?for=${readers}`, visitor.query))}"><ul class="found" hidden></ul></search>
<a href="${escapeHtml(swagger)}">Swagger UI</a>
<button type="button" class="menu" aria-expanded="false">Pages</button>
</header>
<div class="frame">
<nav class="side" aria-label="Pages">
${side(page, visitor)}</nav>
<main id="main">
${body}</main>
</div>
</body>
</html>
`;
  return htmlReply(carryLink(html, visitor.query));
}

/** The mark of console and portal. */
const MARK = `<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#16725a"/>
<path d="M8 16h9m-4-5 5 5-5 5M22 8v16" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

function readersShown(current: Readers, { reader }: Visitor): string {
  const all = Object.entries(HOMES) as [Readers, PageLink][];
  return all
    .filter(([readers]) => reader === undefined || readers === `${reader}s`)
    .map(
      ([readers, { path, title }]) =>
        `<a href="${path}"${readers === current ? ' aria-current="true"' : ""}>${title}</a>`,
    )
    .join("");
}

/** The pages for these readers; below the one that is shown, its own sections. */
function side({ readers, path, title: shown, body }: DocsPage, visitor: Visitor): string {
  return navigationOf(readers, { path, title: shown }, visitor)
    .map(
      ({ title, pages }) =>
        `<h2>${escapeHtml(title)}</h2>\n<ul>${pages.map((page) => link(page, path, body)).join("\n")}</ul>\n`,
    )
    .join("");
}

function link({ path, title }: PageLink, current: string, body: string): string {
  const isCurrent = path === current;
  const sections = isCurrent ? sectionsOf(body) : [];
  const below = sections.map(({ id, title: heading }) => `<li><a href="#${id}">${heading}</a></li>`);
  return `<li><a href="${escapeHtml(path)}"${isCurrent ? ' aria-current="page"' : ""}>${escapeHtml(title)}</a>${
    below.length > 1 ? `<ul>${below.join("")}</ul>` : ""
  }</li>`;
}

/** The sections of a page, by their headings; `title` is HTML without marks. */
function sectionsOf(body: string): { id: string; title: string }[] {
  return Array.from(body.matchAll(/<h2 id="([^"]+)">([^]*?)<\/h2>/g), ([, id = "", heading = ""]) => ({
    id,
    title: heading.replaceAll(/<[^>]+>/g, ""),
  }));
}

/** Whoever came by a link keeps it: the pages that it opens may be closed to others. */
function carryLink(html: string, query: string): string {
  if (query === "") return html;
  return html.replaceAll(
    / href="(\/docs(?!\/assets)[^"#?]*)(#[^"]*)?"/g,
    (_, path: string, anchor = "") => ` href="${path}${escapeHtml(query)}${anchor}"`,
  );
}

/** An address with a query, and those of a link beside it. */
export function withQuery(address: string, query: string): string {
  if (query === "") return address;
  return address.includes("?") ? `${address}&${query.slice(1)}` : `${address}${query}`;
}

/** Only our own scripts and styles, and requests to ourselves alone. */
const SOURCES = {
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self' data:",
  "connect-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
  "frame-ancestors": "'none'",
};

const POLICY = Object.entries(SOURCES)
  .map(([name, allowed]) => `${name} ${allowed}`)
  .join("; ");

function htmlReply(html: string): Response {
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": POLICY,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      // A page follows the configuration at once.
      "cache-control": "no-store",
    },
  });
}
