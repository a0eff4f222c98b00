import { describe, expect, test } from "bun:test";
import { readSettings, SETTINGS } from "#runtime/settings.ts";

const page = await Bun.file(`${import.meta.dir}/../../src/manual/operating.md`).text();

/** The example in which a text stands. */
function example(language: string, holds = ""): string {
  const found = [...page.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\\n\`\`\``, "g"))];
  const text = found.map(([, each = ""]) => each).find((each) => each.includes(holds));
  if (text === undefined) throw new Error(`the manual has no such example in ${language}`);
  return text;
}

/** A directive with its words, and what stands within its braces. */
interface Directive {
  words: string[];
  block: Directive[] | null;
}

/** Reads what nginx reads: words, quoted ones too, up to `;` or a block. Throws on what it would refuse. */
function readNginx(text: string): Directive[] {
  const tokens = text.match(/"[^"]*"|[{};]|[^\s{};"]+/g) ?? [];
  let next = 0;
  function block(isInner: boolean): Directive[] {
    const found: Directive[] = [];
    let words: string[] = [];
    for (;;) {
      const token = tokens[next++];
      if (token === undefined || token === "}") {
        if ((token === "}") !== isInner || words.length > 0)
          throw new Error("a block or a directive does not end");
        return found;
      }
      if (token === ";" || token === "{") {
        if (words.length === 0) throw new Error(`nothing stands before ${token}`);
        found.push({ words, block: token === "{" ? block(true) : null });
        words = [];
      } else words.push(token.replace(/^"(.*)"$/, "$1"));
    }
  }
  return block(false);
}

/** Reads what Caddy reads: a directive a line, a block behind a brace that ends its line. */
function readCaddy(text: string): Directive[] {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  let next = 0;
  function block(isInner: boolean): Directive[] {
    const found: Directive[] = [];
    for (;;) {
      const line = lines[next++];
      if (line === undefined || line === "}") {
        if ((line === "}") !== isInner) throw new Error("a block does not end");
        return found;
      }
      const words = line.split(/\s+/);
      const opens = words.at(-1) === "{";
      if (line.includes("{ ") || /^[{}]/.test(line)) throw new Error(`${line} is no directive`);
      found.push(opens ? { words: words.slice(0, -1), block: block(true) } : { words, block: null });
    }
  }
  return block(false);
}

function within(directives: readonly Directive[], ...path: string[]): string[][] {
  const [name, ...rest] = path;
  const found = directives.filter(({ words }) => words[0] === name);
  if (rest.length === 0) return found.map(({ words }) => words.slice(1));
  return found.flatMap(({ block }) => within(block ?? [], ...rest));
}

const { host, port } = readSettings({}, true);
const address = `${host}:${port}`;

describe("a proxy in front, as the manual has it,", () => {
  test("with nginx, passes on host and caller to where the server listens, over TLS, and bounds connections", () => {
    const nginx = readNginx(example("nginx", "listen"));
    expect(within(nginx, "server", "listen")).toEqual([["443", "ssl"]]);
    expect(within(nginx, "server", "location", "proxy_pass")).toEqual([[`http://${address}`]]);
    expect(within(nginx, "server", "location", "proxy_set_header")).toEqual([
      ["Connection", ""],
      ["Host", "$host"],
      ["X-Forwarded-For", "$proxy_add_x_forwarded_for"],
    ]);
    const [[zone] = []] = within(nginx, "server", "limit_conn");
    expect(within(nginx, "limit_conn_zone")).toEqual([["$binary_remote_addr", `zone=${zone}:10m`]]);
    for (const file of ["ssl_certificate", "ssl_certificate_key"]) {
      expect(within(nginx, "server", file)).toHaveLength(1);
    }
  });

  test("with Caddy, passes requests on to where the server listens", () => {
    const [site] = readCaddy(example("caddy"));
    expect(site?.words).toEqual(["leads.example.com"]);
    expect(within(site?.block ?? [], "reverse_proxy")).toEqual([[address]]);
    expect(within(site?.block ?? [], "request_body", "max_size")).toEqual([["1GB"]]);
  });

  test("is named by settings that there are and that are valid", () => {
    const [, line = ""] = /^(LEADGATE_PUBLIC_URL=.*) leadgate$/m.exec(page) ?? [];
    const settings = Object.fromEntries(line.split(" ").map((each) => each.split("=") as [string, string]));
    expect(SETTINGS.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(settings)));
    expect(readSettings(settings, true)).toMatchObject({
      publicUrl: "https://leads.example.com",
      trustedProxies: [{ address: "127.0.0.1" }],
    });
  });
});

describe("several servers, as the manual has them,", () => {
  test("are behind nginx and HAProxy alike, which ask whether they are ready", () => {
    const [upstream] = readNginx(example("nginx", "upstream"));
    expect(upstream?.words).toEqual(["upstream", "leadgate"]);
    const servers = within(upstream?.block ?? [], "server").map(([server]) => server);
    const haproxy = example("haproxy")
      .split("\n")
      .map((line) => line.trim().split(/\s+/));
    expect(haproxy.filter(([name]) => name === "server").map(([, , server]) => server)).toEqual(servers);
    expect(servers).toEqual([`10.0.0.5:${port}`, `10.0.0.6:${port}`]);
    expect(haproxy).toContainEqual(["option", "httpchk", "GET", "/readyz"]);
  });

  test("are units of a template with ports, addresses and folders of their own", () => {
    const settingsOf = (unit: string) => {
      const [, line = ""] = /^Environment=(.*)$/m.exec(example("ini", "%i").replaceAll("%i", unit)) ?? [];
      return Object.fromEntries(line.split(" ").map((each) => each.split("=") as [string, string]));
    };
    expect(SETTINGS.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(settingsOf("1"))));
    expect(["1", "2"].map((unit) => readSettings(settingsOf(unit), true))).toMatchObject([
      { port: 8081, peerAddress: { host: "127.0.0.1", port: 7801 }, dataDir: "/var/lib/leadgate-1" },
      { port: 8082, peerAddress: { host: "127.0.0.1", port: 7802 }, dataDir: "/var/lib/leadgate-2" },
    ]);
    expect(example("ini", "%i")).toContain("StateDirectory=leadgate-%i");
  });
});
