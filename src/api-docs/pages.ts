import { referenceMarkdown } from "#configuration/reference/reference-text.ts";
import type { Route } from "#http/route.ts";
import { TOPICS, type Topic, topicNamed } from "#manual/manual.ts";
import { guideBody, guideNamed } from "./guide/guide-pages.ts";
import { EXAMPLE_SERVER } from "./reference/example-call.ts";
import { operationsOn, referenceBody, referencedRoutes } from "./reference/reference-page.ts";
import { type SearchEntry, searchEntriesOf } from "./search-index.ts";
import { markdownHtml } from "./site/markdown.ts";
import { GUIDE_LINKS, REFERENCE_LINKS } from "./site/navigation.ts";
import type { DocsPage } from "./site/page.ts";
import type { Readers } from "./site/visitor.ts";

/** The pages that are the same for every installation. Each is made once, when it is first asked for. */
export interface FixedPages {
  guide(name: string): DocsPage | undefined;
  reference(name: string): DocsPage | undefined;
  /** Of the manual. */
  topic(name: string): DocsPage | undefined;
  /** All that these readers can find. */
  searched(readers: Readers): SearchEntry[];
}

/** `more`: pages that others make, for search. */
export function fixedPages(routes: () => readonly Route[], more: () => readonly DocsPage[]): FixedPages {
  const kept = new Map<string, DocsPage | undefined>();
  const keep = (key: string, make: () => DocsPage | undefined) => {
    if (!kept.has(key)) kept.set(key, make());
    return kept.get(key);
  };
  const pages: FixedPages = {
    guide: (name) => keep(`guide/${name}`, () => guidePage(name, routes())),
    reference: (name) => keep(`reference/${name}`, () => referencePage(name, routes())),
    topic: (name) => keep(name, () => topicPage(topicNamed(name))),
    searched: (readers) =>
      [
        ...GUIDE_LINKS.map(({ name }) => pages.guide(name)),
        ...REFERENCE_LINKS.map(({ name }) => pages.reference(name)),
        ...TOPICS.map(({ name }) => pages.topic(name)),
        ...more(),
      ].flatMap((page) => (page?.readers === readers ? searchEntriesOf(page) : [])),
  };
  return pages;
}

function guidePage(name: string, routes: readonly Route[]): DocsPage | undefined {
  const guide = guideNamed(name);
  if (guide === undefined) return undefined;
  const { title, path, text } = guide;
  return { title, readers: "suppliers", path, body: guideBody(text, referencedRoutes(routes)) };
}

function referencePage(name: string, routes: readonly Route[]): DocsPage | undefined {
  const link = REFERENCE_LINKS.find((each) => each.name === name);
  if (link === undefined) return undefined;
  const { title, readers } = link;
  const body = referenceBody(title, operationsOn(name, referencedRoutes(routes)));
  return { title, readers, path: `/docs/reference/${name}`, body };
}

/** The page on configuration ends in what is generated: every setting. */
function topicPage(topic: Topic | undefined): DocsPage | undefined {
  if (topic === undefined) return undefined;
  const { name, title, text } = topic;
  const body = markdownHtml(name === "configuration" ? `${text}\n${referenceMarkdown()}` : text);
  return {
    title: title.replace(/:.*$/, ""),
    readers: READERS_OF_TOPICS[name] ?? "operators",
    path: `/docs/${name}`,
    body,
  };
}

/** Those of the manual's pages that are not for operators alone. */
const READERS_OF_TOPICS: Readonly<Record<string, Readers>> = { leads: "suppliers" };

/** A page's examples call the server that it came from. */
export function calling(page: DocsPage, server: string): DocsPage {
  return { ...page, body: page.body.replaceAll(EXAMPLE_SERVER, Bun.escapeHTML(server)) };
}
