import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demoDocument } from "#configuration/demo.ts";
import type { Database } from "#database/database.ts";
import { closeUsersOf } from "../support/closing.ts";
import { discard, embeddedSettings, openFresh } from "../support/database.ts";
import type { Leadgate } from "../support/leadgate.ts";
import { openDemo } from "./demo-set-up.ts";

/** A package of its own, as a client's would be: the generator needs a TypeScript that can be called, which ours cannot any more. */
const CLIENT = join(import.meta.dir, "client");

/** What a supplier writes: its campaign's document says what a lead is, and what comes back. */
const SUPPLIER = `import type { components, paths } from "./campaign.ts";

type Lead = components["schemas"]["Lead"];
type Answers = paths["/api/v1/ingest"]["post"]["responses"];
type Recorded = Answers[200 | 201]["content"]["application/json"];
type Refused = Answers[400 | 422]["content"]["application/json"];

export const lead: Lead = {
  flo_campaign_id: "solar",
  flo_supplier_id: "acme-media",
  first_name: "Ada",
  last_name: "Lovelace",
  phone: "(305) 555-0147",
  email: "ada@example.com",
  state: "FL",
  zip_code: "33101",
  homeowner: true,
  roof_age: 12,
};

export async function send(server: string, key: string): Promise<string> {
  const response = await fetch(server + "/api/v1/ingest", {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: JSON.stringify(lead),
  });
  if (response.status === 200 || response.status === 201) {
    const { data }: Recorded = await response.json();
    return data.status === "ACCEPTED" ? "sold" : "kept";
  }
  const { error, field_errors = [] }: Refused = await response.json();
  return [error, ...field_errors.map(({ field, code }) => field + " " + code)].join(", ");
}
`;

/** What a supplier writes for a campaign that is pinged first. */
const PINGING = `import type { components, paths } from "./pinged-campaign.ts";

type Ping = components["schemas"]["Ping"];
type Lead = components["schemas"]["Lead"];
type Pinged = paths["/api/v1/ping"]["post"]["responses"][200]["content"]["application/json"];
type Recorded = paths["/api/v1/ingest"]["post"]["responses"][201]["content"]["application/json"];

const known: Ping = {
  flo_campaign_id: "auto-accident",
  flo_supplier_id: "acme-media",
  case_type: "truck",
  phone_sha256: "e1457d7211c76aa3bffc0e313a34ec16a96bb0f6cc62c0c1d294246eecefeee4",
};

export async function sell(server: string, key: string): Promise<string> {
  const post = (route: string, body: Ping | Lead) =>
    fetch(server + route, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const answer: Pinged = await (await post("/api/v1/ping", known)).json();
  if (!answer.accepted) return answer.reason === "no_buyer" ? "nobody" : answer.message;
  const [best] = answer.bids;
  const lead: Lead = {
    flo_campaign_id: "auto-accident",
    flo_supplier_id: "acme-media",
    flo_ping_id: answer.ping_id ?? "",
    ...(best && { flo_buyer_id: best.buyer_id }),
    first_name: "Ada",
    last_name: "Lovelace",
    phone: "(305) 555-0147",
    email: "ada@example.com",
    case_type: "truck",
    incident_date: new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10),
    injured: true,
  };
  const { data }: Recorded = await (await post("/api/v1/ingest", lead)).json();
  return answer.price + " " + (data.price ?? "nothing");
}
`;

/** What an operator writes. */
const OPERATOR = `import type { paths } from "./api.ts";

type Applying = paths["/api/v1/admin/config"]["put"];
type Document = Applying["requestBody"]["content"]["application/json"];

export const document: Document = {
  version: 1,
  suppliers: [{ id: "acme-media", name: "Acme Media" }],
  buyers: [{ id: "sunco", name: "SunCo", timezone: "America/Chicago" }],
  campaigns: [
    {
      id: "solar",
      name: "Solar",
      fields: [{ name: "roof_age", type: "integer", min: 0 }],
      suppliers: [{ supplier: "acme-media", payout: { mode: "fixed", amount: "12.00" } }],
      buyers: [{ buyer: "sunco", price: "40.00" }],
    },
  ],
};

export async function apply(server: string, key: string): Promise<string[]> {
  const headers = { authorization: "Bearer " + key, "content-type": "application/json" };
  const response = await fetch(server + "/api/v1/admin/config", { method: "PUT", headers, body: JSON.stringify(document) });
  const { data }: Applying["responses"][200]["content"]["application/json"] = await response.json();
  return data.created_keys.map((created) => created.key);
}
`;

interface Planted {
  what: string;
  program: string;
  right: string;
  wrong: string;
}

const PLANTED: readonly Planted[] = [
  { what: "a field that is misspelt", program: SUPPLIER, right: "roof_age: 12", wrong: "roofage: 12" },
  { what: "a field of another type", program: SUPPLIER, right: "roof_age: 12", wrong: 'roof_age: "12"' },
  { what: "a field that is missing", program: SUPPLIER, right: '  zip_code: "33101",\n', wrong: "" },
  { what: "another campaign", program: SUPPLIER, right: '"solar"', wrong: '"wind"' },
  { what: "another supplier", program: SUPPLIER, right: '"acme-media"', wrong: '"brightside-leads"' },
  { what: "a status that there is not", program: SUPPLIER, right: '"ACCEPTED"', wrong: '"SOLD"' },
  {
    what: "an answer that there is not",
    program: SUPPLIER,
    right: "Answers[400 | 422]",
    wrong: "Answers[400 | 418]",
  },
  {
    what: "something that an error does not say",
    program: SUPPLIER,
    right: "{ field, code }) => field",
    wrong: "{ name, code }) => name",
  },
  {
    what: "a ping without what is required of it",
    program: PINGING,
    right: '  case_type: "truck",\n  phone_sha256',
    wrong: "  phone_sha256",
  },
  {
    what: "a lead without its ping",
    program: PINGING,
    right: 'flo_ping_id: answer.ping_id ?? "",',
    wrong: "",
  },
  { what: "a reason that there is not", program: PINGING, right: '"no_buyer"', wrong: '"no_money"' },
  { what: "bids of a ping that has none", program: PINGING, right: "answer.message", wrong: "answer.bids" },
  { what: "a setting that is misspelt", program: OPERATOR, right: "price:", wrong: "prize:" },
  { what: "a kind of field that there is not", program: OPERATOR, right: '"integer"', wrong: '"whole"' },
  { what: "money as a number", program: OPERATOR, right: '"40.00"', wrong: "40" },
  {
    what: "something that the answer does not say",
    program: OPERATOR,
    right: "created.key)",
    wrong: "created.secret)",
  },
];

describe("a typed client", () => {
  let folder: string;
  let database: Database;
  let leadgate: Leadgate;
  const settings = embeddedSettings();
  /** What the compiler says, by file. */
  let complaints: Map<string, string[]>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "leadgate-client-"));
    database = await openFresh(await settings);
    leadgate = await openDemo(database);
    const campaigns = demoDocument.campaigns?.map((each) => ({ ...each, unknown_fields: "reject" as const }));
    await leadgate.configure({ ...demoDocument, ...(campaigns && { campaigns }) });
    await Promise.all([
      generate("/docs/campaigns/solar/openapi.json", join(folder, "campaign.ts")),
      generate("/docs/campaigns/auto-accident/openapi.json", join(folder, "pinged-campaign.ts")),
      generate("/docs/openapi.json", join(folder, "api.ts")),
    ]);
    complaints = await compile({
      "supplier.ts": SUPPLIER,
      "pinging.ts": PINGING,
      "operator.ts": OPERATOR,
      ...Object.fromEntries(PLANTED.map((planted, index) => [fileOf(index), withMistake(planted)])),
    });
  }, 120_000);

  afterAll(async () => {
    await closeUsersOf(database);
    await database.close();
    await discard(await settings);
    await rm(folder, { recursive: true });
  });

  test.each(["supplier.ts", "pinging.ts", "operator.ts"])(
    "a client that is typed by openapi-typescript compiles: %s",
    (program) => {
      expect(complaints.get(program)).toBeUndefined();
    },
  );

  test.each(PLANTED.map(({ what }, index) => [what, fileOf(index)]))(
    "a client that is typed by openapi-typescript does not compile with %s",
    (_, file) => {
      expect(complaints.has(file)).toBe(true);
    },
  );

  test("a client that is typed by openapi-typescript complains of nothing else", () => {
    expect([...complaints.keys()].toSorted()).toEqual(PLANTED.map((_, index) => fileOf(index)).toSorted());
  });

  test("a client that is typed by openapi-typescript works as it is typed", async () => {
    const port = await leadgate.server.listen("127.0.0.1", 0);
    const { send } = (await import(join(folder, "supplier.ts"))) as {
      send(server: string, key: string): Promise<string>;
    };
    const server = `http://127.0.0.1:${port}`;
    expect(await send(server, leadgate.keyOf("acme-media"))).toBe("sold");
    expect(await send(server, leadgate.keyOf("acme-media"))).toBe("kept");
    expect(await send(server, leadgate.keyOf("brightside-leads"))).toBe("forbidden");
    const { sell } = (await import(join(folder, "pinging.ts"))) as {
      sell(server: string, key: string): Promise<string>;
    };
    leadgate.clock.set(new Date().toISOString());
    expect(await sell(server, leadgate.keyOf("acme-media"))).toBe("165.00 165.00");
  });

  /** Writes the types of a document to `path`. */
  async function generate(address: string, path: string): Promise<void> {
    const { body } = await leadgate.call("GET", address, {
      headers: { "x-api-key": leadgate.keyOf("acme-media") },
    });
    const document = `${path}.json`;
    await Bun.write(document, JSON.stringify(body));
    const { status, said } = await run("openapi-typescript/bin/cli.js", [document, "--output", path]);
    expect({ status, said: status === 0 ? "" : said }).toEqual({ status: 0, said: "" });
  }

  /** Compiles programs in one go, beside the types. */
  async function compile(programs: Readonly<Record<string, string>>): Promise<Map<string, string[]>> {
    await Promise.all(Object.entries(programs).map(([name, text]) => Bun.write(join(folder, name), text)));
    await Bun.write(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: STRICT }));
    const { said } = await run("typescript/bin/tsc", ["--project", folder, "--pretty", "false"]);
    const lines = said.split("\n").filter((line) => /^\S/.test(line));
    return Map.groupBy(lines, (line) => /([^/\\]+)\(\d+,\d+\): error /.exec(line)?.[1] ?? line);
  }
});

const STRICT = {
  target: "ESNext",
  lib: ["ESNext", "DOM"],
  module: "Preserve",
  moduleResolution: "bundler",
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
};

function fileOf(index: number): string {
  return `mistake-${index}.ts`;
}

function withMistake({ program, right, wrong }: Planted): string {
  if (program.split(right).length !== 2) throw new Error(`${right} is not once in the program`);
  return program.replace(right, wrong);
}

/** Runs a program of the client's packages; answers its exit code and all that it said. */
async function run(program: string, words: string[]): Promise<{ status: number; said: string }> {
  const child = Bun.spawn([process.execPath, join(CLIENT, "node_modules", program), ...words], {
    cwd: CLIENT,
    stdout: "pipe",
    stderr: "pipe",
  });
  const said = await Promise.all([child.stdout, child.stderr].map((stream) => new Response(stream).text()));
  return { status: await child.exited, said: said.join("") };
}
