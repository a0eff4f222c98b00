import { TOPICS } from "#manual/manual.ts";
import type { Readers, Visitor } from "./visitor.ts";

export interface PageLink {
  path: string;
  title: string;
}

/** Where each of the readers begins. */
export const HOMES: Readonly<Record<Readers, PageLink>> = {
  suppliers: { path: "/docs", title: "Suppliers" },
  buyers: { path: "/docs/webhooks", title: "Buyers" },
  operators: { path: "/docs/quickstart", title: "Operators" },
};

/** The guide for suppliers, in the order in which it is read. */
export const GUIDE_LINKS = [
  { name: "start", path: "/docs", title: "Send a lead" },
  { name: "errors", path: "/docs/guide/errors", title: "Statuses and errors" },
  { name: "retries", path: "/docs/guide/retries", title: "Retries and idempotency" },
  { name: "look-up", path: "/docs/guide/look-up", title: "Look up and report" },
  { name: "ping-post", path: "/docs/guide/ping-post", title: "Ask for a price first" },
  { name: "batches", path: "/docs/guide/batches", title: "Many leads at once" },
  { name: "posting-urls", path: "/docs/guide/posting-urls", title: "Posting URLs" },
] as const;

const MONEY = /\/(deposits|payments|adjustments|balance|costs|ledger|statement|invoices|reports)\b/;
const PARTIES = /\/admin\/(campaigns|suppliers|buyers)\b/;
const OTHER_PARTS = /\/admin\/(suppression-lists|webhooks|conversions)\b/;

/** The pages of the reference, each with what its operations have in common; an operation is on the first page that it fits. */
export const REFERENCE_LINKS: readonly {
  name: string;
  title: string;
  readers: Readers;
  has: { section: RegExp; path: RegExp };
}[] = [
  page("suppliers", "Suppliers' API", "suppliers", /^Suppliers$/, /./),
  page("buyers", "Buyers' API", "buyers", /^(Buyers|Webhooks)$/, /./),
  page("configuration", "Configuration", "operators", /./, /\/admin\/(config|history)/),
  page("keys", "Keys and secrets", "operators", /./, /\/(keys|posting-urls|operator-keys|secret|token)\b/),
  page("money", "Money and reports", "operators", /./, MONEY),
  page(
    "deliveries",
    "Deliveries",
    "operators",
    /./,
    /\/(deliveries|endpoints|test|test-ping|recover|resume)\b/,
  ),
  page("leads", "Leads", "operators", /./, /\/admin\/(leads|returns|erasures|simulate|simulations|usage)\b/),
  page("parties", "Campaigns, suppliers, buyers", "operators", /./, PARTIES),
  page("lists", "Lists, webhooks, conversions", "operators", /./, OTHER_PARTS),
  page("server", "The server", "operators", /./, /./),
];

function page(name: string, title: string, readers: Readers, section: RegExp, path: RegExp) {
  return { name, title, readers, has: { section, path } };
}

interface PageGroup {
  title: string;
  pages: readonly PageLink[];
}

/** What stands beside the text. */
export function navigationOf(readers: Readers, shown: PageLink, visitor: Visitor): PageGroup[] {
  switch (readers) {
    case "suppliers":
      return [
        ...ownCampaign(shown, visitor),
        { title: "Guide", pages: [...GUIDE_LINKS, topicLink("leads", "How values are understood")] },
        { title: "Reference", pages: referenceLinks(readers) },
      ];
    case "buyers":
      return [
        { title: "Receiving leads", pages: [{ path: "/docs/webhooks", title: "What you receive" }] },
        {
          title: "Reference",
          pages: [{ path: "/docs/webhooks/events", title: "Events" }, ...referenceLinks(readers)],
        },
      ];
    case "operators":
      return [
        {
          title: "Manual",
          pages: TOPICS.map(({ name, title }) => topicLink(name, title.replace(/:.*$/, ""))),
        },
        { title: "API reference", pages: referenceLinks(readers) },
      ];
  }
}

/** The campaign that is shown, or that the visitor came by a link for: strangers are led to no other. */
function ownCampaign(shown: PageLink, { campaign }: Visitor): PageGroup[] {
  if (shown.path.startsWith("/docs/campaigns/")) return [{ title: "Your campaign", pages: [shown] }];
  if (campaign === undefined) return [];
  const path = `/docs/campaigns/${encodeURIComponent(campaign)}`;
  return [{ title: "Your campaign", pages: [{ path, title: campaign }] }];
}

function topicLink(name: string, title: string): PageLink {
  return { path: `/docs/${name}`, title };
}

function referenceLinks(of: Readers): PageLink[] {
  return REFERENCE_LINKS.filter(({ readers }) => readers === of).map(({ name, title }) => ({
    path: `/docs/reference/${name}`,
    title,
  }));
}
