import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { helpOn } from "#cli/command/help-text.ts";
import { commandNamed, runCommand } from "#cli/command-table.ts";
import type { Database } from "#database/database.ts";
import type { DatabaseSettings } from "#database/engine/connect.ts";
import { TOPICS } from "#manual/manual.ts";
import { htmlOf, terminalTextOf } from "#manual/markdown.ts";
import { commandContext } from "../cli/context.ts";
import { closeUsersOf } from "../support/closing.ts";
import { discard, embeddedSettings, openFresh } from "../support/database.ts";
import { type Leadgate, openLeadgate, type Reply } from "../support/leadgate.ts";

const names = TOPICS.map(({ name }) => name);

describe("the manual on the server", () => {
  let settings: DatabaseSettings;
  let database: Database;
  let leadgate: Leadgate;

  beforeAll(async () => {
    settings = await embeddedSettings();
    database = await openFresh(settings);
    leadgate = openLeadgate(database);
  }, 120_000);

  afterAll(async () => {
    await closeUsersOf(database);
    await database.close();
    await discard(settings);
  });

  /** What is served at each address that some page links to: asked for once, since nearly all pages link to nearly all. */
  const served = new Map<string, Promise<Reply>>();
  function replyAt(path: string): Promise<Reply> {
    const known = served.get(path) ?? leadgate.call("GET", path);
    served.set(path, known);
    return known;
  }

  test.each(names.map((name) => `/${name}`))("/docs%s links only to what is served", async (page) => {
    const { status, body } = await replyAt(`/docs${page}`);
    expect(status).toBe(200);
    const links = Array.from(String(body).matchAll(/ href="(\/[^"]*)"/g), ([, address = ""]) => address);
    if (page !== "/leads") {
      expect(links).toEqual(expect.arrayContaining(names.map((name) => `/docs/${name}`)));
    }
    for (const address of new Set(links)) {
      const [path = "", anchor] = address.split("#");
      const linked = await replyAt(path);
      expect([address, linked.status]).toEqual([address, 200]);
      if (anchor !== undefined) expect(String(linked.body)).toContain(` id="${anchor}"`);
    }
  });

  test("a page of the manual is HTML with its heading, tables and examples", async () => {
    const { headers, body } = await leadgate.call("GET", "/docs/configuration");
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    for (const part of [
      "<title>Configuration – Leadgate</title>",
      '<h1 id="configuration">Configuration</h1>',
      '<a href="/docs/configuration" aria-current="page">Configuration</a>',
      "<table>",
      '<figure class="code"><pre><code>',
    ]) {
      expect(body).toContain(part);
    }
  });

  test("a page that the manual does not have is not found", async () => {
    const { status, body } = await leadgate.call("GET", "/docs/warehouse");
    expect({ status, error: body.error }).toEqual({ status: 404, error: "not_found" });
  });
});

describe("leadgate help", () => {
  test.each(TOPICS.map(({ name, text }) => [name, text] as const))(
    "prints the page %s",
    async (name, text) => {
      const { status, out } = await help(name);
      expect(status).toBe(0);
      expect(out).toEndWith(terminalTextOf(text));
      const command = commandNamed(name);
      if (command !== undefined) expect(out).toStartWith(helpOn(command));
    },
  );

  test("lists the pages of the manual", async () => {
    const { out } = await help();
    for (const { name, purpose } of TOPICS) expect(out).toMatch(new RegExp(`^  ${name} +${purpose}$`, "m"));
  });

  test("says which page or command may be meant when there is none of the name", async () => {
    const { status, err } = await help("routng");
    expect(status).toBe(2);
    expect(err).toContain("Did you mean routing?");
  });
});

async function help(...words: string[]): Promise<{ status: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const status = await runCommand(
    ["help", ...words],
    commandContext(
      { url: "", adminKey: undefined },
      { write: (text) => void (out += text), writeError: (text) => void (err += text) },
    ),
  );
  return { status, out, err };
}

describe("a page's Markdown", () => {
  test("links to other pages on the server, and names the command in a terminal", () => {
    const text = "See [the caps](routing.md#caps), or [elsewhere](https://example.com/).";
    expect(htmlOf(text)).toContain(
      'See <a href="/docs/routing#caps">the caps</a>, or <a href="https://example.com/">elsewhere</a>.',
    );
    expect(terminalTextOf(text)).toBe(
      "See the caps (leadgate help routing), or elsewhere (https://example.com/).",
    );
  });

  test("gives headings the anchors that GitHub gives them", () => {
    expect(htmlOf("## Plan, apply, go back")).toBe('<h2 id="plan-apply-go-back">Plan, apply, go back</h2>\n');
  });
});
