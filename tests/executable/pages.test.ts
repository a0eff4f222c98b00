import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { demoDocument } from "#configuration/demo.ts";
import { discard, embeddedSettings } from "../support/database.ts";
import { builtExecutable } from "../support/executable.ts";
import { OPERATOR_KEY } from "../support/leadgate.ts";
import { type PretendBuyer, startPretendBuyer } from "../support/pretend-buyer.ts";
import { type LeadgateProcess, startLeadgate } from "../support/process.ts";

const CHROMIUM = process.env["TEST_CHROMIUM"] ?? "/usr/bin/chromium";
const isHere = existsSync(CHROMIUM);
const SCREENSHOTS = join(import.meta.dir, "../../node_modules/.cache/leadgate/screenshots");

describe.skipIf(!isHere)(
  `the executable's pages in Chromium${isHere ? "" : ` (there is no ${CHROMIUM})`}`,
  () => {
    const settings = embeddedSettings();
    let leadgate: LeadgateProcess;
    let keys: Readonly<Record<string, string>>;
    let buyer: PretendBuyer;
    let browser: Browser;

    beforeAll(async () => {
      await mkdir(SCREENSHOTS, { recursive: true });
      buyer = await startPretendBuyer();
      leadgate = await startLeadgate({
        ...(await settings),
        executable: await builtExecutable(),
        environment: { WEBHOOK_ALLOW_CIDRS: "127.0.0.0/8" },
      });
      ({ keys } = await leadgate.configure(withEndpoint("national-solar", buyer.url())));
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    }, 180_000);

    afterAll(async () => {
      await browser.close();
      await leadgate[Symbol.asyncDispose]();
      await buyer.close();
      await discard(await settings);
    });

    test("show a campaign to its supplier, and try its example out without recording it", async () => {
      const { page, noise } = await look(await linkFor({ supplier: "acme-media" }));
      await page.getByText("At most 500 accepted leads a day").first().waitFor();
      const answer = await executed(page, keys["acme-media"] ?? "");
      await page.screenshot({ path: join(SCREENSHOTS, "campaign.png"), fullPage: true });
      expect(answer).toStartWith("201");
      expect(answer).toContain('"dry_run": true');
      expect(noise).toEqual(SILENCE);
    }, 120_000);

    test("show a campaign that is pinged first, and try its ping out without a token", async () => {
      const { page, noise } = await look(await linkFor({ supplier: "acme-media" }, "auto-accident"));
      await page.getByText("500 pings a second for ever").first().waitFor();
      const answer = await executed(page, keys["acme-media"] ?? "", "pingLead");
      await page.screenshot({ path: join(SCREENSHOTS, "pinged-campaign.png"), fullPage: true });
      expect(answer).toStartWith("200");
      expect(answer).toContain('"accepted": true');
      expect(answer).toContain('"ping_id": null');
      expect(noise).toEqual(SILENCE);
    }, 120_000);

    test("show the API at /docs, and take a lead with Execute", async () => {
      // Its e-mail address is that of the campaign's example, which was tried out before.
      const { page, noise } = await look("/docs");
      await page.locator("#operations-Operators-applyConfiguration").waitFor();
      await page.screenshot({ path: join(SCREENSHOTS, "docs.png") });
      const answer = await executed(page, keys["acme-media"] ?? "");
      await page.screenshot({ path: join(SCREENSHOTS, "docs-executed.png") });
      expect(answer).toStartWith("201");
      expect(answer).toContain('"status": "ACCEPTED"');
      expect(answer).not.toContain("dry_run");
      expect(noise).toEqual(SILENCE);
    }, 120_000);

    test("show buyers how to receive leads", async () => {
      const { page, noise } = await look("/docs/webhooks");
      await page.getByRole("heading", { name: "Tell that it is ours" }).waitFor();
      await page.screenshot({ path: join(SCREENSHOTS, "webhooks.png"), fullPage: true });
      expect(await page.getByRole("button").count()).toBe(0);
      expect(noise).toEqual(SILENCE);
    }, 120_000);

    test("send a buyer a test at the press of its button, and show what its endpoint answers", async () => {
      const { page, noise } = await look(await linkFor({ buyer: "national-solar" }));
      const before = buyer.seen.requests;
      await page.getByRole("button", { name: "Send me a test" }).click();
      await page.getByText("The answer was 200").waitFor();
      await page.locator("#test-excerpt", { hasText: '{"status":"accepted"' }).waitFor();
      await page.screenshot({ path: join(SCREENSHOTS, "webhooks-of-a-buyer.png"), fullPage: true });
      expect(buyer.seen.requests).toBe(before + 1);
      expect(noise).toEqual(SILENCE);
    }, 120_000);

    /** Opens a page of the server's, in a browser of its own; `noise` is what it asks of anyone else, and what it complains of. */
    async function look(address: string): Promise<{ page: Page; noise: Noise }> {
      const context = await browser.newContext({ viewport: { width: 1200, height: 1600 } });
      const noise = listenTo(context, leadgate.url);
      const page = await context.newPage();
      await page.goto(new URL(address, leadgate.url).href);
      return { page, noise };
    }

    async function linkFor(reader: object, campaign = "solar"): Promise<string> {
      const response = await fetch(`${leadgate.url}/api/v1/admin/campaigns/${campaign}/docs-link`, {
        method: "POST",
        headers: { authorization: `Bearer ${OPERATOR_KEY}`, "content-type": "application/json" },
        body: JSON.stringify(reader),
      });
      const { data } = (await response.json()) as { data: { url: string } };
      return data.url;
    }
  },
);

interface Noise {
  outside: string[];
  complaints: string[];
}

const SILENCE: Noise = { outside: [], complaints: [] };

/** Every request that any page makes of another than `origin`, whatever becomes of it, and every error on a console. */
function listenTo(context: BrowserContext, origin: string): Noise {
  const noise: Noise = { outside: [], complaints: [] };
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.origin !== origin) noise.outside.push(url.href);
  });
  context.on("console", (message) => {
    if (message.type() === "error") noise.complaints.push(message.text());
  });
  context.on("weberror", (error) => noise.complaints.push(error.error().message));
  return noise;
}

/** Sends the first example of an operation with the page's "Execute", and reads the answer that the page shows. */
async function executed(page: Page, key: string, operationId = "ingestLead"): Promise<string> {
  const operation = page.locator(`#operations-Suppliers-${operationId}`);
  await page.locator(".auth-wrapper .authorize").click();
  await page.locator(".auth-container", { hasText: "supplierKey" }).locator("input").fill(key);
  await page.locator(".auth-container", { hasText: "supplierKey" }).locator("button[type=submit]").click();
  await page.locator(".auth-container .btn-done").first().click();
  await operation.locator(".opblock-summary-control").click();
  await operation.locator(".execute").click();
  const answer = operation.locator(".live-responses-table .response");
  await answer.waitFor();
  return answer.innerText();
}

/** The demo's document, in which this buyer is sent its leads to `url`. */
function withEndpoint(id: string, url: string): typeof demoDocument {
  const buyers = demoDocument.buyers?.map((buyer) =>
    buyer.id === id ? { ...buyer, delivery: { method: "webhook" as const, url } } : buyer,
  );
  return { ...demoDocument, ...(buyers && { buyers }) };
}
