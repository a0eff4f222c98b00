import type { ConfigurationDocument } from "#campaigns/document.ts";
import { type Database, DatabaseUnavailable } from "#database/database.ts";
import type { ServerConfig } from "#runtime/parts.ts";
import { createServer, type Server } from "#runtime/server.ts";
import { createLog } from "#telemetry/log.ts";
import type { Clock } from "#time/clock.ts";
import { beforeClosing } from "./closing.ts";

export const OPERATOR_KEY = "lg_admin_tests_tests_tests_tests_tests";
const LOOPBACK = [{ address: "127.0.0.0", prefix: 8, family: "ipv4" }] as const;
export const PEPPER = new Uint8Array(32).fill(7);

/** A running Leadgate without a socket, on a database of the test's, by a clock that the test moves. */
export interface Leadgate {
  server: Server;
  clock: TestClock;
  /** What was logged, a line each. */
  logged: string[];
  /** What suppliers were told of their leads, on this server and the others of the same database. */
  acknowledged: AcknowledgedLead[];
  /** Puts a document in force; fails the test when it is refused. */
  configure(document: ConfigurationDocument): Promise<void>;
  /** Sends a lead of `supplier` with its first key. */
  ingest(
    supplier: string,
    lead: Readonly<Record<string, unknown>>,
    headers?: Record<string, string>,
  ): Promise<Reply>;
  /** Calls as the operator. */
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Calls as given: no key is added. */
  call(
    method: string,
    path: string,
    init?: { headers?: Record<string, string>; body?: string },
  ): Promise<Reply>;
  keyOf(supplier: string): string;
  /** A second server on the same database, by the same clock. */
  another(): Leadgate;
}

export interface Reply {
  status: number;
  headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
  body: any;
}

/** A lead's id and how it ended, as an answer said. */
export interface AcknowledgedLead {
  id: string;
  status: string;
  buyer_id: string | null;
}

export interface TestClock extends Clock {
  /** Lets time pass, in ms. */
  pass(ms: number): void;
  /** Sets the wall clock; the clock that never runs backwards goes on. */
  set(iso: string): void;
}

/** Tuesday noon in New York, in standard time. */
const NOON = "2026-01-13T17:00:00.000Z";

export function testClock(start = NOON): TestClock {
  let now = Date.parse(start);
  let elapsed = 0;
  const timers = testTimers();
  return {
    now: () => new Date(now),
    elapsedMs: () => elapsed,
    after: timers.after,
    pass(ms) {
      now += ms;
      elapsed += ms;
      timers.pass(ms);
    },
    set(iso) {
      const before = now;
      now = Date.parse(iso);
      timers.pass(now - before);
    },
  };
}

/** Timers that end when the test lets so much time pass, or when it has passed of itself. */
export function testTimers(): Pick<Clock, "after"> & { pass(ms: number): void } {
  const waiting = new Set<{ left: number; end: () => void }>();
  return {
    after(ms, run) {
      const waits = { left: ms, end };
      const timer = setTimeout(end, ms).unref();
      waiting.add(waits);
      function cancel(): void {
        clearTimeout(timer);
        waiting.delete(waits);
      }
      function end(): void {
        cancel();
        run();
      }
      return cancel;
    },
    pass(ms) {
      for (const waits of [...waiting].toSorted((one, other) => one.left - other.left)) {
        waits.left -= ms;
        if (waits.left <= 0 && waiting.has(waits)) waits.end();
      }
    },
  };
}

export function openLeadgate(
  database: Database,
  clock: TestClock = testClock(),
  keys: Map<string, string> = new Map(),
  limits: Partial<
    Pick<
      ServerConfig,
      | "maxBatch"
      | "queueLimit"
      | "mostWaiting"
      | "waitLimitMs"
      | "mail"
      | "metrics"
      | "tracing"
      | "supplierBytesPerDay"
      | "requestsPerAddress"
      | "disk"
      | "docs"
      | "graphUrl"
      | "operatorKey"
      | "settings"
      | "publicUrl"
      | "peers"
    >
  > = {},
  acknowledged: AcknowledgedLead[] = [],
): Leadgate {
  const logged: string[] = [];
  const log = createLog({
    format: "json",
    level: "debug",
    write: (line) => logged.push(line),
    now: clock.now,
  });
  const lent = lend(database);
  const server = createServer({
    database: lent.database,
    pepper: PEPPER,
    tokenKeys: { signing: PEPPER, contents: PEPPER },
    operatorKey: limits.operatorKey ?? OPERATOR_KEY,
    trustedProxies: LOOPBACK,
    version: "0.0.0",
    metrics: limits.metrics ?? "keyed",
    docs: limits.docs ?? "open",
    tracing: limits.tracing,
    secretKey: PEPPER,
    allowedCidrs: LOOPBACK,
    mail: limits.mail ?? null,
    graphUrl: limits.graphUrl ?? "http://127.0.0.1:9",
    userAgent: "Leadgate/test",
    clock,
    log,
    maxBatch: limits.maxBatch ?? 256,
    queueLimit: limits.queueLimit ?? 10_000,
    mostWaiting: limits.mostWaiting ?? 2,
    waitLimitMs: limits.waitLimitMs ?? 60_000,
    supplierBytesPerDay: limits.supplierBytesPerDay ?? 0,
    requestsPerAddress: limits.requestsPerAddress ?? 0,
    disk: limits.disk,
    publicUrl: limits.publicUrl,
    peers: limits.peers,
    settings: limits.settings ?? { LEADGATE_ENV: "development" },
  });
  server.start();

  beforeClosing(database, async () => {
    await server.stop();
    lent.takeBack();
  });

  async function call(
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<Reply> {
    const init: RequestInit = body === undefined ? { method, headers } : { method, headers, body };
    const response = await server.handle(new Request(`http://localhost${path}`, init));
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
    const answer = isJson ? JSON.parse(text) : text;
    if (path === "/api/v1/ingest" && answer.data !== undefined) acknowledged.push(answer.data);
    return { status: response.status, headers: response.headers, body: answer };
  }

  function admin(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const authorization = `Bearer ${OPERATOR_KEY}`;
    if (body === undefined)
      return call(method, `/api/v1/admin${path}`, { headers: { authorization, ...headers } });
    return call(method, `/api/v1/admin${path}`, {
      headers: { authorization, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  }

  function keyOf(supplier: string): string {
    const key = keys.get(supplier);
    if (key === undefined) throw new Error(`${supplier} has no key yet`);
    return key;
  }

  return {
    server,
    clock,
    logged,
    acknowledged,
    call,
    admin,
    keyOf,
    async configure(document) {
      const reply = await admin("PUT", "/config", document);
      if (reply.status !== 200) throw new Error(`refused: ${JSON.stringify(reply.body, null, 2)}`);
      for (const { supplier_id, key } of reply.body.data.created_keys) keys.set(supplier_id, key);
    },
    ingest: (supplier, lead, headers = {}) =>
      call("POST", "/api/v1/ingest", {
        headers: { "x-api-key": keyOf(supplier), "content-type": "application/json", ...headers },
        body: JSON.stringify(lead),
      }),
    another: () => openLeadgate(database, clock, keys, limits, acknowledged),
  };
}

/**
 * A database for one server, which is refused it once it has stopped, as a process closes its own then: what a server wrote after its test
 * would be in the way of the next one, whose database it is.
 */
function lend(database: Database): { database: Database; takeBack(): void } {
  let isTaken = false;
  let listeners: (() => void)[] = [];
  const listen: Database["listen"] = (changed) => {
    const place = listeners.push(changed) - 1;
    // The database remembers whom it tells: of a server that has stopped it would keep all there is.
    return database.listen(() => listeners[place]?.());
  };
  const lent = new Proxy(database, {
    get(target, name) {
      if (name === "listen") return listen;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (isTaken) return () => Promise.reject(new DatabaseUnavailable("this server has stopped"));
      return value.bind(target);
    },
  });
  return {
    database: lent,
    takeBack() {
      isTaken = true;
      listeners = [];
    },
  };
}

let people = 0;

/** A lead of a person whom no test has seen before. */
export function aLead(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  people += 1;
  return {
    flo_campaign_id: "solar",
    flo_supplier_id: "acme",
    first_name: "Ada",
    last_name: "Lovelace",
    phone: `512${String(2_000_000 + people)}`,
    email: `ada.${people}@example.com`,
    state: "TX",
    ...over,
  };
}

type Campaign = NonNullable<ConfigurationDocument["campaigns"]>[number];
type Buyer = NonNullable<ConfigurationDocument["buyers"]>[number];
type Supplier = NonNullable<ConfigurationDocument["suppliers"]>[number];

/**
 * One campaign `solar` of the supplier `acme` with the buyers `first`, `second` and `third`, in that priority at 10.00, 20.00 and
 * 30.00, all in New York's time; changed by what the test says.
 */
export function aDocument(
  over: {
    campaign?: Partial<Campaign>;
    supplier?: Partial<Supplier>;
    link?: Partial<NonNullable<Campaign["suppliers"]>[number]>;
    contracts?: Record<string, Partial<NonNullable<Campaign["buyers"]>[number]>>;
    buyers?: Record<string, Partial<Buyer>>;
    more?: Partial<ConfigurationDocument>;
  } = {},
): ConfigurationDocument {
  const names = ["first", "second", "third"];
  return {
    version: 1,
    suppliers: [
      {
        id: "acme",
        name: "Acme Media",
        // More than any test sends in a second, and not more by far: a server keeps as many times in memory.
        rate_limits: { ingest: { per_second: 20_000, burst_per_second: 20_000 } },
        ...over.supplier,
      },
    ],
    buyers: names.map((id) => ({
      id,
      name: `Buyer ${id}`,
      timezone: "America/New_York",
      ...over.buyers?.[id],
    })),
    campaigns: [
      {
        id: "solar",
        name: "Solar",
        timezone: "America/New_York",
        suppliers: [{ supplier: "acme", payout: { mode: "fixed", amount: "5.00" }, ...over.link }],
        buyers: names.map((buyer, index) => ({
          buyer,
          price: `${index + 1}0.00`,
          priority: index + 1,
          ...over.contracts?.[buyer],
        })),
        ...over.campaign,
      },
    ],
    ...over.more,
  };
}
