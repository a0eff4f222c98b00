import { beforeEach, describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import type { OpenApiDocument } from "#api-docs/openapi/document.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { demoDocument } from "#configuration/demo.ts";
import { keepDemo, openDemo } from "../api-docs/demo-set-up.ts";
import {
  operationOf,
  requestExample,
  schemaProblems,
  shownText,
  unescaped,
  withoutChance,
} from "../api-docs/reading.ts";
import { onBothKeptDatabases } from "../support/database.ts";
import { aLead, type Leadgate, OPERATOR_KEY } from "../support/leadgate.ts";

onBothKeptDatabases("campaigns' pages", (world) => {
  const demo = keepDemo(world);
  const { look } = demo;
  let leadgate: Leadgate;
  beforeEach(() => {
    leadgate = demo.leadgate;
  });

  function get(path: string, key?: string) {
    return leadgate.call("GET", path, key === undefined ? {} : { headers: { "x-api-key": key } });
  }

  function send(path: string, body: unknown) {
    const headers = { "x-api-key": leadgate.keyOf("acme-media"), "content-type": "application/json" };
    return leadgate.call("POST", path, { headers, body: JSON.stringify(body) });
  }

  /** The lead with the token of the document's own ping, where one is asked for. */
  async function afterItsPing(document: OpenApiDocument, lead: Record<string, unknown>) {
    if (!("flo_ping_id" in lead)) return lead;
    const ping = requestExample(operationOf(document, "pingLead").operation, "ping") as object;
    expect(schemaProblems(document, { $ref: "#/components/schemas/Ping" }, ping)).toEqual([]);
    const { status, body } = await send("/api/v1/ping", ping);
    expect([status, body.accepted]).toEqual([200, true]);
    return { ...lead, flo_ping_id: body.ping_id };
  }

  describe.each(
    (demoDocument.campaigns ?? []).map(({ id = "", mode }) => [id, mode === "ping_post"] as const),
  )("of the demo's campaign %s", (id, isPinged) => {
    look("a campaign's page has a valid OpenAPI document", async () => {
      const { status, body } = await get(`/docs/campaigns/${id}/openapi.json`);
      expect(status).toBe(200);
      expect(await new Validator().validate(structuredClone(body))).toEqual({ valid: true });
    });

    test("a campaign's page has examples that get the documented answers", async () => {
      const { body: document } = await get(
        `/docs/campaigns/${id}/openapi.json`,
        leadgate.keyOf("acme-media"),
      );
      const { operation } = operationOf(document, "ingestLead");
      const lead = requestExample(operation, "lead") as Record<string, unknown>;
      expect(schemaProblems(document, { $ref: "#/components/schemas/Lead" }, lead)).toEqual([]);
      const accepted = await leadgate.ingest("acme-media", await afterItsPing(document, lead));
      expect([accepted.status, accepted.body.data?.status]).toEqual([201, "ACCEPTED"]);

      for (const operationId of operationIdsOf(document)) await expectRefused(document, operationId);
    });

    async function expectRefused(document: OpenApiDocument, operationId: string) {
      const { path, operation } = operationOf(document, operationId);
      const wrong = requestExample(operation, "not_valid");
      if (wrong === undefined) return;
      const refused = await send(path, wrong);
      const documented = operation.responses[400]?.content?.["application/json"]?.examples?.not_valid?.value;
      expect(refused.status).toBe(400);
      expect(withoutChance(refused.body)).toEqual(withoutChance(documented));
    }

    look("a campaign's page has no examples but those that are tried here", async () => {
      const { body: document } = await get(`/docs/campaigns/${id}/openapi.json`);
      const sent = Object.fromEntries(
        operationIdsOf(document).map((operationId) => {
          const { content = {} } = operationOf(document, operationId).operation.requestBody ?? {};
          return [operationId, Object.keys(content["application/json"]?.examples ?? {})];
        }),
      );
      expect(sent).toEqual({
        ...(isPinged && { pingLead: ["ping", "not_valid"] }),
        ingestLead: ["lead", "not_valid"],
        getLead: [],
        listOwnLeads: [],
        getOwedBalance: [],
        getOwedStatement: [],
      });
    });

    test("a campaign's page has a Postman collection that runs with its key alone, and records nothing unless asked to", async () => {
      const { body: collection } = await get(`/docs/campaigns/${id}/postman.json`);
      const dry = await runCollection(collection, leadgate, {});
      const ofLeads = isPinged ? [200, 400, 201, 400] : [201, 400];
      expect(dry).toEqual([...ofLeads, 404, 200, 200, 200]);
      expect((await leadgate.admin("GET", "/leads")).body.data).toEqual([]);
      const forGood = await runCollection(collection, leadgate, { dry_run: "false" });
      expect(forGood).toEqual([...ofLeads, 200, 200, 200, 200]);
      const { body: own } = await get(`/docs/campaigns/${id}/postman.json`, leadgate.keyOf("acme-media"));
      expect(own.variable).toContainEqual({ key: "supplier", value: "acme-media" });
    });

    test("a campaign's page shows curl lines whose lead is accepted", async () => {
      const { body: page } = await get(`/docs/campaigns/${id}`, leadgate.keyOf("acme-media"));
      const [script = "", ...rest] = Array.from(
        page.matchAll(/<figure class="code" data-label="curl">[^]*?<pre>([^]*?)<\/pre>/g),
        ([, shown = ""]) => shownText(shown),
      );
      expect(rest).toHaveLength(isPinged ? 1 : 0);
      let answer = "";
      if (isPinged) {
        const [ping] = requestsOf(script, "");
        const { status, body } = await send("/api/v1/ping", ping);
        expect([status, body.accepted]).toEqual([200, true]);
        answer = JSON.stringify(body);
      }
      const sent = requestsOf([script, ...rest].join("\n"), answer);
      const { status, body } = await leadgate.ingest("acme-media", sent.at(-1) as Record<string, unknown>);
      expect([status, body.data?.status]).toEqual([201, "ACCEPTED"]);
    });

    look("a campaign's page tells nobody of buyers, prices or payouts", async () => {
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
        ...(isPinged ? ["165.00", "135.00", "60.00"] : []),
      ].filter((secret) => !["", "60"].includes(secret));
      expect(secrets.length).toBeGreaterThan(10);
      for (const secret of secrets) for (const text of said) expect(text).not.toContain(secret);
    });
  });

  test("a campaign's page shows a field from the moment that it is configured, when the next lead must have it", async () => {
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
    const other = await leadgate.another().ingest("acme-media", aLead({ ...lead, phone: "5125550198" }));
    expect(other.body.field_errors).toHaveLength(1);
    const full = aLead({ ...lead, phone: "5125550199", email: "next@example.com", roof_pitch: "flat" });
    expect((await leadgate.ingest("acme-media", full)).status).toBe(201);
    expect((await get("/docs/campaigns/solar")).body).toContain("roof_pitch");
    const { components } = (await get("/docs/campaigns/solar/openapi.json")).body;
    expect(components.schemas.Lead.required).toContain("roof_pitch");
    expect(components.schemas.Lead.properties.roof_pitch).toMatchObject({
      title: "Roof pitch",
      type: "string",
      enum: ["flat", "steep"],
    });
  });

  test("a campaign's page says each kind of field as JSON Schema knows it, with label, limits and example", async () => {
    await leadgate.configure(
      withFields([
        { name: "story", type: "text", max_length: 500, aliases: ["tale"], description: "What happened." },
        { name: "code", type: "text", pattern: "^[A-Z]{2}\\d$", example: "AB1" },
        { name: "policy", type: "text", pattern: "[0-9]", max_length: 12 },
        { name: "area", type: "zip", pattern: "^787" },
        { name: "lost_on", type: "date", min: "2020-02-29" },
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
      policy: { pattern: "[0-9]", maxLength: 12 },
      area: { pattern: "^\\d{5}(?:-\\d{4})?$", allOf: [{ pattern: "^787" }] },
      lost_on: { description: "Must be a date that exists from 2020-02-29 on, as YYYY-MM-DD or MM/DD/YYYY." },
      born: { format: "date", title: "Born" },
      seen_at: { format: "date-time" },
      site: { format: "uri" },
      score: { type: "number", minimum: 0.5, maximum: 9.5 },
      email: { format: "email", title: "E-mail" },
    });
    expect(properties.born.description).toContain("from 1900-01-01 to 2010-12-31");
    expect(properties.phone.pattern).toBeUndefined();
  });

  look(
    "a campaign's page says what the campaign turns away, and to a supplier alone what that one is limited to",
    async () => {
      const own = (await get("/docs/campaigns/solar", leadgate.keyOf("acme-media"))).body;
      const anybodys = (await get("/docs/campaigns/solar")).body;
      for (const page of [own, anybodys]) {
        expect(page).toContain("Owns the home must be true.");
        expect(page).toContain("campaign.filter");
        expect(page).toContain("The person asked not to be called.");
      }
      expect(own).toContain("At most 500 accepted leads a day (America/Chicago).");
      expect(own).toContain("100 leads a second for ever");
      expect(anybodys).not.toContain("At most 500");
      expect(anybodys).toContain("YOUR_SUPPLIER_ID");
    },
  );

  test("a campaign's page escapes what operators write", async () => {
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

  test("a campaign's page is not there for a campaign that does not exist or is archived", async () => {
    expect((await get("/docs/campaigns/wind")).status).toBe(404);
    await leadgate.configure(withFields([], { status: "archived" }));
    expect((await get("/docs/campaigns/solar")).status).toBe(404);
  });

  look("a campaign's page tries leads out without recording them, unless asked to", async () => {
    const { body: document } = await get("/docs/campaigns/solar/openapi.json");
    const { operation } = operationOf(document, "ingestLead");
    const dryRun = operation.parameters?.find(({ name }) => name === "dry_run");
    expect(dryRun?.schema).toMatchObject({ default: "true" });
    const whole = operationOf((await get("/docs/openapi.json")).body, "ingestLead").operation;
    const usual = whole.parameters?.find(({ name }) => name === "dry_run");
    expect(usual?.schema).toMatchObject({ default: "false" });
  });

  look(
    "the page of a campaign that is pinged first says what a ping needs, is told and is limited to",
    async () => {
      const { body: page } = await get("/docs/campaigns/auto-accident", leadgate.keyOf("acme-media"));
      for (const said of [
        "for a ping",
        "phone_sha256",
        "flo_ping_id replayed",
        "no_buyer",
        "500 pings a second for ever",
        "for 30 minutes",
      ]) {
        expect(page).toContain(said);
      }
      const { components } = (await get("/docs/campaigns/auto-accident/openapi.json")).body;
      expect(components.schemas.Ping.required).toEqual(["flo_campaign_id", "flo_supplier_id", "case_type"]);
      expect(components.schemas.Lead.required).toContain("flo_ping_id");
      const [, direct = ""] = (await get("/docs/campaigns/solar")).body.split("<main");
      expect(direct).not.toContain("ping");
    },
  );

  look("the page of a campaign that is pinged first has no form, and says why", async () => {
    const { status, body } = await get("/docs/campaigns/auto-accident/form.html");
    expect([status, body.error]).toEqual([404, "not_found"]);
    expect(body.message).toContain("pinged first");
    expect((await get("/docs/campaigns/auto-accident")).body).not.toContain("form.html");
  });

  test("a campaign's page asks a phone for a ping plain or hashed, where that is required", async () => {
    await leadgate.configure(
      withFields([{ name: "phone", type: "phone", required_for_ping: true }], { mode: "ping_post" }),
    );
    const { body: document } = await get("/docs/campaigns/solar/openapi.json", leadgate.keyOf("acme-media"));
    const addressed = { flo_campaign_id: "solar", flo_supplier_id: "acme-media" };
    const problems = (fields: object) =>
      schemaProblems(document, { $ref: "#/components/schemas/Ping" }, { ...addressed, ...fields });
    expect(problems({})).not.toEqual([]);
    expect(problems({ phone: "+13055550147" })).toEqual([]);
    expect(problems({ phone_md5: "0123456789abcdef0123456789abcdef" })).toEqual([]);
    expect(problems({ phone_md5: "not a hash" })).not.toEqual([]);
    const { path, operation } = operationOf(document, "pingLead");
    const refused = await send(path, requestExample(operation, "not_valid"));
    expect(refused.body.field_errors).toEqual([
      { field: "phone", code: "required", message: "Phone is required" },
    ]);
    expect((await send(path, requestExample(operation, "ping"))).body.accepted).toBe(true);
  });

  look("a campaign's page can be downloaded as a Postman collection and as a form", async () => {
    const collection = (await get("/docs/campaigns/solar/postman.json")).body;
    expect(collection.info.schema).toContain("v2.1.0");
    expect(collection.item[0].request).toMatchObject({
      method: "POST",
      url: { raw: "{{server}}/api/v1/ingest?dry_run={{dry_run}}" },
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

onBothKeptDatabases("private campaigns' pages", (world) => {
  const demo = keepDemo(world, async (database) => {
    const opened = await openDemo(database);
    const stranger = { id: "stranger", name: "Stranger" };
    const document = withFields([], { docs: "private" });
    await opened.configure({ ...document, suppliers: [...(document.suppliers ?? []), stranger] });
    return opened;
  });
  const { look } = demo;
  let leadgate: Leadgate;
  beforeEach(() => {
    leadgate = demo.leadgate;
  });

  const PAGES = ["", "/openapi.json", "/postman.json", "/form.html"];

  function status(path: string, headers: Record<string, string> = {}) {
    return leadgate.call("GET", path, { headers }).then((reply) => reply.status);
  }

  function statuses(query = "", headers: Record<string, string> = {}) {
    return Promise.all(PAGES.map((page) => status(`/docs/campaigns/solar${page}${query}`, headers)));
  }

  look(
    "a private campaign's page is as if it did not exist to whoever has no key, or a stranger's",
    async () => {
      expect(await statuses()).toEqual([404, 404, 404, 404]);
      expect(await statuses("", { "x-api-key": leadgate.keyOf("stranger") })).toEqual([404, 404, 404, 404]);
      expect(await statuses("", { authorization: `Bearer ${OPERATOR_KEY}` })).toEqual([404, 404, 404, 404]);
      const missing = await leadgate.call("GET", "/docs/campaigns/wind");
      const hidden = await leadgate.call("GET", "/docs/campaigns/solar");
      expect(withoutChance(hidden.body)).toEqual(withoutChance(missing.body));
    },
  );

  test("a campaign's files are not sent again to a reader that has them, until the campaign changes", async () => {
    const key = { "x-api-key": leadgate.keyOf("acme-media") };
    for (const file of ["openapi.json", "postman.json"]) {
      const path = `/docs/campaigns/solar/${file}`;
      const tag = (await leadgate.call("GET", path, { headers: key })).headers.get("etag") ?? "";
      const having = { ...key, "if-none-match": tag };
      expect(await status(path, having)).toBe(304);
      expect(await status(path, { "if-none-match": tag })).toBe(404);
      await leadgate.configure(
        withFields([{ name: `of_${file.slice(0, 4)}`, type: "text", required: true }], { docs: "private" }),
      );
      const changed = await leadgate.call("GET", path, { headers: having });
      expect([changed.status, changed.headers.get("etag") === tag]).toEqual([200, false]);
      expect(changed.headers.get("cache-control")).toBe("private, no-cache");
    }
  });

  look("a private campaign's page is open to its suppliers by their keys", async () => {
    expect(await statuses("", { "x-api-key": leadgate.keyOf("acme-media") })).toEqual([200, 200, 200, 200]);
  });

  test("a private campaign's page is open by a signed link until that expires", async () => {
    const { body } = await leadgate.admin("POST", "/campaigns/solar/docs-link", {
      supplier: "acme-media",
      expires_in_seconds: 60,
    });
    const { search } = new URL(body.data.url);
    expect(await statuses(search)).toEqual([200, 200, 200, 200]);
    const page = (await leadgate.call("GET", `/docs/campaigns/solar${search}`)).body;
    expect(page).toContain("At most 500 accepted leads a day");
    const linked = unescaped(page).match(/\/docs\/campaigns\/solar\/openapi\.json(\?[^"]*)/)?.[1] ?? "";
    expect(Object.fromEntries(new URLSearchParams(linked))).toEqual({
      campaign: "solar",
      ...Object.fromEntries(new URLSearchParams(search)),
    });
    leadgate.clock.pass(60_000);
    expect(await statuses(search)).toEqual([404, 404, 404, 404]);
  });

  test("a private campaign's page is closed to the link of a supplier that was taken out of the campaign", async () => {
    const made = await leadgate.admin("POST", "/campaigns/solar/docs-link", { supplier: "brightside-leads" });
    const { search } = new URL(made.body.data.url);
    expect(await statuses(search)).toEqual([200, 200, 200, 200]);
    const before = (await leadgate.admin("GET", "/campaigns/solar")).body.data.suppliers;
    const suppliers = before.filter(({ supplier }: { supplier: string }) => supplier !== "brightside-leads");
    await leadgate.admin("PATCH", "/campaigns/solar", { suppliers });
    expect(await statuses(search)).toEqual([404, 404, 404, 404]);
    await leadgate.admin("PATCH", "/campaigns/solar", { suppliers: before });
    expect(await statuses(search)).toEqual([200, 200, 200, 200]);
  });

  look("a private campaign's page stays closed to a link that was changed in any part", async () => {
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

  look("a private campaign's page is another campaign's no more than its own link is", async () => {
    const other = await leadgate.admin("POST", "/campaigns/auto-accident/docs-link", {});
    expect(other.status).toBe(201);
    expect(await statuses(new URL(other.body.data.url).search)).toEqual([404, 404, 404, 404]);
  });
});

function operationIdsOf(document: OpenApiDocument): string[] {
  return Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
}

interface PostmanScripts {
  event?: { listen: string; script: { exec: string[] } }[];
}

interface PostmanCollection extends PostmanScripts {
  variable: { key: string; value: string }[];
  item: (PostmanScripts & {
    request: { method: string; url: { raw: string }; body?: { raw: string } };
  })[];
}

/** Sends the requests of a collection one after the other, as Postman would; answers their statuses. Its own tests are asked, too. */
async function runCollection(
  collection: PostmanCollection,
  leadgate: Leadgate,
  set: Readonly<Record<string, string>>,
): Promise<number[]> {
  const variables = new Map(collection.variable.map(({ key, value }) => [key, value]));
  for (const [name, value] of Object.entries({ ...set, key: leadgate.keyOf("acme-media") })) {
    variables.set(name, value);
  }
  const fill = (text: string) => text.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => variables.get(name) ?? "");
  const run = (of: PostmanScripts, when: string, response: object) =>
    runInPostman(
      (of.event ?? []).flatMap(({ listen, script }) => (listen === when ? [script.exec.join("\n")] : [])),
      leadgate,
      variables,
      response,
    );
  const statuses: number[] = [];
  for (const item of collection.item) {
    await run(collection, "prerequest", {});
    const { method, url, body } = item.request;
    const { status, body: answer } = await leadgate.call(
      method,
      fill(url.raw).replace("http://localhost", ""),
      {
        headers: { "x-api-key": variables.get("key") ?? "", "content-type": "application/json" },
        ...(body && { body: fill(body.raw) }),
      },
    );
    statuses.push(status);
    await run(item, "test", { code: status, json: () => answer });
  }
  return statuses;
}

/** Runs scripts with as much of Postman as they use. */
async function runInPostman(
  scripts: readonly string[],
  leadgate: Leadgate,
  variables: Map<string, string>,
  response: object,
): Promise<void> {
  const asked: Promise<void>[] = [];
  const pm = {
    response,
    collectionVariables: variables,
    test: (_: string, check: () => void) => check(),
    expect: (value: unknown) => ({
      to: {
        include: (other: unknown) => expect(value).toContain(other),
        equal: (other: unknown) => expect(value).toBe(other),
      },
    }),
    sendRequest: (
      { url, header }: { url: string; header: Record<string, string> },
      told: (error: null, answer: { json(): unknown }) => void,
    ) =>
      asked.push(
        leadgate
          .call("GET", url.replace("http://localhost", ""), { headers: header })
          .then(({ body }) => told(null, { json: () => body })),
      ),
  };
  // oxlint-disable-next-line typescript/no-implied-eval -- the script is there to be run
  for (const script of scripts) new Function("pm", script)(pm);
  await Promise.all(asked);
}

/**
 * The bodies that a shell would send by the lines, one after the other, if every curl answered with `answer`; a machine that runs the
 * tests need not have curl.
 */
function requestsOf(lines: string, answer: string): unknown[] {
  const curl = `curl() { for word do :; done; printf '%s\\036' "$word" >&2; printf '%s' "$ANSWER"; }`;
  const shell = Bun.spawnSync(["sh", "-c", `${curl}\n${lines}`], { env: { ANSWER: answer } });
  expect(shell.exitCode).toBe(0);
  return shell.stderr
    .toString()
    .split("\x1e")
    .filter((body) => body !== "")
    .map((body) => JSON.parse(body) as unknown);
}

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
