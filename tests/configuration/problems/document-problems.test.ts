import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import fc from "fast-check";
import { ConfigurationDocument } from "#campaigns/document.ts";
import { withDefaults } from "#configuration/defaults.ts";
import { demoDocument } from "#configuration/demo.ts";
import { identify } from "#configuration/identify.ts";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import { entryAt } from "#configuration/problems/named-path.ts";
import { schemaProblems } from "#configuration/problems/schema-problems.ts";
import { wholeCampaigns } from "#configuration/whole-campaigns.ts";
import { runs } from "../../support/runs.ts";
import { fullDocument, withBuyer, withWebhook } from "../document-examples.ts";

/** The problems of the full document after one place in it was changed; `undefined` takes the place away. */
function problemsAfter(path: string, value: unknown): string[] {
  const document: unknown = structuredClone(fullDocument());
  const steps = path.split(/[.[\]]+/).filter((step) => step !== "");
  const last = steps.pop() ?? "";
  let place = document as Record<string, unknown>;
  for (const step of steps) {
    place = (Array.isArray(place) ? entryAt(place, step) : place[step]) as Record<string, unknown>;
  }
  if (value === undefined) delete place[last];
  else if (Array.isArray(place) && !/^\d+$/.test(last)) place[place.indexOf(entryAt(place, last))] = value;
  else place[last] = value;
  return problemsIn(document).map((problem) => `${problem.path}: ${problem.message}`);
}

describe("a document without problems", () => {
  test("the contract's own example is a document without problems", () => {
    expect(problemsIn(fullDocument())).toEqual([]);
  });

  test("the demo is a document without problems", () => {
    expect(problemsIn(demoDocument)).toEqual([]);
  });

  test("a document with nothing but a version has no problems", () => {
    expect(problemsIn({ version: 1 })).toEqual([]);
  });

  test("a document may name its parts instead of giving ids, and leave out every setting that has a default", () => {
    expect(
      problemsIn({
        version: 1,
        suppliers: [{ name: "Acme" }],
        buyers: [{ id: "b1" }],
        campaigns: [{ name: "Solar", buyers: [{ buyer: "b1" }] }],
      }),
    ).toEqual([]);
  });
});

describe("what is wrong is said by path and in words", () => {
  const contract = "campaigns[campaign_abc123].buyers[buyer_abc]";
  const cases: [title: string, path: string, value: unknown, problem: string][] = [
    [
      "a price that is a number",
      `${contract}.price`,
      40,
      `${contract}.price: must be an amount in quotes such as "12.50"`,
    ],
    [
      "a negative price",
      `${contract}.price`,
      "-1",
      `${contract}.price: must be an amount in quotes such as "12.50"`,
    ],
    [
      "a weight of zero",
      `${contract}.weight`,
      0,
      `${contract}.weight: must be a whole number from 1 to 1,000,000`,
    ],
    [
      "half a lead",
      `${contract}.caps.day.leads`,
      0.5,
      `${contract}.caps.day.leads: must be a whole number from 0 to 1,000,000,000`,
    ],
    ["a list that is none", `${contract}.states`, "TX", `${contract}.states: must be a list`],
    [
      "a state that does not exist",
      `${contract}.states[0]`,
      "ZZ",
      `${contract}.states[0]: must be a state of US such as TX`,
    ],
    [
      "a mistyped setting",
      `${contract}.prise`,
      "1",
      `${contract}.prise: is not a known setting; did you mean price?`,
    ],
    [
      "a country by another code",
      "campaigns[campaign_abc123].country",
      "UK",
      "campaigns[campaign_abc123].country: must be GB for the United Kingdom",
    ],
    [
      "a country that is none",
      "campaigns[campaign_abc123].country",
      "ZZ",
      "campaigns[campaign_abc123].country: must be an ISO 3166 country such as US",
    ],
    [
      "a country in small letters",
      "campaigns[campaign_abc123].country",
      "us",
      "campaigns[campaign_abc123].country: must be an ISO 3166 country such as US",
    ],
    ["a version to come", "version", 2, "version: must be 1"],
    ["no version", "version", undefined, "version: is required"],
    [
      "a mistyped status",
      "suppliers[supplier_xyz789].status",
      "on",
      "suppliers[supplier_xyz789].status: must be active or paused",
    ],
    [
      "an archived supplier",
      "suppliers[supplier_xyz789].status",
      "archived",
      "suppliers[supplier_xyz789].status: must be active or paused",
    ],
    [
      "an id with capitals",
      "campaigns[campaign_abc123].id",
      "Solar",
      "campaigns[Solar].id: must be 2 to 63 lower-case letters, digits, _ or -, beginning with a letter or digit",
    ],
    [
      "a mode that there is not",
      "campaigns[campaign_abc123].mode",
      "auction",
      "campaigns[campaign_abc123].mode: must be direct or ping_post",
    ],
    [
      "a time zone that does not exist",
      "campaigns[campaign_abc123].timezone",
      "America/Springfield",
      "campaigns[campaign_abc123].timezone: must be a time zone such as America/Chicago",
    ],
    [
      "a currency that does not exist",
      "campaigns[campaign_abc123].currency",
      "XYZ",
      "campaigns[campaign_abc123].currency: must be an ISO 4217 currency such as USD",
    ],
    [
      "a window past ten years",
      "campaigns[campaign_abc123].duplicates.window_days",
      3651,
      "campaigns[campaign_abc123].duplicates.window_days: must be a whole number from 1 to 3,650",
    ],
    [
      "a duplicate field that is none",
      "campaigns[campaign_abc123].duplicates.fields[1]",
      "emial",
      "campaigns[campaign_abc123].duplicates.fields[1]: must be a field of this campaign; did you mean email?",
    ],
    [
      "a filter on no field",
      "campaigns[campaign_abc123].filters.all[0].field",
      "roof_agee",
      "campaigns[campaign_abc123].filters.all[0].field: must be a field of this campaign; did you mean roof_age?",
    ],
    [
      "an unknown supplier",
      "campaigns[campaign_abc123].suppliers[supplier_xyz789].supplier",
      "supplier_xyz798",
      "campaigns[campaign_abc123].suppliers[supplier_xyz798].supplier: must be the id of a supplier in this document; did you mean supplier_xyz789?",
    ],
    [
      "an unknown buyer",
      `${contract}.buyer`,
      "buyer_x",
      "campaigns[campaign_abc123].buyers[buyer_x].buyer: must be the id of a buyer in this document; did you mean buyer_abc?",
    ],
    [
      "a value of a filter that the field does not have",
      "campaigns[campaign_abc123].filters.all[1].any[0].value",
      "outo",
      "campaigns[campaign_abc123].filters.all[1].any[0].value: must be one of the values of case_type; did you mean auto?",
    ],
    [
      "one of the values of a filter that the field does not have",
      "campaigns[campaign_abc123].filters.all[1].any[0]",
      { field: "case_type", op: "not_in", value: ["AUTO", "fall"] },
      "campaigns[campaign_abc123].filters.all[1].any[0].value[1]: must be one of the values of case_type",
    ],
    [
      "an unknown list",
      "buyers[buyer_abc].suppression_lists[0]",
      "none",
      "buyers[buyer_abc].suppression_lists[0]: must be the id of a suppression list in this document",
    ],
    [
      "a payout of no known mode",
      "campaigns[campaign_abc123].suppliers[supplier_xyz789].payout.mode",
      "free",
      "campaigns[campaign_abc123].suppliers[supplier_xyz789].payout.mode: must be one of fixed, revenue_share, margin",
    ],
    [
      "more than all of the price",
      "campaigns[campaign_abc123].suppliers[supplier_xyz789].payout",
      { mode: "revenue_share", percent: 101 },
      "campaigns[campaign_abc123].suppliers[supplier_xyz789].payout.percent: must be a percentage from 0 to 100 with at most 4 decimals",
    ],
    [
      "a percentage too fine",
      "campaigns[campaign_abc123].suppliers[supplier_xyz789].payout",
      { mode: "revenue_share", percent: 0.00001 },
      "campaigns[campaign_abc123].suppliers[supplier_xyz789].payout.percent: must have at most 4 decimals",
    ],
    [
      "a credit without a limit",
      "buyers[buyer_abc].billing",
      { mode: "credit" },
      "buyers[buyer_abc].billing.limit: is required",
    ],
    [
      "an address with a password",
      "buyers[buyer_abc].delivery.url",
      "https://a:b@buyer.example",
      "buyers[buyer_abc].delivery.url: must be an http or https address without user or password, at most 2,000 characters",
    ],
    [
      "an address that is a file",
      "buyers[buyer_abc].delivery.url",
      "file:///etc/passwd",
      "buyers[buyer_abc].delivery.url: must be an http or https address without user or password, at most 2,000 characters",
    ],
    [
      "a burst below the rate",
      "suppliers[supplier_xyz789].rate_limits.ingest.burst_per_second",
      50,
      "suppliers[supplier_xyz789].rate_limits.ingest.burst_per_second: must not be below per_second",
    ],
    [
      "a part with neither id nor name",
      "suppliers[supplier_xyz789]",
      {},
      "suppliers[0].id: is required when there is no name",
    ],
    [
      "a field of no known type",
      "campaigns[campaign_abc123].fields[zip_code].type",
      "zipcode",
      "campaigns[campaign_abc123].fields[zip_code].type: must be one of text, number, integer, boolean, date, datetime, email, phone, state, zip, url, enum",
    ],
    [
      "a buyer's duplicate field that is none",
      "buyers[buyer_abc].duplicates",
      { fields: ["vin"], window_days: 5 },
      "buyers[buyer_abc].duplicates.fields[0]: must be a field of a campaign that the buyer is linked to",
    ],
  ];
  test.each(cases)("%s", (_, path, value, problem) => {
    expect(problemsAfter(path, value)).toContain(problem);
  });

  test("a part of a filter keeps its own path", () => {
    expect(problemsAfter("campaigns[campaign_abc123].filters.all[0].op", "atleast")).toEqual([
      expect.stringMatching(/^campaigns\[campaign_abc123\]\.filters\.all\[0\]\.op: must be one of eq, /),
    ]);
  });

  test("a schedule keeps its own path", () => {
    expect(problemsAfter("campaigns[campaign_abc123].buyers[buyer_abc].schedule.mon[0]", "9-5")).toEqual([
      expect.stringMatching(
        /^campaigns\[campaign_abc123\]\.buyers\[buyer_abc\]\.schedule\.mon\[0\]: must be a window such as/,
      ),
    ]);
  });

  test("what the field mapping says of its fields keeps its own path", () => {
    const [problem] = problemsAfter("campaigns[campaign_abc123].fields[case_type].values", undefined);
    expect(problem).toStartWith("campaigns[campaign_abc123].fields[case_type]");
  });

  test("all that is wrong with a document is said at once", () => {
    const problems = problemsIn({
      version: 1,
      suppliers: [{ id: "A" }],
      buyers: [{ status: 1 }],
      campaign: [],
    });
    expect(problems.map((problem) => problem.path)).toEqual([
      "campaign",
      "suppliers[A].id",
      "buyers[0].status",
      "buyers[0].id",
    ]);
  });
});

describe("what a buyer is sent is checked by path", () => {
  const delivery = (change: object) =>
    problemsIn(
      withBuyer({ delivery: { method: "webhook", url: "https://buyer.example", ...change } as never }),
    ).map((problem) => `${problem.path}: ${problem.message}`);

  test("a delivery with a method that there is not, or none, is refused", () => {
    const known = "buyers[buyer_abc].delivery.method: must be one of webhook, email";
    expect(delivery({ method: "pigeon" })).toEqual([known]);
    expect(problemsAfter("buyers[buyer_abc].delivery.method", undefined)).toEqual([known]);
  });

  test("a mistyped setting is told of first, and what it stands for is not missed as well", () => {
    const known = "is not a known setting; did you mean method?";
    const mistyped = { methd: "webhook", url: "https://buyer.example" };
    expect(problemsAfter("buyers[buyer_abc].delivery", mistyped)).toEqual([
      `buyers[buyer_abc].delivery.methd: ${known}`,
    ]);
    expect(
      problemsIn({ version: 1, webhooks: [{ id: "w1", ulr: 1, events: 1 }] }).map(({ path }) => path),
    ).toEqual(["webhooks[w1].ulr", "webhooks[w1].events"]);
  });

  test("a delivery with a method that is no text is refused", () => {
    expect(delivery({ method: { toString: "" } })).toEqual([
      "buyers[buyer_abc].delivery.method: must be one of webhook, email",
    ]);
  });

  test("a delivery with settings of the other method is refused", () => {
    const [problem, ...more] = delivery({ to: ["leads@buyer.example"] });
    expect(problem).toStartWith("buyers[buyer_abc].delivery.to: is not a known setting");
    expect(more).toEqual([]);
  });

  test("a delivery to an e-mail address that is none is refused", () => {
    expect(problemsAfter("buyers[buyer_abc].delivery", { method: "email", to: ["leads"] })).toEqual([
      "buyers[buyer_abc].delivery.to[0]: must be an e-mail address without a name",
    ]);
  });

  test("a template is refused that names a field which none of the buyer's campaigns has", () => {
    expect(delivery({ template: { age: "{roof_age}", name: "{first_name}", id: "{lead_id}" } })).toEqual([]);
    const problems = delivery({ template: { lead: { colour: "{roof_colour}" } } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toStartWith("buyers[buyer_abc].delivery.template.lead.colour: ");
  });

  test("a template is refused whose filter is unknown or does not fit the field's type", () => {
    expect(delivery({ template: { tel: "{phone|national}", zip: "{zip_code|zip5}" } })).toEqual([]);
    expect(delivery({ template: { tel: "{phone|nationel}", zip: "{zip_code|area}" } })).toEqual([
      "buyers[buyer_abc].delivery.template.tel: has the filter |nationel behind {phone}, which is not known; did you mean national?",
      "buyers[buyer_abc].delivery.template.zip: has the filter |area behind {zip_code}, which is for the type phone: the value is of type zip",
    ]);
  });

  test("nothing is said of a template's names while the fields of a campaign cannot be read", () => {
    const document = withBuyer({
      delivery: { method: "webhook", url: "https://buyer.example", template: { colour: "{roof_colour}" } },
    });
    const [campaign] = document.campaigns ?? [];
    const broken = { ...document, campaigns: [{ ...campaign, fields: "all" }] };
    expect(problemsIn(broken).map(({ path }) => path)).toEqual(["campaigns[campaign_abc123].fields"]);
  });

  test("rules for answers, headers, and events that are listed twice are checked by path", () => {
    const paths = problemsIn(
      withBuyer({
        delivery: {
          method: "webhook",
          url: "https://buyer.example",
          headers: { "webhook-id": "1" },
          response_rules: [{ when: { json_path: "$[" }, outcome: "accepted" }],
          events: ["lead.returned", "lead.returned"],
        },
      }),
    ).map(({ path }) => path);
    expect(paths.sort()).toEqual([
      "buyers[buyer_abc].delivery.events[1]",
      "buyers[buyer_abc].delivery.headers.webhook-id",
      "buyers[buyer_abc].delivery.response_rules[0].when.json_path",
    ]);
  });
});

test("who is told by e-mail is refused with an address or an event that is listed twice", () => {
  const email = ["ops@company.example", "two@company.example", "ops@company.example"];
  const alerts = { email, events: ["endpoint.down", "endpoint.down"] };
  expect(problemsIn({ version: 1, alerts }).map(({ path, message }) => `${path} ${message}`)).toEqual([
    "alerts.email[2] is listed twice",
    "alerts.events[1] is listed twice",
  ]);
});

describe("a webhook is refused", () => {
  const cases: [title: string, change: object, problem: string][] = [
    [
      "with an address that is none",
      { url: "ftp://books.example" },
      "webhooks[books].url: must be an http or https",
    ],
    ["with no event to hear of", { events: [] }, "webhooks[books].events: must not be empty"],
    [
      "with an event that there is not",
      { events: ["lead.lost"] },
      "webhooks[books].events[0]: must be one of lead.c",
    ],
    [
      "with an event twice",
      { events: ["lead.created", "lead.created"] },
      "webhooks[books].events[1]: is listed twice",
    ],
    [
      "with a campaign that there is not",
      { campaigns: ["nowhere"] },
      "webhooks[books].campaigns[0]: must be the id of a campaign in this document",
    ],
    ["with a list of no campaigns", { campaigns: [] }, "webhooks[books].campaigns: must not be empty"],
    [
      "with a header that the sender sets",
      { headers: { host: "h" } },
      "webhooks[books].headers.host: is a header that the sender sets itself",
    ],
    ["with a buyer's settings", { template: {} }, "webhooks[books].template: is not a known setting"],
  ];
  test.each(cases)("%s", (_, change, problem) => {
    const [found, ...more] = problemsIn(withWebhook(change)).map(
      ({ path, message }) => `${path}: ${message}`,
    );
    expect(found).toStartWith(problem);
    expect(more).toEqual([]);
  });

  test("a webhook is refused without an address or events", () => {
    expect(problemsIn({ version: 1, webhooks: [{ id: "books" }] })).toEqual([
      { path: "webhooks[books].url", code: "required", message: "is required" },
      { path: "webhooks[books].events", code: "required", message: "is required" },
    ]);
  });

  test("a webhook is refused with another's id", () => {
    const { webhooks = [] } = withWebhook();
    expect(problemsIn({ version: 1, webhooks: [...webhooks, ...webhooks] }).map(({ path }) => path)).toEqual([
      "webhooks[1].id",
    ]);
  });
});

describe("what a document says twice", () => {
  const once = fullDocument();
  const twice = (name: "suppliers" | "buyers" | "campaigns" | "suppression_lists") =>
    problemsIn({ ...once, [name]: [...(once[name] ?? []), ...(once[name] ?? [])] });

  test.each(["suppliers", "buyers", "campaigns"] as const)("an id among the %s is refused", (name) => {
    expect(twice(name)).toEqual([
      { path: `${name}[1].id`, code: "not_allowed", message: "is the id of an earlier entry too" },
    ]);
  });

  test("a name without an id is refused, because nothing would tell the two apart", () => {
    expect(problemsIn({ version: 1, suppliers: [{ name: "Acme" }, { name: "Acme" }] })).toEqual([
      {
        path: "suppliers[1].id",
        code: "required",
        message: "is required: an earlier entry without an id has the same name",
      },
    ]);
  });

  test.each(["suppliers", "buyers"] as const)("a link among a campaign's %s is refused", (name) => {
    const [campaign] = once.campaigns ?? [];
    const links = campaign?.[name] ?? [];
    const problems = problemsIn({ ...once, campaigns: [{ ...campaign, [name]: [...links, ...links] }] });
    expect(problems.map(({ path }) => path)).toEqual([
      `campaigns[campaign_abc123].${name}[1].${name.slice(0, -1)}`,
    ]);
  });
});

test("a buyer whose campaigns are in two currencies cannot have its money counted", () => {
  const document = fullDocument();
  const [campaign] = document.campaigns ?? [];
  const problems = problemsIn({
    ...document,
    campaigns: [campaign, { ...campaign, id: "second", currency: "EUR" }],
    buyers: [{ id: "buyer_abc", caps: { day: { leads: 5, amount: "1" } }, billing: { mode: "wallet" } }],
    suppression_lists: [{ id: "global-dnc" }],
  });
  expect(problems.map(({ path }) => path)).toEqual([
    "buyers[buyer_abc].caps.day.amount",
    "buyers[buyer_abc].billing.mode",
  ]);
});

describe("what a database cannot keep is refused", () => {
  test.each([
    ["NUL", "a\0b"],
    ["half a surrogate pair", "\ud800"],
  ])("text with %s", (_, name) => {
    expect(problemsIn({ version: 1, suppliers: [{ id: "s1", name }] })).toEqual([
      {
        path: "suppliers[s1].name",
        code: "invalid_format",
        message: "must not hold characters that cannot be stored",
      },
    ]);
  });

  test("a number that JSON reads as infinite is refused", () => {
    expect(problemsIn(JSON.parse('{"version": 1e400}')).map(({ path }) => path)).toEqual(["version"]);
  });

  test("a hundred thousand lists in one another are refused", () => {
    const depth = 100_000;
    const problems = problemsIn(JSON.parse("[".repeat(depth) + "]".repeat(depth)));
    expect(problems.map(({ message }) => message)).toEqual(["must not be nested more than 40 deep"]);
  });
});

describe("the check of any document", () => {
  const anything = fc.anything({ maxDepth: 6, withNullPrototype: true });

  test("no value makes it throw", () => {
    fc.assert(
      fc.property(fc.oneof(anything, fc.jsonValue()), (value) => Array.isArray(problemsIn(value))),
      { numRuns: runs(500) },
    );
  });

  test("no value put anywhere into a good document makes it throw, and a document without problems can be compiled into definitions", () => {
    fc.assert(
      fc.property(fc.nat(), fc.jsonValue(), (seed, value) => {
        const document = structuredClone(withEveryDelivery());
        putSomewhere(document, seed, value);
        if (problemsIn(document).length === 0) wholeCampaigns(withDefaults(identify(document, null)));
      }),
      { numRuns: runs(2000) },
    );
  });

  test("a shape is told wrong exactly when the schema says so", () => {
    const withoutParts = (document: ConfigurationDocument) => {
      for (const campaign of Array.isArray(document.campaigns) ? document.campaigns : []) {
        if (typeof campaign !== "object" || campaign === null) continue;
        delete campaign.filters;
        for (const link of [campaign.suppliers, campaign.buyers].flat()) {
          if (typeof link !== "object" || link === null) continue;
          delete link.filters;
          if ("schedule" in link) delete link.schedule;
        }
      }
      return document;
    };
    fc.assert(
      fc.property(fc.nat(), fc.jsonValue(), (seed, value) => {
        const document = withoutParts(structuredClone(withWebhook({ campaigns: ["campaign_abc123"] })));
        putSomewhere(document, seed, value);
        withoutParts(document);
        expect(schemaProblems(ConfigurationDocument, document, "").length === 0).toBe(
          Value.Check(ConfigurationDocument, document),
        );
      }),
      { numRuns: runs(2000) },
    );
  });

  test("no message repeats a value", () => {
    const secret = "Zq7-submitted";
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const document = structuredClone(withEveryDelivery());
        putSomewhere(document, seed, secret);
        for (const problem of problemsIn(document)) expect(problem.message).not.toContain(secret);
      }),
    );
  });
});

/** The full document with every kind of setting that a delivery can have. */
function withEveryDelivery(): ConfigurationDocument {
  const document = withBuyer({
    delivery: {
      method: "webhook",
      url: "https://buyer.example",
      format: "xml",
      xml_root: "Lead",
      template: { Name: "{first_name}", Kind: { $from: "case_type", $map: { auto: 1 }, $otherwise: 0 } },
      headers: { authorization: "Bearer t" },
      response_rules: [{ when: { xpath: "//status", equals: "sold" }, outcome: "accepted" }],
      response_values: { reference: { xpath: "//id" } },
      ping: {
        url: "https://buyer.example/ping",
        template: { Zip: "{zip_code}", Phone: "{phone_sha256}" },
        response_rules: [{ when: { json_path: "$.yes" }, outcome: "accepted" }],
        response_values: { bid_price: { json_path: "$.bid" } },
      },
      events: ["lead.returned"],
    },
  });
  const { webhooks = [] } = withWebhook({ headers: { "x-token": "t" }, retry_schedule: [5, 60] });
  const byMail: NonNullable<ConfigurationDocument["buyers"]>[number] = {
    id: "by-mail",
    delivery: { method: "email", to: ["leads@buyer.example"], subject: "Lead {lead_id}" },
  };
  return { ...document, buyers: [...(document.buyers ?? []), byMail], webhooks };
}

/** Replaces one of all the values of a tree, chosen by number. */
function putSomewhere(tree: object, seed: number, value: unknown): void {
  const places: [holder: Record<string, unknown>, key: string][] = [];
  const visit = (holder: Record<string, unknown>) => {
    for (const [key, inner] of Object.entries(holder)) {
      places.push([holder, key]);
      if (typeof inner === "object" && inner !== null) visit(inner as Record<string, unknown>);
    }
  };
  visit(tree as Record<string, unknown>);
  const [holder, key] = places[seed % places.length] ?? [{}, ""];
  holder[key] = value;
}
