import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { type IdentifiedDocument, identify } from "#configuration/identify.ts";
import { describeChange, type OnRecord, planChange } from "#configuration/plan.ts";
import { sealDocument, secretHoldersIn } from "#configuration/secrets/document-secrets.ts";
import { fullDocument, withBuyer, withCampaign, withWebhook } from "./document-examples.ts";

const nothingOnRecord: OnRecord = { inUse: () => false, isArchived: () => false };
const everythingInUse: OnRecord = { inUse: () => true, isArchived: () => true };

function changes(from: ConfigurationDocument | null, to: ConfigurationDocument, onRecord = nothingOnRecord) {
  const current = from && stored(identify(from, null), null);
  return planChange(current, stored(identify(to, current), current), onRecord);
}

/** As the documents are stored that are compared. */
function stored(document: IdentifiedDocument, before: IdentifiedDocument | null): IdentifiedDocument {
  return sealDocument(document, secretHoldersIn(before), new Uint8Array(32));
}

const inWords = (from: ConfigurationDocument | null, to: ConfigurationDocument, onRecord?: OnRecord) =>
  changes(from, to, onRecord).map(describeChange);

describe("a plan", () => {
  test("a plan names every part of a first document as created", () => {
    expect(inWords(null, fullDocument())).toEqual([
      "suppression list global-dnc (Do not call) created",
      "suppression list sunco-customers (SunCo's own) created",
      "supplier supplier_xyz789 (Acme Media) created",
      "buyer buyer_abc (SunCo) created",
      "campaign campaign_abc123 (Solar Texas) created",
    ]);
  });

  test("a plan is empty for the same document", () => {
    expect(changes(fullDocument(), fullDocument())).toEqual([]);
  });

  test("a plan is empty when only defaults are written out or left out", () => {
    const bare = {
      version: 1,
      suppliers: [{ id: "s1" }],
      campaigns: [{ id: "c1", suppliers: [{ supplier: "s1" }] }],
    } as const;
    const spelled = {
      version: 1,
      suppliers: [
        {
          id: "s1",
          name: "s1",
          status: "active",
          test_mode: false,
          rate_limits: { ping: { per_second: 500 } },
        },
      ],
      buyers: [],
      campaigns: [
        {
          id: "c1",
          distribution: "priority",
          duplicates: { fields: ["phone", "email"] },
          suppliers: [{ supplier: "s1", caps: { day: {} }, payout: { mode: "fixed", amount: "0" } }],
        },
      ],
    } as const;
    const copy = (document: unknown) => structuredClone(document) as ConfigurationDocument;
    expect(changes(copy(bare), copy(spelled))).toEqual([]);
  });

  test("a plan shows each setting that differs, from and to", () => {
    const [contract] = fullDocument().campaigns?.[0]?.buyers ?? [];
    const to = withCampaign({
      status: "paused",
      buyers: [{ buyer: "buyer_abc", ...contract, caps: {}, price: "41.00" }],
    });
    expect(inWords(fullDocument(), to)).toEqual([
      [
        "campaign campaign_abc123 (Solar Texas) changed",
        '  status: "active" → "paused"',
        '  buyers[buyer_abc].price: "40.00" → "41.00"',
        '  buyers[buyer_abc].caps.day: {"leads":50} → (absent)',
      ].join("\n"),
    ]);
  });

  test("a plan shows how leads are delivered in the operators' words", () => {
    const delivery = { method: "webhook", url: "https://buyer.example/leads", timeout_seconds: 20 } as const;
    expect(inWords(fullDocument(), withBuyer({ delivery }))).toEqual([
      "buyer buyer_abc (SunCo) changed\n  delivery.timeout_seconds: 15 → 20",
    ]);
  });

  test("a plan shows a template's names as they are written", () => {
    const delivery = { method: "webhook", url: "https://buyer.example/leads" } as const;
    const from = withBuyer({ delivery: { ...delivery, template: { firstName: "{first_name}" } } });
    const to = withBuyer({ delivery: { ...delivery, template: { firstName: "{last_name}" } } });
    expect(changes(from, to)[0]?.differences.map(({ path }) => path)).toEqual([
      "delivery.template.firstName",
    ]);
  });

  test("a plan shows another order of a template's names, because an XML schema may insist on one", () => {
    const inOrder = (template: Record<string, string>) =>
      withBuyer({ delivery: { method: "webhook", url: "https://buyer.example/leads", template } });
    const [change] = changes(
      inOrder({ b: "{email}", a: "{phone}" }),
      inOrder({ a: "{phone}", b: "{email}" }),
    );
    expect(change?.differences).toEqual([
      {
        path: "delivery.template",
        from: '{"b":"{email}","a":"{phone}"}',
        to: '{"a":"{phone}","b":"{email}"}',
      },
    ]);
  });

  test("a plan shows an e-mail's text whole, also where it looks like a mapping", () => {
    const mail = (template: string) =>
      withBuyer({ delivery: { method: "email", to: ["leads@buyer.example"], template } });
    const [change] = changes(mail("{first_name}"), mail("{last_name}"));
    expect(change?.differences).toEqual([
      { path: "delivery.template", from: "{first_name}", to: "{last_name}" },
    ]);
  });

  test("a plan never shows what a header holds, however the header comes, goes or changes", () => {
    const document = (headers: Record<string, string>) =>
      withBuyer({ delivery: { method: "webhook", url: "https://buyer.example/leads", headers } });
    const mail = withBuyer({ delivery: { method: "email", to: ["leads@buyer.example"] } });
    const nothing = { ...fullDocument(), buyers: [{ id: "buyer_abc", name: "SunCo" }] };
    const steps = [document({ a: "hunter2" }), document({ a: "hunter3" }), mail, document({ b: "hunter4" })];
    for (const [from, to] of [...steps, nothing, document({ a: "hunter2" })].map((to, index, all) => [
      all[index - 1] ?? fullDocument(),
      to,
    ])) {
      const found = changes(from ?? null, to ?? fullDocument());
      expect(JSON.stringify(found)).toContain("headers");
      expect(JSON.stringify(found)).not.toContain("hunter");
    }
  });

  test("a plan shows how a buyer is pinged in the document's words, but for what headers hold", () => {
    const url = "https://buyer.example/leads";
    const document = (ping: object) =>
      withBuyer({ delivery: { method: "webhook", url, ping: { url, ...ping } } });
    const unasked = withBuyer({ delivery: { method: "webhook", url } });
    const [from, to] = [{ headers: { a: "hunter2" } }, { headers: { a: "hunter3" } }].map(document);
    for (const [was, is] of [
      [from, to],
      [unasked, to],
      [to, unasked],
    ]) {
      const found = JSON.stringify(changes(was ?? null, is ?? unasked));
      expect(found).toContain("headers");
      expect(found).not.toContain("hunter");
    }
    const [change] = changes(
      document({ template: { firstName: "{first_name}" } }),
      document({ template: { firstName: "{state}" }, timeout_ms: 500 }),
    );
    expect(change?.differences.map((difference) => difference.path)).toEqual([
      "delivery.ping.template.firstName",
      "delivery.ping.timeout_ms",
    ]);
  });

  test("a plan shows what a webhook hears and of which campaigns", () => {
    const [change] = changes(
      withWebhook(),
      withWebhook({ campaigns: ["campaign_abc123"], events: ["lead.created"], retry_schedule: [60] }),
    );
    expect(change).toMatchObject({ kind: "webhook", id: "books", action: "changed" });
    expect(change?.differences.map(({ path }) => path).sort()).toEqual([
      "campaigns",
      "events",
      "retry_schedule",
    ]);
  });

  test("a plan shows a filter whole", () => {
    const [change] = changes(
      fullDocument(),
      withCampaign({ filters: { field: "roof_age", op: "lt", value: 5 } }),
    );
    expect(change?.differences.map(({ path }) => path)).toEqual(["filters"]);
  });

  test("a plan shows fields and links that come and go by their names", () => {
    const [change] = changes(
      fullDocument(),
      withCampaign({
        fields: [{ name: "vin", type: "text" }],
        filters: { field: "vin", op: "is_empty" },
        suppliers: [],
      }),
    );
    expect(change?.differences.map(({ path }) => path).sort()).toEqual([
      "fields[case_type]",
      "fields[incident_date]",
      "fields[roof_age]",
      "fields[vin]",
      "fields[zip_code]",
      "filters",
      "suppliers",
    ]);
  });

  test("a plan shows another order of buyers, because order decides ties", () => {
    const both = (ids: string[]): ConfigurationDocument => ({
      version: 1,
      buyers: [{ id: "b1" }, { id: "b2" }],
      campaigns: [{ id: "c1", buyers: ids.map((buyer) => ({ buyer })) }],
    });
    expect(changes(both(["b1", "b2"]), both(["b2", "b1"]))).toMatchObject([
      {
        id: "c1",
        action: "changed",
        differences: [{ path: "buyers", from: ["b1", "b2"], to: ["b2", "b1"] }],
      },
    ]);
  });

  test("a plan says that what is left out is deleted when nothing refers to it, and else archived", () => {
    const actions = (onRecord: OnRecord) =>
      changes(fullDocument(), { version: 1 }, onRecord).map(({ action }) => action);
    expect(new Set(actions(nothingOnRecord))).toEqual(new Set(["deleted"]));
    expect(new Set(actions(everythingInUse))).toEqual(new Set(["archived"]));
  });

  test("a plan says that what was archived comes back", () => {
    const actions = changes({ version: 1 }, fullDocument(), everythingInUse).map(({ action }) => action);
    expect(new Set(actions)).toEqual(new Set(["restored"]));
  });

  test("a plan from a document to itself is empty, and from one to another is empty only when the other way is", () => {
    const statuses = fc.constantFrom("active" as const, "paused" as const);
    const documents = fc
      .record({
        status: statuses,
        name: fc.string({ minLength: 1 }),
        timezone: fc.constantFrom("UTC", "America/Chicago"),
      })
      .map((change) => withBuyer(change));
    fc.assert(
      fc.property(documents, documents, (one, other) => {
        expect(changes(one, one)).toEqual([]);
        expect(changes(one, other).length).toBe(changes(other, one).length);
      }),
    );
  });
});

describe("parts without an id", () => {
  const named = (...names: string[]): ConfigurationDocument => ({
    version: 1,
    suppliers: names.map((name) => ({ name })),
  });

  test("resources without an id get one of the kind's own form", () => {
    const identified = identify(
      {
        version: 1,
        suppliers: [{ name: "a" }],
        buyers: [{ name: "b" }],
        campaigns: [{ name: "c" }],
        suppression_lists: [{ name: "d" }],
        webhooks: [{ name: "e", url: "https://books.example", events: ["lead.created"] }],
      },
      null,
    );
    const made = (prefix: string) => new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`);
    expect(identified.suppliers?.[0]?.id).toMatch(made("supplier"));
    expect(identified.buyers?.[0]?.id).toMatch(made("buyer"));
    expect(identified.campaigns?.[0]?.id).toMatch(made("campaign"));
    expect(identified.suppression_lists?.[0]?.id).toMatch(made("list"));
    expect(identified.webhooks?.[0]?.id).toMatch(made("webhook"));
  });

  test("resources without an id keep the one they have when the same file is applied again", () => {
    const first = identify(named("Acme", "Bright"), null);
    expect(identify(named("Bright", "Acme"), first).suppliers).toEqual(first.suppliers?.toReversed() ?? []);
  });

  test("resources without an id do not take an id that the document gives to another", () => {
    const first = identify(named("Acme"), null);
    const taken = first.suppliers?.[0]?.id ?? "";
    const second = identify(
      { version: 1, suppliers: [{ name: "Acme" }, { id: taken, name: "Bright" }] },
      first,
    );
    expect(second.suppliers?.[0]?.id).not.toBe(taken);
  });
});
