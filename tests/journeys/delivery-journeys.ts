import { afterEach, beforeEach, expect } from "bun:test";
import type { SQL } from "drizzle-orm";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import type { Queryable } from "#database/database.ts";
import { closeUsersOf } from "../support/closing.ts";
import { onBothDatabases, type World } from "../support/database.ts";
import { violations } from "../support/invariants.ts";
import {
  aDocument,
  aLead,
  type Leadgate,
  openLeadgate,
  type Reply,
  type TestClock,
  testTimers,
} from "../support/leadgate.ts";
import {
  type PretendBuyer,
  type PretendBuyerOptions,
  type Received,
  startPretendBuyer,
} from "../support/pretend-buyer.ts";
import { untilTrue } from "../support/process.ts";
import type { Journey } from "./journeys.ts";

/** A journey whose leads arrive somewhere. */
export interface DeliveryJourney extends Journey {
  /** Starts a buyer that is closed when the test is over. */
  buyer(options?: PretendBuyerOptions): Promise<PretendBuyer>;
}

/**
 * Runs what `body` declares on both databases. Receivers compare timestamps with the time of day, so the clock starts at it and goes
 * on with it. After each test the servers are stopped, and everything on record must fit together.
 */
export function deliveryJourneys(title: string, body: (journey: DeliveryJourney) => void): void {
  onBothDatabases(title, (world: World) => {
    let leadgate: Leadgate;
    let buyers: PretendBuyer[] = [];
    const journey: DeliveryJourney = {
      get leadgate() {
        return leadgate;
      },
      get database() {
        return world.database;
      },
      expected: {},
      async buyer(options) {
        const buyer = await startPretendBuyer(options);
        buyers.push(buyer);
        return buyer;
      },
    };
    beforeEach(() => {
      leadgate = openLeadgate(world.database, liveClock());
      journey.expected = { acknowledged: leadgate.acknowledged };
    });
    afterEach(async () => {
      await Promise.all(buyers.map((buyer) => buyer.close()));
      buyers = [];
      await closeUsersOf(world.database);
      expect(await violations(world.database, journey.expected)).toEqual([]);
    });
    body(journey);
  });
}

/** The system's clocks, and as far ahead of them as the test lets time pass. */
export function liveClock(): TestClock {
  let ahead = 0;
  const timers = testTimers();
  return {
    now: () => new Date(Date.now() + ahead),
    elapsedMs: () => performance.now() + ahead,
    after: timers.after,
    pass(ms) {
      ahead += ms;
      timers.pass(ms);
    },
    set(iso) {
      const before = ahead;
      ahead = Date.parse(iso) - Date.now();
      timers.pass(ahead - before);
    },
  };
}

type Buyers = NonNullable<Parameters<typeof aDocument>[0]>["buyers"];
type Delivery = NonNullable<NonNullable<ConfigurationDocument["buyers"]>[number]["delivery"]>;
type Webhook = Extract<Delivery, { method: "webhook" }>;

/** How a pretend buyer is reached. */
export function webhookTo(buyer: { url(): string }, over: Partial<Webhook> = {}): { delivery: Webhook } {
  return { delivery: { method: "webhook", url: buyer.url(), ...over } };
}

/** `aDocument` with these buyers' deliveries. */
export function delivering(
  buyers: Buyers,
  over: Omit<NonNullable<Parameters<typeof aDocument>[0]>, "buyers"> = {},
): ConfigurationDocument {
  return aDocument({ ...over, buyers: buyers ?? {} });
}

/** Makes a secret for a buyer or webhook, and lets its endpoint verify with it alone. */
export async function giveSecret(
  leadgate: Leadgate,
  path: `/${"buyers" | "webhooks"}/${string}`,
  buyer: PretendBuyer,
): Promise<string> {
  const { status, body } = await leadgate.admin("POST", `${path}/secret`, { overlap_seconds: 0 });
  expect(status).toBe(201);
  buyer.trust([body.secret]);
  return body.secret;
}

/** Sends a lead of acme's; answers what it was told. */
export async function send(leadgate: Leadgate, over: Readonly<Record<string, unknown>> = {}) {
  return (await leadgate.ingest("acme", aLead(over))).body.data;
}

/**
 * Sends leads to the first buyer, one after another, until its endpoint is down: ten, and more where another server was quicker to take one
 * of them, as each counts its own failures.
 */
export async function breakFirst(leadgate: Leadgate): Promise<void> {
  for (let sent = 0; sent < 10 || !(await isFirstDown(leadgate)); sent++) {
    if (sent === 20) throw new Error("the endpoint is not down after 20 failures");
    const { id } = await send(leadgate);
    await untilTrue(async () => {
      const { body } = await leadgate.admin("GET", `/deliveries?lead=${id}`);
      // Busy machines may be told to ask again.
      return typeof body.data?.[0]?.last_failure === "string";
    }, "a delivery to fail");
  }
}

async function isFirstDown(leadgate: Leadgate): Promise<boolean> {
  let state: string | undefined;
  await untilTrue(async () => {
    state = (await leadgate.admin("GET", "/buyers/first")).body.data?.endpoint.state;
    return state !== undefined;
  }, "how the endpoint stands");
  return state === "down";
}

/** The rows that a query finds. */
export async function rowsOf<Row>(db: Queryable, query: SQL): Promise<Row[]> {
  const rows: unknown = await db.execute(query);
  return rows as Row[];
}

/** What has arrived, as soon as there are as many different deliveries. */
export async function arrivals(buyer: PretendBuyer, count: number): Promise<Received[]> {
  await untilTrue(() => buyer.received.size >= count, `${count} deliveries to arrive`);
  return [...buyer.received.values()];
}

/** The lead's only delivery, whole, as soon as it is in this state. */
export async function deliveryOf(leadgate: Leadgate, leadId: string, state: string) {
  let delivery: Reply["body"];
  await untilTrue(async () => {
    const lead = await leadgate.admin("GET", `/leads/${leadId}`);
    const [summary] = lead.body.data.deliveries;
    if (summary?.state !== state) return false;
    delivery = (await leadgate.admin("GET", `/deliveries/${summary.id}`)).body.data;
    return true;
  }, `the delivery of a lead to be ${state}`);
  return delivery;
}

/** A buyer that thinks about what it is asked until the test lets it answer. */
export interface PensiveBuyer extends AsyncDisposable {
  url(): string;
  /** Resolves when it has been asked. */
  readonly asked: Promise<void>;
  answer(status: "accepted" | "rejected", httpStatus?: number): void;
  /** How often it was asked. */
  requests(): number;
}

export function startPensiveBuyer(): PensiveBuyer {
  const asked = Promise.withResolvers<void>();
  const thought = Promise.withResolvers<{ status: string; httpStatus: number }>();
  let requests = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch() {
      requests += 1;
      asked.resolve();
      const { status, httpStatus } = await thought.promise;
      return Response.json({ status }, { status: httpStatus });
    },
  });
  return {
    url: () => server.url.href,
    asked: asked.promise,
    requests: () => requests,
    answer: (status, httpStatus = 200) => thought.resolve({ status, httpStatus }),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
