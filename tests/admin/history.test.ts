import { beforeEach, describe, expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { builderOn } from "#database/builder.ts";
import { configurations, history } from "#database/tables.ts";
import { fullDocument, withBuyer } from "../configuration/document-examples.ts";
import { onBothDatabases } from "../support/database.ts";
import { openLeadgate } from "../support/leadgate.ts";
import { ask, now } from "./operator-api.ts";

type Json = Record<string, unknown>;

interface Entry {
  id: string;
  revision: number | null;
  via: string;
  changes: { kind: string; id: string; action: string; summary: string; differences: Json[] }[];
}

/** The operations that leave a row, as the tests here show. */
const ON_RECORD = [
  /^(create|change|remove)(Campaign|Supplier|Buyer|SuppressionList|Webhook|Conversion|ScheduledReport)$/,
  /^(issue|pay)Invoice$/,
  /^(apply|rollBack)Configuration$/,
  /^(create|rotate|revoke)(Supplier|Buyer|Operator)Key$/,
  /^(create|revoke)PostingUrl$/,
  /^(create|revoke)(Supplier|Buyer)Link$/,
  /^(add|change|remove)Person$/,
  // tests/access/sessions/passkey.test.ts: passkeys are made by browsers.
  /^removePasskey$/,
  /^rotate(Buyer|Webhook)Secret$/,
  /^setConversionToken$/,
  /^(depositForBuyer|paySupplier|adjust(Buyer|Supplier)|setSupplierCost)$/,
  /^(accept|reject)Return$/,
  /^(release|reject)Lead$/,
  /^(add|remove)SuppressionEntr(ies|y)$/,
];

/** Those that send something again, make nothing that is kept, or have a record of their own. */
const NOT_ON_RECORD = [
  /^plan(Configuration|Rollback)$/,
  /^linkToCampaignDocs$/,
  /^redeliver$/,
  /^redistributeLeads?$/,
  /^(recover|resume)(Buyer|Webhook|Conversion)Deliveries$/,
  /^test(BuyerDelivery|BuyerPing|Webhook)$/,
  /^forgetPerson$/,
  /^(simulateLead|(start|stop)Simulation)$/,
  /^importLeads$/,
  /^askReturn$/,
  /^(open|end|endListed|endListedPortal)Session$/,
];

onBothDatabases("the history", (world) => {
  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await ask(world.database, path, { method, body, headers });
    return { ...answer, body: answer.body as unknown as Json & { data: Json & Entry } };
  }
  const put = (document: ConfigurationDocument) => call("PUT", "/config", document);
  const configuration = async () => (await call("GET", "/config")).text;
  const entries = async (query = "") =>
    (await call("GET", `/history${query}`)).body.data as unknown as Entry[];
  const linesOf = async (query = "") =>
    (await entries(query)).map(({ changes }) =>
      changes.map(({ summary }) => summary.split("\n")[0]).join("; "),
    );

  test("the history is empty before the first change", async () => {
    expect((await call("GET", "/history")).body).toEqual({ data: [], next_cursor: null } as never);
  });

  test("the history has a row for each change of the configuration: who, when, what, setting by setting", async () => {
    await put(fullDocument());
    await put(withBuyer({ timezone: "America/Denver", status: "paused" }));
    await call("PATCH", "/buyers/buyer_abc", { status: "active" });
    const [patched, changed, first] = await entries();
    expect<object | undefined>(patched).toEqual({
      id: expect.stringMatching(/^change_/),
      revision: 3,
      at: now.toISOString(),
      by: "LEADGATE_ADMIN_KEY",
      via: "resource",
      restored_revision: null,
      changes: [
        {
          kind: "buyer",
          id: "buyer_abc",
          name: "SunCo",
          action: "changed",
          differences: [{ path: "status", from: "paused", to: "active" }],
          summary: 'buyer buyer_abc (SunCo) changed\n  status: "paused" → "active"',
        },
      ],
    });
    expect(changed).toMatchObject({
      revision: 2,
      via: "document",
      changes: [
        {
          differences: [
            { path: "status", from: "active", to: "paused" },
            { path: "timezone", from: "America/Chicago", to: "America/Denver" },
          ],
        },
      ],
    });
    expect(first?.changes.map(({ action }) => action)).toEqual(Array(5).fill("created"));
  });

  test("the history has nothing of a change that was refused or changed nothing", async () => {
    await put(fullDocument());
    await put(fullDocument());
    await put({ version: 1, buyers: [{}] });
    await call("DELETE", "/buyers/buyer_abc");
    await call("PATCH", "/buyers/buyer_abc", { status: "paused" }, { "if-match": '"old"' });
    expect(await entries()).toHaveLength(1);
  });

  test("the history is narrowed to what concerns one part, and read page by page", async () => {
    await put(fullDocument());
    await call("POST", "/buyers", { id: "other" });
    await call("PATCH", "/buyers/other", { status: "paused" });
    await call("POST", "/suppliers", { id: "other" });
    expect(await linesOf("?buyer=other")).toEqual([
      "buyer other (other) changed",
      "buyer other (other) created",
    ]);
    expect(await linesOf("?supplier=other")).toEqual(["supplier other (other) created"]);
    expect(await linesOf("?supplier=other&buyer=other")).toEqual([]);
    expect(await linesOf("?list=global-dnc")).toHaveLength(1);
    expect(await linesOf(`?since=${now.toISOString()}`)).toHaveLength(4);
    expect(await linesOf(`?until=${now.toISOString()}`)).toEqual([]);
    const first = await call("GET", "/history?limit=3");
    const rest = await call("GET", `/history?limit=3&cursor=${String(first.body.next_cursor)}`);
    expect((first.body.data as unknown as Entry[]).map(({ revision }) => revision)).toEqual([4, 3, 2]);
    expect((rest.body.data as unknown as Entry[]).map(({ revision }) => revision)).toEqual([1]);
    expect((await call("GET", "/history?who=me")).status).toBe(400);
  });

  test("the history never shows what a header holds, in whatever way it came", async () => {
    const delivery = {
      method: "webhook",
      url: "https://buyer.example/leads",
      headers: { authorization: "Bearer s3cret" },
    } as const;
    await put(withBuyer({ delivery }));
    await call("PATCH", "/buyers/buyer_abc", {
      delivery: { headers: { authorization: "Bearer s3cret-too" } },
    });
    await call("PATCH", "/buyers/buyer_abc", { delivery: { headers: { "x-key": "s3cret" } } });
    await call("POST", "/webhooks", {
      id: "books",
      url: "https://books.example",
      events: ["lead.created"],
      headers: { "x-key": "s3cret" },
    });
    await call("DELETE", "/webhooks/books");
    await call("PATCH", "/buyers/buyer_abc", { delivery: null });
    const rows = await world.database.read((db) => builderOn(db).select().from(history));
    expect(rows).toHaveLength(6);
    expect(JSON.stringify(rows)).toContain("headers");
    expect(JSON.stringify(rows)).not.toContain("s3cret");
  });

  describe("what is changed beside the document", () => {
    const supplier = "/suppliers/supplier_xyz789";
    const done = async (method: string, path: string, body?: unknown) => {
      const answer = await call(method, path, body);
      expect(answer.status).toBeLessThan(300);
      return answer.body?.data;
    };
    const newest = async () => {
      const [entry] = await entries();
      expect(entry).toMatchObject({ via: "operation", by: "LEADGATE_ADMIN_KEY" });
      return entry;
    };
    beforeEach(() => put(withBuyer({ billing: { mode: "wallet" } })));

    test("keys are in the history when they are created, rotated and revoked, each under the revision that decides by it", async () => {
      const made = await done("POST", `${supplier}/keys`, { name: "second" });
      expect(await newest()).toMatchObject({
        revision: 2,
        changes: [
          {
            kind: "supplier",
            id: "supplier_xyz789",
            action: "key_created",
            differences: [{ path: `keys[${made?.id}]`, to: { name: "second", expires_at: null } }],
            summary: expect.stringContaining("supplier supplier_xyz789 key created\n"),
          },
        ],
      });
      await done("POST", `${supplier}/keys/${made?.id}/rotate`, { overlap_seconds: 60 });
      expect(await newest()).toMatchObject({ revision: 3, changes: [{ action: "key_rotated" }] });
      await done("DELETE", `${supplier}/keys/${made?.id}`);
      expect(await newest()).toMatchObject({ revision: 4, changes: [{ action: "key_revoked" }] });
      expect((await call("GET", "/history/3")).body.data).toMatchObject({
        revision: 3,
        configuration_revision: 1,
        changes: [{ action: "key_rotated" }],
      });
      expect(await entries("?supplier=supplier_xyz789")).toHaveLength(4);
    });

    test("buyers' keys are in the history when they are created, rotated and revoked, which decides no lead", async () => {
      const made = await done("POST", "/buyers/buyer_abc/keys", { name: "books" });
      expect(await newest()).toMatchObject({
        revision: null,
        changes: [{ kind: "buyer", id: "buyer_abc", action: "key_created" }],
      });
      const path = `/buyers/buyer_abc/keys/${made?.id}`;
      await done("POST", `${path}/rotate`, { overlap_seconds: 60 });
      expect(await newest()).toMatchObject({ revision: null, changes: [{ action: "key_rotated" }] });
      await done("DELETE", path);
      expect(await newest()).toMatchObject({ revision: null, changes: [{ action: "key_revoked" }] });
      expect(await entries("?buyer=buyer_abc")).toHaveLength(4);
    });

    test("posting URLs are in the history when they are created and revoked, without their keys", async () => {
      const made = await done("POST", `${supplier}/posting-urls`, {
        campaign: "campaign_abc123",
        name: "form",
      });
      const to = { prefix: expect.any(String), name: "form", campaign: "campaign_abc123", expires_at: null };
      expect(await newest()).toMatchObject({
        changes: [{ action: "key_created", differences: [{ path: `posting_urls[${made?.id}]`, to }] }],
      });
      await done("DELETE", `${supplier}/posting-urls/${made?.id}`);
      const [revoked, created] = await entries();
      expect(revoked).toMatchObject({ changes: [{ action: "key_revoked" }] });
      const key = String(made?.url).split("/").at(-1) ?? "";
      expect(key).toStartWith("lg_url_");
      expect(JSON.stringify([revoked, created])).not.toContain(key);
    });

    test("links to portals are in the history when they are made and revoked, without what is in them", async () => {
      const made = await done("POST", "/buyers/buyer_abc/links", { once: true });
      const to = { once: true, expires_at: expect.any(String) };
      expect(await newest()).toMatchObject({
        revision: null,
        changes: [{ action: "link_created", differences: [{ path: `portal_links[${made?.id}]`, to }] }],
      });
      await done("DELETE", `/buyers/buyer_abc/links/${made?.id}`);
      const [revoked, created] = await entries("?buyer=buyer_abc");
      expect(revoked).toMatchObject({ changes: [{ action: "link_revoked" }] });
      expect(JSON.stringify([revoked, created])).not.toContain(String(made?.url).split("#")[1] ?? "");
    });

    test("operators' keys are in the history when they are created and revoked, which decides no lead", async () => {
      const made = await done("POST", "/operator-keys", { name: "Ada", role: "operate" });
      expect(await newest()).toMatchObject({
        revision: null,
        changes: [{ kind: "operator_key", id: made?.id, action: "key_created" }],
      });
      await done("DELETE", `/operator-keys/${made?.id}`);
      expect(await newest()).toMatchObject({ changes: [{ action: "key_revoked" }] });
      expect(await entries(`?operator_key=${made?.id}`)).toHaveLength(2);
    });

    test("people who become operators, and are none any more, are in the history, which decides no lead", async () => {
      const made = await done("POST", "/people", { email: "Ada@example.com", name: "Ada", role: "operate" });
      expect(await newest()).toMatchObject({
        revision: null,
        changes: [{ kind: "person", id: made?.id, action: "person_added" }],
      });
      await done("PATCH", `/people/${made?.id}`, { role: "read", name: "Ada" });
      expect(await newest()).toMatchObject({
        changes: [{ action: "changed", differences: [{ path: "role", from: "operate", to: "read" }] }],
      });
      await done("DELETE", `/people/${made?.id}`);
      expect(await newest()).toMatchObject({ changes: [{ action: "person_removed" }] });
      expect(await entries(`?person=${made?.id}`)).toHaveLength(3);
    });

    test("secrets that are made are in the history, without themselves", async () => {
      await done("POST", "/buyers/buyer_abc/secret", { overlap_seconds: 60 });
      expect(await newest()).toMatchObject({
        changes: [
          {
            kind: "buyer",
            id: "buyer_abc",
            action: "secret_rotated",
            differences: [{ path: "overlap_seconds", to: 60 }],
          },
        ],
      });
    });

    test("money that is paid in is in the history", async () => {
      const paid = await done("POST", "/buyers/buyer_abc/deposits", {
        amount: "500",
        reference: "invoice 17",
      });
      expect(await newest()).toMatchObject({
        changes: [
          {
            action: "deposit_made",
            differences: [
              { path: `deposits[${paid?.id}]`, to: { amount: "500.00", reference: "invoice 17" } },
            ],
          },
        ],
      });
    });

    test("what suppliers are paid and cost, and what is put right by hand, are in the history", async () => {
      await done("POST", `${supplier}/payments`, { amount: "20", reference: "wire 4" });
      expect(await newest()).toMatchObject({
        changes: [
          {
            kind: "supplier",
            action: "payout_made",
            differences: [{ to: { amount: "20.00", reference: "wire 4" } }],
          },
        ],
      });
      await done("POST", "/buyers/buyer_abc/adjustments", { amount: "3", note: "goodwill" });
      expect(await newest()).toMatchObject({
        changes: [
          {
            kind: "buyer",
            action: "balance_adjusted",
            differences: [{ to: { amount: "3.00", note: "goodwill" } }],
          },
        ],
      });
      await done("POST", `${supplier}/adjustments`, { amount: "-3", note: "slip" });
      expect(await newest()).toMatchObject({ changes: [{ kind: "supplier", action: "balance_adjusted" }] });
      await done("POST", `${supplier}/costs`, { day: "2026-03-01", amount: "310.55", source: "search" });
      expect(await newest()).toMatchObject({
        changes: [{ action: "cost_set", differences: [{ path: "costs[2026-03-01 search]", to: "310.55" }] }],
      });
    });

    test("people who are put on suppression lists and taken off are in the history by how many", async () => {
      const path = "/suppression-lists/global-dnc/entries";
      await done("POST", path, { entries: [{ phone: "+15125550100" }, { email: "ada@example.com" }] });
      expect(await newest()).toMatchObject({
        changes: [{ action: "entries_added", differences: [{ path: "entries.added", to: 2 }] }],
      });
      await done("DELETE", path, { phone: "+15125550100" });
      expect(await newest()).toMatchObject({ changes: [{ action: "entries_removed" }] });
      const imported = await call("POST", path, "phone\n+15125550101\n", { "content-type": "text/csv" });
      expect(imported.status).toBe(200);
      expect(await newest()).toMatchObject({ changes: [{ action: "entries_added" }] });
      await done("DELETE", `${path}?all=true`);
      expect(await newest()).toMatchObject({ changes: [{ action: "entries_removed" }] });
      const rows = JSON.stringify(await world.database.read((db) => builderOn(db).select().from(history)));
      expect(rows).not.toMatch(/512555|ada@/);
    });

    test("no operation is missing in the history: each that is not there changes nothing that is configured", async () => {
      const { body } = await openLeadgate(world.database).call("GET", "/docs/openapi.json");
      const methods = Object.values(body.paths as Record<string, Record<string, Json>>).flatMap(
        Object.entries,
      );
      const changing = methods.flatMap(([method, operation]) =>
        method !== "get" && "x-role" in operation ? [String(operation.operationId)] : [],
      );
      const others = changing.filter(
        (id) => ![...ON_RECORD, ...NOT_ON_RECORD].some((known) => known.test(id)),
      );
      expect(others).toEqual([]);
    });

    test("what was refused leaves no row in the history", async () => {
      await call("POST", `${supplier}/keys`, { secret: "short" });
      await call("POST", "/suppliers/nobody/keys", {});
      await call("DELETE", `${supplier}/keys/none`);
      await call("POST", `${supplier}/keys/none/rotate`);
      await call("DELETE", "/operator-keys/none");
      await call("POST", "/buyers/nobody/secret");
      await call("POST", "/buyers/buyer_abc/deposits", { amount: "0" });
      await call("DELETE", "/suppression-lists/global-dnc/entries", { phone: "+15125550100" });
      await call("POST", "/suppression-lists/none/entries", { entries: [{ phone: "+15125550100" }] });
      expect(await entries()).toHaveLength(1);
    });
  });

  describe("one revision", () => {
    test("one revision shows all that came and went, and the document then in force", async () => {
      await put(fullDocument());
      await call("POST", "/buyers", { id: "other", caps: { day: { leads: 5 } } });
      await call("DELETE", "/buyers/other");
      const created = (await call("GET", "/history/2")).body.data;
      expect(created.changes[0]).toMatchObject({
        action: "created",
        differences: [
          { path: "id", to: "other" },
          { path: "caps", to: { day: { leads: 5 } } },
        ],
      });
      expect(created.document).toMatchObject({ buyers: [{ id: "buyer_abc" }, { id: "other" }] });
      const deleted = (await call("GET", "/history/3")).body.data;
      expect(deleted.changes[0]).toMatchObject({
        action: "deleted",
        differences: [
          { path: "id", from: "other" },
          { path: "caps", from: { day: { leads: 5 } } },
        ],
      });
      expect(deleted.document).toEqual(fullDocument());
    });

    test("one revision is told from the documents where an earlier release put them in force", async () => {
      await put(fullDocument());
      await put(withBuyer({ status: "paused" }));
      await world.database.write((tx) => builderOn(tx).delete(history));
      const { data } = (await call("GET", "/history/2")).body;
      expect(data).toMatchObject({
        revision: 2,
        by: "LEADGATE_ADMIN_KEY",
        changes: [{ id: "buyer_abc", differences: [{ path: "status", from: "active", to: "paused" }] }],
        document: withBuyer({ status: "paused" }),
      });
    });

    test.each(["0", "3", "first", "99999999999"])(
      "one revision %s, which never was, is 404",
      async (revision) => {
        await put(fullDocument());
        expect((await call("GET", `/history/${revision}`)).status).toBe(404);
      },
    );
  });

  describe("rollback", () => {
    const rollback = (revision: unknown, headers?: Record<string, string>) =>
      call("POST", "/config/rollback", { revision }, headers);

    test("the configuration is rolled back to the byte, as a new revision, whatever was changed since", async () => {
      const odd = {
        campaigns: [{ timezone: "America/New_York", name: "Früh 🌞", id: "early" }],
        version: 1,
        buyers: [
          { caps: { total: { leads: 7 }, day: { amount: "1.50" } }, id: "zz" },
          { name: "Anna", id: "aa" },
        ],
      } as const;
      const texts = [""];
      await put(odd as unknown as ConfigurationDocument);
      texts.push(await configuration());
      await put(fullDocument());
      texts.push(await configuration());
      await call("PATCH", "/buyers/buyer_abc", { name: "Renamed", caps: { hour: { leads: 3 } } });
      texts.push(await configuration());
      await put({ version: 1 });
      for (const [revision, newest] of [
        [1, 5],
        [3, 6],
        [2, 7],
        [1, 8],
      ] as const) {
        const answer = await rollback(revision);
        expect([answer.status, answer.body.data.revision]).toEqual([200, newest]);
        expect(answer.headers.get("etag")).toBe(`"${newest}"`);
        expect(await configuration()).toBe(texts[revision] ?? "");
      }
      expect((await entries())[0]).toMatchObject({ revision: 8, via: "rollback", restored_revision: 1 });
      const stored = await world.database.read((db) => builderOn(db).select().from(configurations));
      expect(stored.find(({ revision }) => revision === 8)?.document).toBe(texts[1]);
    });

    test("the configuration is rolled back to the byte also where the one in force only says the same in other words", async () => {
      const [plain, wordy] = [{ id: "a1" }, { id: "a1", timezone: "UTC" }];
      await put({ version: 1, buyers: [plain] });
      const text = await configuration();
      await put({ version: 1 });
      await put({ version: 1, buyers: [wordy] });
      expect((await rollback(1)).body.data).toMatchObject({ revision: 4, changes: [] });
      expect(await configuration()).toBe(text);
      expect((await rollback(1)).body.data).toMatchObject({ revision: 4, changes: [] });
    });

    test("the configuration is rolled back only on the revision that If-Match names", async () => {
      await put(fullDocument());
      await put(withBuyer({ status: "paused" }));
      const late = await rollback(1, { "if-match": '"1"' });
      expect([late.status, late.body]).toMatchObject([409, { error: "conflict", data: { revision: 2 } }]);
      expect((await rollback(1, { "if-match": '"2"' })).status).toBe(200);
    });

    test("a rollback gives the first keys of suppliers that it makes anew", async () => {
      await put(fullDocument());
      await put({ version: 1 });
      expect((await rollback(1)).body.data.created_keys).toMatchObject([{ supplier_id: "supplier_xyz789" }]);
    });

    test("a rollback to what this version refuses is refused in words", async () => {
      await put({ version: 1, buyers: [{ id: "a1" }] });
      await put(fullDocument());
      await world.database.write((tx) =>
        tx.execute(
          `update configurations set document = '{"version":1,"buyers":[{"id":"a1","colour":"red"}]}' where revision = 1`,
        ),
      );
      for (const { status, body } of [
        await rollback(1),
        await call("POST", "/config/rollback/plan", { revision: 1 }),
      ])
        expect([status, body.field_errors]).toMatchObject([400, [{ field: "buyers[a1].colour" }]]);
    });

    test.each([
      [{ revision: 2 }, 404, "not_found"],
      [{ revision: 0 }, 400, "validation_failed"],
      [{ revision: "1" }, 400, "validation_failed"],
      [{ revision: 1.5 }, 400, "validation_failed"],
      [{}, 400, "validation_failed"],
      [{ revision: 1, force: true }, 400, "validation_failed"],
    ])("a rollback is refused for %j", async (body, status, error) => {
      await put(fullDocument());
      for (const path of ["/config/rollback", "/config/rollback/plan"]) {
        const answer = await call("POST", path, body);
        expect([answer.status, answer.body.error]).toEqual([status, error]);
      }
      expect(await entries()).toHaveLength(1);
    });
  });
});
