// Not quick: it packs the pages.
import { beforeAll, describe, expect, test } from "bun:test";
import { brotliCompressSync, gunzipSync, gzipSync } from "node:zlib";
import { consoleRoutes } from "#console/console-routes.ts";
import { openPack, type Pack } from "#console/pack.ts";
import { RequestContext } from "#http/context.ts";
import { packWeb } from "../../scripts/pack-web.ts";

const SCRIPT = "console.log('a script, long enough to be worth compressing compressing compressing');";

/** A pack with one script. */
function smallPack(): Pack {
  const [brotli, gzip] = [brotliCompressSync(SCRIPT), gzipSync(SCRIPT)];
  const bytes = new Uint8Array([...brotli, ...gzip]);
  return {
    names: ["console-1.js"],
    pages: {
      console: '<meta content="NONCE"><script src="/console/assets/console-1.js"></script>',
      portal: '<meta content="NONCE"><script src="/portal/assets/console-1.js"></script>',
    },
    fileNamed: (name) =>
      name === "console-1.js"
        ? {
            mediaType: "text/javascript; charset=utf-8",
            brotli: [0, brotli.length],
            gzip: [brotli.length, brotli.length + gzip.length],
          }
        : undefined,
    bytesOf: ([from, to]) => bytes.subarray(from, to),
  };
}

describe("the console", () => {
  const routes = consoleRoutes(async () => smallPack());

  async function get(path: string, headers: Record<string, string> = {}, from = routes): Promise<Response> {
    const pattern = path.startsWith("/console/assets/") ? "/console/assets/:file" : path;
    const route =
      from.find((each) => each.path === pattern) ?? from.find((each) => each.path === "/console/*");
    const context = new RequestContext(new Request(`http://localhost${path}`, { headers }));
    return (await route?.serve(context, { file: path.split("/").at(-1) ?? "" })) ?? new Response();
  }

  test("is where the root of the server leads", async () => {
    const { status, headers } = await get("/");
    expect([status, headers.get("location")]).toEqual([302, "/console"]);
  });

  test("is one page at every address below it, which no cache keeps and no other site may show", async () => {
    for (const path of ["/console", "/console/leads"]) {
      const { status, headers } = await get(path);
      expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    }
  });

  test("runs no script but its files, and lets styles in by a word that is another one each time", async () => {
    const words = new Set<string>();
    for (const _ of [1, 2, 3]) {
      const answer = await get("/console");
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toContain("unsafe");
      const word = /style-src 'self' 'nonce-([\w-]{22})'/.exec(policy)?.[1] ?? "";
      expect(await answer.text()).toContain(`content="${word}"`);
      words.add(word);
    }
    expect(words.size).toBe(3);
  });

  test("gives its files compressed as the browser can read them, to be kept for ever", async () => {
    const brotli = await get("/console/assets/console-1.js", { "accept-encoding": "gzip, deflate, br" });
    expect(brotli.headers.get("content-encoding")).toBe("br");
    expect(new Uint8Array(await brotli.arrayBuffer())).toEqual(new Uint8Array(brotliCompressSync(SCRIPT)));
    const gzip = await get("/console/assets/console-1.js", { "accept-encoding": "gzip" });
    expect(gunzipSync(await gzip.arrayBuffer()).toString()).toBe(SCRIPT);
    expect(gzip.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    const plain = await get("/console/assets/console-1.js");
    expect([plain.headers.get("content-encoding"), await plain.text()]).toEqual([null, SCRIPT]);
  });

  test("sends a file that the browser has not again, and knows no others", async () => {
    const tag = (await get("/console/assets/console-1.js")).headers.get("etag") ?? "";
    const again = await get("/console/assets/console-1.js", { "if-none-match": tag });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect((await get("/console/assets/console-2.js")).status).toBe(404);
  });

  test("says where it was not built how that is done", async () => {
    const answer = await get(
      "/console",
      {},
      consoleRoutes(async () => undefined),
    );
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining("npm run build:web")]);
  });
});

describe("the files of the pages", () => {
  const KB = 1024;
  let pack: Pack;
  beforeAll(async () => {
    await packWeb();
    const opened = await openPack();
    if (opened === undefined) throw new Error("there is no pack");
    pack = opened;
  });

  const compressed = (name: string) => {
    const [from, to] = pack.fileNamed(name)?.brotli ?? [0, 0];
    return to - from;
  };

  test.each([
    ["console", 220],
    ["portal", 140],
  ] as const)("of the %s are at most %d KB until one can log in", (page, most) => {
    const names = Array.from(
      pack.pages[page].matchAll(/\/(?:console|portal)\/assets\/([\w.-]+)/g),
      ([, name]) => name ?? "",
    );
    expect(names.length).toBeGreaterThanOrEqual(2);
    expect(names.map(compressed)).not.toContain(0);
    expect(names.reduce((sum, name) => sum + compressed(name), 0)).toBeLessThan(most * KB);
  });

  test("are at most 60 KB more for each page", () => {
    const pages = pack.names.filter((name) => /-page-\w+\.js$/.test(name));
    expect(pages.length).toBeGreaterThan(5);
    const heavy = pages.filter((name) => compressed(name) > 60 * KB);
    expect(heavy).toEqual([]);
  });

  test("are made of React as it is for use, and name no address elsewhere", async () => {
    const [entry = ""] = /console-\w+\.js/.exec(pack.pages.console) ?? [];
    const file = pack.fileNamed(entry);
    const script = gunzipSync(pack.bytesOf(file?.gzip ?? [0, 0])).toString();
    expect(script).not.toContain("You are running a development build");
    for (const page of Object.values(pack.pages)) {
      expect(page.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:/);
    }
  });
});
