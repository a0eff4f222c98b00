import { keptByKey, keptReply } from "#http/kept-json.ts";
import { anybody, type Route, route } from "#http/route.ts";
import { topicNamed } from "#manual/manual.ts";
import { version } from "../../package.json" with { type: "json" };
import { assetNamed } from "./assets.ts";
import { configurationSchema } from "./configuration-reference.ts";
import { apiDocument } from "./document.ts";
import type { GeneratedPaths } from "./generated.ts";
import { manualLinks, manualPage } from "./manual-page.ts";
import { swaggerPage } from "./page.ts";

/** What documents are made from. */
export interface DocumentSources {
  routes(): readonly Route[];
  /** What is generated of them. */
  paths(): Promise<GeneratedPaths>;
}

/** The API's document, the page that shows it, and the manual. */
export function docsRoutes({ routes, paths }: DocumentSources): Route[] {
  // Made for every request it took 11 ms of the only thread, for 400 KiB that stay the same while the server runs.
  const kept = keptByKey(2);
  return [
    route({
      method: "get",
      path: "/docs",
      who: anybody,
      answer: () => swaggerPage("Leadgate API", "/docs/openapi.json", manualLinks()),
    }),
    route({
      method: "get",
      path: "/docs/openapi.json",
      who: anybody,
      answer: async ({ context }) =>
        keptReply(
          await kept("api", async () => apiDocument(await paths(), routes(), version)),
          context.request,
          { isPrivate: false },
        ),
    }),
    route({
      method: "get",
      path: "/docs/configuration.schema.json",
      who: anybody,
      answer: async ({ context }) =>
        keptReply(await kept("configuration", async () => configurationSchema()), context.request, {
          isPrivate: false,
        }),
    }),
    route({
      method: "get",
      path: "/docs/assets/:file",
      who: anybody,
      answer: ({ context, params }) =>
        assetNamed(params.file) ?? context.refuse("not_found", "There is no such file."),
    }),
    route({
      method: "get",
      path: "/docs/:topic",
      who: anybody,
      answer({ context, params }) {
        const topic = topicNamed(params.topic);
        if (topic === undefined) return context.refuse("not_found", "The manual has no such page.");
        return manualPage(topic);
      },
    }),
  ];
}
