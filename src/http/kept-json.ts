import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** A JSON answer that is made once and given often: its bytes, and the tag by which a reader knows that it has them already. */
export interface KeptJson {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** Makes the bytes and the tag of an answer. */
export async function keepJson(body: unknown): Promise<KeptJson> {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const etag = `"${new Bun.CryptoHasher("sha256").update(bytes).digest("hex").slice(0, 32)}"`;
  return { bytes, gzipped: await gzipped(bytes), etag };
}

/** What the bytes say. */
export function bodyOf({ bytes }: KeptJson): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** The answer: 304 without a body to a reader that names its tag. Caches ask each time, for it may have changed. */
export function keptReply(
  { bytes, gzipped, etag }: KeptJson,
  request: Request,
  { isPrivate }: { isPrivate: boolean },
): Response {
  const headers = {
    etag,
    "cache-control": isPrivate ? "private, no-cache" : "no-cache",
    "x-content-type-options": "nosniff",
    vary: "accept-encoding",
  };
  if (isNamedIn(request.headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  const ofJson = { ...headers, "content-type": "application/json; charset=utf-8" };
  if (!takesGzip(request)) return new Response(bytes, { headers: ofJson });
  // The same content in other bytes, for which a tag has to be a weak one.
  return new Response(gzipped, { headers: { ...ofJson, "content-encoding": "gzip", etag: `W/${etag}` } });
}

/** RFC 9110, 13.1.2: tags in a list, also weak ones, or any at all. */
function isNamedIn(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.split(",").some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")));
}

/** Answers by what they depend on, at most `most` of them: the one that was not asked for for longest goes first. */
export function keptByKey(most: number): (key: string, make: () => Promise<unknown>) => Promise<KeptJson> {
  const kept = new Map<string, Promise<KeptJson>>();
  return async (key, make) => {
    const found = kept.get(key) ?? make().then(keepJson);
    kept.delete(key);
    kept.set(key, found);
    for (const [oldest] of kept) {
      if (kept.size <= most) break;
      kept.delete(oldest);
    }
    try {
      return await found;
    } catch (error) {
      kept.delete(key);
      throw error;
    }
  };
}

const gzipAside = promisify(gzip);

/** The bytes gzipped, by another thread: a script of a megabyte takes this one 50 ms. */
export async function gzipped(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await gzipAside(bytes));
}

/** Whether a reader with this `accept-encoding` takes gzip; RFC 9110, 12.5.3, but for `*`, which nobody sends without naming it. */
export function takesGzip({ headers }: { headers: Headers }): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(headers.get("accept-encoding") ?? "");
}
