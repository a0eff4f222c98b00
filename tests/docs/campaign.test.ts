import { beforeEach, describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { demoDocument } from "#catalog/demo.ts";
import type { ConfigurationDocument } from "#catalog/document.ts";
import { onBothDatabases } from "../support/database.ts";
import { aLead, type Leadgate, OPERATOR_KEY } from "../support/leadgate.ts";
import { openDemo } from "./demo-set-up.ts";
import { operationOf, requestExample, schemaProblems, unescaped, withoutChance } from "./reading.ts";

onBothDatabases("a campaign's page", (world) => {
  let leadgate: Leadgate;
  beforeEach(async () => {
    leadgate = await openDemo(world.database);
  });

  function get(path: string, key?: string) {
    return leadgate.call("GET", path, key === undefined ? {} : { headers: { "x-api-key": key } });
  }

  describe.each(["solar", "auto-accident"])("of the demo's campaign %s", (id) => {
    test("has a valid OpenAPI document", async () => {
      const { status, body } = await get(`/docs/campaigns/${id}/openapi.json`);
      expect(status).toBe(200);
      expect(await new Validator().validate(structuredClone(body))).toEqual({ valid: true });
    });

    test("has examples that get the documented answers", async () => {
      const { body: document } = await get(
        `/docs/campaigns/${id}/openapi.json`,
        leadgate.keyOf("acme-media"),
      );
      const { operation } = operationOf(document, "ingestLead");
      const lead = requestExample(operation, "lead") as Record<string, unknown>;
      expect(schemaProblems(document, { $ref: "#/components/schemas/Lead" }, lead)).toEqual([]);
      const accepted = await leadgate.ingest("acme-media", lead);
      expect([accepted.status, accepted.body.data?.status]).toEqual([201, "ACCEPTED"]);

      const wrong = requestExample(operation, "not_valid") as Record<string, unknown>;
      const refused = await leadgate.ingest("acme-media", wrong);
      const documented = operation.responses[400]?.content?.["application/json"]?.examples?.not_valid?.value;
      expect(refused.status).toBe(400);
      expect(withoutChance(refused.body)).toEqual(withoutChance(documented));
    });

    test("shows a curl line whose lead is accepted", async () => {
      const { body: page } = await get(`/docs/campaigns/${id}`, leadgate.keyOf("acme-media"));
      const [, shown = ""] = /-d '([^]*?)'<\/pre>/.exec(unescaped(page)) ?? [];
      const { status } = await leadgate.ingest("acme-media", JSON.parse(shown));
      expect(status).toBe(201);
    });

    test("tells nobody of buyers, prices or payouts", async () => {
      const key = leadgate.keyOf("acme-media");
      const paths = ["", "/openapi.json", "/postman.json", "/form.html"].map(
        (end) => `/docs/campaigns/${id}${end}`,
      );
      const said = await Promise.all(paths.map(async (path) => JSON.stringify((await get(path, key)).body)));
      const campaign = demoDocument.campaigns?.find((each) => each.id === id);
      const secrets = [
        ...(demoDocument.buyers ?? []).flatMap(({ id: buyer = "", name = "" }) => [buyer, name]),
        ...(campaign?.buyers ?? []).map(({ price = "" }) => price),
        ...(campaign?.suppliers ?? []).map(({ payout }) => (payout?.mode === "fixed" ? payout.amount : "60")),
      ].filter((secret) => !["", "60"].includes(secret));
      expect(secrets.length).toBeGreaterThan(10);
      for (const secret of secrets) for (const text of said) expect(text).not.toContain(secret);
    });
  });

  test("shows a field from the moment that it is configured, when the next lead must have it", async () => {
    const lead = aLead({ flo_supplier_id: "acme-media", zip_code: "78701", homeowner: true });
    expect((await leadgate.ingest("acme-media", lead)).status).toBe(201);
    expect((await get("/docs/campaigns/solar")).body).not.toContain("roof_pitch");
    await leadgate.configure(
      withFields([
        { name: "roof_pitch", type: "enum", values: ["flat", "steep"], required: true, label: "Roof pitch" },
      ]),
    );
    const refused = await leadgate.ingest("acme-media", aLead({ ...lead, phone: "5125550199" }));
    expect(refused.body.field_errors).toEqual([
      { field: "roof_pitch", code: "required", message: "Roof pitch is required" },
    ]);
    expect((await get("/docs/campaigns/solar")).body).toContain("roof_pitch");
    const { components } = (await get("/docs/campaigns/solar/openapi.json")).body;
    expect(components.schemas.Lead.required).toContain("roof_pitch");
    expect(components.schemas.Lead.properties.roof_pitch).toMatchObject({
      title: "Roof pitch",
      type: "string",
      enum: ["flat", "steep"],
    });
  });

  test("says each kind of field as JSON Schema knows it, with label, limits and example", async () => {
    await leadgate.configure(
      withFields([
        { name: "story", type: "text", max_length: 500, aliases: ["tale"], description: "What happened." },
        { name: "code", type: "text", pattern: "^[A-Z]{2}\\d$", example: "AB1" },
        { name: "born", type: "date", min: "1900-01-01", max: "2010-12-31", required: true },
        { name: "seen_at", type: "datetime" },
        { name: "site", type: "url" },
        { name: "score", type: "number", min: 0.5, max: 9.5 },
      ]),
    );
    const document = (await get("/docs/campaigns/solar/openapi.json")).body;
    const { properties, required } = document.components.schemas.Lead;
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
    expect(JSON.stringify(document)).not.toContain("leadgate:");
    expect(required).toContain("born");
    expect(properties).toMatchObject({
      story: {
        maxLength: 500,
        description: "What happened. Must be text. At most 500 characters. Also taken under the name tale.",
      },
      code: { pattern: "^[A-Z]{2}\\d$", examples: ["AB1"] },
      born: { format: "date", title: "Born" },
      seen_at: { format: "date-time" },
      site: { format: "uri" },
      score: { type: "number", minimum: 0.5, maximum: 9.5 },
      email: { format: "email", title: "E-mail" },
    });
    expect(properties.born.description).toContain("from 1900-01-01 to 2010-12-31");
    expect(properties.phone.pattern).toBeUndefined();
  });

  test("says in words what the campaign turns away, and what a supplier is limited to only to that supplier", async () => {
    const own = (await get("/docs/campaigns/solar", leadgate.keyOf("acme-media"))).body;
    const anybodys = (await get("/docs/campaigns/solar")).body;
    for (const page of [own, anybodys]) {
      expect(page).toContain("Homeowner must be true.");
      expect(page).toContain("campaign.filter");
      expect(page).toContain("The person asked not to be called.");
    }
    expect(own).toContain("At most 500 accepted leads a day (America/Chicago).");
    expect(own).toContain("100 leads a second for ever");
    expect(anybodys).not.toContain("At most 500");
    expect(anybodys).toContain("YOUR_SUPPLIER_ID");
  });

  test("escapes what operators write", async () => {
    await leadgate.configure(
      withFields([{ name: "odd", type: "text", label: "<script>alert(1)</script>", required: true }], {
        name: '"><img src=x onerror=alert(1)>',
      }),
    );
    const { body: page } = await get("/docs/campaigns/solar");
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page).not.toContain("<script>alert");
    expect(page).not.toContain("<img");
    expect((await get("/docs/campaigns/solar/form.html")).body).not.toContain("<script>");
  });

  test("is not there for a campaign that does not exist or is archived", async () => {
    expect((await get("/docs/campaigns/wind")).status).toBe(404);
    await leadgate.configure(withFields([], { status: "archived" }));
    expect((await get("/docs/campaigns/solar")).status).toBe(404);
  });

  test("tries leads out without recording them, unless asked to", async () => {
    const { body: document } = await get("/docs/campaigns/solar/openapi.json");
    const { operation } = operationOf(document, "ingestLead");
    const dryRun = operation.parameters?.find(({ name }) => name === "dry_run");
    expect(dryRun?.schema).toMatchObject({ default: "true" });
    const whole = operationOf((await get("/docs/openapi.json")).body, "ingestLead").operation;
    const usual = whole.parameters?.find(({ name }) => name === "dry_run");
    expect(usual?.schema).toMatchObject({ default: "false" });
  });

  test("can be downloaded as a Postman collection and as a form", async () => {
    const collection = (await get("/docs/campaigns/solar/postman.json")).body;
    expect(collection.info.schema).toContain("v2.1.0");
    expect(collection.item[0].request).toMatchObject({
      method: "POST",
      url: { raw: "{{server}}/api/v1/ingest" },
    });
    expect(JSON.parse(collection.item[0].request.body.raw)).toMatchObject({ flo_campaign_id: "solar" });
    expect(collection.variable).toContainEqual({ key: "server", value: "http://localhost" });

    const form = await get("/docs/campaigns/solar/form.html");
    expect(form.headers.get("content-type")).toStartWith("text/plain");
    expect(form.body).toContain('name="zip_code" required');
    expect(form.body).toContain("<option>true</option>");
    expect(form.body).not.toMatch(/lg_sup_|x-api-key: /);
  });
});

onBothDatabases("a private campaign's page", (world) => {
  let leadgate: Leadgate;
  beforeEach(async () => {
    leadgate = await openDemo(world.database);
    const stranger = { id: "stranger", name: "Stranger" };
    const document = withFields([], { docs: "private" });
    await leadgate.configure({ ...document, suppliers: [...(document.suppliers ?? []), stranger] });
  });

  const PAGES = ["", "/openapi.json", "/postman.json", "/form.html"];

  function status(path: string, headers: Record<string, string> = {}) {
    return leadgate.call("GET", path, { headers }).then((reply) => reply.status);
  }

  function statuses(query = "", headers: Record<string, string> = {}) {
    return Promise.all(PAGES.map((page) => status(`/docs/campaigns/solar${page}${query}`, headers)));
  }

  test("is as if it did not exist to whoever has no key, or a stranger's", async () => {
    expect(await statuses()).toEqual([404, 404, 404, 404]);
    expect(await statuses("", { "x-api-key": leadgate.keyOf("stranger") })).toEqual([404, 404, 404, 404]);
    expect(await statuses("", { authorization: `Bearer ${OPERATOR_KEY}` })).toEqual([404, 404, 404, 404]);
    const missing = await leadgate.call("GET", "/docs/campaigns/wind");
    const hidden = await leadgate.call("GET", "/docs/campaigns/solar");
    expect(withoutChance(hidden.body)).toEqual(withoutChance(missing.body));
  });

  test("is open to its suppliers by their keys", async () => {
    expect(await statuses("", { "x-api-key": leadgate.keyOf("acme-media") })).toEqual([200, 200, 200, 200]);
  });

  test("is open by a signed link until that expires", async () => {
    const { body } = await leadgate.admin("POST", "/campaigns/solar/docs-link", {
      supplier: "acme-media",
      expires_in_seconds: 60,
    });
    const { search } = new URL(body.data.url);
    expect(await statuses(search)).toEqual([200, 200, 200, 200]);
    const page = (await leadgate.call("GET", `/docs/campaigns/solar${search}`)).body;
    expect(page).toContain("At most 500 accepted leads a day");
    expect(unescaped(page)).toContain(`/docs/campaigns/solar/openapi.json${search}`);
    leadgate.clock.pass(60_000);
    expect(await statuses(search)).toEqual([404, 404, 404, 404]);
  });

  test("stays closed to a link that was changed in any part", async () => {
    const { body } = await leadgate.admin("POST", "/campaigns/solar/docs-link", { supplier: "acme-media" });
    const { searchParams } = new URL(body.data.url);
    const changes = { supplier: "brightside-leads", expires: "9999999999", signature: "x" };
    for (const [name, value] of Object.entries(changes)) {
      const changed = new URLSearchParams(searchParams);
      changed.set(name, value);
      expect(await status(`/docs/campaigns/solar?${changed}`)).toBe(404);
      changed.delete(name);
      expect(await status(`/docs/campaigns/solar?${changed}`)).toBe(404);
    }
    expect(await status(`/docs/campaigns/solar?${searchParams}`)).toBe(200);
  });

  test("is another campaign's no more than its own link is", async () => {
    const other = await leadgate.admin("POST", "/campaigns/auto-accident/docs-link", {});
    expect(other.status).toBe(201);
    expect(await statuses(new URL(other.body.data.url).search)).toEqual([404, 404, 404, 404]);
  });
});

type Campaign = NonNullable<ConfigurationDocument["campaigns"]>[number];

/** The demo with further fields, and other changes, in its campaign `solar`. */
function withFields(
  fields: NonNullable<Campaign["fields"]>,
  over: Partial<Campaign> = {},
): ConfigurationDocument {
  return {
    ...demoDocument,
    campaigns: (demoDocument.campaigns ?? []).map((campaign) =>
      campaign.id === "solar"
        ? { ...campaign, fields: [...(campaign.fields ?? []), ...fields], ...over }
        : campaign,
    ),
  };
}
