/** A JSON answer that is made once and given often: its bytes, and the tag by which a reader knows that it has them already. */
export interface KeptJson {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** Makes the bytes and the tag of an answer. */
export function keepJson(body: unknown): KeptJson {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const etag = `"${new Bun.CryptoHasher("sha256").update(bytes).digest("hex").slice(0, 32)}"`;
  return { bytes, etag };
}

/** What the bytes say. */
export function bodyOf({ bytes }: KeptJson): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** The answer: 304 without a body to a reader that names its tag. Caches ask each time, for it may have changed. */
export function keptReply(
  { bytes, etag }: KeptJson,
  request: Request,
  { isPrivate }: { isPrivate: boolean },
): Response {
  const headers = {
    etag,
    "cache-control": isPrivate ? "private, no-cache" : "no-cache",
    "x-content-type-options": "nosniff",
  };
  if (isNamedIn(request.headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(bytes, { headers: { ...headers, "content-type": "application/json; charset=utf-8" } });
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
