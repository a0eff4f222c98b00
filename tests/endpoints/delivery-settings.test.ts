import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import fc from "fast-check";
import { compileBidRules } from "#endpoints/answers/bid-rules.ts";
import { compileResponseRules } from "#endpoints/answers/response-rules.ts";
import { compose, composeAsk } from "#endpoints/compose.ts";
import { DeliveryDefinition } from "#endpoints/delivery-definition.ts";
import { deliveryProblems } from "#endpoints/delivery-problems.ts";
import type { FieldKinds } from "#endpoints/message/variables.ts";
import { least, runs } from "../support/runs.ts";
import { ask, sale, settingsOf, webhook } from "./sales.ts";

const url = "https://buyer.example/leads";

describe("the definition of a delivery", () => {
  test("of a webhook needs no more than a URL", () => {
    expect(settingsOf({ method: "webhook", url })).toEqual({
      method: "webhook",
      url,
      format: "json",
      httpMethod: "POST",
      body: "full",
      template: null,
      text: null,
      xmlRoot: "lead",
      headers: {},
      legacySignatureHeader: null,
      responseRules: [],
      responseValues: {},
      confirm: false,
      ping: null,
      events: [],
      testUrl: null,
      dropsTests: false,
      whenDown: "skip",
      timeoutSeconds: 15,
      retrySchedule: [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400],
      giveUpAfterSeconds: 86_400,
      maxInFlight: 20,
    });
  });

  test("of an e-mail needs no more than an address", () => {
    expect(settingsOf({ method: "email", to: ["a@b.example"] })).toMatchObject({
      method: "email",
      subject: "{campaign_name}: new lead {lead_id}",
      format: "text",
      template: null,
      giveUpAfterSeconds: 86_400,
    });
  });

  test("is settled as it says itself", () => {
    const retry_schedule = [1, 2];
    const settled = webhook({
      retry_schedule,
      confirm: true,
      when_down: "keep",
      events: ["lead.returned"],
      format: "xml",
      xml_root: "x",
    });
    expect(settled).toMatchObject({
      retrySchedule: [1, 2],
      confirm: true,
      whenDown: "keep",
      events: ["lead.returned"],
      xmlRoot: "x",
    });
  });

  test("of a ping needs no more than a URL, and its buyer is asked to confirm what it bid for", () => {
    const ping = { url: "https://buyer.example/ping" };
    expect(webhook({ ping })).toMatchObject({
      confirm: true,
      ping: {
        ...ping,
        format: "json",
        template: null,
        xmlRoot: "ping",
        headers: {},
        timeoutMs: 1000,
        maxInFlight: 100,
        responseRules: [],
        responseValues: {
          bid_price: { json_path: "$.bid_price" },
          reference: { json_path: "$.reference" },
          reason: { json_path: "$.reason" },
        },
      },
    });
    expect(webhook({ ping, confirm: false }).confirm).toBe(false);
    const timeout_ms = 10_000;
    expect(webhook({ ping: { ...ping, timeout_ms, max_in_flight: 2, response_values: {} } })).toMatchObject({
      ping: { timeoutMs: 10_000, maxInFlight: 2, responseValues: {} },
    });
  });

  test.each([
    [{ method: "webhook", url, ping: { url, timeout_ms: 50, format: "xml", xml_root: "p" } }, true],
    [{ method: "webhook", url, ping: {} }, false],
    [{ method: "webhook", url, ping: { url: "ftp://buyer.example" } }, false],
    [{ method: "webhook", url, ping: { url, timeout_ms: 49 } }, false],
    [{ method: "webhook", url, ping: { url, timeout_ms: 10_001 } }, false],
    [{ method: "webhook", url, ping: { url, confirm: true } }, false],
    [{ method: "email", to: ["a@b.example"], ping: { url } }, false],
    [{ method: "webhook", url, format: "form", headers: { "x-key": "1" }, events: ["lead.updated"] }, true],
    [{ method: "webhook", url, give_up_after_seconds: 0, retry_schedule: [] }, true],
    [{ method: "email", to: ["a@b.example"], format: "html", template: "{x}" }, true],
    [{ method: "webhook" }, false],
    [{ method: "webhook", url: "ftp://buyer.example" }, false],
    [{ method: "webhook", url: "https://user:pass@buyer.example" }, false],
    [{ method: "webhook", url, timeout_seconds: 31 }, false],
    [{ method: "webhook", url, max_in_flight: 0 }, false],
    [{ method: "webhook", url, retry_schedule: [0] }, false],
    [{ method: "webhook", url, events: ["lead.created"] }, false],
    [{ method: "webhook", url, to: ["a@b.example"] }, false],
    [{ method: "email", to: [] }, false],
    [{ method: "email", to: ["Ann <a@b.example>"] }, false],
    [{ method: "email", to: ["a@b.example, c@d.example"] }, false],
    [{ method: "email", to: ["a@b.example\r\nBcc: c@d.example"] }, false],
    [{ method: "email", to: ["a@b.example"], confirm: true }, false],
    [{ method: "email", to: ["a@b.example"], format: "json" }, false],
    [{ method: "pigeon" }, false],
  ])("such as %j fits: %p", (definition, fits) => {
    expect(Value.Check(DeliveryDefinition, definition)).toBe(fits);
  });
});

describe("the problems of a delivery's settings", () => {
  const knownFields: FieldKinds = new Map([
    ["first_name", ["text"]],
    ["case_type", ["enum"]],
  ]);

  function problemsOf(more: Record<string, unknown>, method = "webhook"): string[] {
    return deliveryProblems({ method, url, ...more }, knownFields).map(({ path }) => path);
  }

  test("are none where all is well", () => {
    const template = {
      name: "{first_name}",
      "odd name": ["{lead_id}", { deep: "{{x}} {fields.case_type} {timestamp}" }, 1, true, null],
      kind: { $from: "case_type", $map: { auto: 1, slip: "{price}" }, $otherwise: null },
    };
    const response_rules = [{ when: { json_path: "$.ok", equals: true }, outcome: "accepted" }];
    const headers = { "X-Api-Key": "k 1", "user-agent": "Desk/1" };
    const legacy_signature_header = "x-signature";
    expect(problemsOf({ template, response_rules, headers, legacy_signature_header })).toEqual([]);
  });

  test.each([
    [{ template: [] }, ["template"]],
    [{ template: "text" }, ["template"]],
    [{ template: { a: "{last_name}" } }, ["template.a"]],
    [{ template: { a: { b: ["{payout}"] } } }, ["template.a.b[0]"]],
    [{ template: { a: "{first_name" } }, ["template.a"]],
    [{ template: { a: "{First Name}" } }, ["template.a"]],
    [{ template: { "a b": 1 } }, []],
    [{ template: { "a b": 1, "x:y": { "1": 1 } }, format: "xml" }, ["template.a b", "template.x:y.1"]],
    [{ template: { a: { $from: "case_type" } } }, ["template.a.$map"]],
    [{ template: { a: { $from: "case_type", $map: {} } } }, ["template.a.$map"]],
    [{ template: { a: { $map: { x: 1 } } } }, ["template.a.$map"]],
    [{ template: { a: { $from: "nothing", $map: { x: 1 } } } }, ["template.a.$from"]],
    [
      { template: { a: { $from: "case_type", $map: { x: [] }, $else: 1 } } },
      ["template.a.$else", "template.a.$map.x"],
    ],
    [
      { template: { a: { $from: "case_type", $map: { x: 1 }, $otherwise: "{y}" } } },
      ["template.a.$otherwise"],
    ],
    [{ template: { a: 1 }, body: "thin" }, ["body"]],
    [{ template: { a: Array.from({ length: 501 }, () => 1) } }, ["template"]],
    [
      {
        http_method: "GET",
        url: "https://buyer.example/{lead_id}?p={phone|national}",
        headers: { "x-name": "{first_name}" },
      },
      ["url"],
    ],
    [{ http_method: "GET", url: "https://buyer.example/?n={first_name|upper}&b={{x}}" }, []],
    [
      { http_method: "GET", template: { a: 1 }, format: "form", body: "thin" },
      ["template", "format", "body", "body"],
    ],
    [{ url: "https://{first_name}.example/" }, ["url"]],
    [{ url: "https://buyer.example{first_name}/" }, ["url"]],
    [
      { url: "https://buyer.example/{", headers: { "x-a": "{", "x-b": "{frist_name}" } },
      ["url", "headers.x-a", "headers.x-b"],
    ],
    [{ url: "https://buyer.example/{first_name}", events: ["lead.updated"] }, ["events"]],
    [{ headers: { "x-a": "{first_name}" }, events: ["lead.updated"] }, ["events"]],
    [{ http_method: "PUT", events: ["lead.updated"] }, ["events"]],
    [{ http_method: "POST", events: ["lead.updated"] }, []],
    [
      {
        ping: { url: "https://buyer.example/{lead_id}", http_method: "GET", headers: { "x-a": "{ping.id}" } },
      },
      ["ping.url"],
    ],
    [{ xml_root: "a" }, ["xml_root"]],
    [{ xml_root: "a", format: "xml" }, []],
    [{ response_rules: {} }, ["response_rules"]],
    [{ response_rules: [{ when: {}, outcome: "accepted" }] }, ["response_rules[0].when"]],
    [{ response_values: { price: {} } }, ["response_values.price"]],
    [{ template: { a: "{ping.id} {ping.reference} {ping.price}" } }, []],
    [
      { template: { a: "{ping.else}", b: { $from: "ping.phone", $map: { a: 1 } } } },
      ["template.a", "template.b.$from"],
    ],
    [{ ping: { url } }, []],
    [{ ping: { url, template: { a: "{ping.id} {first_name} {campaign_id}" } } }, []],
    // What is not known before the sale.
    [
      {
        ping: { url, template: { a: "{lead_id}", b: "{price}", c: "{supplier_id}", d: "{ping.reference}" } },
      },
      ["ping.template.a", "ping.template.b", "ping.template.c", "ping.template.d"],
    ],
    [{ ping: { url, xml_root: "a", headers: { host: "x" } } }, ["ping.xml_root", "ping.headers.host"]],
    [{ legacy_signature_header: "X-Key", ping: { url, headers: { "x-key": "1" } } }, ["ping.headers.x-key"]],
    [
      { ping: { url, response_rules: [{ when: {}, outcome: "sold" }] } },
      ["ping.response_rules[0].outcome", "ping.response_rules[0].when"],
    ],
    [
      { ping: { url, response_values: { price: { regex: "x" } } } },
      ["ping.response_values.price", "ping.response_values"],
    ],
    [
      { ping: { url, response_rules: [], response_values: { reference: { regex: "x" } } } },
      ["ping.response_values"],
    ],
    [
      {
        ping: { url, response_rules: [{ when: { status: 200 }, outcome: "accepted" }], response_values: {} },
      },
      [],
    ],
  ])("of %j stand at %p", (more, paths) => {
    expect(problemsOf(more)).toEqual(paths);
  });

  test("of a ping's template know the fields that only pings have", () => {
    const ping = { url, template: { hashed: "{phone_sha256}" } };
    const definition = { method: "webhook", url, ping, template: { hashed: "{phone_sha256}" } };
    expect(
      deliveryProblems(definition, knownFields, new Map([...knownFields, ["phone_sha256", ["text"]]])),
    ).toEqual([{ path: "template.hashed", message: expect.any(String) }]);
  });

  test("of a template that is nested too deep are told once", () => {
    let template: unknown = { a: 1 };
    for (let depth = 0; depth < 20; depth += 1) template = { a: template };
    expect(problemsOf({ template })).toHaveLength(1);
  });

  test.each([
    ["Host", "x"],
    ["content-length", "1"],
    ["transfer-encoding", "chunked"],
    ["Webhook-Id", "1"],
    ["proxy-authorization", "x"],
    ["x key", "1"],
    ["", "1"],
    ["x:y", "1"],
    ["x-key", "a\r\nhost: b"],
    ["x-key", "a\u0000b"],
    ["x-key", "naïve"],
    ["x-key", " a"],
    ["x-key", ""],
    ["x-key", 5],
  ])("a header %p with the value %p is refused", (name, value) => {
    expect(problemsOf({ headers: { [name]: value } })).toHaveLength(1);
  });

  test("a header given twice is refused", () => {
    expect(problemsOf({ headers: { "x-key": "1", "X-Key": "2" } })).toEqual(["headers.X-Key"]);
  });

  test("a legacy signature's header can be neither the sender's own nor one of the buyer's", () => {
    expect(problemsOf({ legacy_signature_header: "webhook-signature" })).toEqual(["legacy_signature_header"]);
    expect(problemsOf({ legacy_signature_header: "X-Key", headers: { "x-key": "1" } })).toEqual([
      "legacy_signature_header",
    ]);
  });

  test("of an e-mail's texts are found too", () => {
    expect(problemsOf({ subject: "{nothing}", template: "{" }, "email")).toEqual(["subject", "template"]);
    expect(problemsOf({ subject: "{first_name}", template: "{{}}" }, "email")).toEqual([]);
  });

  test("never repeat a header's value", () => {
    const told = JSON.stringify(
      deliveryProblems({ method: "webhook", url, headers: { "x-key": "s3cret\n" } }),
    );
    expect(told).toContain("x-key");
    expect(told).not.toContain("s3cret");
  });
});

test("any definition that fits and has no problems can be composed and its answers judged", () => {
  const part = fc.letrec<{ part: unknown }>((tie) => ({
    part: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom("{a}", "{price} {a}", "{{", 1, null, true),
      fc.string(),
      fc.dictionary(fc.string(), tie("part"), { maxKeys: 3 }),
      fc.array(tie("part"), { maxLength: 3 }),
      fc.record({
        $from: fc.constantFrom("a", "price"),
        $map: fc.dictionary(fc.string(), fc.constantFrom(1, "{a}", "x")),
      }),
    ),
  })).part;
  const definition = fc.record(
    {
      method: fc.constant("webhook"),
      url: fc.constant(url),
      format: fc.constantFrom("json", "form", "xml"),
      template: fc.oneof(fc.dictionary(fc.string(), part, { maxKeys: 3 }), fc.jsonValue()),
      headers: fc.oneof(fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }), fc.jsonValue()),
      response_rules: fc.oneof(
        fc.constant([{ when: { xpath: "//a" }, outcome: "accepted" }]),
        fc.array(fc.record({ when: fc.jsonValue(), outcome: fc.constant("error") })),
      ),
      ping: fc.oneof(
        {
          weight: 9,
          arbitrary: fc.record({
            url: fc.constant(url),
            template: fc.constantFrom({ a: "{a} {ping.id}" }, { b: 1 }),
          }),
        },
        fc.record({ url: fc.constant(url), template: fc.dictionary(fc.string(), part, { maxKeys: 3 }) }),
        fc.record({ url: fc.constant(url), response_values: fc.jsonValue() }),
      ),
    },
    { requiredKeys: ["method", "url"] },
  );
  let settled = 0;
  let asked = 0;
  fc.assert(
    fc.property(
      fc.oneof({ weight: 5, arbitrary: definition }, fc.jsonValue()),
      fc.jsonValue(),
      (value, a) => {
        const problems = deliveryProblems(value);
        if (problems.length > 0 || !Value.Check(DeliveryDefinition, value)) return;
        settled += 1;
        const delivery = settingsOf(value);
        compose(sale({ a }), delivery);
        if (delivery.method !== "webhook") return;
        compileResponseRules(delivery.responseRules, delivery.responseValues);
        if (delivery.ping === null) return;
        asked += 1;
        composeAsk(ask({ a }), delivery.ping, JSON.parse(delivery.ping.template ?? "null"));
        compileBidRules(delivery.ping.responseRules, delivery.ping.responseValues);
      },
    ),
    { numRuns: runs(2000) },
  );
  expect(settled).toBeGreaterThan(least(100));
  expect(asked).toBeGreaterThan(least(20));
});
