import { keptByKey, keptReply } from "#http/kept-json.ts";
import { anybody, type Route, route } from "#http/route.ts";
import { version } from "../../package.json" with { type: "json" };
import { configurationSchema } from "./openapi/configuration-reference.ts";
import { apiDocument, documentFor } from "./openapi/document.ts";
import type { GeneratedPaths } from "./openapi/generated.ts";
import { calling, fixedPages } from "./pages.ts";
import { assetNamed } from "./site/assets.ts";
import { type DocsPage, docsPage, withQuery } from "./site/page.ts";
import { swaggerPage } from "./site/swagger-page.ts";
import { type Readers, readersNamed, visitorOf } from "./site/visitor.ts";

/** What documents are made from. */
export interface DocumentSources {
  routes(): readonly Route[];
  /** What is generated of them. */
  paths(): Promise<GeneratedPaths>;
}

export interface DocsParts {
  documents: DocumentSources;
  /** Where suppliers reach the server, without a slash at the end; undefined: where the request came to. */
  publicUrl: string | undefined;
  /** Pages that others make, and that search finds too. */
  furtherPages(): readonly DocsPage[];
}

/** The guide, the reference, the manual and the API's document, as pages for whoever reads them. */
export function docsRoutes(parts: DocsParts): Route[] {
  return [...pageRoutes(parts), ...swaggerRoutes(), ...documentRoutes(parts)];
}

function pageRoutes({ documents, publicUrl, furtherPages }: DocsParts): Route[] {
  const pages = fixedPages(documents.routes, furtherPages);
  const kept = keptByKey(3);
  const page = <const Path extends string>(path: Path, find: (name: string) => DocsPage | undefined): Route =>
    route({
      method: "get",
      path,
      who: anybody,
      answer({ context, params }) {
        const [name = "start"] = Object.values((params ?? {}) as Record<string, string>);
        const found = find(name);
        if (found === undefined) return context.refuse("not_found", "The documentation has no such page.");
        const server = publicUrl ?? new URL(context.request.url).origin;
        return docsPage(calling(found, server), visitorOf(context.request));
      },
    });
  return [
    page("/docs", pages.guide),
    page("/docs/guide/:name", pages.guide),
    page("/docs/reference/:name", pages.reference),
    page("/docs/:topic", pages.topic),
    route({
      method: "get",
      path: "/docs/search.json",
      who: anybody,
      answer: async ({ context }) => {
        const readers = readersNamed(context.request);
        return keptReply(await kept(readers, async () => pages.searched(readers)), context.request, {
          isPrivate: false,
        });
      },
    }),
    route({
      method: "get",
      path: "/docs/assets/:file",
      who: anybody,
      answer: async ({ context, params }) =>
        (await assetNamed(params.file, context.request)) ??
        context.refuse("not_found", "There is no such file."),
    }),
  ];
}

/** Swagger UI over the whole document, or over what concerns some readers: `?for=suppliers`. */
function swaggerRoutes(): Route[] {
  return (["/docs/swagger", "/swagger"] as const).map((path) =>
    route({
      method: "get",
      path,
      who: anybody,
      answer({ context: { request } }) {
        const visitor = visitorOf(request);
        const readers = new URL(request.url).searchParams.has("for") ? readersNamed(request) : undefined;
        const query = readers === undefined ? "" : `?for=${readers}`;
        return swaggerPage(
          {
            title: "Swagger UI",
            readers: readers ?? "operators",
            path: `/docs/swagger${query}`,
            documentUrl: withQuery(`/docs/openapi.json${query}`, visitor.query),
          },
          visitor,
        );
      },
    }),
  );
}

function documentRoutes({ documents: { paths, routes } }: DocsParts): Route[] {
  // Made for every request it took 11 ms of the only thread, for 400 KiB that stay the same while the server runs.
  const kept = keptByKey(5);
  const whole = async () => apiDocument(await paths(), routes(), version);
  return [
    route({
      method: "get",
      path: "/docs/openapi.json",
      who: anybody,
      async answer({ context: { request } }) {
        const readers: Readers | "all" = new URL(request.url).searchParams.has("for")
          ? readersNamed(request)
          : "all";
        const made = await kept(readers, async () =>
          readers === "all" ? await whole() : documentFor(readers, await whole()),
        );
        return keptReply(made, request, { isPrivate: false });
      },
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
  ];
}
