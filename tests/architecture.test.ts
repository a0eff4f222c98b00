import { describe, expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { typesAreCurrent } from "../scripts/web-types.ts";

/**
 * Who may use whom. A name is a folder of src/ or a file beside them; a name that is not here may not exist. Imports of types
 * count: a reader follows them too.
 */
const ARROWS: Record<string, { to: readonly string[]; why: string }> = {
  main: {
    to: ["cli", "runtime"],
    why: "It only picks a command and hands down clock, settings and log.",
  },
  cli: {
    to: [
      "access",
      "backup",
      "campaigns",
      "configuration",
      "database",
      "fields",
      "leads",
      "manual",
      "runtime",
      "suppression",
      "telemetry",
      "text",
      "time",
    ],
    why: "A command puts parts together. Nothing but main may know of it.",
  },
  runtime: {
    to: [
      "access",
      "admin",
      "api-docs",
      "buyers-api",
      "campaigns",
      "configuration",
      "console",
      "database",
      "delivery",
      "erasure",
      "http",
      "intake",
      "login",
      "peers",
      "ping",
      "portal",
      "report-mails",
      "returns",
      "simulations",
      "suppliers-api",
      "telemetry",
      "text",
      "time",
      "watch",
    ],
    why:
      "It puts the parts together, starts and stops what runs, and mounts routes. What a route does belongs to the " +
      "part that the route is of.",
  },
  admin: {
    to: [
      "access",
      "backup",
      "campaigns",
      "changes",
      "configuration",
      "database",
      "delivery",
      "endpoints",
      "erasure",
      "fields",
      "http",
      "intake",
      "leads",
      "ledger",
      "money",
      "peers",
      "people",
      "reports",
      "returns",
      "simulations",
      "suppression",
      "telemetry",
      "text",
      "time",
    ],
    why: "Operators reach every part, but no part may depend on how operators reach it.",
  },
  "api-docs": {
    to: ["configuration", "http", "manual"],
    why:
      "The documents are made from what is and can be configured; they neither take leads in nor send them. How a body would " +
      "look is the endpoint's to say.",
  },
  changes: {
    to: [
      "access",
      "campaigns",
      "configuration",
      "database",
      "delivery",
      "endpoints",
      "ledger",
      "money",
      "people",
      "suppression",
      "text",
      "time",
    ],
    why: "What operators change beside the document is on record with it, in one transaction; a page, a job or a command may do it as well as a route.",
  },
  console: {
    to: ["http", "text"],
    why: "It hands out files. What the console's pages show they ask of the API, as any other program does.",
  },
  web: {
    to: [],
    why: "It runs in browsers: what it knows of the server is the API's document, from which its types are made.",
  },
  login: {
    to: ["access", "campaigns", "changes", "database", "http", "telemetry", "text", "time"],
    why: "Who has no key comes in by a link, and changes what else he comes in by; what he may do then is access's to say.",
  },
  "buyers-api": {
    to: [
      "access",
      "campaigns",
      "configuration",
      "database",
      "delivery",
      "endpoints",
      "http",
      "intake",
      "leads",
      "ledger",
      "money",
      "people",
      "reports",
      "returns",
      "text",
      "time",
    ],
    why: "A buyer with a key of its own reads what is on record of it and changes itself; nobody need know that it can.",
  },
  "suppliers-api": {
    to: ["campaigns", "database", "http", "intake", "leads", "ledger", "money", "people", "reports", "text"],
    why: "A supplier asks what became of its leads and what it is owed; nobody need know that it can.",
  },
  portal: {
    to: [
      "access",
      "api-docs",
      "buyers-api",
      "campaigns",
      "endpoints",
      "fields",
      "http",
      "intake",
      "money",
      "rules",
      "time",
    ],
    why: "Suppliers and buyers are shown what is configured for them, and what the API's document says; nobody need know that they are.",
  },
  ping: {
    to: ["database", "handover", "http", "intake", "leads", "money", "telemetry", "time"],
    why: "A ping asks intake's decision without recording it.",
  },
  erasure: {
    to: ["campaigns", "database", "handover", "intake", "leads", "people", "telemetry", "text", "time"],
    why: "What is erased lies in everyone's tables; but nobody else need know that anything ever is.",
  },
  watch: {
    to: ["database", "handover", "ledger", "money", "telemetry", "time"],
    why: "What nobody reports is looked for now and then; those whom it is about need not know.",
  },
  returns: {
    to: ["campaigns", "configuration", "database", "http", "intake", "leads", "money", "text", "time"],
    why: "A return is a decision about a sale, made beside the lane; the lane only undoes the sale.",
  },
  simulations: {
    to: [
      "campaigns",
      "configuration",
      "database",
      "intake",
      "leads",
      "ledger",
      "money",
      "telemetry",
      "text",
      "time",
    ],
    why: "A document is tried on past leads by intake's own decision; neither intake nor what is configured need know that it is.",
  },
  "report-mails": {
    to: ["campaigns", "database", "handover", "reports", "telemetry", "text", "time"],
    why: "A report that is due is made as it would be asked for, and left to be sent; nobody need know that it is.",
  },
  intake: {
    to: [
      "access",
      "campaigns",
      "configuration",
      "database",
      "fields",
      "handover",
      "http",
      "leads",
      "ledger",
      "money",
      "peers",
      "people",
      "rules",
      "telemetry",
      "text",
      "time",
    ],
    why:
      "Intake and delivery meet at the outbox alone, so that a slow buyer cannot slow a supplier. Pings build on " +
      "intake, not the other way round.",
  },
  delivery: {
    to: ["campaigns", "database", "endpoints", "handover", "leads", "money", "telemetry", "text", "time"],
    why: "Delivery sends what the outbox holds. It must work, and be understood, without knowing how leads come in.",
  },
  peers: {
    to: ["database", "telemetry", "text", "time"],
    why: "Servers hand each other texts and share out campaigns by their ids; what a lead is, is for those who hand one on.",
  },
  handover: {
    to: ["campaigns", "database", "endpoints", "leads"],
    why: "It is the wall between intake and delivery, and both build on it: what one says to the other, and nothing that does it.",
  },
  leads: {
    to: ["database", "money", "people", "text", "time"],
    why: "Leads, sales and feedback are the nouns of everyone who decides, sends or reads; how they came about is not theirs.",
  },
  ledger: {
    to: ["campaigns", "database", "http", "leads", "money", "text", "time"],
    why: "What happens to money is written by whoever decides it; the ledger knows what was sold and nothing of why.",
  },
  configuration: {
    to: ["access", "campaigns", "database", "endpoints", "fields", "http", "money", "rules", "text"],
    why: "What operators write decides what campaigns are; campaigns need not know how they were written.",
  },
  campaigns: {
    to: ["database", "endpoints", "fields", "money", "people", "rules", "text", "time"],
    why: "The compiled campaign is read by everyone who decides, so it may know only what it is made of.",
  },
  endpoints: {
    to: ["money", "text", "time"],
    why: "How a recipient is sent to, as configured: what is written and read can be decided without sending anything.",
  },
  suppression: {
    to: ["campaigns", "database", "fields", "http", "people", "text"],
    why: "Who must not be called is asked by everyone, whatever it is asked for.",
  },
  access: {
    to: ["campaigns", "database", "http", "telemetry", "text", "time"],
    why: "Who somebody is and what he may do is known before anything is done for him.",
  },
  people: {
    to: ["fields", "http", "text"],
    why: "A person is compared by keyed hashes, whatever for.",
  },
  manual: {
    to: [],
    why: "It is text. Commands print it, and pages show it.",
  },
  money: {
    to: [],
    why: "Amounts and prices know nothing of what is bought.",
  },
  reports: {
    to: ["campaigns", "database", "ledger", "money", "text", "time"],
    why: "A report reads what is on record, and changes nothing.",
  },
  backup: {
    to: ["database", "text"],
    why: "A backup is of everything, so it may know nothing of what it means: a table that somebody adds is in it.",
  },
  database: {
    to: ["text", "time"],
    why: "It carries anyone's statements and knows no one's.",
  },
  fields: {
    to: ["text", "time"],
    why: "What a valid value is must be decidable from the value alone.",
  },
  rules: {
    to: ["text", "time"],
    why: "A filter must be decidable from values and a time alone.",
  },
  time: {
    to: [],
    why: "What a day is does not depend on what happens on it.",
  },
  text: {
    to: [],
    why: "How a text is read or written has nothing to do with what it says.",
  },
  http: {
    to: ["text", "time"],
    why: "What a request may be and what an answer looks like has nothing to do with what is asked.",
  },
  telemetry: {
    to: ["database", "leads", "text", "time"],
    why: "Whoever watches is told what happens, and has no part in it.",
  },
};

/** What may be spoken where: by the package imported, or by the words in the code. */
const PROTOCOLS: { name: string; packages?: RegExp; words?: RegExp; only: RegExp; why: string }[] = [
  {
    name: "SQL",
    packages: /^drizzle-orm(\/|$)/,
    only: /^database\/|\/(record|queries|outbox|[a-z-]+-records)\.ts$/,
    why:
      "All SQL of a part stands in its record.ts, queries.ts, outbox.ts or …-records.ts, where its plans and locks " +
      "can be reviewed together.",
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
    only: /^runtime\/(app|mount)\.ts$|^(admin|api-docs)\//,
    why: "A decision that never saw a request can be reused by pings, dry runs and tests.",
  },
  {
    name: "HTTP out",
    packages: /^(node:https?|node:http2|undici)$/,
    words: /(?<![.\w])fetch\(/,
    only: /^delivery\/transport\/(send|exchange)\.ts$|^cli\/|^web\//,
    why: "There is one sender, because there the address is checked against private networks. Commands and pages talk to our own server.",
  },
  {
    name: "metrics and traces",
    packages: /^(prom-client|@opentelemetry\/[a-z-]+)(\/|$)/,
    only: /^telemetry\//,
    why: "Those who take leads in and send them tell an observer what they did; what becomes of that is not theirs.",
  },
  {
    name: "TypeBox",
    packages: /^@sinclair\/typebox(\/|$)/,
    only: /^text\/typebox\.ts$|^(intake\/feedback-route|returns\/return-words|login\/link-bodies)\.ts$|^(http|fields|campaigns|configuration|rules|endpoints|admin|api-docs)\//,
    why: "Schemas describe what comes from outside; behind the edge there are plain types.",
  },
  {
    name: "Markdown",
    packages: /^marked$/,
    only: /^manual\/markdown\.ts$/,
    why: "It lets HTML through: only texts of our own may be made pages of.",
  },
  {
    name: "patterns of operators",
    packages: /^re2js$/,
    only: /^text\/pattern\.ts$/,
    why: "A pattern without bounds on its cost and its input can be made to hold the server up.",
  },
  {
    name: "WebAuthn",
    packages: /^@simplewebauthn\/server$/,
    only: /^access\/sessions\/(passkey|webauthn)\.ts$/,
    why: "What counts as signed is decided in one place, for making passkeys and for logging in by them.",
  },
  {
    name: "environment",
    words: /\bprocess\.env\b|\bBun\.env\b|\bimport\.meta\.env\b/,
    only: /^runtime\/settings\.ts$/,
    why: "A setting that is read elsewhere is neither checked nor documented.",
  },
  {
    name: "clock",
    words: /\bDate\.now\(|\bnew Date\(\)|\bTemporal\.Now\b/,
    only: /^main\.ts$|^(cli|database|web)\//,
    why: "The time is handed down as `now`, so that every decision can be repeated.",
  },
];

/** Each table and the folder whose files write it. */
const OWNERS: Record<string, readonly string[]> = {
  access: [
    "party_keys",
    "operator_keys",
    "operator_sessions",
    "operator_people",
    "operator_login_links",
    "operator_passkeys",
    "passkey_challenges",
    "portal_links",
    "portal_sessions",
  ],
  configuration: [
    "configurations",
    "history",
    "archived_entries",
    "campaigns",
    "suppliers",
    "buyers",
    "webhooks",
    "conversions",
    "scheduled_reports",
    "unsealed",
  ],
  delivery: [
    "deliveries",
    "delivery_attempts",
    "signing_secrets",
    "endpoints",
    "alerts",
    "check_answers",
    "check_usage",
  ],
  erasure: ["retention", "erasures", "unkeyed_leads"],
  intake: [
    "redeemed_pings",
    "lead_keys",
    "buyer_duplicate_keys",
    "campaign_counters",
    "buyer_counters",
    "buyer_limits",
    "buyer_grants",
    "buyer_shares",
    "idempotency_keys",
  ],
  leads: ["leads", "sales", "lead_updates", "returns"],
  ledger: ["ledger", "figures", "figure_totals", "figure_days", "figure_day_totals", "invoices"],
  simulations: ["simulations", "simulated_leads"],
  suppression: ["suppression_lists", "suppression_entries"],
};

/** Who else writes a table, and why. */
const GUESTS: { folder: string; tables: readonly string[]; why: string }[] = [
  {
    folder: "erasure",
    tables: [
      "leads",
      "lead_updates",
      "returns",
      "deliveries",
      "delivery_attempts",
      "check_answers",
      "lead_keys",
      "buyer_duplicate_keys",
      "redeemed_pings",
      "idempotency_keys",
    ],
    why: "A person is taken out of every table in one transaction, whose locks are reviewed together.",
  },
  {
    folder: "configuration",
    tables: [
      "party_keys",
      "suppression_lists",
      "campaign_counters",
      "buyer_counters",
      "signing_secrets",
      "endpoints",
    ],
    why: "What is deleted from the configuration goes with all that was kept for it.",
  },
  {
    folder: "report-mails",
    tables: ["scheduled_reports"],
    why: "That a report was made is on record in the transaction that leaves it to be sent.",
  },
  {
    folder: "access",
    tables: ["campaigns"],
    why: "A key that changes raises the revision of the campaigns whose leads it lets in.",
  },
  {
    folder: "suppression",
    tables: ["campaigns"],
    why: "A list that holds a new kind of entry raises the revision of the campaigns that look leads up in it.",
  },
  {
    folder: "campaigns",
    tables: ["campaign_counters", "buyer_counters", "buyer_limits", "buyer_grants", "buyer_shares"],
    why: "Counters are counted anew under the campaigns' locks when what they belong to changes, and limits given out anew.",
  },
  {
    folder: "ledger",
    tables: ["campaigns"],
    why: "An invoice that is issued or paid raises the revision of the campaigns whose leads it lets its buyer have.",
  },
  {
    folder: "ledger",
    tables: ["buyer_counters", "buyer_limits"],
    why: "The balance stands in the row that the lane locks, so that the very next lead is decided by a payment.",
  },
];

/** Tables that are spread by campaign, should they ever be spread over several databases. */
const SPREAD = [
  "campaigns",
  "campaign_counters",
  "buyer_shares",
  "leads",
  "sales",
  "ledger",
  "figures",
  "figure_totals",
  "figure_days",
  "figure_day_totals",
  "redeemed_pings",
  "lead_keys",
  "unkeyed_leads",
  "idempotency_keys",
  "deliveries",
  "delivery_attempts",
  "check_answers",
  "check_usage",
  "lead_updates",
];

/** Files whose statements run for each lead, ping or delivery, and the statements in them that ask all campaigns nevertheless. */
const HOT =
  /^(intake|ping)\/|^delivery\/outbox\/outbox-records\.ts$|^leads\/(lead-write|sale)-records\.ts$|^ledger\/(figures|undo)-records\.ts$/;
const WHO_HAS_MORE =
  "Only when a campaign's share of a buyer's limit is used up: others may have some of it left.";
const HOT_AND_WIDE: Record<string, string> = {
  select_due: "What is due is looked for in all campaigns, once a second; each is claimed by itself.",
  select_oldest_month_pending: "Before that: in which months anything is pending at all.",
  select_shares_of_buyer: WHO_HAS_MORE,
  select_contract_use: WHO_HAS_MORE,
  select_campaigns_of_buyer: "Once, before a buyer's limits are given out to its campaigns.",
  select_contracts_use: "Asked by who looks at caps, and on no lead's way.",
  select_answer_to_update: "A supplier's feedback names its lead by the id alone.",
};

/** More than one can take in at a glance. */
const MOST_FILES = 18;
const LONGEST_LINE = 140;

const NAMES_THAT_SAY_NOTHING = /(^|\/)(utils?|helpers?|managers?|services?|common|misc|lib|index)(\/|\.ts$)/;

interface Source {
  /** Below src/. */
  readonly path: string;
  readonly text: string;
}

const sources: Source[] = await Promise.all(
  (await Array.fromAsync(new Glob("**/*.{ts,tsx}").scan(`${import.meta.dir}/../src`)))
    .toSorted()
    .map(async (path) => ({ path, text: await Bun.file(`${import.meta.dir}/../src/${path}`).text() })),
);

describe("the source", () => {
  test("has been read", () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.map(partOf)).toEqual(
      expect.arrayContaining(["campaigns", "fields", "rules", "money", "intake", "database", "runtime"]),
    );
    expect(sources.flatMap(importsOf).filter((path) => path.startsWith("#")).length).toBeGreaterThan(10);
  });
  test("imports only what the map says that a room may use", () =>
    expect(sources.flatMap(strayArrows)).toEqual([]));
  test("has no circle among its parts, its folders or its files, types counted", () => {
    expect(circles(sources, partOf)).toEqual([]);
    expect(circles(sources, folderOf)).toEqual([]);
    expect(circles(sources, ({ path }) => path)).toEqual([]);
  });
  test(`has at most ${MOST_FILES} files in a folder`, () => expect(fullFolders(sources)).toEqual([]));
  test(`has no line over ${LONGEST_LINE} characters`, () => expect(sources.flatMap(longLines)).toEqual([]));
  test("declares no exported name a second time, in the server or in its pages", () => {
    const [pages = [], server = []] = [true, false].map((inPages) =>
      sources.filter((source) => (partOf(source) === "web") === inPages),
    );
    expect([...namesDeclaredTwice(pages), ...namesDeclaredTwice(server)]).toEqual([]);
  });
  test("has types for its pages that are made from the API's document as it is; if not, npm run web:types", async () => {
    expect(await typesAreCurrent()).toBe(true);
  });
  test("permits no arrow that nothing uses", () => expect(unusedArrows(sources)).toEqual([]));
  test("speaks each protocol only where it belongs", () =>
    expect(sources.flatMap(strayProtocols)).toEqual([]));
  test("has one owner for each table, which alone writes it but for those that say why", async () => {
    const written = await Bun.file(`${import.meta.dir}/../src/database/tables.ts`).text();
    const tables = Array.from(written.matchAll(/pgTable\(\s*"([a-z_]+)"/g), ([, name]) => name ?? "");
    expect(Object.values(OWNERS).flat().toSorted()).toEqual(tables.toSorted());
    expect(sources.flatMap(strayWrites)).toEqual([]);
  });
  test("lets nobody write another's table who does not", () => {
    const unused = GUESTS.flatMap(({ folder, tables }) =>
      tables
        .filter(
          (table) => !sources.some((each) => partOf(each) === folder && writtenBy(each).includes(table)),
        )
        .map((table) => `${folder} → ${table}`),
    );
    expect(unused).toEqual([]);
  });
  test("says of each statement whether it is about one campaign, and asks all of them on no hot way", () => {
    expect(sources.flatMap(statementsIn).length).toBeGreaterThan(100);
    expect(sources.flatMap(strayReaches)).toEqual([]);
  });
  test("says by the shape of an import whether it leaves the folder", () =>
    expect(sources.flatMap(misshapenImports)).toEqual([]));
  test("has no file whose name says nothing", () => {
    expect(sources.map(({ path }) => path).filter((path) => NAMES_THAT_SAY_NOTHING.test(path))).toEqual([]);
  });
});

describe("a planted violation is found:", () => {
  const plant = (path: string, text: string): Source => ({ path, text });

  test.each([
    ["intake/lane.ts", 'import { send } from "#delivery/transport/send.ts"; send();'],
    ["delivery/send.ts", 'export { decide } from "#intake/decide.ts";'],
    ["rules/filter.ts", 'const { parseAmount } = await import("#money/amount.ts"); parseAmount("1");'],
    ["campaigns/campaign.ts", 'import "#runtime/settings.ts";'],
    ["warehouse/stock.ts", "export const stock = 1;"],
  ])("a stray arrow in %s", (path, text) => {
    const [found, ...more] = strayArrows(plant(path, text));
    expect(found).toContain(path);
    expect(more).toEqual([]);
  });

  test("an arrow for types alone counts too", () => {
    expect(
      strayArrows(
        plant(
          "intake/lane.ts",
          'import type { Sent } from "#delivery/transport/send.ts"; export const x = (s: Sent) => s;',
        ),
      ),
    ).toHaveLength(1);
  });

  test("the sentence that comes with an arrow is shown", () => {
    expect(strayArrows(plant("intake/lane.ts", 'import "#delivery/transport/send.ts";'))[0]).toContain(
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
    ["environment", "runtime/server.ts", "export const port = process.env.PORT;"],
    ["environment", "database/engine/connect.ts", "export const url = Bun.env.DATABASE_URL;"],
    ["clock", "intake/decide.ts", "export const today = new Date();"],
    ["clock", "rules/schedule.ts", "export const now = Date.now();"],
  ])("%s in %s", (protocol, path, text) => {
    expect(strayProtocols(plant(path, text)).map((found) => found.split(":")[0])).toEqual([
      `${protocol} in ${path}`,
    ]);
  });

  test.each([
    ["intake/record.ts", 'import { eq } from "drizzle-orm"; eq();'],
    ["campaigns/campaign-records.ts", 'import { eq } from "drizzle-orm"; eq();'],
    ["delivery/transport/send.ts", 'export const send = () => fetch("https://buyer.example");'],
    [
      "intake/decide.ts",
      "// process.env is read in settings.ts\n/* new Date() */ export const day = (at: Date) => new Date(at);",
    ],
  ])("nothing where %s is in order", (path, text) => {
    expect(strayProtocols(plant(path, text))).toEqual([]);
  });

  test.each([
    ["reports/pnl-records.ts", "const fix = sql`update leads set status = 'ACCEPTED'`;"],
    ["intake/lane/write-records.ts", "const put = sql`insert into deliveries (id) values (1)`;"],
    ["money/deposit-records.ts", "const undo = () => builderOn(tx).delete(campaignCounters);"],
  ])("somebody else's table written in %s", (path, text) => {
    expect(strayWrites(plant(path, text))).toHaveLength(1);
  });

  test.each([
    [
      "intake/lane/read-records.ts",
      '"read_earlier",\n  "all campaigns",\n  ($) => sql`select from leads where id = ${$.id}`,\n);',
    ],
    [
      "intake/lane/read-records.ts",
      '"read_earlier",\n  "one campaign",\n  ($) => sql`select from leads where id = ${$.id}`,\n);',
    ],
    [
      "admin/lead-records.ts",
      '"select_leads",\n  "unspread",\n  ($) => sql`select from leads where id = ${$.id}`,\n);',
    ],
  ])("a statement in %s whose reach is wrong", (path, text) => {
    expect(strayReaches(plant(path, `const read = statement(\n  ${text}`))).toHaveLength(1);
  });

  test("a circle of parts", () => {
    const circle = [
      plant("catalog/a.ts", 'import "#money/b.ts";'),
      plant("money/b.ts", 'import "#database/c.ts";'),
      plant("database/c.ts", 'import "#catalog/a.ts";'),
    ];
    expect(circles(circle, partOf)).toEqual(["catalog → money → database → catalog"]);
    expect(circles(circle.slice(0, 2), partOf)).toEqual([]);
  });

  test("a circle of folders within a part, and one of files", () => {
    const folders = [
      plant("intake/lane/write.ts", 'import type { Lead } from "#intake/decide/lead.ts";'),
      plant("intake/decide/lead.ts", 'import "#intake/lane/state.ts";'),
      plant("intake/lane/state.ts", ""),
    ];
    expect(circles(folders, folderOf)).toEqual(["intake/lane → intake/decide → intake/lane"]);
    expect(circles(folders, ({ path }) => path)).toEqual([]);
    const files = [plant("money/a.ts", 'import "./b.ts";'), plant("money/b.ts", 'import "./a.ts";')];
    expect(circles(files, ({ path }) => path)).toEqual(["money/a.ts → money/b.ts → money/a.ts"]);
  });

  test("a folder with too many files, a long line, a name declared twice", () => {
    const many = Array.from({ length: MOST_FILES + 1 }, (_, index) => plant(`fields/f${index}.ts`, ""));
    expect(fullFolders(many)).toEqual(["fields"]);
    expect(longLines(plant("a.ts", `//\n//${"x".repeat(LONGEST_LINE)}`))).toEqual(["a.ts:2"]);
    const twice = [plant("a.ts", "export type Sale = 1;"), plant("b.ts", "interface Sale {}")];
    expect(namesDeclaredTwice(twice)).toEqual(["Sale: a.ts, b.ts"]);
    expect(namesDeclaredTwice([plant("a.ts", "type Row = 1;"), plant("b.ts", "type Row = 2;")])).toEqual([]);
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

function unusedArrows(all: readonly Source[]): string[] {
  return Object.entries(ARROWS).flatMap(([part, { to }]) => {
    const used = new Set(all.filter((source) => partOf(source) === part).flatMap(usedBy));
    return to.filter((other) => !used.has(other)).map((other) => `${part} → ${other}`);
  });
}

/** The tables that a file writes, by its SQL or by the query builder. */
function writtenBy({ path, text }: Source): string[] {
  if (path.startsWith("database/")) return [];
  const inSql = Array.from(
    text.matchAll(/\b(?:insert into|delete from|update) ([a-z_]+)\b/g),
    ([, name]) => name ?? "",
  );
  const built = Array.from(text.matchAll(/\.(?:insert|delete|update)\(([a-zA-Z]+)\)/g), ([, name]) =>
    (name ?? "").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
  const tables = Object.values(OWNERS).flat();
  return [...new Set([...inSql, ...built])].filter((name) => tables.includes(name));
}

function strayWrites(source: Source): string[] {
  const part = partOf(source);
  return writtenBy(source)
    .filter((table) => !OWNERS[part]?.includes(table))
    .filter((table) => !GUESTS.some(({ folder, tables }) => folder === part && tables.includes(table)))
    .map((table) => `${source.path} writes ${table}, which another folder owns. See OWNERS and GUESTS.`);
}

/** A file's statements: their names, reaches and what is written behind. */
function statementsIn({ path, text }: Source): { path: string; name: string; reach: string; body: string }[] {
  const pattern =
    /(?:"([\w.]+)"|`([^`]*)`|name),\s*"(one campaign|named campaigns|all campaigns|unspread)",([\s\S]*?)\n\s*\)[;,]/g;
  return Array.from(text.matchAll(pattern), ([, name, made, reach = "", body = ""]) => ({
    path,
    name: name ?? made ?? "",
    reach,
    body,
  }));
}

function strayReaches(source: Source): string[] {
  return statementsIn(source).flatMap(({ path, name, reach, body }) => {
    const isOnSpread = SPREAD.some((table) =>
      new RegExp(`\\b(from|join|into|update|using) ${table}\\b`).test(body),
    );
    const namesCampaign = /campaign_id = |\$\{\$\.campaign\}|from campaigns where id = /.test(body);
    const namesEach =
      /campaign_id = (any|row\.campaign)|select [^;]*\bcampaign,|\$\{revisions\}|^\s*revisions,?/.test(body);
    if (reach === "unspread" && isOnSpread) return [`${path}: ${name} is about tables that are spread.`];
    if (reach === "one campaign" && isOnSpread && !namesCampaign)
      return [`${path}: ${name} names no campaign.`];
    if (reach === "named campaigns" && !namesEach) return [`${path}: ${name} does not name its campaigns.`];
    if (reach === "all campaigns" && HOT.test(path) && !(name in HOT_AND_WIDE))
      return [`${path}: ${name} asks all campaigns on the way of a lead, a ping or a delivery.`];
    return [];
  });
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
  const own = source.path.split("/").slice(0, -1).join("/");
  return importsOf(source)
    .filter((path) => /^[.#]/.test(path) && !/^(\.\.\/)+(node_modules\/|dist\/|package\.json$)/.test(path))
    .filter(
      (path) =>
        path.startsWith("../") ||
        path.slice(1).split("/").slice(0, -1).join("/") === own ||
        !/\.\w+$/.test(path),
    )
    .map(
      (path) =>
        `${source.path}: "${path}" should be ./file.ts inside a folder and #folder/file.ts across folders.`,
    );
}

/** Each circle once, as "a → b → a", among what `nodeOf` makes of the files: parts, folders or the files themselves. */
function circles(all: readonly Source[], nodeOf: (source: Source) => string): string[] {
  const byPath = new Map(all.map((source) => [source.path, source]));
  const uses = new Map<string, Set<string>>();
  for (const source of all) {
    const node = nodeOf(source);
    const others = filesUsedBy(source).map((path) => nodeOf(byPath.get(path) ?? { path, text: "" }));
    uses.set(node, new Set([...(uses.get(node) ?? []), ...others.filter((other) => other !== node)]));
  }
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (node: string, way: readonly string[]) => {
    if (way.includes(node)) {
      found.push([...way.slice(way.indexOf(node)), node].join(" → "));
      return;
    }
    if (done.has(node)) return;
    for (const used of uses.get(node) ?? []) walk(used, [...way, node]);
    done.add(node);
  };
  for (const node of uses.keys()) walk(node, []);
  return found;
}

function fullFolders(all: readonly Source[]): string[] {
  const counts = Map.groupBy(all, folderOf);
  return [...counts].filter(([, files]) => files.length > MOST_FILES).map(([folder]) => folder);
}

function longLines({ path, text }: Source): string[] {
  return text
    .split("\n")
    .flatMap((line, index) => (line.length > LONGEST_LINE ? [`${path}:${index + 1}`] : []));
}

/** A reader who meets an exported name has to find one declaration of it. */
function namesDeclaredTwice(all: readonly Source[]): string[] {
  const declared = new Map<string, string[]>();
  const exported = new Set<string>();
  for (const { path, text } of all.filter((source) => !source.path.endsWith(".d.ts"))) {
    const names = new Set<string>();
    for (const [, open, name = ""] of text.matchAll(DECLARATION)) {
      names.add(name);
      if (open !== undefined) exported.add(name);
    }
    for (const name of names) declared.set(name, [...(declared.get(name) ?? []), path]);
  }
  return [...declared]
    .filter(([name, paths]) => paths.length > 1 && exported.has(name))
    .map(([name, paths]) => `${name}: ${paths.join(", ")}`);
}

/** A function, class or type at the top of a file. */
const DECLARATION = /^(export )?(?:async )?(?:function\*?|interface|type|class) (\w+)/gm;

function usedBy(source: Source): string[] {
  const used = importsOf(source).map(
    (path) =>
      /^#([^/]+?)(?:\.ts)?(?:\/|$)/.exec(path)?.[1] ??
      (source.path.includes("/") ? undefined : /^\.\/([^/]+?)(?:\.ts)?(?:\/|$)/.exec(path)?.[1]),
  );
  return [...new Set(used.filter((part) => part !== undefined && part !== partOf(source)))] as string[];
}

/** The files of src/ that a file imports, below src/. */
function filesUsedBy(source: Source): string[] {
  return importsOf(source).flatMap((path) => {
    if (path.startsWith("#")) return [path.slice(1)];
    return path.startsWith("./") ? [join(dirname(source.path), path)] : [];
  });
}

function folderOf({ path }: Source): string {
  return dirname(path);
}

function partOf({ path }: Source): string {
  return (path.split("/")[0] ?? "").replace(/\.ts$/, "");
}

function importsOf({ text }: Source): string[] {
  return [...withoutComments(text).matchAll(IMPORT)].map(([, path]) => path ?? "");
}

/** `import … from "x"`, `import type … from "x"`, `export … from "x"`, `import "x"` and `import("x")`. */
const IMPORT = /(?:^|[\s;}])(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g;

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}
