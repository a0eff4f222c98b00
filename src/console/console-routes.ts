import type { RequestContext } from "#http/context.ts";
import { takesGzip } from "#http/kept-json.ts";
import { anybody, type Route, route } from "#http/route.ts";
import { openPack, PAGES, type Pack, type PageName } from "./pack.ts";
import { pageHeaders } from "./policy.ts";

/**
 * The operators' console and the portal of suppliers and buyers: a page each, and the files that it loads. All that they show comes by the
 * API, to whoever is logged in there.
 */
export function consoleRoutes(open: () => Promise<Pack | undefined> = openPack): Route[] {
  let opened: Promise<Pack | undefined> | undefined;
  const pack = () => {
    opened ??= open();
    return opened;
  };
  return [
    route({
      method: "get",
      path: "/",
      who: anybody,
      answer: () => new Response(null, { status: 302, headers: { location: "/console" } }),
    }),
    ...PAGES.flatMap((page) => routesOfPage(page, pack)),
  ];
}

/** Its files are below its own path too: whoever may reach the portal alone can load it. */
function routesOfPage(name: PageName, pack: () => Promise<Pack | undefined>): Route[] {
  const page = (path: `/${PageName}` | `/${PageName}/*`) =>
    route({
      method: "get",
      path,
      who: anybody,
      answer: async ({ context }) => pageReply(context, (await pack())?.pages[name]),
    });
  return [
    page(`/${name}`),
    page(`/${name}/*`),
    route({
      method: "get",
      path: `/${name}/assets/:file` as const,
      who: anybody,
      async answer({ context, params }) {
        const packed = await pack();
        const file = packed?.fileNamed(params.file);
        if (packed === undefined || file === undefined) {
          return context.refuse("not_found", "There is no such file.");
        }
        return fileReply(context.request, params.file, file, packed);
      },
    }),
  ];
}

const NOT_BUILT = "These pages were not built: `npm run build:web` does that.";

/** The page is made anew for each request, with a word of its own by which its styles are known to be ours. */
function pageReply(context: RequestContext, page: string | undefined): Response {
  if (page === undefined) return context.refuse("unavailable", NOT_BUILT);
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url");
  return new Response(page.replaceAll("NONCE", nonce), { headers: pageHeaders(nonce) });
}

/** A file's name has a hash of it, so it never changes, and whoever has it need not ask again. */
function fileReply(
  request: Request,
  name: string,
  file: NonNullable<ReturnType<Pack["fileNamed"]>>,
  pack: Pack,
): Response {
  const headers = {
    etag: `"${name}"`,
    "cache-control": "public, max-age=31536000, immutable",
    "content-type": file.mediaType,
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    vary: "accept-encoding",
  };
  if (request.headers.get("if-none-match")?.includes(headers.etag) === true) {
    return new Response(null, { status: 304, headers });
  }
  const accepted = request.headers.get("accept-encoding") ?? "";
  const encoding = /\bbr\b/.test(accepted) ? "br" : takesGzip(request) ? "gzip" : undefined;
  if (encoding !== undefined) {
    const bytes = pack.bytesOf(encoding === "br" ? file.brotli : file.gzip);
    return new Response(bytes, { headers: { ...headers, "content-encoding": encoding } });
  }
  return new Response(Bun.gunzipSync(pack.bytesOf(file.gzip)), { headers });
}
