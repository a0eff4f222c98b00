import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { demoDocument } from "#configuration/demo.ts";
import {
  liveThrough,
  type SentLeads,
  STORY_SUPPLIER,
  storyLead,
  withStory,
} from "../support/console-story.ts";
import { discard, embeddedSettings } from "../support/database.ts";
import { builtExecutable } from "../support/executable.ts";
import { byKeyboard, byMouse } from "../support/hands.ts";
import { OPERATOR_KEY } from "../support/leadgate.ts";
import { startLoad } from "../support/load.ts";
import { type MailServer, startMailServer } from "../support/pretend-mail.ts";
import { type LeadgateProcess, startLeadgate, untilTrue } from "../support/process.ts";

const CHROMIUM = process.env["TEST_CHROMIUM"] ?? "/usr/bin/chromium";
const isHere = existsSync(CHROMIUM);
const SCREENSHOTS = join(import.meta.dir, "../../node_modules/.cache/leadgate/screenshots/console");
const AXE = join(import.meta.dir, "../../node_modules/axe-core/axe.min.js");

/** A page of each kind, and a heading by which one sees that it is there. */
const PAGES = [
  ["/", "Board"],
  ["/leads", "Leads"],
  ["/campaigns?open=solar", "Solar installation"],
  ["/campaigns?open=auto-accident&tab=change", "Auto accident"],
  ["/buyers", "Buyers"],
  ["/alerts", "Alerts"],
  ["/profit?group=campaign,supplier", "Profit"],
  ["/accounts?buyer=lone-star-solar", "Lone Star Solar"],
  ["/statement?buyer=lone-star-solar", "Statement of Lone Star Solar"],
  ["/configuration", "Configuration"],
  ["/server", "Server"],
] as const;

/** Those that are made as these are: they are looked at when TEST_PAGES=all, which takes pictures of all of them too. */
const OTHERS = [
  ["/deliveries?state=all", "Deliveries"],
  ["/campaigns", "Campaigns"],
  ["/suppliers", "Suppliers"],
  ["/returns", "Returns"],
  ["/accounts", "Accounts"],
  ["/invoices", "Invoices"],
  ["/simulations", "Simulations"],
  ["/suppression", "Suppression"],
  ["/history", "History"],
  ["/people", "People"],
  ["/keys", "Operator keys"],
] as const;

const looksAtAll = process.env["TEST_PAGES"] === "all";
const LOOKED_AT = looksAtAll ? [...PAGES, ...OTHERS] : PAGES;

const LOOKS = [
  { colorScheme: "light", width: 1440 },
  { colorScheme: "dark", width: 390 },
] as const;

/** Only what stands still for good runs into it, not what is slow on a busy machine. */
const LONGEST_WAIT_MS = 110_000;

describe.skipIf(!isHere)(
  `the executable's console in Chromium${isHere ? "" : ` (there is no ${CHROMIUM})`}`,
  () => {
    const settings = embeddedSettings();
    let leadgate: LeadgateProcess;
    let browser: Browser;
    let mailServer: MailServer;
    let leadId: string;
    let keys: Readonly<Record<string, string>>;

    beforeAll(async () => {
      await mkdir(SCREENSHOTS, { recursive: true });
      mailServer = await startMailServer();
      leadgate = await startLeadgate({
        ...(await settings),
        executable: await builtExecutable(),
        // Browsers make passkeys for names alone.
        environment: (port) => ({
          LEADGATE_PUBLIC_URL: `http://localhost:${port}`,
          SMTP_URL: mailServer.url,
          SMTP_FROM: "Leadgate <leads@company.example>",
        }),
      });
      ({ keys } = await leadgate.configure(withStory(demoDocument)));
      leadId = await sendLead(leadgate.url, keys["acme-media"] ?? "");
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    }, 180_000);

    afterAll(async () => {
      await browser.close();
      await leadgate[Symbol.asyncDispose]();
      mailServer.close();
      await discard(await settings);
    });

    // A page that is left open asks on and draws what comes, for as long as the others take.
    afterEach(async () => {
      for (const context of browser.contexts()) {
        if (context === operators) await Promise.all(context.pages().map((page) => page.close()));
        else await context.close();
      }
    });

    /** Of an operator who stays logged in: a browser that has the console's program compiled shows a page in half the time. */
    let operators: BrowserContext | undefined;

    /** A page of such an operator's; `complaints` is what it asks of anyone else, and what it complains of. */
    async function loggedIn(): Promise<{ page: Page; complaints: string[] }> {
      const known = operators;
      operators ??= await newContext();
      const page = await operators.newPage();
      if (known === undefined) await logIn(page);
      return { page, complaints: complaintsOf(operators, leadgate.url) };
    }

    async function newContext(): Promise<BrowserContext> {
      const context = await browser.newContext();
      context.setDefaultTimeout(LONGEST_WAIT_MS);
      return context;
    }

    async function logIn(page: Page): Promise<void> {
      await page.goto(`${leadgate.url}/console`);
      await page.getByRole("textbox", { name: "Operator key" }).fill(OPERATOR_KEY);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Board", level: 1 }).waitFor();
    }

    test("lets an operator in by key, knows him after a reload, and not once he is logged out", async () => {
      const page = await (await newContext()).newPage();
      await logIn(page);
      await page.reload();
      await page.getByText("LEADGATE_ADMIN_KEY").waitFor();
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("textbox", { name: "Operator key" }).fill("lg_admin_nobody_s");
      await page.keyboard.press("Enter");
      await page.getByText("This key is not valid").waitFor();
    }, 120_000);

    test.each([
      ["by mouse", byMouse, 6],
      ["by the keyboard alone", byKeyboard, 100_000],
    ] as const)(
      "shows leads as they come, why one was not sold, the cap mended, the lead sold, returned and on a statement: %s",
      async (_, handOf, cap) => {
        const context = await newContext();
        const complaints = complaintsOf(context, leadgate.url);
        const page = await context.newPage();
        await page.goto(`${leadgate.url}/console`);
        await liveThrough(page, handOf(page), { key: OPERATOR_KEY, cap, send: () => sendStoryLeads(cap) });
        // Who is logged in is asked before anybody is.
        expect(complaints.filter((complaint) => !complaint.includes("401"))).toEqual([]);
      },
      180_000,
    );

    /** Some twenty leads of people that nobody else of the same number has. */
    async function sendStoryLeads(first: number): Promise<SentLeads> {
      const leads = Array.from({ length: 20 }, (_, place) => storyLead(first + place));
      const key = keys[STORY_SUPPLIER] ?? "";
      const bodies = leads.map((body) => ({ body }));
      await using load = await startLoad({ ports: [leadgate.port], lines: 2, key, leads: bodies });
      await load.done;
      return { count: leads.length, phone: leads.at(-1)?.phone ?? "" };
    }

    test("finds a lead by its phone with the keyboard, and tells why a buyer was passed over", async () => {
      const { page, complaints } = await loggedIn();
      await page.goto(`${leadgate.url}/console`);
      await page.getByRole("heading", { name: "Board", level: 1 }).waitFor();
      await page.keyboard.press("g");
      await page.keyboard.press("l");
      await page.getByRole("heading", { name: "Leads", level: 1 }).waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("(512) 555-0142");
      await page.keyboard.press("Enter");
      const row = page.getByRole("row", { name: /Accepted/ });
      await row.waitFor();
      await row.focus();
      await page.keyboard.press("Enter");
      const drawer = page.getByRole("dialog");
      await drawer.getByText(leadId).waitFor();
      await drawer.getByRole("combobox", { name: "Why not this buyer?" }).fill("harbor");
      await page.getByRole("option", { name: "harbor-law" }).click();
      await drawer.getByText("harbor-law has no contract in solar.").waitFor();
      expect(page.url()).toContain(`open=${leadId}`);
      expect(complaints).toEqual([]);
    }, 120_000);

    test("plans a change of the configuration, puts it in force, and shows what the way back would change", async () => {
      const { page, complaints } = await loggedIn();
      await page.goto(`${leadgate.url}/console/configuration`);
      const editor = page.getByRole("textbox", { name: "The configuration" });
      await editor.fill((await editor.inputValue()).replace('"45.00"', '"46.50"'));
      await page.keyboard.press("Control+Enter");
      await page.getByText("buyers[lone-star-solar].price").waitFor();
      await page.getByRole("button", { name: "Put in force" }).click();
      const said = await page.getByText(/^Revision \d+ is in force\.$/).innerText();
      // The page shows the new one by then, and has nothing written on it that leaving would lose.
      await page.getByText(said.replace(" is in force.", ""), { exact: true }).waitFor();
      await page.goto(`${leadgate.url}/console/history`);
      await page.getByRole("button", { name: /^suppression list global-dnc/ }).click();
      await page.getByRole("button", { name: "Back to this revision…" }).click();
      const preview = page.getByRole("dialog", { name: "Back to revision 1" });
      await preview.getByText("46.50").waitFor();
      await preview.getByText("45.00").waitFor();
      expect(complaints).toEqual([]);
    }, 120_000);

    test("changes a campaign by its form once it is planned, and tries a lead on it", async () => {
      const { page, complaints } = await loggedIn();
      await page.goto(`${leadgate.url}/console/campaigns?open=auto-accident&tab=change`);
      await page.getByRole("textbox", { name: "Least price" }).fill("150.00");
      await page.getByRole("button", { name: "Plan" }).click();
      await page.getByText("min_price", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Put in force" }).click();
      await page.getByText(/^Revision \d+ is in force\.$/).waitFor();
      await page.goto(`${leadgate.url}/console/campaigns?open=solar&tab=try`);
      await page.getByRole("button", { name: "What would become of it?" }).click();
      await page.getByText("Is the supplier linked to the campaign, and are both active?").waitFor();
      expect(complaints).toEqual([]);
    }, 120_000);

    test("puts a file of people on a list, and says which line was not understood", async () => {
      const { page, complaints } = await loggedIn();
      await page.goto(`${leadgate.url}/console/suppression`);
      const buffer = Buffer.from("phone\n(512) 555-0199\n555\n(512) 555-0198\n");
      await page
        .locator('input[type="file"]')
        .setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer });
      await page.getByRole("button", { name: "Add it" }).click();
      await page.getByText("2 added, of 3 in the file; 1 not understood.").waitFor();
      await page.getByText("Line 3, phone").waitFor();
      expect(complaints).toEqual([]);
    }, 120_000);

    test("pauses a buyer and sells to it again", async () => {
      const { page, complaints } = await loggedIn();
      await page.goto(`${leadgate.url}/console/buyers?open=national-solar`);
      const buyer = page.getByRole("dialog", { name: "Buyer" });
      await buyer.getByRole("button", { name: "Pause selling" }).click();
      await page.getByRole("button", { name: "Pause", exact: true }).click();
      await buyer.getByText("paused").waitFor();
      await buyer.getByRole("button", { name: "Resume selling" }).click();
      await page.getByRole("button", { name: "Resume", exact: true }).click();
      await buyer.getByText("active").waitFor();
      expect(complaints).toEqual([]);
    }, 120_000);

    test("lets a person in by a link, and once there is a passkey not without it; who may removes it again", async () => {
      const context = await newContext();
      const host = new URL(leadgate.url.replace("127.0.0.1", "localhost")).origin;
      const complaints = complaintsOf(context, host);
      const page = await context.newPage();
      const devices = await context.newCDPSession(page);
      await devices.send("WebAuthn.enable");
      const options = {
        protocol: "ctap2",
        transport: "internal",
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      } as const;
      await devices.send("WebAuthn.addVirtualAuthenticator", { options });
      const person = { email: "ada@company.example", name: "Ada", role: "admin", invite: true };
      const { id } = await operator("POST", "/people", person);

      await page.goto(await linkInMail(1));
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("heading", { name: "Board", level: 1 }).waitFor();
      await page.goto(`${host}/console/people`);
      await page.getByRole("button", { name: "Add a passkey" }).click();
      await page.getByRole("textbox", { name: "Name" }).fill("Laptop");
      await page.getByRole("button", { name: "Make it" }).click();
      await page.getByRole("cell", { name: "Laptop" }).waitFor();
      expect((await operator("GET", "/people"))[0]).toMatchObject({ id, passkeys: 1 });

      await page.getByRole("button", { name: "Log out", exact: true }).click();
      await page.getByRole("button", { name: "Send me a link instead" }).click();
      await page.getByRole("textbox", { name: "Your e-mail" }).fill(person.email);
      await page.keyboard.press("Enter");
      await page.goto(await linkInMail(2));
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("heading", { name: "Board", level: 1 }).waitFor();
      await page.goto(`${host}/console/people`);
      await page.getByRole("button", { name: "1", exact: true }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Remove…" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
      await page.getByText("Whoever reads your e-mail can log in as you.").waitFor();
      // Who is logged in is asked before anybody is.
      expect(complaints.filter((complaint) => !complaint.includes("401"))).toEqual([]);
    }, 120_000);

    async function operator(method: string, path: string, body?: object) {
      const response = await fetch(`${leadgate.url}/api/v1/admin${path}`, {
        method,
        headers: { authorization: `Bearer ${OPERATOR_KEY}`, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
      return ((await response.json()) as { data: never }).data;
    }

    /** What the e-mail of this number leads to. */
    async function linkInMail(number: number): Promise<string> {
      await untilTrue(() => mailServer.taken.length >= number, `${number} e-mails`);
      const text = (mailServer.taken[number - 1]?.text ?? "").replaceAll("=\r\n", "");
      return /http:\S+\/console\/login#\w+/.exec(text)?.[0] ?? "";
    }

    test("shows a page of each kind, light on a desk and dark on a phone, without a flaw that axe finds, and asks nobody else", async () => {
      const { page, complaints } = await loggedIn();
      const axe = await Bun.file(AXE).text();
      for (const [path, heading] of LOOKED_AT) {
        await page.goto(`${leadgate.url}/console${path}`);
        await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
        await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
        for (const { colorScheme, width } of LOOKS) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 900 });
          await untilStill(page);
          const name = `${heading.toLowerCase().replaceAll(" ", "-")}-${colorScheme}-${width}.png`;
          if (looksAtAll) await page.screenshot({ path: join(SCREENSHOTS, name) });
          expect([path, width, ...(await flawsOf(page, axe))]).toEqual([path, width]);
          const needed = await page.evaluate(() => document.documentElement.scrollWidth);
          expect([path, Math.max(width, needed)]).toEqual([path, width]);
        }
      }
      expect(complaints).toEqual([]);
    }, 180_000);

    describe("the portal", () => {
      /** The pages of each kind of visitor, with the headings by which one sees that they are there. */
      const PORTALS = [
        ["buyers/national-solar", ["Overview", "Leads", "Deliveries", "Billing", "Settings"]],
        ["suppliers/acme-media", ["Overview", "Leads", "Earnings", "Campaigns"]],
      ] as const;

      /** A browser in which somebody has come by a link to a party's portal. */
      async function visiting(party: string, options: Parameters<Browser["newContext"]>[0] = {}) {
        const made = await fetch(`${leadgate.url}/api/v1/admin/${party}/links`, {
          method: "POST",
          headers: { authorization: `Bearer ${OPERATOR_KEY}` },
        });
        const { data } = (await made.json()) as { data: { url: string } };
        const context = await browser.newContext(options);
        const complaints = complaintsOf(context, leadgate.url);
        context.setDefaultTimeout(LONGEST_WAIT_MS);
        const page = await context.newPage();
        const { pathname, hash } = new URL(data.url);
        await page.goto(`${leadgate.url}${pathname}${hash}`);
        await page.getByRole("button", { name: "Log in" }).click();
        await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
        return { page, complaints };
      }

      test.each(PORTALS)(
        "of %s has %j in both schemes and widths, without a flaw that axe finds, and asks nobody else",
        async (party, headings) => {
          const { page, complaints } = await visiting(party);
          const axe = await Bun.file(AXE).text();
          for (const heading of headings) {
            await page.getByRole("link", { name: heading, exact: true }).first().click();
            await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
            await page.waitForFunction(() => document.querySelector('[data-asking="true"]') === null);
            for (const { colorScheme, width } of LOOKS) {
              await page.emulateMedia({ colorScheme });
              await page.setViewportSize({ width, height: 900 });
              const name = `portal-${party.split("/")[0]}-${heading.toLowerCase()}-${colorScheme}-${width}.png`;
              if (looksAtAll) await page.screenshot({ path: join(SCREENSHOTS, name), fullPage: true });
              expect([heading, ...(await flawsOf(page, axe))]).toEqual([heading]);
              expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
                width,
              );
            }
          }
          expect(complaints).toEqual([]);
        },
        180_000,
      );

      test("lets a buyer find a lead by its phone and give it back, and is closed once he has logged out", async () => {
        const { page, complaints } = await visiting("buyers/national-solar");
        await page.getByRole("link", { name: "Leads", exact: true }).click();
        await page.getByRole("searchbox").fill("(512) 555-0142");
        await page.keyboard.press("Enter");
        await page.getByRole("link", { name: "Ada Lovelace" }).click();
        await page.getByRole("combobox", { name: "Why" }).selectOption({ label: "We had it before" });
        await page.getByRole("button", { name: "Ask for the return" }).click();
        await page.getByText("to be decided").waitFor();
        await page.getByRole("button", { name: "Log out" }).click();
        await page.getByRole("textbox", { name: "Your e-mail" }).waitFor();
        await page.reload();
        await page.getByRole("textbox", { name: "Your e-mail" }).waitFor();
        expect(complaints).toEqual([]);
      }, 120_000);
    });
  },
);

/** Resolves when the page has heard of its new looks, with the next frame, and its colours have gone over to them. */
async function untilStill(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const nextFrame = () => new Promise(requestAnimationFrame);
    await nextFrame();
    await nextFrame();
    const ending = document
      .getAnimations()
      .filter((each) => each.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(ending.map((each) => each.finished));
  });
}

/** What axe finds wrong by WCAG 2.2 AA, with where. It is run past the page's own policy, which would not let it in. */
async function flawsOf(page: Page, axe: string): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  return page.evaluate(async () => {
    const runner = (globalThis as unknown as { axe: { run(on: unknown, how: object): Promise<Found> } }).axe;
    interface Found {
      violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
    }
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    // What is right is told too unless it says what is wanted, with a selector for each element.
    const { violations } = await runner.run(document, { runOnly: tags, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ""}`),
    );
  });
}

function complaintsOf(context: BrowserContext, origin: string): string[] {
  const found: string[] = [];
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("data:")) found.push(`asked ${url}`);
  });
  context.on("console", (message) => {
    if (message.type() === "error") found.push(message.text());
  });
  context.on("weberror", (error) => found.push(String(error.error())));
  return found;
}

async function sendLead(url: string, key: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/ingest`, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: JSON.stringify({
      flo_campaign_id: "solar",
      flo_supplier_id: "acme-media",
      first_name: "Ada",
      last_name: "Lovelace",
      phone: "(512) 555-0142",
      email: "ada@example.com",
      state: "TX",
      zip_code: "78701",
      homeowner: true,
    }),
  });
  const { data } = (await response.json()) as { data: { id: string } };
  return data.id;
}
