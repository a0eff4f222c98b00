import { linkTarget } from "#access/signed-link.ts";
import type { DocumentSources } from "#api-docs/docs-routes.ts";
import type { OpenApiDocument } from "#api-docs/openapi/document.ts";
import { type DocsPage, docsPage } from "#api-docs/site/page.ts";
import { swaggerPage } from "#api-docs/site/swagger-page.ts";
import { visitorOf } from "#api-docs/site/visitor.ts";
import { sendEndpointTest, type TestSender } from "#buyers-api/endpoint-test.ts";
import type { Campaign } from "#campaigns/campaign.ts";
import type { CampaignCache } from "#campaigns/campaign-cache.ts";
import type { RequestContext } from "#http/context.ts";
import { bodyOf, type KeptJson, keepJson, keptByKey, keptReply } from "#http/kept-json.ts";
import { anybody, type Route, route } from "#http/route.ts";
import { version } from "../../package.json" with { type: "json" };
import { campaignDocument, isPingedFirst, type Viewed } from "./campaign-document.ts";
import { campaignPage, type PageAddress } from "./campaign-page.ts";
import { ENDPOINT_TEST_WORDS } from "./endpoint-test-words.ts";
import { eventsPage } from "./events-page.ts";
import { htmlForm } from "./form.ts";
import { postmanCollection } from "./postman.ts";
import type { Receiver } from "./receiver-rules.ts";
import { anybodysPage, webhookPage } from "./webhook-page.ts";

export interface PortalParts extends TestSender {
  documents: DocumentSources;
  campaignCache: CampaignCache;
  /** Whose key the request carries; undefined without a good one. */
  supplierOf(request: Request): Promise<string | undefined>;
  /** Keys the signatures of links. */
  pepper: Uint8Array;
  /** Whether a campaign whose page is public is shown to everybody; else it is as one that is private. */
  showsStrangers: boolean;
  /** Where suppliers reach the server, without a slash at the end; undefined: where the request came to. */
  publicUrl: string | undefined;
  now(): Date;
}

/** Those of the pages that are the same for everybody: search finds them. */
export function portalPages(): DocsPage[] {
  return [anybodysPage(), eventsPage()];
}

/** What suppliers' and buyers' developers open, by a link from the operator or a key of their own. */
export function portalRoutes(parts: PortalParts): Route[] {
  return [...campaignRoutes(parts), ...receiverRoutes(parts)];
}

type CampaignPath =
  | "/docs/campaigns/:id"
  | `/docs/campaigns/:id/${"swagger" | "openapi.json" | "postman.json" | "form.html"}`;

type AboutCampaign = (
  viewed: Viewed,
  address: PageAddress,
  context: RequestContext,
) => Response | Promise<Response>;

/** A campaign's page, and the files that it offers. */
function campaignRoutes(parts: PortalParts): Route[] {
  const { documents, now } = parts;
  const kept = keptByKey(MOST_KEPT);
  const documentOf = (viewed: Viewed): Promise<KeptJson> =>
    kept(keyOf(viewed, now()), async () =>
      campaignDocument(viewed, documents.routes(), await documents.paths(), version, now()),
    );
  const about = (path: CampaignPath, answer: AboutCampaign): Route =>
    route({
      method: "get",
      path,
      who: anybody,
      async answer({ context, params: { id } }) {
        const viewed = await viewedBy(context.request, id, parts);
        if (viewed === undefined) return context.refuse("not_found", NO_SUCH_PAGE);
        return answer(viewed, addressOf(context.request, parts, viewed.campaign.id), context);
      },
    });
  return [
    about("/docs/campaigns/:id", (viewed, address) => campaignPage(viewed, address, now())),
    about("/docs/campaigns/:id/swagger", ({ campaign: { id, name } }, { visitor }) => {
      const own = `/docs/campaigns/${encodeURIComponent(id)}`;
      const documentUrl = `${own}/openapi.json${visitor.query}`;
      return swaggerPage({ title: name, readers: "suppliers", path: `${own}/swagger`, documentUrl }, visitor);
    }),
    about("/docs/campaigns/:id/openapi.json", async (viewed, _, { request }) =>
      keptReply(await documentOf(viewed), request, { isPrivate: true }),
    ),
    // Not kept, for it names the server as the caller called it, which may be anything.
    about("/docs/campaigns/:id/postman.json", async (viewed, { server }, { request }) => {
      const document = bodyOf(await documentOf(viewed)) as OpenApiDocument;
      return keptReply(
        await keepJson(postmanCollection(document, { server, campaignId: viewed.campaign.id, now: now() })),
        request,
        { isPrivate: true },
      );
    }),
    about("/docs/campaigns/:id/form.html", ({ campaign }, _, context) =>
      isPingedFirst(campaign) ? context.refuse("not_found", NO_FORM) : formFile(campaign),
    ),
  ];
}

/** Some 60 KiB each. */
const MOST_KEPT = 200;

/** All that such a document depends on. Its examples have dates near now, so it is made anew every hour. */
function keyOf({ campaign, supplier }: Viewed, now: Date): string {
  const hour = now.toISOString().slice(0, 13);
  return JSON.stringify([campaign.id, campaign.revision, supplier?.supplierId ?? null, hour]);
}

/** What a buyer receives, and the button by which it has a test sent to itself. */
function receiverRoutes(parts: PortalParts): Route[] {
  return [
    route({
      method: "get",
      path: "/docs/webhooks",
      who: anybody,
      async answer({ context }) {
        const query = new URL(context.request.url).searchParams;
        const receiver = await receiverOf(query, parts);
        const isMade = receiver !== undefined || !query.has("signature");
        return isMade
          ? webhookPage(receiver, addressOf(context.request, parts), parts.now())
          : context.refuse("not_found", NO_SUCH_PAGE);
      },
    }),
    route({
      method: "post",
      path: "/docs/webhooks/test",
      who: anybody,
      reads: LINK_SETTINGS,
      answer: ({ context }) => sendLinkedTest(context, parts),
      words: ENDPOINT_TEST_WORDS,
    }),
    route({
      method: "get",
      path: "/docs/webhooks/events",
      who: anybody,
      answer: ({ context }) => docsPage(eventsPage(), visitorOf(context.request)),
    }),
  ];
}

const LINK_SETTINGS = {
  campaign: { description: "Of the link" },
  buyer: { description: "Of the link" },
  expires: { description: "Of the link, in Unix seconds" },
  signature: { description: "Of the link" },
};

/** Sends a test to the endpoint of the buyer that the link was made for, and says what it answered. */
async function sendLinkedTest(context: RequestContext, parts: PortalParts): Promise<Response> {
  const receiver = await receiverOf(new URL(context.request.url).searchParams, parts);
  if (receiver === undefined) return context.refuse("not_found", NO_SUCH_LINK);
  return sendEndpointTest(context, receiver.contract.buyerId, parts);
}

function addressOf(request: Request, { publicUrl }: PortalParts, campaign?: string): PageAddress {
  return { server: publicUrl ?? new URL(request.url).origin, visitor: visitorOf(request, campaign) };
}

/** A campaign as it is configured now, as the holder of a link or a key may see it; undefined for whoever may not. */
async function viewedBy(request: Request, id: string, parts: PortalParts): Promise<Viewed | undefined> {
  const campaign = await currentCampaign(id, parts.campaignCache);
  if (campaign === undefined) return undefined;
  const target = linkTarget(campaign.id, new URL(request.url).searchParams, parts.pepper, parts.now());
  if (target?.reader.kind === "buyer") return undefined;
  const linked = target?.reader.kind === "supplier" ? target.reader.id : undefined;
  const supplierId = linked ?? (await parts.supplierOf(request));
  const supplier = supplierId === undefined ? undefined : campaign.suppliers.get(supplierId);
  const isPrivate = campaign.docs === "private" || !parts.showsStrangers;
  // A link to one who sends it leads no more is as a key of that one.
  const isOpened = target?.reader.kind === "anybody" || supplier !== undefined;
  return isPrivate && !isOpened ? undefined : { campaign, supplier };
}

/** What the buyer that a link was made for receives; undefined without such a link. */
async function receiverOf(query: URLSearchParams, parts: PortalParts): Promise<Receiver | undefined> {
  const target = linkTarget(query.get("campaign") ?? "", query, parts.pepper, parts.now());
  if (target?.reader.kind !== "buyer") return undefined;
  const { id } = target.reader;
  const campaign = await currentCampaign(target.campaignId, parts.campaignCache);
  const contract = campaign?.contracts.find(({ buyerId }) => buyerId === id);
  return campaign && contract && { campaign, contract };
}

/** Undefined for one that is archived, too. */
async function currentCampaign(id: string, cache: CampaignCache): Promise<Campaign | undefined> {
  const cached = await cache.find(id);
  const campaign = cached && (await cache.current(cached));
  return campaign?.status === "archived" ? undefined : campaign;
}

const FRESH = { "cache-control": "no-store" };

/** The same for what is not there and for what is private: who may not see a campaign should not learn that there is one. */
const NO_SUCH_PAGE =
  "There is no such page, or it is private: open it by a link from the operator, or send your x-api-key.";

const NO_FORM = "There is no form for this campaign: its leads are pinged first, which a form can't do.";

const NO_SUCH_LINK = "This link is not valid, or it has expired.";

/** As text: what a browser would show is the form itself, and what is wanted is its source. */
function formFile(campaign: Campaign): Response {
  return new Response(htmlForm(campaign), {
    headers: { ...FRESH, "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  });
}
