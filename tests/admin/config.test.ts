import { describe, expect, test } from "bun:test";
import { writeYaml } from "#configuration/document-text.ts";
import { fullDocument, withBuyer } from "../configuration/document-examples.ts";
import { onBothDatabases } from "../support/database.ts";
import { type Ask, ask, operatorApi, operatorKey } from "./operator-api.ts";

onBothDatabases("the configuration over HTTP", (world) => {
  const get = (headers: Record<string, string> = {}) => ask(world.database, "/config", { headers });
  const put = (body: unknown, headers: Record<string, string> = {}) =>
    ask(world.database, "/config", { method: "PUT", body, headers });
  const plan = (options: Ask) => ask(world.database, "/config/plan", { method: "POST", ...options });

  test("the configuration is empty, and revision 0, before the first one", async () => {
    const answer = await get();
    expect([answer.status, answer.text, answer.headers.get("etag")]).toEqual([200, '{"version":1}', '"0"']);
  });

  test("the configuration comes back as it was put, with its revision", async () => {
    const applied = await put(fullDocument(), { "x-request-id": "r-7" });
    expect(applied.status).toBe(200);
    expect(applied.headers.get("etag")).toBe('"1"');
    expect(applied.headers.get("x-request-id")).toBe("r-7");
    expect(applied.body.data).toMatchObject({
      revision: 1,
      created_keys: [
        {
          supplier_id: "supplier_xyz789",
          id: expect.stringMatching(/^key_/),
          key: expect.stringMatching(/^lg_sup_/),
        },
      ],
    });
    const answer = await get();
    expect(JSON.parse(answer.text)).toEqual(fullDocument());
    expect(answer.headers.get("etag")).toBe('"1"');
  });

  test("the configuration comes back as YAML to who asks for it, and can be put back as that", async () => {
    await put(writeYaml(fullDocument()), { "content-type": "application/yaml" });
    const answer = await get({ accept: "application/yaml" });
    expect(answer.headers.get("content-type")).toBe("application/yaml; charset=utf-8");
    expect(answer.text).toBe(writeYaml(fullDocument()));
    const again = await put(answer.text, { "content-type": "text/yaml; charset=utf-8" });
    expect<object>(again.body).toMatchObject({ data: { revision: 1, changes: [], created_keys: [] } });
  });

  test("the configuration that is put gives the first keys of suppliers once", async () => {
    await put(fullDocument());
    expect((await put(fullDocument())).body.data.created_keys).toEqual([]);
  });

  test("a configuration is not applied when another one was in between", async () => {
    await put(fullDocument(), { "if-match": '"0"' });
    const late = await put(withBuyer({ status: "paused" }), { "if-match": '"0"' });
    expect(late.status).toBe(409);
    expect(late.body).toMatchObject({ error: "conflict", data: { revision: 1 } });
    expect((await put(withBuyer({ status: "paused" }), { "if-match": "1" })).status).toBe(200);
    expect((await put(fullDocument(), { "if-match": "*" })).status).toBe(200);
    expect((await put(fullDocument(), { "if-match": '"latest"' })).body.field_errors).toMatchObject([
      { field: "if-match" },
    ]);
  });

  test("a configuration with problems is refused with every one of them by path, and nothing is written", async () => {
    const wrong = {
      ...withBuyer({ timezone: "Mars/Olympus" }),
      campaigns: [{ id: "c1", priority: 1, buyers: [{ buyer: "nobody" }] }],
    };
    const answer = await put(wrong);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe("validation_failed");
    expect(answer.body.message).toBe("3 settings are not valid");
    expect(answer.body.field_errors).toEqual([
      {
        field: "buyers[buyer_abc].timezone",
        code: "invalid_format",
        message: "must be a time zone such as America/Chicago",
      },
      {
        field: "campaigns[c1].priority",
        code: "unknown_field",
        message: expect.stringContaining("is not a known setting"),
      },
      {
        field: "campaigns[c1].buyers[nobody].buyer",
        code: "not_allowed",
        message: "must be the id of a buyer in this document",
      },
    ]);
    expect((await get()).text).toBe('{"version":1}');
  });

  test("a configuration can be planned, in words, without being applied", async () => {
    await put(fullDocument());
    const answer = await plan({ body: withBuyer({ status: "paused" }) });
    expect<object>(answer.body.data).toEqual({
      revision: 1,
      warnings: expect.arrayContaining([
        {
          path: "campaigns[campaign_abc123].buyers",
          code: "no_buyer",
          message: "has nobody who is active: every lead is UNMATCHED",
        },
      ]),
      changes: [
        {
          kind: "buyer",
          id: "buyer_abc",
          name: "SunCo",
          action: "changed",
          differences: [{ path: "status", from: "active", to: "paused" }],
          summary: 'buyer buyer_abc (SunCo) changed\n  status: "active" → "paused"',
        },
      ],
    });
    expect((await get()).headers.get("etag")).toBe('"1"');
  });

  describe("refused bodies", () => {
    test.each([
      ["that is not JSON", "{", "application/json", 400, "malformed_body"],
      ["that is not YAML", "a: [", "application/yaml", 400, "malformed_body"],
      ["that is a form", "version=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"],
      ["of more than 5 MiB", " ".repeat(5 * 1024 * 1024 + 1), "application/json", 413, "payload_too_large"],
    ])("a configuration is refused as a body: %s", async (_, body, type, status, error) => {
      const answer = await put(body, { "content-type": type });
      expect([answer.status, answer.body.error]).toEqual([status, error]);
      expect((await plan({ body, headers: { "content-type": type } })).status).toBe(status);
    });

    test("a configuration is refused in pieces of more than 5 MiB whose length nobody declared", async () => {
      const piece = new Uint8Array(1024 * 1024).fill(32);
      let pieces = 0;
      const endless = new ReadableStream<Uint8Array>({
        pull(stream) {
          pieces += 1;
          stream.enqueue(piece);
        },
      });
      const response = await operatorApi(world.database).handle(
        new Request("http://localhost/api/v1/admin/config", {
          method: "PUT",
          headers: { authorization: `Bearer ${operatorKey}`, "content-type": "application/json" },
          body: endless,
        }),
      );
      expect(response.status).toBe(413);
      // 5 MiB are taken, 16 MiB more are read and forgotten, and then its sender is cut off.
      expect(pieces).toBeLessThan(25);
    });

    test("a configuration that is not UTF-8 is refused", async () => {
      const response = await operatorApi(world.database).handle(
        new Request("http://localhost/api/v1/admin/config", {
          method: "PUT",
          headers: { authorization: `Bearer ${operatorKey}`, "content-type": "application/json" },
          body: new Uint8Array([0xff, 0xfe]),
        }),
      );
      expect(response.status).toBe(400);
    });
  });
});
