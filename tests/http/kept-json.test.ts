import { describe, expect, test } from "bun:test";
import { keepJson, keptByKey, keptReply } from "#http/kept-json.ts";

const asking = (tag?: string) =>
  new Request("http://localhost/", { headers: tag === undefined ? {} : { "if-none-match": tag } });

const kept = await keepJson({ says: "ü" });

describe("a JSON answer that is kept", () => {
  const reply = (tag?: string) => keptReply(kept, asking(tag), { isPrivate: false });

  test("a JSON answer that is kept comes with a tag of its content", async () => {
    const whole = reply();
    expect([whole.status, await whole.json()]).toEqual([200, { says: "ü" }]);
    expect(whole.headers.get("etag")).toBe(kept.etag);
    expect(whole.headers.get("cache-control")).toBe("no-cache");
    expect((await keepJson({ says: "ü" })).etag).toBe(kept.etag);
    expect((await keepJson({ says: "u" })).etag).not.toBe(kept.etag);
    expect(keptReply(kept, asking(), { isPrivate: true }).headers.get("cache-control")).toBe(
      "private, no-cache",
    );
  });

  test("a JSON answer that is kept comes gzipped, with a weak tag, to readers of gzip alone", async () => {
    const encodings = {
      gzip: true,
      "br, GZIP;q=0.5": true,
      "gzip;q=0": false,
      "gzip; q=0.0, br": false,
      identity: false,
    };
    for (const [accepted, isGzipped] of Object.entries(encodings)) {
      const { headers, body } = keptReply(
        kept,
        new Request("http://localhost/", { headers: { "accept-encoding": accepted } }),
        { isPrivate: false },
      );
      const sent = await new Response(body).bytes();
      expect([accepted, headers.get("content-encoding")]).toEqual([accepted, isGzipped ? "gzip" : null]);
      expect(headers.get("etag")).toBe(isGzipped ? `W/${kept.etag}` : kept.etag);
      expect(headers.get("vary")).toBe("accept-encoding");
      expect(isGzipped ? Bun.gunzipSync(sent) : sent).toEqual(kept.bytes);
    }
  });

  test("a JSON answer that is kept is not sent again to a reader that names its tag", async () => {
    for (const tag of [kept.etag, `W/${kept.etag}`, `"other", ${kept.etag}`, "*"]) {
      const same = reply(tag);
      expect([same.status, await same.text(), same.headers.get("etag")]).toEqual([304, "", kept.etag]);
    }
    for (const tag of ['"other"', kept.etag.slice(0, -1), ""]) expect(reply(tag).status).toBe(200);
  });
});

describe("JSON answers that are kept by what they depend on", () => {
  test("JSON answers that are kept are made once, also when many ask at once, and anew when they were forgotten", async () => {
    const made: string[] = [];
    const find = keptByKey(2);
    const get = (key: string) =>
      find(key, async () => {
        made.push(key);
        return key;
      });
    await Promise.all(Array.from({ length: 50 }, () => get("a")));
    await get("b");
    await get("a");
    await get("c");
    await get("a");
    expect(made).toEqual(["a", "b", "c"]);
    await get("b");
    expect(made).toEqual(["a", "b", "c", "b"]);
  });

  test("JSON answers that could not be made are not kept", async () => {
    const find = keptByKey(1);
    expect(find("a", async () => Promise.reject(new Error("not now")))).rejects.toThrow("not now");
    await Promise.resolve();
    expect(await find("b", async () => 1)).toEqual(await keepJson(1));
    expect(await find("a", async () => 2)).toEqual(await keepJson(2));
  });
});
