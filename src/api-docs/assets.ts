import styles from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import bundle from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import start from "./start-swagger-ui.js" with { type: "file" };

interface Asset {
  path: string;
  mediaType: string;
}

/** The files that the pages load, all of them from inside the executable. */
const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ["swagger-ui-bundle.js", { path: bundle, mediaType: "text/javascript; charset=utf-8" }],
  ["swagger-ui.css", { path: styles, mediaType: "text/css; charset=utf-8" }],
  ["start-swagger-ui.js", { path: start, mediaType: "text/javascript; charset=utf-8" }],
]);

/** The file of that name; undefined when there is none. */
export function assetNamed(name: string): Response | undefined {
  const asset = ASSETS.get(name);
  return asset && assetReply(asset);
}

/** Files change with the version alone, so browsers may keep them for an hour. */
export function assetReply({ path, mediaType }: Asset): Response {
  return new Response(Bun.file(path), {
    headers: {
      "content-type": mediaType,
      "cache-control": "public, max-age=3600",
      "x-content-type-options": "nosniff",
    },
  });
}
