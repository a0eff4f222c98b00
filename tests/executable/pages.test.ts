import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { source as axe } from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { demoDocument } from "#configuration/demo.ts";
import { discard, embeddedSettings } from "../support/database.ts";
import { builtExecutable } from "../support/executable.ts";
import { OPERATOR_KEY } from "../support/leadgate.ts";
import { type PretendBuyer, startPretendBuyer } from "../support/pretend-buyer.ts";
import { type LeadgateProcess, startLeadgate, untilTrue } from "../support/process.ts";

const CHROMIUM = process.env["TEST_CHROMIUM"] ?? "/usr/bin/chromium";
const isHere = existsSync(CHROMIUM);
const SCREENSHOTS = join(import.meta.dir, "../../node_modules/.cache/leadgate/screenshots");

/** Only what stands still for good runs into it, not what is slow on a busy machine. */
const LONGEST_WAIT_MS = 110_000;

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

    afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

    const looksAtAll = process.env["TEST_PAGES"] === "all";

    describe("can be read by everybody, light and dark, on a desk and on a phone:", () => {
      /** The long ones take a minute and are of the same parts: with TEST_PAGES=all they are looked at, and pictures taken of all. */
      const KINDS: readonly [name: string, address: string | (() => Promise<string>), when?: "all"][] = [
        ["guide", "/docs"],
        ["guide-errors", "/docs/guide/errors"],
        ["guide-retries", "/docs/guide/retries", "all"],
        ["reference-suppliers", "/docs/reference/suppliers", "all"],
        ["reference-buyers", "/docs/reference/buyers", "all"],
        ["reference-money", "/docs/reference/money", "all"],
        ["manual-configuration", "/docs/configuration", "all"],
        ["manual-states", "/docs/states"],
        ["values", "/docs/leads"],
        ["campaign", () => linkFor({ supplier: "acme-media" })],
        ["pinged-campaign", "/docs/campaigns/auto-accident"],
        ["webhooks", "/docs/webhooks", "all"],
        ["webhooks-of-a-buyer", () => linkFor({ buyer: "national-solar" })],
        ["events", "/docs/webhooks/events", "all"],
      ];
      test.each(KINDS.filter(([, , when]) => looksAtAll || when === undefined))(
        "%s",
        async (name, address) => {
          const { page, noise } = await look(typeof address === "string" ? address : await address());
          for (const [colorScheme, width] of [
            ["light", 1280],
            ["dark", 400],
          ] as const) {
            await page.emulateMedia({ colorScheme });
            await page.setViewportSize({ width, height: 900 });
            // The page hears of its new width with the next frame.
            await page.evaluate(
              "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
            );
            const path = join(SCREENSHOTS, `${name}-${colorScheme}-${width}.png`);
            if (looksAtAll) await page.screenshot({ path, fullPage: true });
            expect({ width, sideways: await sidewaysOf(page) }).toEqual({ width, sideways: 0 });
            expect(await barriersOn(page)).toEqual([]);
          }
          expect(noise).toEqual(SILENCE);
        },
        120_000,
      );

      test("pages that others lead to", async () => {
        const { page, noise } = await look("/docs");
        const seen = new Set<string>();
        for (const home of ["/docs", "/docs/webhooks", "/docs/quickstart"]) {
          await page.goto(new URL(home, leadgate.url).href);
          const beside = await page.locator(".side a[href^='/docs']").all();
          for (const link of beside) seen.add((await link.getAttribute("href")) ?? "");
        }
        expect(seen.size).toBeGreaterThan(30);
        await page.setViewportSize({ width: 390, height: 800 });
        for (const path of looksAtAll ? seen : [...seen].filter((_, index) => index % 4 === 0)) {
          await page.goto(new URL(path, leadgate.url).href);
          expect({ path, sideways: await sidewaysOf(page) }).toEqual({ path, sideways: 0 });
          if (looksAtAll) expect({ path, barriers: await barriersOn(page) }).toEqual({ path, barriers: [] });
        }
        expect(noise).toEqual(SILENCE);
      }, 240_000);
    });

    test("send a campaign's example as it stands once a key is there, as a dry run", async () => {
      const { page, noise } = await look("/docs/campaigns/solar");
      await page.getByLabel("Your key").fill(keys["acme-media"] ?? "");
      await page.getByLabel("Your key").blur();
      await page.getByText("The key of acme-media.").waitFor();
      expect(await page.locator("textarea[name=lead]").inputValue()).toContain('"acme-media"');
      await page.getByRole("button", { name: "Send the lead" }).click();
      await page.getByText("Answer: 201").waitFor();
      expect(await page.locator(".answer code").innerText()).toContain('"dry_run": true');
      expect(noise).toEqual(SILENCE);
    }, 120_000);

    test("ping, and send the lead with the token that came back", async () => {
      const { page, noise } = await look(await linkFor({ supplier: "acme-media" }, "auto-accident"));
      await page.getByLabel("Your key").fill(keys["acme-media"] ?? "");
      await page.getByRole("button", { name: "Send the ping" }).click();
      await page.getByText("Answer: 200").waitFor();
      expect(await page.locator("textarea[name=lead]").inputValue()).not.toContain("YOUR_PING_ID");
      await page.getByRole("button", { name: "Send the lead" }).click();
      await page.getByText("Answer: 201").waitFor();
      expect(noise).toEqual(SILENCE);
    }, 120_000);

    test("switch all examples to a language, and keep it on the next page", async () => {
      const { page, noise } = await look("/docs");
      await page.getByRole("tab", { name: "Python" }).first().click();
      expect(await page.getByText("import requests").first().isVisible()).toBe(true);
      await page.goto(new URL("/docs/guide/look-up", leadgate.url).href);
      expect(await page.getByRole("tab", { name: "Python", selected: true }).count()).toBeGreaterThan(2);
      expect(noise).toEqual(SILENCE);
    }, 120_000);

    test("find a section by a word of it, with the keyboard alone", async () => {
      const { page, noise } = await look("/docs/quickstart");
      await page.keyboard.press("/");
      await page.keyboard.type("jitter");
      await page.locator(".found a").first().waitFor();
      // The names of settings, fields and codes are of several words.
      await page.getByLabel("Search the documentation").fill("LEADGATE_DISK_FLOOR_MB");
      await page.locator(".found a", { hasText: "Settings" }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/docs\/\w+#/);
      expect(noise).toEqual(SILENCE);
    }, 120_000);

    test("show a campaign in Swagger UI, with the key that was typed into its page, and try it out", async () => {
      const { page, noise } = await look("/docs/campaigns/solar");
      await page.getByLabel("Your key").fill(keys["acme-media"] ?? "");
      await page.getByLabel("Your key").blur();
      await page.getByText("The key of acme-media.").waitFor();
      await page.getByRole("link", { name: "Swagger UI" }).first().click();
      const answer = await executed(page);
      if (looksAtAll)
        await page.screenshot({ path: join(SCREENSHOTS, "swagger-campaign.png"), fullPage: true });
      expect(answer).toStartWith("201");
      expect(answer).toContain('"dry_run": true');
      expect(noise).toEqual(SILENCE);
    }, 300_000);

    test("show the API in Swagger UI, and take a lead with Execute", async () => {
      const { page, noise } = await look("/docs/swagger");
      await page.locator("#operations-Suppliers-ingestLead").waitFor();
      // Of 150 operations and more Swagger UI draws those in sight alone.
      const wanted = page.locator("#operations-Operators-applyConfiguration");
      await untilTrue(async () => {
        await page.mouse.wheel(0, 600);
        return await wanted.isVisible();
      }, "an operation of operators");
      if (looksAtAll) await page.screenshot({ path: join(SCREENSHOTS, "swagger.png") });
      await page.evaluate("scrollTo(0, 0)");
      const answer = await executed(page, keys["acme-media"]);
      expect(answer).toStartWith("201");
      expect(answer).toContain('"status": "ACCEPTED"');
      expect(answer).not.toContain("dry_run");
      expect(noise).toEqual(SILENCE);
    }, 300_000);

    test("send a buyer a test at the press of its button, and show what its endpoint answers", async () => {
      const { page, noise } = await look(await linkFor({ buyer: "national-solar" }));
      const before = buyer.seen.requests;
      await page.getByRole("button", { name: "Send me a test" }).click();
      await page.getByText("The answer was 200").waitFor();
      await page.locator("#test-excerpt", { hasText: '{"status":"accepted"' }).waitFor();
      expect(buyer.seen.requests).toBe(before + 1);
      expect(noise).toEqual(SILENCE);
    }, 120_000);

    /** Opens a page of the server's, in a browser of its own; `noise` is what it asks of anyone else, and what it complains of. */
    async function look(address: string): Promise<{ page: Page; noise: Noise }> {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      const noise = listenTo(context, leadgate.url);
      context.setDefaultTimeout(LONGEST_WAIT_MS);
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

/** By how many pixels a page is wider than its window. */
function sidewaysOf(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}

interface Found {
  violations: { id: string; nodes: { target: string[] }[] }[];
}

/** What axe finds by WCAG 2.2 at AA, as it is shown now. */
async function barriersOn(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(`${axe}; 0`);
  // What is right is told too unless it says what is wanted, with a selector for each element.
  const options = {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    resultTypes: ["violations"],
  };
  const { violations } = await page.evaluate<Found>(`axe.run(${JSON.stringify(options)})`);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

/** Sends the first example of an operation with Swagger UI's "Execute", and reads the answer that it shows; `key` is typed in. */
async function executed(page: Page, key?: string, operationId = "ingestLead"): Promise<string> {
  const operation = page.locator(`#operations-Suppliers-${operationId}`);
  if (key !== undefined) {
    const form = page.locator(".auth-container", { hasText: "supplierKey" });
    await page.locator(".auth-wrapper .authorize").click();
    await form.locator("input").fill(key);
    await form.locator("button[type=submit]").click();
    await page.locator(".auth-container .btn-done").first().click();
  }
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
