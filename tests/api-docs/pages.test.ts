import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { onBothDatabases, onBothKeptDatabases } from "../support/database.ts";
import { aDocument, type Leadgate } from "../support/leadgate.ts";
import { openDemo } from "./demo-set-up.ts";
import { shownText, unescaped } from "./reading.ts";

onBothKeptDatabases("pages", (world) => {
  let leadgate: Leadgate;
  // All of them look at the same demo, whose API's document takes a while to be made.
  beforeAll(async () => {
    leadgate = await openDemo(world.database);
  });

  function get(path: string) {
    return leadgate.call("GET", path);
  }

  test.each([
    "/docs",
    "/docs/guide/retries",
    "/docs/reference/parties",
    "/docs/configuration",
    "/docs/campaigns/solar",
    "/docs/webhooks",
    "/docs/webhooks/events",
    "/docs/swagger",
    "/swagger",
    "/docs/campaigns/solar/swagger",
  ])("%s loads nothing from elsewhere, and may not; what it is itself is under 200 KB", async (path) => {
    const { status, headers, body } = await get(path);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*/);
    expect(policy).not.toContain("unsafe");
    expect(Buffer.byteLength(String(body))).toBeLessThan(200 * 1024);
    const loaded = Array.from(
      String(body).matchAll(/<(?:script|link|img|iframe)[^>]*? (?:src|href)="([^"]*)"/g),
    );
    for (const [, address = ""] of loaded) expect(address).toMatch(/^(\/docs\/assets\/|data:,$)/);
    for (const [, address = ""] of loaded) {
      if (address.startsWith("/")) expect((await get(address)).status).toBe(200);
    }
  });

  test("the style and the script that all pages have in common are small", async () => {
    let bytes = 0;
    for (const name of ["docs.css", "docs.js"]) {
      bytes += Buffer.byteLength(String((await get(`/docs/assets/${name}`)).body));
    }
    expect(bytes).toBeLessThan(40 * 1024);
  });

  test("each page has Swagger UI one click away, over what concerns its readers", async () => {
    for (const [path, readers] of Object.entries({
      "/docs": "suppliers",
      "/docs/webhooks": "buyers",
      "/docs/money": "operators",
    })) {
      const { body } = await get(path);
      expect(body).toContain(`<a href="/docs/swagger?for=${readers}">Swagger UI</a>`);
      const swagger = await get(`/docs/swagger?for=${readers}`);
      expect(swagger.body).toContain(`data-document="/docs/openapi.json?for=${readers}"`);
    }
    const campaigns = await get("/docs/campaigns/solar");
    expect(campaigns.body).toContain('<a href="/docs/campaigns/solar/swagger">Swagger UI</a>');
    expect((await get("/docs/campaigns/solar/swagger")).body).toContain(
      'data-document="/docs/campaigns/solar/openapi.json"',
    );
  });

  test("a document for some readers is valid, and has their operations and keys alone", async () => {
    for (const [readers, { own, keys }] of Object.entries({
      suppliers: {
        own: /^\/api\/v1\/(ingest|ping|leads|lead-update|balance|statement|report|campaigns)/,
        keys: ["supplierKey"],
      },
      buyers: { own: /^\/(api\/v1\/buyer|docs\/webhooks)/, keys: ["buyerKey"] },
      operators: { own: /^\/(api\/v1\/admin|metrics|livez|readyz|docs\/webhooks)/, keys: ["operatorKey"] },
    })) {
      const { body } = await get(`/docs/openapi.json?for=${readers}`);
      expect(await new Validator().validate(structuredClone(body))).toEqual({ valid: true });
      expect(Object.keys(body.paths).filter((path) => !own.test(path))).toEqual([]);
      expect(Object.keys(body.components.securitySchemes)).toEqual(keys);
    }
  });

  test("suppliers are led to nothing of operators, neither by their pages nor by search", async () => {
    const start = (await get("/docs")).body;
    const links = Array.from(
      String(start).matchAll(/<li><a href="(\/docs[^"#]*)"/g),
      ([, path = ""]) => path,
    );
    expect(links.length).toBeGreaterThan(7);
    for (const path of links) expect((await get(path)).body).not.toContain("/api/v1/admin");
    const found = (await get("/docs/search.json")).body;
    expect(JSON.stringify(found)).not.toContain("/admin");
  });

  test("who came by a supplier's link keeps it from page to page, and is shown no other readers' pages", async () => {
    const { body } = await leadgate.admin("POST", "/campaigns/solar/docs-link", { supplier: "acme-media" });
    const { pathname, search } = new URL(body.data.url);
    const page = unescaped(String((await get(`${pathname}${search}`)).body));
    const [, guide = ""] = /<a href="(\/docs\/guide\/errors\?[^"]*)"/.exec(page) ?? [];
    const next = unescaped(String((await get(guide)).body));
    expect(next).toMatch(/<a href="\/docs\/campaigns\/solar\?campaign=solar&supplier=acme-media&expires=/);
    for (const text of [page, next]) expect(text).not.toMatch(/>(Buyers|Operators)<\/a>/);
  });

  test("search finds sections by their words, and each where it is", async () => {
    const { body, headers } = await get("/docs/search.json?for=operators");
    expect(headers.get("etag")).not.toBeNull();
    const entries = body as [heading: string, page: string, address: string, shown: string, others: string][];
    expect(entries.find(([heading]) => heading === "Ask first")?.[2]).toBe("/docs/deliveries#ask-first");
    const sampled = entries.filter((_, at) => at % 12 === 0);
    for (const [, , address] of sampled) {
      const [path = "", anchor] = address.split("#");
      const page = await get(path);
      expect([address, page.status]).toEqual([address, 200]);
      if (anchor !== undefined) expect(page.body).toContain(` id="${anchor}"`);
    }
  });

  test("/docs/swagger shows the document of the API with the script from inside the program", async () => {
    const { body } = await get("/docs/swagger");
    expect(body).toContain('data-document="/docs/openapi.json"');
    const script = await get("/docs/assets/swagger-ui-bundle.js");
    expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(script.body).toContain("SwaggerUIBundle");
    expect((await get("/docs/assets/swagger-ui.css")).headers.get("content-type")).toBe(
      "text/css; charset=utf-8",
    );
    expect((await get("/docs/assets/swagger.js")).body).toContain("dataset.document");
  });

  test("search and Swagger UI take less than their bytes over the wire", async () => {
    const sent = async (path: string) => {
      const asked = new Request(`http://localhost${path}`, { headers: { "accept-encoding": "gzip" } });
      const reply = await leadgate.server.handle(asked);
      expect([path, reply.headers.get("content-encoding")]).toEqual([path, "gzip"]);
      return (await reply.bytes()).length;
    };
    expect(await sent("/docs/search.json")).toBeLessThan(100 * 1024);
    expect(await sent("/docs/assets/swagger-ui-bundle.js")).toBeLessThan(512 * 1024);
    expect(await sent("/docs/openapi.json")).toBeLessThan(100 * 1024);
  });

  test("the pages have no files but their own", async () => {
    for (const name of ["package.json", "..%2Fpage.ts", "swagger-ui.css.map"]) {
      expect((await get(`/docs/assets/${name}`)).status).toBe(404);
    }
  });

  test("leadgate openapi prints what the server shows", async () => {
    const main = join(import.meta.dir, "../../src/main.ts");
    const child = Bun.spawn([process.execPath, main, "openapi"], { stdout: "pipe", stderr: "pipe", env: {} });
    const printed = await new Response(child.stdout).json();
    expect(await child.exited).toBe(0);
    expect(await new Response(child.stderr).text()).toBe("");
    expect(printed).toEqual((await get("/docs/openapi.json")).body);
  }, 120_000);
});

onBothDatabases("the receivers' page", (world) => {
  let leadgate: Leadgate;

  async function open(buyer: NonNullable<ConfigurationDocument["buyers"]>[number] | object) {
    leadgate = await openDemo(world.database);
    await leadgate.configure(
      aDocument({
        buyers: { first: buyer },
        campaign: { fields: [{ name: "roof_age", type: "integer", required: true }] },
      }),
    );
    const { status, body } = await leadgate.admin("POST", "/campaigns/solar/docs-link", { buyer: "first" });
    expect(status).toBe(201);
    const { pathname, search } = new URL(body.data.url);
    expect(pathname).toBe("/docs/webhooks");
    return search;
  }

  async function page(search = "") {
    const { status, body } = await leadgate.call("GET", `/docs/webhooks${search}`);
    return { status, text: typeof body === "string" ? shownText(body) : "" };
  }

  test("the receivers' page shows anybody the headers, an example and how to verify it", async () => {
    await open({});
    const { text } = await page();
    for (const part of [
      "webhook-signature",
      '"type": "lead.accepted"',
      '"type": "ping"',
      '"bid_price": "37.50"',
      "hash_hmac",
      "hmac.compare_digest",
    ]) {
      expect(text).toContain(part);
    }
  });

  test("the receivers' page shows a buyer with a link the body of its own template", async () => {
    const template = { vorname: "{first_name}", dach: "{roof_age}", preis: "{price}", quelle: "leadgate" };
    const url = "https://buyer.example/leads";
    const search = await open({
      delivery: { method: "webhook", url, format: "xml", xml_root: "anfrage", template },
    });
    const { text } = await page(search);
    expect(text).toContain("<anfrage>");
    expect(text).toContain("<vorname>Ada</vorname>");
    expect(text).toContain("<dach>10</dach>");
    expect(text).toContain("<preis>10.00</preis>");
    expect(text).toContain(`POST ${url}`);
    expect((await page()).text).not.toContain("anfrage");
  });

  test("the receivers' page shows a buyer that bids how it is asked, and no other", async () => {
    const url = "https://buyer.example/";
    const asked = (ping: object) => open({ delivery: { method: "webhook", url, ping: { url, ...ping } } });
    const usual = (await page(await asked({ timeout_ms: 750 }))).text;
    for (const part of ["within 750 ms", '"type": "ping"', '"roof_age": 10', '"bid_price": "37.50"']) {
      expect(usual).toContain(part);
    }
    const own = await page(
      await asked({
        format: "form",
        template: { dach: "{roof_age}" },
        response_values: { bid_price: { regex: "(\\d+)" } },
      }),
    );
    expect(own.text).toContain("dach=10");
    expect(own.text).not.toContain('"bid_price"');
    expect((await page(await open({ delivery: { method: "webhook", url } }))).text).not.toContain("Bids");
  });

  test("the receivers' page shows the default body, and a mail, where that is what is sent", async () => {
    const webhook = await open({ delivery: { method: "webhook", url: "https://buyer.example/" } });
    expect((await page(webhook)).text).toContain('"buyer_id": "first"');
    const mail = await open({
      delivery: { method: "email", to: ["leads@buyer.example"], subject: "{state} lead" },
    });
    expect((await page(mail)).text).toContain("Subject: ");
    expect((await page(await open({}))).text).toContain("Nothing is sent yet");
  });

  test("the receivers' page follows a change of the template at once", async () => {
    const delivery = { method: "webhook" as const, url: "https://buyer.example/", template: { a: "one" } };
    const search = await open({ delivery });
    expect((await page(search)).text).toContain('"a": "one"');
    await leadgate.configure(
      aDocument({ buyers: { first: { delivery: { ...delivery, template: { a: "two" } } } } }),
    );
    expect((await page(search)).text).toContain('"a": "two"');
  });

  describe("closed links", () => {
    test("the receivers' page is closed to a link that was changed, or made for another reader", async () => {
      const search = await open({ delivery: { method: "webhook", url: "https://buyer.example/" } });
      for (const [name, value] of Object.entries({
        buyer: "second",
        campaign: "other",
        expires: "9999999999",
      })) {
        const changed = new URLSearchParams(search);
        changed.set(name, value);
        expect((await page(`?${changed}`)).status).toBe(404);
      }
      const supplier = await leadgate.admin("POST", "/campaigns/solar/docs-link", { supplier: "acme" });
      const query = new URL(supplier.body.data.url).searchParams;
      query.set("campaign", "solar");
      expect((await page(`?${query}`)).status).toBe(404);
    });

    test("the receivers' page is closed to a link that has expired", async () => {
      const search = await open({});
      leadgate.clock.pass(7 * 86_400_000);
      expect((await page(search)).status).toBe(404);
    });

    test("the receivers' page is closed to a link of a buyer whose contract has ended", async () => {
      const search = await open({});
      const document = aDocument();
      const campaigns = document.campaigns?.map((each) => ({ ...each, buyers: [] }));
      await leadgate.configure({ ...document, ...(campaigns && { campaigns }) });
      expect((await page(search)).status).toBe(404);
    });
  });

  test("the receivers' page opens no campaign's page by a buyer's link", async () => {
    const search = await open({});
    await leadgate.configure(aDocument({ campaign: { docs: "private" } }));
    expect((await leadgate.call("GET", `/docs/campaigns/solar${search}`)).status).toBe(404);
  });
});
