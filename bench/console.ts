import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { source as axe } from "axe-core";
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";
import { buildExecutable } from "../scripts/build.ts";
import {
  liveThrough,
  type SentLeads,
  STORY_SUPPLIER,
  storyLead,
  withStory,
} from "../tests/support/console-story.ts";
import { byKeyboard, byMouse } from "../tests/support/hands.ts";
import { OPERATOR_KEY } from "../tests/support/leadgate.ts";
import { type LeadgateProcess, startLeadgate } from "../tests/support/process.ts";
import { median, table, verdict, whole } from "./figures.ts";

/**
 * `bun bench/console.ts`: what the console costs, in Chromium on the compiled executable with its embedded database: bytes of the first
 * load and of later pages, the time to a usable board, and a morning of an operator (tests/support/console-story.ts), by mouse and again by
 * keyboard, while 10,000 leads come at 500 a second: the board's share of a core, its long tasks, leads that it lost or doubled. Tells too
 * what was asked of other machines, what the pages complained of, and what axe finds wrong at AA. `--leads 10000 --pace 500`;
 * TEST_EXECUTABLE names an executable that is there already.
 */

const { values: options } = parseArgs({
  options: { leads: { type: "string", default: "10000" }, pace: { type: "string", default: "500" } },
});
const LEADS = Number(options.leads);
const PACE = Number(options.pace);
const CHROMIUM = process.env["TEST_CHROMIUM"] ?? "/usr/bin/chromium";
const LONGEST_WAIT_MS = 600_000;
/** The board is opened so often. */
const ROUNDS = 7;

/** Pages that are loaded after the board, by the names that the navigation has for them. */
const LATER = [
  "Leads",
  "Deliveries",
  "Campaigns",
  "Buyers",
  "Suppliers",
  "Returns",
  "Alerts",
  "Profit",
  "Accounts",
  "Invoices",
  "Configuration",
  "Simulations",
  "Suppression",
  "History",
  "People",
  "Operator keys",
  "Server",
] as const;

if (import.meta.main) await run();

async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "leadgate-console-"));
  const executable = process.env["TEST_EXECUTABLE"] ?? (await buildExecutable(join(folder, "leadgate")));
  const leadgate = await startLeadgate({ dataDir: join(folder, "data"), executable });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    console.log(`executable ${whole((await stat(executable)).size)} bytes`);
    const { keys } = await leadgate.configure(withStory({ version: 1 }));
    await measureLoads(browser, leadgate);
    await measureBoard(browser, leadgate);
    for (const [says, handOf, first] of [
      ["by mouse", byMouse, 0],
      ["by the keyboard alone", byKeyboard, LEADS],
    ] as const) {
      await measureMorning(browser, leadgate, {
        says,
        handOf,
        first,
        key: keys[STORY_SUPPLIER] ?? "",
        cap: first === 0 ? 6 : 100_000,
      });
    }
  } finally {
    await browser.close();
    await leadgate[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A browser's page, and what was wrong with what it was shown. */
interface Watched {
  page: Page;
  devices: CDPSession;
  /** What it asked of other machines, and what it complained of. */
  outside: string[];
  complaints: string[];
}

async function watched(context: BrowserContext, { url }: LeadgateProcess): Promise<Watched> {
  context.setDefaultTimeout(LONGEST_WAIT_MS);
  const [outside, complaints]: [string[], string[]] = [[], []];
  context.on("request", (request) => {
    const asked = request.url();
    if (!asked.startsWith(url) && !asked.startsWith("data:")) outside.push(asked);
  });
  context.on("console", (message) => {
    // Who is logged in is asked before anybody is.
    if (message.type() === "error" && !message.text().includes("401")) complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  await context.addInitScript(() => {
    const kept = globalThis as unknown as { longTasks: number[] };
    kept.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) kept.longTasks.push(duration);
    }).observe({ type: "longtask", buffered: true });
  });
  const page = await context.newPage();
  return { page, devices: await context.newCDPSession(page), outside, complaints };
}

async function logIn(page: Page, { url }: LeadgateProcess): Promise<void> {
  await page.goto(`${url}/console`);
  await page.getByRole("textbox", { name: "Operator key" }).fill(OPERATOR_KEY);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Board", level: 1 }).waitFor();
}

/** Of the login's page with all that it loads, and of each page that is gone to from there. */
async function measureLoads(browser: Browser, leadgate: LeadgateProcess): Promise<void> {
  const context = await browser.newContext({ bypassCSP: false });
  const { page, devices, outside, complaints } = await watched(context, leadgate);
  let bytes = 0;
  await devices.send("Network.enable");
  devices.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  const since = async (act: () => Promise<unknown>) => {
    const before = bytes;
    await act();
    // The board is told leads as long as it is open: the network is never idle.
    for (let seen = -1; seen !== bytes; ) {
      seen = bytes;
      await page.waitForTimeout(500);
    }
    return bytes - before;
  };
  const first = await since(() => page.goto(`${leadgate.url}/console`));
  const rows = [["first load", whole(first)]];
  rows.push(["Board", whole(await since(() => logIn(page, leadgate).then(() => settled(page))))]);
  const flaws: string[] = await flawsOf(page, "Board");
  for (const name of LATER) {
    const size = await since(async () => {
      await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).click();
      await page.getByRole("heading", { name, level: 1 }).waitFor();
      await settled(page);
    });
    rows.push([name, whole(size)]);
    flaws.push(...(await flawsOf(page, name)));
  }
  console.log(`\n${table([["bytes", ""], ...rows])}\n`);
  tell("asked of other machines", outside);
  tell("complaints", complaints);
  tell("axe", flaws);
  await context.close();
}

function tell(says: string, what: readonly string[]): void {
  console.log(`${says}: ${what.length === 0 ? "nothing" : `\n  ${what.join("\n  ")}`}`);
}

async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
}

/** What axe finds wrong by WCAG 2.2 at AA. It is run past the page's own policy, which would not let it in. */
async function flawsOf(page: Page, name: string): Promise<string[]> {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  await page.evaluate(`${axe}; 0`);
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: unknown[] }[] }>(
    `axe.run(document, ${JSON.stringify({ runOnly: tags, resultTypes: ["violations"] })})`,
  );
  return violations.map(({ id, nodes }) => `${name}: ${id} ×${nodes.length}`);
}

/** From asking for /console, logged in, until the board shows its figures and is told leads as they come. */
async function measureBoard(browser: Browser, leadgate: LeadgateProcess): Promise<void> {
  const context = await browser.newContext();
  const { page } = await watched(context, leadgate);
  await logIn(page, leadgate);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await page.goto(`${leadgate.url}/console`, { waitUntil: "commit" });
    times.push(
      await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const look = () => {
              const figures = document.querySelector('.figures[data-asking="false"]');
              const isLive = figures?.querySelector('.status[data-tone="good"]') !== null;
              if (figures && isLive) resolve(performance.now());
              else requestAnimationFrame(look);
            };
            look();
          }),
      ),
    );
  }
  console.log(`usable board, ms after /console: ${times.map((time) => whole(time)).join(" ")}`);
  console.log(
    verdict({ says: "seconds to a usable board", figure: median(times) / 1_000, atMost: 1 }).join("   "),
  );
  await context.close();
}

interface Morning {
  says: string;
  handOf: typeof byMouse;
  /** Number of the first person. */
  first: number;
  key: string;
  cap: number;
}

async function measureMorning(browser: Browser, leadgate: LeadgateProcess, morning: Morning): Promise<void> {
  const { says, handOf, first, key, cap } = morning;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const { page, outside, complaints } = await watched(context, leadgate);
  await page.goto(`${leadgate.url}/console`);
  const began = performance.now();
  await liveThrough(page, handOf(page), {
    key: OPERATOR_KEY,
    cap,
    async send() {
      const renderers = await renderersOf(browser);
      const before = [await cpuOfAll(renderers), await longTasksOf(page)] as const;
      const started = performance.now();
      const sent = await sendAll(leadgate, key, first);
      const seconds = (performance.now() - started) / 1_000;
      const cpu = (await cpuOfAll(renderers)) - before[0];
      const tasks = (await longTasksOf(page)).slice(before[1].length);
      console.log(`\n${says}: ${whole(sent.count)} leads in ${seconds.toFixed(1)} s`);
      console.log(
        verdict({ says: "board's share of a core", figure: cpu / 1e9 / seconds, atMost: 0.3 }).join("   "),
      );
      console.log(`long tasks meanwhile: ${tasks.length}, the longest ${whole(Math.max(0, ...tasks))} ms`);
      return sent;
    },
  });
  console.log(
    `the whole story, without a lead lost or doubled: ${((performance.now() - began) / 1_000).toFixed(0)} s`,
  );
  tell("asked of other machines", outside);
  tell("complaints", complaints);
  await context.close();
}

function longTasksOf(page: Page): Promise<number[]> {
  return page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks);
}

/** The processes of its pages, and one that it keeps ready. */
async function renderersOf(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

/** What the renderers, of which Chromium keeps one ready beside that of the page, have had of the processors, in ns. */
async function cpuOfAll(pids: readonly number[]): Promise<number> {
  const times = await Promise.all(pids.map(cpuOf));
  return times.reduce((sum, time) => sum + time, 0);
}

async function cpuOf(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8").catch(() => "0")),
  );
  return times.reduce((sum, text) => sum + Number(text.split(" ")[0]), 0);
}

/** Each lead when it is due, whatever became of those before; resolves once all are answered. */
async function sendAll({ url }: LeadgateProcess, key: string, first: number): Promise<SentLeads> {
  const headers = { "x-api-key": key, "content-type": "application/json" };
  const answers: Promise<Response>[] = [];
  const started = performance.now();
  while (answers.length < LEADS) {
    const due = Math.min(LEADS, Math.floor(((performance.now() - started) / 1_000) * PACE));
    while (answers.length < due) {
      const body = JSON.stringify(storyLead(first + answers.length));
      answers.push(fetch(`${url}/api/v1/ingest`, { method: "POST", headers, body }));
    }
    await Bun.sleep(5);
  }
  const refused = (await Promise.all(answers)).filter(({ ok }) => !ok);
  if (refused.length > 0) throw new Error(`${refused.length} leads were not taken in`);
  return { count: LEADS, phone: storyLead(first + LEADS - 1).phone };
}
