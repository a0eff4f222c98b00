import { beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, type Leadgate } from "../support/leadgate.ts";
import { openDemo } from "./demo-set-up.ts";
import { unescaped } from "./reading.ts";

onBothDatabases("pages", (world) => {
  let leadgate: Leadgate;
  beforeEach(async () => {
    leadgate = await openDemo(world.database);
  });

  function get(path: string) {
    return leadgate.call("GET", path);
  }

  test.each(["/docs", "/docs/campaigns/solar", "/docs/webhooks"])(
    "%s loads nothing from elsewhere, and may not",
    async (path) => {
      const { status, headers, body } = await get(path);
      expect(status).toBe(200);
      expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/https?:|\*|'unsafe-eval'|script-src[^;]*unsafe/);
      const loaded = Array.from(
        String(body).matchAll(/<(?:script|link|img|iframe)[^>]*? (?:src|href)="([^"]*)"/g),
      );
      for (const [, address = ""] of loaded) expect(address).toMatch(/^(\/docs\/assets\/|data:,$)/);
      for (const [, address = ""] of loaded) {
        if (address.startsWith("/")) expect((await get(address)).status).toBe(200);
      }
    },
  );

  test("/docs shows the document of the API with the script from inside the program", async () => {
    const { body } = await get("/docs");
    expect(body).toContain('data-document="/docs/openapi.json"');
    const script = await get("/docs/assets/swagger-ui-bundle.js");
    expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(script.body).toContain("SwaggerUIBundle");
    expect((await get("/docs/assets/swagger-ui.css")).headers.get("content-type")).toBe(
      "text/css; charset=utf-8",
    );
    expect((await get("/docs/assets/start-swagger-ui.js")).body).toContain("dataset.document");
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
    return { status, text: typeof body === "string" ? unescaped(body) : "" };
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
    expect(text).not.toContain(url);
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
    expect(own.text).toContain("<pre>dach=10</pre>");
    expect(own.text).not.toContain('"bid_price"');
    expect((await page(await open({ delivery: { method: "webhook", url } }))).text).not.toContain(
      "<h2>Bids</h2>",
    );
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
