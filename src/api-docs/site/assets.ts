import swaggerStyles from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import swaggerBundle from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import { gzipped, takesGzip } from "#http/kept-json.ts";
import styles from "./docs.css" with { type: "file" };
// It is served, not run here.
// oxlint-disable-next-line import/default
import script from "./docs.js" with { type: "file" };
import ownSwaggerStyles from "./swagger.css" with { type: "file" };
// oxlint-disable-next-line import/default
import swaggerStart from "./swagger.js" with { type: "file" };

const SCRIPT = "text/javascript; charset=utf-8";
const STYLES = "text/css; charset=utf-8";

/** The files that the pages load, all of them from inside the executable. */
const ASSETS: ReadonlyMap<string, { path: string; mediaType: string }> = new Map([
  ["docs.css", { path: styles, mediaType: STYLES }],
  ["docs.js", { path: script, mediaType: SCRIPT }],
  ["swagger.css", { path: ownSwaggerStyles, mediaType: STYLES }],
  ["swagger.js", { path: swaggerStart, mediaType: SCRIPT }],
  ["swagger-ui.css", { path: swaggerStyles, mediaType: STYLES }],
  ["swagger-ui-bundle.js", { path: swaggerBundle, mediaType: SCRIPT }],
]);

/** Each gzipped when it is first asked for so: of the script of Swagger UI a quarter is left. */
const GZIPPED = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

async function gzippedAt(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const made = GZIPPED.get(path) ?? Bun.file(path).bytes().then(gzipped);
  GZIPPED.set(path, made);
  return await made;
}

/** The file of that name; undefined when there is none. Files change with the version alone, so browsers may keep them for an hour. */
export async function assetNamed(name: string, request: Request): Promise<Response | undefined> {
  const asset = ASSETS.get(name);
  if (asset === undefined) return undefined;
  const headers = {
    "content-type": asset.mediaType,
    "cache-control": "public, max-age=3600",
    "x-content-type-options": "nosniff",
    vary: "accept-encoding",
  };
  if (!takesGzip(request)) return new Response(Bun.file(asset.path), { headers });
  return new Response(await gzippedAt(asset.path), { headers: { ...headers, "content-encoding": "gzip" } });
}
