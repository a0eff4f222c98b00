import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readKeyHolder } from "#campaigns/campaign-records.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import { builderOn } from "#database/builder.ts";
import { archivedEntries } from "#database/tables.ts";
import { fullDocument, withWebhook } from "../configuration/document-examples.ts";
import { addLead } from "../configuration/leads-on-record.ts";
import { onBothDatabases } from "../support/database.ts";
import { ask, now } from "./operator-api.ts";

type Json = Record<string, unknown>;

onBothDatabases("resources", (world) => {
  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await ask(world.database, path, { method, body, headers });
    return { ...answer, body: answer.body as unknown as Json & { data: Json; revision: number } };
  }
  const put = (document: ConfigurationDocument) => call("PUT", "/config", document);
  const inForce = async () => JSON.parse((await call("GET", "/config")).text) as ConfigurationDocument;
  const tagOf = async (path: string) => (await call("GET", path)).headers.get("etag") ?? "";
  const idsIn = async (path: string) =>
    ((await call("GET", path)).body.data as unknown as { id: string }[]).map(({ id }) => id);

  test.each([
    ["suppression-lists", "suppression_lists", { id: "never", name: "Never" }, { name: "Never again" }],
    ["suppliers", "suppliers", { id: "zeta", name: "Zeta" }, { test_mode: true }],
    ["buyers", "buyers", { id: "zeta", caps: { day: { leads: 5 } } }, { caps: { day: { leads: 6 } } }],
    ["campaigns", "campaigns", { id: "zeta", timezone: "America/Denver" }, { currency: "CAD" }],
    [
      "webhooks",
      "webhooks",
      { id: "zeta", url: "https://books.example/in", events: ["lead.created"] },
      { status: "paused" },
    ],
  ] as const)(
    "%s are added, shown, changed and removed, in the one document",
    async (path, list, entry, patch) => {
      await put(fullDocument());
      const before = JSON.stringify(await inForce());

      const created = await call("POST", `/${path}`, entry);
      expect(created.status).toBe(201);
      expect(created.headers.get("location")).toBe(`/api/v1/admin/${path}/${entry.id}`);
      expect(created.body).toMatchObject({ data: entry, revision: 2 });
      expect((await inForce())[list]?.at(-1)).toEqual(entry as never);

      const shown = await call("GET", `/${path}/${entry.id}`);
      const nothingSent = path === "buyers" ? { endpoint: null } : {};
      expect([shown.status, shown.body.data]).toEqual([200, { ...entry, ...nothingSent }]);
      expect(shown.headers.get("etag")).toBe(created.headers.get("etag"));
      expect(await idsIn(`/${path}`)).toContain(entry.id);

      const changed = await call("PATCH", `/${path}/${entry.id}`, patch, {
        "content-type": "application/merge-patch+json",
        "if-match": shown.headers.get("etag") ?? "",
      });
      expect(changed.status).toBe(200);
      expect(changed.body).toEqual({ data: { ...entry, ...patch }, revision: 3 });
      expect(changed.headers.get("etag")).not.toBe(shown.headers.get("etag"));

      const removed = await call("DELETE", `/${path}/${entry.id}`);
      expect([removed.status, removed.body]).toEqual([
        200,
        { data: { id: entry.id, action: "deleted" }, revision: 4 },
      ]);
      expect((await call("GET", `/${path}/${entry.id}`)).status).toBe(404);
      const after = JSON.stringify(await inForce());
      expect(after).toBe(list === "webhooks" ? before.replace(/}$/, ',"webhooks":[]}') : before);
    },
  );

  test("a whole set-up can be made one by one, with ids and the supplier's first key made for it", async () => {
    const list = await call("POST", "/suppression-lists", { name: "Do not call" });
    const supplier = await call("POST", "/suppliers", { name: "Acme" });
    const buyer = await call("POST", "/buyers", {});
    const campaign = await call("POST", "/campaigns", {
      suppliers: [{ supplier: supplier.body.data.id }],
      buyers: [{ buyer: buyer.body.data.id, price: "10.00" }],
      suppression_lists: [list.body.data.id],
    });
    expect([list, supplier, buyer, campaign].map(({ body }) => String(body.data.id))).toEqual([
      expect.stringMatching(/^list_/),
      expect.stringMatching(/^supplier_/),
      expect.stringMatching(/^buyer_/),
      expect.stringMatching(/^campaign_/),
    ]);
    const [created] = supplier.body.data.created_keys as { supplier_id: string; key: string }[];
    expect(created?.supplier_id).toBe(String(supplier.body.data.id));
    const sha256 = new Bun.CryptoHasher("sha256").update(created?.key ?? "").digest("hex");
    const holder = await world.database.read((db) => readKeyHolder(db, sha256, "header"));
    expect(holder).toMatchObject({ kind: "supplier", supplier: { id: String(supplier.body.data.id) } });
    expect(buyer.body.data).not.toHaveProperty("created_keys");
    expect((await call("GET", `/suppliers/${String(supplier.body.data.id)}`)).text).not.toContain("lg_sup_");
  });

  test("two resources of one name are two", async () => {
    const [one, two] = [
      await call("POST", "/buyers", { name: "A" }),
      await call("POST", "/buyers", { name: "A" }),
    ];
    expect(one.body.data.id).not.toBe(two.body.data.id);
  });

  describe("lists", () => {
    beforeEach(() => put({ version: 1, buyers: ["c3", "a1", "b2"].map((id) => ({ id })) }));

    test("a list of resources is in the order of the ids, page by page", async () => {
      const first = await call("GET", "/buyers?limit=2");
      expect(first.body).toMatchObject({ data: [{ id: "a1" }, { id: "b2" }], next_cursor: "b2" });
      const second = await call("GET", `/buyers?limit=2&cursor=${String(first.body.next_cursor)}`);
      expect(second.body).toEqual({ data: [{ id: "c3" }], next_cursor: null } as never);
    });

    test("a list of resources refuses a query that it does not know", async () => {
      const answer = await call("GET", "/buyers?name=x&limit=0&archived=perhaps&cursor=A");
      expect(answer.status).toBe(400);
      const fields = (answer.body.field_errors as { field: string }[]).map(({ field }) => field);
      expect(fields.sort()).toEqual(["archived", "cursor", "limit", "name"]);
    });
  });

  describe("patches", () => {
    beforeEach(() => put(fullDocument()));

    test("a patch takes a setting back to its default with null", async () => {
      const { body } = await call("PATCH", "/buyers/buyer_abc", { caps: { total: null }, billing: null });
      expect(body.data.caps).toEqual({ day: { leads: 100, amount: "5000.00" } });
      expect(body.data).not.toHaveProperty("billing");
    });

    test("a patch that writes out a default is shown as it was written", async () => {
      const { body } = await call("PATCH", "/suppliers/supplier_xyz789", {
        timezone: null,
        test_mode: false,
      });
      expect(body.revision).toBe(1);
      const written = await call("PATCH", "/campaigns/campaign_abc123", { confirm_budget_ms: 5000 });
      expect([written.body.revision, written.body.data.confirm_budget_ms]).toEqual([2, 5000]);
    });

    test("a patch with problems is refused, each by its path in the part, and nothing is changed", async () => {
      const { status, body } = await call("PATCH", "/campaigns/campaign_abc123", {
        distribution: "lottery",
        buyers: [{ buyer: "nobody" }],
        colour: "red",
      });
      expect(status).toBe(400);
      expect(body).toMatchObject({ error: "validation_failed", message: "3 fields are not valid" });
      expect((body.field_errors as { field: string }[]).map(({ field }) => field)).toEqual([
        "colour",
        "distribution",
        "buyers[nobody].buyer",
      ]);
      expect(await inForce()).toEqual(fullDocument());
    });

    test("a patch that would break another part names the place there", async () => {
      await put({
        version: 1,
        buyers: [{ id: "purse", billing: { mode: "manual" } }],
        campaigns: ["USD", "CAD"].map((currency) => ({
          id: `in-${currency.toLowerCase()}`,
          currency,
          buyers: [{ buyer: "purse" }],
        })),
      });
      const { status, body } = await call("PATCH", "/buyers/purse", { billing: { mode: "wallet" } });
      expect([status, (body.field_errors as Json[]).length > 0]).toEqual([400, true]);
    });

    test("a patch cannot give a part another id", async () => {
      const { status, body } = await call("PATCH", "/buyers/buyer_abc", { id: "other" });
      expect([status, body.field_errors]).toMatchObject([400, [{ field: "id", code: "not_allowed" }]]);
    });

    test.each([
      ["[]", "application/json", 400, "malformed_body"],
      ["{", "application/merge-patch+json", 400, "malformed_body"],
      ['{"__proto__":{}}', "application/json", 400, "malformed_body"],
      ["[]", "application/json-patch+json", 415, "unsupported_media_type"],
    ])("a patch %s as %s is refused", async (body, type, status, error) => {
      const answer = await call("PATCH", "/buyers/buyer_abc", body, { "content-type": type });
      expect([answer.status, answer.body.error]).toEqual([status, error]);
    });
  });

  describe("changes meanwhile", () => {
    beforeEach(() => put(fullDocument()));

    test("what was changed meanwhile is neither changed nor removed by who saw it before", async () => {
      const tag = await tagOf("/buyers/buyer_abc");
      await call("PATCH", "/buyers/buyer_abc", { status: "paused" });
      for (const method of ["PATCH", "DELETE"]) {
        const late = await call(method, "/buyers/buyer_abc", method === "PATCH" ? {} : undefined, {
          "if-match": tag,
        });
        expect([late.status, late.body]).toMatchObject([409, { error: "conflict", data: { revision: 2 } }]);
      }
      for (const condition of ["*", `"x", W/${await tagOf("/buyers/buyer_abc")}`]) {
        const answer = await call("PATCH", "/buyers/buyer_abc", {}, { "if-match": condition });
        expect(answer.status).toBe(200);
      }
    });

    test("what was changed meanwhile is not touched by a change of something else", async () => {
      const tag = await tagOf("/buyers/buyer_abc");
      await call("POST", "/buyers", { id: "other" });
      const answer = await call("PATCH", "/buyers/buyer_abc", { status: "paused" }, { "if-match": tag });
      expect(answer.status).toBe(200);
    });
  });

  test("of twenty patches of one state at the same time exactly one wins", async () => {
    await put(fullDocument());
    const tag = await tagOf("/buyers/buyer_abc");
    const names = Array.from({ length: 20 }, (_, index) => `name ${index}`);
    const answers = await Promise.all(
      names.map((name) => call("PATCH", "/buyers/buyer_abc", { name }, { "if-match": tag })),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won.map(({ body }) => body.data.name)).toEqual([(await inForce()).buyers?.[0]?.name]);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
  });

  test("twenty resources added at the same time are all there, each with a revision of its own", async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `supplier-${String(index).padStart(2, "0")}`);
    const answers = await Promise.all(ids.map((id) => call("POST", "/suppliers", { id })));
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 201));
    expect(new Set(answers.map(({ body }) => body.revision)).size).toBe(ids.length);
    expect(await idsIn("/suppliers?limit=200")).toEqual(ids);
  });

  describe("removing", () => {
    test("removing what other parts refer to is refused with every place", async () => {
      await put(withWebhook({ campaigns: ["campaign_abc123"] }));
      const placesOf = async (path: string) => {
        const { status, body } = await call("DELETE", path);
        expect([status, body.error]).toEqual([409, "conflict"]);
        return body.field_errors;
      };
      expect(await placesOf("/suppliers/supplier_xyz789")).toEqual([
        {
          field: "campaigns[campaign_abc123].suppliers[supplier_xyz789].supplier",
          code: "not_allowed",
          message: "is where campaign campaign_abc123 refers to it",
        },
      ]);
      expect(await placesOf("/buyers/buyer_abc")).toMatchObject([
        { field: "campaigns[campaign_abc123].buyers[buyer_abc].buyer" },
      ]);
      expect(await placesOf("/suppression-lists/sunco-customers")).toMatchObject([
        { field: "buyers[buyer_abc].suppression_lists[0]" },
      ]);
      expect(await placesOf("/campaigns/campaign_abc123")).toMatchObject([
        { field: "webhooks[books].campaigns[0]" },
      ]);
      expect(await inForce()).toEqual(withWebhook({ campaigns: ["campaign_abc123"] }));
    });

    test("removing what was never there is answered with 404", async () => {
      expect((await call("DELETE", "/buyers/buyer_abc")).status).toBe(404);
      await put(fullDocument());
      expect((await call("DELETE", "/buyers/nobody")).status).toBe(404);
    });

    describe("a campaign that has leads", () => {
      beforeEach(async () => {
        await put(fullDocument());
        await addLead(world.database, { at: now });
        expect((await call("DELETE", "/campaigns/campaign_abc123")).body.data).toEqual({
          id: "campaign_abc123",
          action: "archived",
        });
      });
      const archived = { ...fullDocument().campaigns?.[0], status: "archived" };

      test("removing a campaign that has leads archives it: it is shown to who asks for it", async () => {
        expect((await inForce()).campaigns).toEqual([]);
        expect(await idsIn("/campaigns")).toEqual([]);
        const list = await call("GET", "/campaigns?archived=true");
        expect(list.body.data).toEqual([archived] as never);
        expect((await call("GET", "/campaigns/campaign_abc123")).body.data).toEqual(archived);
        expect((await call("DELETE", "/campaigns/campaign_abc123")).body).toMatchObject({
          data: { action: "archived" },
          revision: 2,
        });
      });

      test("removing a campaign that has leads keeps it as it was written, also where an earlier release archived it", async () => {
        await world.database.write((tx) => builderOn(tx).delete(archivedEntries));
        expect((await call("GET", "/campaigns/campaign_abc123")).body.data).toEqual(archived);
      });

      test("a removed campaign that has leads can be brought back by its status, as it was", async () => {
        const refused = await call("PATCH", "/campaigns/campaign_abc123", { name: "Other" });
        expect([refused.status, refused.body.error]).toEqual([409, "conflict"]);
        const tag = await tagOf("/campaigns/campaign_abc123");
        const back = await call(
          "PATCH",
          "/campaigns/campaign_abc123",
          { status: "active" },
          { "if-match": tag },
        );
        expect(back.status).toBe(200);
        expect(await inForce()).toEqual(fullDocument());
        expect(await world.database.read((db) => builderOn(db).select().from(archivedEntries))).toEqual([]);
      });

      test("a removed campaign that has leads keeps its id from new ones", async () => {
        const { status, body } = await call("POST", "/campaigns", { id: "campaign_abc123" });
        expect([status, body.message]).toEqual([
          409,
          "An archived campaign has this id. PATCH its status to bring it back.",
        ]);
      });

      test("a removed campaign that is brought back names what it refers to that is gone", async () => {
        await call("DELETE", "/suppression-lists/global-dnc");
        const { status, body } = await call("PATCH", "/campaigns/campaign_abc123", { status: "paused" });
        expect([status, body.field_errors]).toMatchObject([400, [{ field: "suppression_lists[0]" }]]);
      });
    });

    test("removing a list with entries archives it, and active brings it back without becoming a setting of it", async () => {
      await call("POST", "/suppression-lists", { id: "never" });
      await call("POST", "/suppression-lists/never/entries", { entries: [{ phone: "+15125550100" }] });
      expect((await call("DELETE", "/suppression-lists/never")).body.data.action).toBe("archived");
      const back = await call("PATCH", "/suppression-lists/never", { status: "active" });
      expect([back.status, back.body.data]).toEqual([200, { id: "never" }]);
      expect((await call("GET", "/suppression-lists/never/check?phone=%2B15125550100")).body.data).toEqual({
        suppressed: true,
      });
    });
  });

  test("a campaign that the document archives is among the archived ones, once", async () => {
    await put({ version: 1, campaigns: [{ id: "old", status: "archived" }, { id: "new" }] });
    expect(await idsIn("/campaigns")).toEqual(["new"]);
    expect(await idsIn("/campaigns?archived=true")).toEqual(["new", "old"]);
    const page = await call("GET", "/campaigns?archived=true&limit=1");
    expect(page.body).toMatchObject({ data: [{ id: "new" }], next_cursor: "new" });
    expect((await call("PATCH", "/campaigns/old", { name: "Older" })).status).toBe(200);
  });

  test("whatever is done to resources, the document has no problems and the resources are its parts", async () => {
    const id = fc.constantFrom("aa", "bb", "cc");
    const status = fc.constantFrom("active", "paused");
    const step = fc.oneof(
      fc.record({ method: fc.constant("POST"), path: fc.constant("/buyers"), body: fc.record({ id }) }),
      fc.record({ method: fc.constant("POST"), path: fc.constant("/suppliers"), body: fc.record({ id }) }),
      fc.record({
        method: fc.constant("POST"),
        path: fc.constant("/campaigns"),
        body: fc.record({
          id,
          buyers: fc.uniqueArray(id, { maxLength: 2 }).map((ids) => ids.map((buyer) => ({ buyer }))),
          suppliers: fc.uniqueArray(id, { maxLength: 1 }).map((ids) => ids.map((supplier) => ({ supplier }))),
        }),
      }),
      fc.record({
        method: fc.constant("PATCH"),
        path: fc
          .tuple(fc.constantFrom("buyers", "suppliers", "campaigns"), id)
          .map((step) => `/${step.join("/")}`),
        body: fc.record({ status }),
      }),
      fc.record({
        method: fc.constant("DELETE"),
        path: fc
          .tuple(fc.constantFrom("buyers", "suppliers", "campaigns"), id)
          .map((step) => `/${step.join("/")}`),
        body: fc.constant(undefined),
      }),
    );
    let done = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        for (const { method, path, body } of steps) {
          const { status: answered } = await call(method, path, body);
          expect([200, 201, 400, 404, 409]).toContain(answered);
          if (answered < 300) done += 1;
        }
        const document = await inForce();
        expect(problemsIn(document)).toEqual([]);
        const planned = await call("POST", "/config/plan", document);
        expect(planned.body.data.changes).toEqual([]);
        for (const kind of ["buyers", "suppliers", "campaigns"] as const) {
          const ids = (document[kind] ?? []).map((part) => String(part.id)).sort();
          expect(await idsIn(`/${kind}`)).toEqual(ids);
        }
      }),
      { numRuns: 15 },
    );
    expect(done).toBeGreaterThan(15);
  }, 120_000);
});
