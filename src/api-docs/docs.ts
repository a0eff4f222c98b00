import { type AnyElysia, Elysia } from "elysia";
import { linkTarget } from "#access/signed-link.ts";
import type { Campaign } from "#campaigns/campaign.ts";
import type { CampaignCache } from "#campaigns/campaign-cache.ts";
import type { AttemptRecord } from "#delivery/outbox/outbox-records.ts";
import { errorReply, jsonResponse, requestIdOf } from "#http/reply.ts";
import type { Route } from "#http/route.ts";
import { topicNamed } from "#manual/manual.ts";
import { version } from "../../package.json" with { type: "json" };
import { assetNamed } from "./assets.ts";
import { campaignDocument, isPingedFirst, type Viewed } from "./campaign-document.ts";
import { type Address, campaignPage } from "./campaign-page.ts";
import { apiDocument } from "./document.ts";
import { testedEndpoint } from "./endpoint-test.ts";
import { htmlForm } from "./form.ts";
import { type GeneratedPaths, generatedPaths } from "./generated.ts";
import { manualLinks, manualPage } from "./manual-page.ts";
import { swaggerPage } from "./page.ts";
import { postmanCollection } from "./postman.ts";
import { type Receiver, webhookPage } from "./webhook-page.ts";

export interface Docs {
  /** The routes that are documented, and where they are mounted. */
  routes: readonly Route[];
  app: AnyElysia;
  campaignCache: CampaignCache;
  /** Whose key the request carries; undefined without a good one. */
  supplierOf(request: Request): Promise<string | undefined>;
  /** Sends a buyer one test. */
  test(buyerId: string): Promise<AttemptRecord | "no_delivery" | "stopping">;
  /** Counts a test of the buyer's, unless it has had too many: then in how many seconds it may have the next. */
  admitTest(buyerId: string): { admitted: boolean; retryAfter: number };
  /** Keys the signatures of links. */
  pepper: Uint8Array;
  /** Where suppliers reach the server, without a slash at the end; undefined: where the request came to. */
  publicUrl: string | undefined;
  now(): Date;
}

/** What suppliers' and buyers' developers read, made from the routes and from what is configured. */
export function docsRoutes(docs: Docs) {
  const { campaignCache, now } = docs;
  let generated: Promise<GeneratedPaths> | undefined;

  /** The routes do not change while the server runs. */
  function paths(): Promise<GeneratedPaths> {
    generated ??= generatedPaths(docs.app);
    return generated;
  }

  /** Answers about a campaign as it is configured now, to whoever may know of it. */
  async function about(
    request: Request,
    id: string,
    answer: (viewed: Viewed, address: Address) => Response | Promise<Response>,
  ): Promise<Response> {
    const held = await campaignCache.find(id);
    const campaign = held && (await campaignCache.current(held));
    const viewed = campaign && (await viewedBy(request, campaign));
    if (viewed === undefined) return errorReply("not_found", NO_SUCH_PAGE, requestIdOf(request));
    return answer(viewed, addressOf(request));
  }

  function addressOf(request: Request): Address {
    const url = new URL(request.url);
    const query = url.searchParams.has("signature") ? url.search : "";
    return { server: docs.publicUrl ?? url.origin, query };
  }

  /** The campaign as the holder of a link or a key may see it; undefined for whoever may not. */
  async function viewedBy(request: Request, campaign: Campaign): Promise<Viewed | undefined> {
    if (campaign.status === "archived") return undefined;
    const target = linkTarget(campaign.id, new URL(request.url).searchParams, docs.pepper, now());
    if (target?.reader.kind === "buyer") return undefined;
    const linked = target?.reader.kind === "supplier" ? target.reader.id : undefined;
    const supplierId = linked ?? (await docs.supplierOf(request));
    const supplier = supplierId === undefined ? undefined : campaign.suppliers.get(supplierId);
    const isPrivate = campaign.docs === "private";
    return isPrivate && target === undefined && supplier === undefined ? undefined : { campaign, supplier };
  }

  /** What the buyer that a link was made for receives; undefined without such a link. */
  async function receiverOf(query: URLSearchParams): Promise<Receiver | undefined> {
    const target = linkTarget(query.get("campaign") ?? "", query, docs.pepper, now());
    if (target?.reader.kind !== "buyer") return undefined;
    const { id } = target.reader;
    const held = await campaignCache.find(target.campaignId);
    const campaign = held && (await campaignCache.current(held));
    if (campaign?.status === "archived") return undefined;
    const contract = campaign?.contracts.find(({ buyerId }) => buyerId === id);
    return campaign && contract && { campaign, contract };
  }

  async function webhooks(request: Request): Promise<Response> {
    const query = new URL(request.url).searchParams;
    const receiver = await receiverOf(query);
    const isMade = receiver !== undefined || !query.has("signature");
    return isMade
      ? webhookPage(receiver, addressOf(request), now())
      : errorReply("not_found", NO_SUCH_PAGE, requestIdOf(request));
  }

  /** Sends a test to the endpoint of the buyer that the link was made for, and says what it answered. */
  async function sendTest(request: Request): Promise<Response> {
    const requestId = requestIdOf(request);
    const receiver = await receiverOf(new URL(request.url).searchParams);
    if (receiver === undefined) return errorReply("not_found", NO_SUCH_LINK, requestId);
    const { buyerId } = receiver.contract;
    const { admitted, retryAfter } = docs.admitTest(buyerId);
    if (!admitted) {
      return errorReply("rate_limited", "These are many tests.", requestId, { retry_after: retryAfter });
    }
    const result = await docs.test(buyerId);
    switch (result) {
      case "no_delivery":
        return errorReply("conflict", "Nothing is sent to this buyer yet: it has no delivery.", requestId);
      case "stopping":
        return errorReply("unavailable", "The server stops.", requestId, { retry_after: 2 });
      default:
        return jsonResponse(200, { data: testedEndpoint(result) }, { ...FRESH, "x-request-id": requestId });
    }
  }

  async function documentOf(viewed: Viewed) {
    return campaignDocument(viewed, docs.routes, await paths(), version, now());
  }

  return new Elysia({ name: "docs", prefix: "/docs" })
    .get("", () => swaggerPage("Leadgate API", "/docs/openapi.json", manualLinks()), HIDDEN)
    .get(
      "/openapi.json",
      async () => jsonResponse(200, apiDocument(await paths(), docs.routes, version), FRESH),
      HIDDEN,
    )
    .get(
      "/assets/:file",
      ({ params, request }) =>
        assetNamed(params.file) ?? errorReply("not_found", "There is no such file.", requestIdOf(request)),
      HIDDEN,
    )
    .get("/:topic", ({ request, params }) => manualPageNamed(params.topic, requestIdOf(request)), HIDDEN)
    .get("/webhooks", ({ request }) => webhooks(request), HIDDEN)
    .post("/webhooks/test", ({ request }) => sendTest(request), {
      parse: "none",
      detail: {
        operationId: "testOwnEndpoint",
        tags: ["Webhooks"],
        summary: "Send a test to one's own endpoint",
      },
    })
    .get(
      "/campaigns/:id",
      ({ request, params }) =>
        about(request, params.id, (viewed, address) => campaignPage(viewed, address, now())),
      HIDDEN,
    )
    .get(
      "/campaigns/:id/openapi.json",
      ({ request, params }) =>
        about(request, params.id, async (viewed) => jsonResponse(200, await documentOf(viewed), FRESH)),
      HIDDEN,
    )
    .get(
      "/campaigns/:id/postman.json",
      ({ request, params }) =>
        about(request, params.id, async (viewed, { server }) => {
          const collection = postmanCollection(await documentOf(viewed), server);
          return jsonResponse(200, collection, FRESH);
        }),
      HIDDEN,
    )
    .get(
      "/campaigns/:id/form.html",
      ({ request, params }) =>
        about(request, params.id, ({ campaign }) =>
          isPingedFirst(campaign)
            ? errorReply("not_found", NO_FORM, requestIdOf(request))
            : formFile(campaign),
        ),
      HIDDEN,
    );
}

/** Pages about the API are no part of it. */
const HIDDEN = { detail: { hide: true } };

const FRESH = { "cache-control": "no-store" };

/** The same for what is not there and for what is private: who may not see a campaign should not learn that there is one. */
const NO_SUCH_PAGE =
  "There is no such page, or it is private: open it by a link from the operator, or send your x-api-key.";

const NO_FORM = "There is no form for this campaign: its leads are pinged first, which a form can't do.";

const NO_SUCH_LINK = "This link is not valid, or it has expired.";

function manualPageNamed(name: string, requestId: string): Response {
  const topic = topicNamed(name);
  return topic === undefined
    ? errorReply("not_found", "The manual has no such page.", requestId)
    : manualPage(topic);
}

/** As text: what a browser would show is the form itself, and what is wanted is its source. */
function formFile(campaign: Campaign): Response {
  return new Response(htmlForm(campaign), {
    headers: { ...FRESH, "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  });
}
