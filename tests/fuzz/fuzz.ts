import fc from "fast-check";
import type { Database } from "#database/database.ts";
import { liveClock } from "../journeys/delivery-journeys.ts";
import { aDocument, type Leadgate, OPERATOR_KEY, openLeadgate } from "../support/leadgate.ts";
import { randomFrom } from "../support/random.ts";
import { type Caller, type FuzzedRequest, operationsOf, requests } from "./inputs.ts";

/** What a run of the fuzzer came to. */
export interface FuzzRun {
  cases: number;
  /** How many answers had each status. */
  statuses: Readonly<Record<number, number>>;
  /** Bytes of the heap, after collecting, at the half of the run and at its end. */
  heap: { half: number; end: number };
}

/** After this many requests the configuration is put back, for many of them take it apart. */
const RESET_EVERY = 200;
/** Of an answer that goes on and on no more is read. */
const MOST_READ = 1024 * 1024;

/**
 * Sends a server any requests at all: every operation of its API, with all roles, bodies, queries and headers, while its buyers answer
 * whatever comes to mind. Fails with the request, made as small as it still fails, when one is answered with 500 or above, or never.
 */
export async function fuzz(
  database: Database,
  { seed, cases }: { seed: number; cases: number },
): Promise<FuzzRun> {
  using buyers = answeringAtRandom(randomFrom(seed));
  const leadgate = openLeadgate(database, liveClock());
  const document = documentWith(buyers.url);
  await leadgate.configure(document);
  let keys = await keysOf(leadgate);
  const operations = operationsOf((await leadgate.call("GET", "/docs/openapi.json")).body);
  const statuses: Record<number, number> = {};
  let sent = 0;
  let half = 0;
  const property = fc.asyncProperty(requests(operations, document), async (request) => {
    if (sent % RESET_EVERY === 0) {
      await leadgate.configure(document);
      keys = await keysOf(leadgate);
    }
    if (sent === Math.floor(cases / 2)) half = heapInUse();
    sent += 1;
    const status = await send(leadgate, request, keys);
    statuses[status] = (statuses[status] ?? 0) + 1;
    const failures = leadgate.logged.filter((line) => line.includes('"level":"error"'));
    leadgate.logged.length = 0;
    if (status >= 500 || failures.length > 0) throw new Error(`${status}\n${failures.join("")}`);
  });
  try {
    await fc.assert(property, {
      seed,
      numRuns: cases,
      interruptAfterTimeLimit: undefined as never,
      verbose: 0,
    });
  } finally {
    await leadgate.server.stop();
  }
  return { cases: sent, statuses, heap: { half, end: heapInUse() } };
}

function heapInUse(): number {
  Bun.gc(true);
  return process.memoryUsage().heapUsed;
}

async function send(leadgate: Leadgate, request: FuzzedRequest, keys: Keys): Promise<number> {
  const { operation, caller, query, mediaType, headers, body } = request;
  let next = 0;
  const path = operation.path.replace(/\{[^}]+\}/g, () =>
    encodeURIComponent((request.ids[next++] ?? "").toWellFormed()),
  );
  const search = new URLSearchParams(query.map(([name, text]) => [name, text.toWellFormed()])).toString();
  const hasBody = operation.method !== "GET" && operation.method !== "DELETE";
  const response = await leadgate.server.handle(
    new Request(`http://localhost${path}${search === "" ? "" : `?${search}`}`, {
      method: operation.method,
      headers: { ...headers, ...keys[caller], ...(mediaType === "" ? {} : { "content-type": mediaType }) },
      ...(hasBody ? { body } : {}),
    }),
  );
  await readBeginning(response);
  return response.status;
}

async function readBeginning(response: Response): Promise<void> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  // What tells lines as they come says nothing for long.
  const isEndless = response.headers.get("content-type")?.includes("ndjson") === true;
  for (let length = 0; length < MOST_READ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    length += value.byteLength;
    if (isEndless) break;
  }
  await reader.cancel();
}

type Keys = Readonly<Record<Caller, Readonly<Record<string, string>>>>;

async function keysOf(leadgate: Leadgate): Promise<Keys> {
  const operator = async (role: string) => {
    const { body } = await leadgate.admin("POST", "/operator-keys", { name: role, role });
    return { authorization: `Bearer ${String(body.data.key)}` };
  };
  const { body } = await leadgate.admin("POST", "/buyers/first/keys", {});
  return {
    nobody: {},
    stranger: { "x-api-key": "lg_sup_nobody_has_this_key_at_all", authorization: "Bearer x" },
    supplier: { "x-api-key": leadgate.keyOf("acme") },
    buyer: { "x-api-key": String(body?.data?.key ?? "none") },
    read: await operator("read"),
    operate: await operator("operate"),
    admin: { authorization: `Bearer ${OPERATOR_KEY}` },
  };
}

/** Buyers with rules of every kind, whose answers fit now and then. */
function documentWith(url: string) {
  const rules = {
    response_rules: [
      { when: { json_path: "$..status", equals: "accepted" }, outcome: "accepted" as const },
      { when: { xpath: "//result/@code", equals: "1" }, outcome: "rejected" as const },
      { when: { regex: "dup(licate)?" }, outcome: "duplicate" as const },
    ],
  };
  const field = (name: string, type: "number" | "integer" | "boolean" | "date" | "datetime" | "text") => ({
    name,
    type,
  });
  const fields = [
    field("n", "number"),
    field("i", "integer"),
    field("b", "boolean"),
    field("d", "date"),
    field("dt", "datetime"),
  ];
  const base = aDocument({
    campaign: {
      fields: [
        ...fields,
        { ...field("t", "text"), aliases: ["data.t", "user_column_data[column_id=T].string_value"] },
      ],
    },
    buyers: {
      first: { delivery: { method: "webhook", url: `${url}/a?p={phone|national}`, confirm: true, ...rules } },
      second: {
        delivery: {
          method: "webhook",
          url,
          format: "xml",
          body: '<a b="{first_name}">{d|date:MM/DD/YYYY}</a>',
          ...rules,
        },
      },
      third: {
        delivery: {
          method: "webhook",
          url,
          format: "form",
          template: { n: "{n}", t: "{t|upper}" },
          ping: { url, timeout_ms: 500 },
        },
      },
    },
    more: { suppression_lists: [{ id: "do-not-call", name: "Do not call" }] },
  });
  const [solar] = base.campaigns ?? [];
  const auctioned = { ...solar, id: "auctioned", name: "Auctioned", mode: "ping_post" };
  return { ...base, campaigns: [...(base.campaigns ?? []), auctioned] } as ReturnType<typeof aDocument>;
}

const ANSWERS = [
  "",
  "{}",
  '{"status":"accepted"}',
  '{"bid_price":"12.50000"}',
  '{"bid_price":"$1,2"}',
  "<result code='1'/>",
  "<a><b></a>",
  "duplicate",
  "[".repeat(5000),
  "<a>".repeat(2000),
  '{"a":'.repeat(2000),
  "\0\ufffd",
  "x".repeat(20_000),
  "&x;",
  "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
];
const STATUSES = [200, 200, 200, 201, 204, 302, 400, 404, 410, 429, 500, 502, 503];

function answeringAtRandom(random: () => number): { url: string } & Disposable {
  const anyOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch() {
      const status = anyOf(STATUSES);
      const headers = {
        "content-type": anyOf(["application/json", "text/xml; charset=x", ""]),
        "retry-after": anyOf(["1", "x", "-5"]),
      };
      return new Response(status === 204 ? null : anyOf(ANSWERS), { status, headers });
    },
  });
  return { url: server.url.href.replace(/\/$/, ""), [Symbol.dispose]: () => void server.stop(true) };
}
