import { describe, expect, test } from "bun:test";
import { Glob } from "bun";

/**
 * Who may use whom. A name is a folder of src/ or a file beside them; a name that is not here may not exist. Imports of types alone
 * don't count: they are gone when the program runs.
 */
const ARROWS: Record<string, { to: readonly string[]; why: string }> = {
  main: {
    to: ["commands", "config", "log"],
    why: "It only picks a command and hands down clock, settings and log.",
  },
  commands: {
    to: [
      "server",
      "config",
      "secrets",
      "log",
      "ids",
      "reply",
      "catalog",
      "fields",
      "rules",
      "money",
      "intake",
      "ping",
      "delivery",
      "admin",
      "docs",
      "database",
      "problem",
      "nearest",
      "backup",
      "seeing",
    ],
    why: "A command puts parts together. Nothing but main may know of it.",
  },
  server: {
    to: [
      "intake",
      "ping",
      "delivery",
      "erasure",
      "admin",
      "docs",
      "console",
      "catalog",
      "database",
      "reply",
      "ids",
      "body",
      "attempts",
      "client-address",
      "seeing",
    ],
    why: "It puts the parts together, mounts routes and answers errors. What a route does belongs to the part that the route is of.",
  },
  admin: {
    to: [
      "backup",
      "catalog",
      "fields",
      "rules",
      "money",
      "intake",
      "delivery",
      "erasure",
      "database",
      "body",
      "problem",
      "calendar",
      "csv",
      "key-form",
      "ids",
      "reply",
    ],
    why: "Operators reach every part, but no part may depend on how operators reach it.",
  },
  console: {
    to: ["catalog", "fields", "rules", "money", "intake", "delivery", "database", "ids", "reply"],
    why: "The pages show every part, but no part may depend on its page.",
  },
  docs: {
    to: ["catalog", "fields", "rules", "money", "delivery", "keyed-hash", "ids", "reply"],
    why: "The documents are made from what is configured; they neither take leads in nor send them. How a body would look is delivery's to say.",
  },
  ping: {
    to: ["intake", "delivery", "catalog", "fields", "rules", "money", "database", "ids", "reply"],
    why: "A ping asks intake's decision without recording it, and asks buyers through delivery's sender.",
  },
  erasure: {
    to: ["catalog", "intake", "database", "ids"],
    why: "What is erased lies in everyone's tables; but nobody else need know that anything ever is.",
  },
  intake: {
    to: [
      "catalog",
      "fields",
      "rules",
      "money",
      "database",
      "body",
      "problem",
      "keyed-hash",
      "ids",
      "reply",
      "schema",
    ],
    why: "Intake and delivery meet at the outbox table alone, so that a slow buyer cannot slow a supplier. Pings build on intake, not the other way round.",
  },
  delivery: {
    to: ["money", "database", "pattern", "problem", "schema", "ids"],
    why: "Delivery sends what the outbox holds. It must work, and be understood, without knowing how leads come in.",
  },
  catalog: {
    to: [
      "fields",
      "rules",
      "money",
      "delivery",
      "database",
      "schema",
      "json",
      "problem",
      "nearest",
      "keyed-hash",
      "key-form",
      "ids",
    ],
    why: "The configuration is read by everyone, so it may know only what it is made of.",
  },
  money: { to: ["database"], why: "Amounts and the ledger know nothing of what is bought." },
  backup: {
    to: ["database", "problem"],
    why: "A backup is of everything, so it may know nothing of what it means: a table that somebody adds is in it.",
  },
  database: { to: [], why: "It carries anyone's statements and knows no one's." },
  fields: {
    to: ["pattern", "json", "calendar"],
    why: "What a valid value is must be decidable from the value alone.",
  },
  rules: {
    to: ["pattern", "problem", "calendar"],
    why: "A filter or a schedule must be decidable from values and a time alone.",
  },
  pattern: {
    to: [],
    why: "Operators' patterns are bounded in one place, whoever takes them and whatever they are tried on.",
  },
  schema: { to: [], why: "Every part writes the schemas of its settings in the same way." },
  calendar: { to: [], why: "What a day is does not depend on what happens on it." },
  json: { to: [], why: "What a text of JSON may hold has nothing to do with what it says." },
  problem: { to: [], why: "Every part says in the same way what is wrong with its own settings." },
  nearest: { to: [], why: "It compares names, whatever they name." },
  "keyed-hash": { to: [], why: "It hashes texts, whatever they say." },
  body: {
    to: ["json", "problem"],
    why: "What a request's body may be has nothing to do with what is in it.",
  },
  "key-form": { to: [], why: "What a key looks like does not depend on whose it is." },
  attempts: { to: [], why: "Guesses are counted by address, whatever is guessed at." },
  "client-address": { to: [], why: "It reads addresses, whoever asks where a request came from." },
  seeing: {
    to: ["database", "ids"],
    why: "Whoever watches is told what happens (observer.ts), and has no part in it: nobody but server and commands may know who it is.",
  },
  observer: { to: [], why: "It says what can be told, whoever listens." },
  csv: { to: [], why: "How a line is written has nothing to do with what is in it." },
  clock: { to: [], why: "Time is handed down; nobody asks for it but the program's start." },
  ids: { to: [], why: "Everyone uses it." },
  reply: { to: [], why: "Everyone uses it." },
  secrets: {
    to: ["config"],
    why: "Secrets come from the settings or from the data folder, before anything else is there.",
  },
  config: { to: ["nearest"], why: "Settings are read before anything else is there." },
  log: { to: [], why: "Everyone may be handed a log, so it may need no one." },
};

/** What may be spoken where: by the package imported, or by the words in the code. */
const PROTOCOLS: { name: string; packages?: RegExp; words?: RegExp; only: RegExp; why: string }[] = [
  {
    name: "SQL",
    packages: /^drizzle-orm(\/|$)/,
    only: /^database\/|\/(record|queries|outbox|[a-z-]+-records)\.ts$/,
    why: "All SQL of a part stands in its record.ts, queries.ts, outbox.ts or …-records.ts, where its plans and locks can be reviewed together.",
  },
  {
    name: "database drivers",
    packages: /^(postgres|@electric-sql\/pglite)(\/|$)/,
    only: /^database\//,
    why: "Two drivers, one code: only database/ knows which of them runs.",
  },
  {
    name: "HTTP in",
    packages: /^(elysia|@elysiajs\/[a-z-]+)(\/|$)/,
    only: /^(server|intake\/(receive|look-up|update)|ping\/ping)\.ts$|^(admin|docs|console)\//,
    why: "A decision that never saw a request can be reused by pings, dry runs and tests.",
  },
  {
    name: "HTTP out",
    packages: /^(node:https?|node:http2|undici)$/,
    words: /(?<![.\w])fetch\(/,
    only: /^delivery\/send\.ts$|^commands\//,
    why: "There is one sender, because there the address is checked against private networks. Commands talk to our own server.",
  },
  {
    name: "metrics and traces",
    packages: /^(prom-client|@opentelemetry\/[a-z-]+)(\/|$)/,
    only: /^seeing\//,
    why: "Those who take leads in and send them tell an observer what they did; what becomes of that is not theirs.",
  },
  {
    name: "TypeBox",
    packages: /^@sinclair\/typebox(\/|$)/,
    only: /^schema\.ts$|^intake\/update\.ts$|^(fields|catalog|rules|delivery|admin|docs)\//,
    why: "Schemas describe what comes from outside; behind the edge there are plain types.",
  },
  {
    name: "patterns of operators",
    packages: /^re2js$/,
    only: /^pattern\.ts$/,
    why: "A pattern without bounds on its cost and its input can be made to hold the server up.",
  },
  {
    name: "environment",
    words: /\bprocess\.env\b|\bBun\.env\b|\bimport\.meta\.env\b/,
    only: /^config\.ts$/,
    why: "A setting that is read elsewhere is neither checked nor documented.",
  },
  {
    name: "clock",
    words: /\bDate\.now\(|\bnew Date\(\)|\bTemporal\.Now\b/,
    only: /^main\.ts$|^(commands|database)\//,
    why: "The time is handed down as `now`, so that every decision can be repeated.",
  },
];

const NAMES_THAT_SAY_NOTHING = /(^|\/)(utils?|helpers?|managers?|services?|common|misc|lib|index)(\/|\.ts$)/;

interface Source {
  /** Below src/. */
  readonly path: string;
  readonly text: string;
}

const sources: Source[] = await Promise.all(
  (await Array.fromAsync(new Glob("**/*.ts").scan(`${import.meta.dir}/../src`)))
    .toSorted()
    .map(async (path) => ({ path, text: await Bun.file(`${import.meta.dir}/../src/${path}`).text() })),
);

describe("the source", () => {
  test("has been read", () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.map(partOf)).toEqual(
      expect.arrayContaining(["catalog", "fields", "rules", "money", "intake", "database", "config"]),
    );
    expect(sources.flatMap(importsOf).filter((path) => path.startsWith("#")).length).toBeGreaterThan(10);
  });
  test("follows the arrows", () => expect(sources.flatMap(strayArrows)).toEqual([]));
  test("has no circle among its parts", () => expect(circles(sources)).toEqual([]));
  test("speaks each protocol only where it belongs", () =>
    expect(sources.flatMap(strayProtocols)).toEqual([]));
  test("says by the shape of an import whether it leaves the folder", () =>
    expect(sources.flatMap(misshapenImports)).toEqual([]));
  test("has no file whose name says nothing", () => {
    expect(sources.map(({ path }) => path).filter((path) => NAMES_THAT_SAY_NOTHING.test(path))).toEqual([]);
  });
});

describe("a planted violation is found:", () => {
  const plant = (path: string, text: string): Source => ({ path, text });

  test.each([
    ["intake/lane.ts", 'import { send } from "#delivery/send.ts"; send();'],
    ["delivery/send.ts", 'export { decide } from "#intake/decide.ts";'],
    ["rules/filter.ts", 'const { parseAmount } = await import("#money/amount.ts"); parseAmount("1");'],
    ["catalog/plan.ts", 'import "#config.ts";'],
    ["warehouse/stock.ts", "export const stock = 1;"],
  ])("a stray arrow in %s", (path, text) => {
    const [found, ...more] = strayArrows(plant(path, text));
    expect(found).toContain(path);
    expect(more).toEqual([]);
  });

  test("an arrow for types alone is none", () => {
    expect(
      strayArrows(
        plant(
          "intake/lane.ts",
          'import type { Sent } from "#delivery/send.ts"; export const x = (s: Sent) => s;',
        ),
      ),
    ).toEqual([]);
  });

  test("the sentence that comes with an arrow is shown", () => {
    expect(strayArrows(plant("intake/lane.ts", 'import "#delivery/send.ts";'))[0]).toContain(
      "a slow buyer cannot slow a supplier",
    );
  });

  test.each([
    ["SQL", "intake/decide.ts", 'import { eq } from "drizzle-orm"; eq();'],
    ["SQL", "intake/recorder.ts", 'import { pgTable } from "drizzle-orm/pg-core"; pgTable();'],
    ["database drivers", "intake/record.ts", 'import postgres from "postgres"; postgres();'],
    ["HTTP in", "intake/intake.ts", 'import { Elysia } from "elysia"; new Elysia();'],
    ["HTTP out", "ping/auction.ts", 'export const ask = () => fetch("https://buyer.example");'],
    ["HTTP out", "intake/intake.ts", 'import { request } from "node:https"; request("");'],
    ["TypeBox", "intake/validate.ts", 'import { Type } from "@sinclair/typebox"; Type.String();'],
    ["patterns of operators", "rules/filter.ts", 'import { RE2JS } from "re2js"; RE2JS.compile("");'],
    ["environment", "server.ts", "export const port = process.env.PORT;"],
    ["environment", "database/connect.ts", "export const url = Bun.env.DATABASE_URL;"],
    ["clock", "intake/decide.ts", "export const today = new Date();"],
    ["clock", "rules/schedule.ts", "export const now = Date.now();"],
  ])("%s in %s", (protocol, path, text) => {
    expect(strayProtocols(plant(path, text)).map((found) => found.split(":")[0])).toEqual([
      `${protocol} in ${path}`,
    ]);
  });

  test.each([
    ["intake/record.ts", 'import { eq } from "drizzle-orm"; eq();'],
    ["catalog/campaign-records.ts", 'import { eq } from "drizzle-orm"; eq();'],
    ["delivery/send.ts", 'export const send = () => fetch("https://buyer.example");'],
    [
      "intake/decide.ts",
      "// process.env is read in config.ts\n/* new Date() */ export const day = (at: Date) => new Date(at);",
    ],
  ])("nothing where %s is in order", (path, text) => {
    expect(strayProtocols(plant(path, text))).toEqual([]);
  });

  test("a circle of parts", () => {
    const circle = [
      plant("catalog/a.ts", 'import "#money/b.ts";'),
      plant("money/b.ts", 'import "#database/c.ts";'),
      plant("database/c.ts", 'import "#catalog/a.ts";'),
    ];
    expect(circles(circle)).toEqual(["catalog → money → database → catalog"]);
    expect(circles(circle.slice(0, 2))).toEqual([]);
  });

  test.each([
    'import "../money/amount.ts";',
    'import "#intake/lead.ts";',
    'import "#money/amount";',
    'import "./lead";',
  ])("the import %s in intake/", (text) => {
    expect(misshapenImports(plant("intake/lane.ts", text))).toHaveLength(1);
  });
});

function strayArrows(source: Source): string[] {
  const part = partOf(source);
  const arrow = ARROWS[part];
  if (!arrow) return [`${source.path}: the part "${part}" is new. Say in ARROWS what it may use, and why.`];
  return usedBy(source)
    .filter((used) => !arrow.to.includes(used))
    .map(
      (used) =>
        `${source.path} uses ${used}, but ${part} may use ${arrow.to.join(", ") || "no other part"}. ${arrow.why}`,
    );
}

function strayProtocols(source: Source): string[] {
  const code = withoutComments(source.text);
  return PROTOCOLS.filter(
    ({ packages, words, only }) =>
      !only.test(source.path) &&
      (importsOf(source).some((path) => packages?.test(path)) || words?.test(code)),
  ).map(({ name, why }) => `${name} in ${source.path}: ${why}`);
}

/** Inside a folder `./file.ts`, across folders `#folder/file.ts`; only files of packages and package.json are named by `../`. */
function misshapenImports(source: Source): string[] {
  // From a folder within a part, the rest of the part is across.
  const own = source.path.split("/").length === 2 ? `#${partOf(source)}/` : undefined;
  return importsOf(source)
    .filter((path) => /^[.#]/.test(path) && !/^(\.\.\/)+(node_modules\/|dist\/|package\.json$)/.test(path))
    .filter((path) => path.startsWith("../") || (own && path.startsWith(own)) || !/\.\w+$/.test(path))
    .map(
      (path) =>
        `${source.path}: "${path}" should be ./file.ts inside a folder and #folder/file.ts across folders.`,
    );
}

/** Each circle of parts once, as "a → b → a". */
function circles(all: readonly Source[]): string[] {
  const uses = new Map<string, Set<string>>();
  for (const source of all) {
    const part = partOf(source);
    uses.set(part, new Set([...(uses.get(part) ?? []), ...usedBy(source)]));
  }
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (part: string, way: readonly string[]) => {
    if (way.includes(part)) {
      found.push([...way.slice(way.indexOf(part)), part].join(" → "));
      return;
    }
    if (done.has(part)) return;
    for (const used of uses.get(part) ?? []) walk(used, [...way, part]);
    done.add(part);
  };
  for (const part of uses.keys()) walk(part, []);
  return found;
}

function usedBy(source: Source): string[] {
  const used = importsOf(source).map(
    (path) =>
      /^#([^/]+?)(?:\.ts)?(?:\/|$)/.exec(path)?.[1] ??
      (source.path.includes("/") ? undefined : /^\.\/([^/]+?)(?:\.ts)?(?:\/|$)/.exec(path)?.[1]),
  );
  return [...new Set(used.filter((part) => part !== undefined && part !== partOf(source)))] as string[];
}

function partOf({ path }: Source): string {
  return (path.split("/")[0] ?? "").replace(/\.ts$/, "");
}

function importsOf({ text }: Source): string[] {
  return new Bun.Transpiler({ loader: "ts" }).scanImports(text).map(({ path }) => path);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}
