import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import connectTo from "postgres";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { leadIdOf } from "#text/ids.ts";
import { postgresSettings } from "../support/database.ts";
import { violations } from "../support/invariants.ts";
import { aDocument, OPERATOR_KEY } from "../support/leadgate.ts";
import { startLoad } from "../support/load.ts";
import { aPersonsLead, givenAway } from "../support/people.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { type Behaviour, type PretendBuyer, startPretendBuyer } from "../support/pretend-buyer.ts";
import { type LeadgateProcess, startLeadgate, untilTrue } from "../support/process.ts";
import { discardOnceLeft } from "./record.ts";
import { chance, ROUNDS, someMoment } from "./rounds.ts";

/** How many leads are sent; DELIVERIES sets it for a longer run. */
const LEADS = Number(process.env["DELIVERIES"] ?? 1000);
/** What a server that died held is taken over after a minute, and looked for twice a minute. */
const TAKEN_OVER_WITHIN_MS = 150_000;

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres.stop());

const settings = (): DatabaseSettings => ({
  databaseUrl: postgres.url,
  dataDir: "unused",
  connections: 2,
  writers: 2,
  deadlineMs: 60_000,
});

const start = (on: DatabaseSettings) =>
  startLeadgate({ ...on, environment: { WEBHOOK_ALLOW_CIDRS: "127.0.0.0/8" } });

async function call(server: LeadgateProcess, method: string, path: string): Promise<unknown> {
  const response = await fetch(`${server.url}/api/v1/admin${path}`, {
    method,
    keepalive: false,
    headers: { authorization: `Bearer ${OPERATOR_KEY}` },
  });
  return await response.json();
}

async function trustedBy(buyer: PretendBuyer, id: string, server: LeadgateProcess): Promise<void> {
  const { secret } = (await call(server, "POST", `/buyers/${id}/secret`)) as { secret: string };
  buyer.trust([secret]);
}

async function query<Row>(statement: string): Promise<Row[]> {
  const client = connectTo(postgres.url, { max: 1, onnotice: () => undefined });
  try {
    const rows: unknown = await client.unsafe(statement);
    return rows as Row[];
  } finally {
    await client.end({ timeout: 1 });
  }
}

/** Like `untilTrue`, for what takes minutes. */
async function untilSettled(isSettled: () => Promise<boolean>): Promise<void> {
  const giveUp = performance.now() + TAKEN_OVER_WITHIN_MS;
  while (!(await isSettled())) {
    if (performance.now() > giveUp) throw new Error("waited in vain for everything to be settled");
    await Bun.sleep(500);
  }
}

const delivering = (buyer: { url(): string }, over: object = {}) => ({
  method: "webhook" as const,
  url: buyer.url(),
  // What fails while the database is away must not open the breaker of a buyer that is there.
  when_down: "keep" as const,
  ...over,
});

test(
  "leads reach their buyers, each at least once and signed, through kills of the server and a restart of Postgres",
  async () => {
    const [told, asked] = [await startPretendBuyer(), await startPretendBuyer()];
    await using server = await start(settings());
    const { keys } = await server.configure(
      aDocument({
        buyers: {
          first: { delivery: delivering(told) },
          second: { delivery: delivering(asked, { confirm: true }) },
        },
        contracts: { first: { states: ["TX"] }, second: { states: ["OK"] }, third: { status: "paused" } },
      }),
    );
    await trustedBy(told, "first", server);
    await trustedBy(asked, "second", server);
    function* leads() {
      for (let sent = 0; sent < LEADS; sent++) yield aPersonsLead({ state: sent % 5 === 0 ? "OK" : "TX" });
    }
    await using load = await startLoad({
      ports: [server.port],
      lines: 32,
      key: keys["acme"] ?? "",
      leads: leads(),
    });
    const rounds = ROUNDS + 1;
    for (let round = 1; round <= rounds; round++) {
      await load.acknowledging(Math.floor((LEADS * (round - chance(20, 80) / 100)) / (rounds + 1)));
      await someMoment();
      if (round === 2) await postgres.restart("immediate");
      else {
        await server.kill();
        await server.start();
      }
    }
    await load.done;
    await untilSettled(async () => {
      const [left] = await query<{ count: number }>(
        "select ((select count(*) from deliveries where state = 'pending') + (select count(*) from leads where " +
          "status = 'PENDING'))::int as count",
      );
      return left?.count === 0;
    });
    expect(await server.stop()).toBe(0);

    const recorded = await query<{
      id: string;
      status: string;
      buyer_id: string | null;
      reason: string | null;
    }>(`select leads.id::text as id, leads.status, buyer_id, reason
      from leads left join sales on lead_id = leads.id and sales.status in ('reserved', 'sold')`);
    expect(recorded.length).toBe(LEADS);
    for (const [id, buyer] of Object.entries({ first: told, second: asked })) {
      const received = new Set(
        [...buyer.received.values()].flatMap(({ bodies }) =>
          bodies.map((body) => JSON.parse(body).data.lead_id as string),
        ),
      );
      const sold = recorded.filter((lead) => lead.buyer_id === id).map((lead) => leadIdOf(lead.id));
      expect(sold.filter((lead) => !received.has(lead))).toEqual([]);
      expect(sold.length).toBeGreaterThan(0);
      expect(buyer.seen.badSignatures).toBe(0);
    }
    // A buyer that was asked while the server died may have taken a lead that it was not asked about again.
    const others = recorded.filter(({ status, reason }) => status !== "ACCEPTED" && reason !== "unconfirmed");
    expect(others).toEqual([]);
    const database = await openDatabase(settings());
    await database.write((tx) => tx.execute("analyze"));
    expect(await violations(database, { acknowledged: load.acknowledged })).toEqual([]);
    await database.close();
    expect(givenAway(server.written())).toEqual([]);
    await Promise.all([told.close(), asked.close()]);
  },
  TAKEN_OVER_WITHIN_MS + 120_000 + LEADS * 10,
);

const MISBEHAVIOURS: [Behaviour, failure: string][] = [
  ["hang", "timeout"],
  ["fail", "http_status"],
  ["reset", "reset"],
  ["drip-body", "timeout"],
  ["drip-header", "timeout"],
  ["cut-off", "reset"],
  ["redirect", "redirect"],
  ["header-flood", "header_too_large"],
  ["interim-flood", "bad_answer"],
  ["garbage", "bad_answer"],
  ["upgrade", "bad_answer"],
];
/** Too large to be read whole, and yet a success. */
const LARGE: Behaviour[] = ["huge-body", "gzip-bomb"];

test("buyers that misbehave are named for it, cost no memory, and keep no lead from a buyer that does not", async () => {
  const [bad, good] = [await startPretendBuyer(), await startPretendBuyer()];
  const behaviours = [...MISBEHAVIOURS.map(([behaviour]) => behaviour), ...LARGE];
  const only = (value: string) => ({ filters: { field: "source", op: "eq" as const, value } });
  const document: ConfigurationDocument = {
    version: 1,
    suppliers: aDocument().suppliers ?? [],
    buyers: [
      { id: "good", delivery: { method: "webhook", url: good.url() } },
      ...behaviours.map((behaviour) => ({
        id: behaviour,
        delivery: {
          method: "webhook" as const,
          url: bad.url(behaviour),
          timeout_seconds: 1,
          retry_schedule: [1],
        },
      })),
    ],
    campaigns: [
      {
        id: "solar",
        suppliers: [{ supplier: "acme" }],
        buyers: ["good", ...behaviours].map((buyer) => ({ buyer, price: "1.00", ...only(buyer) })),
      },
    ],
  };
  const own = await postgresSettings();
  await using server = await start(own);
  const { keys } = await server.configure(document);
  await trustedBy(good, "good", server);
  const send = async (sources: readonly string[]) => {
    await using load = await startLoad({
      ports: [server.port],
      lines: 8,
      key: keys["acme"] ?? "",
      leads: sources.map((source) => aPersonsLead({ source })),
    });
    await load.done;
    return load.acknowledged;
  };
  await send(["good"]);
  const before = await residentBytes(server);
  const sold = await send(behaviours.flatMap((behaviour) => [behaviour, behaviour, behaviour, "good"]));
  expect(new Set(sold.map(({ buyer_id }) => buyer_id))).toEqual(new Set(["good", ...behaviours]));
  await untilTrue(() => good.received.size === behaviours.length + 1, "the good buyer to get its leads");
  for (const [behaviour, failure] of MISBEHAVIOURS) {
    await untilTrue(async () => {
      const { data } = (await call(server, "GET", `/deliveries?buyer=${behaviour}`)) as {
        data: { last_failure: string | null }[];
      };
      return data.length === 3 && data.every(({ last_failure }) => last_failure === failure);
    }, `${behaviour} to be named ${failure}`);
  }
  for (const behaviour of LARGE) {
    await untilTrue(async () => {
      const { data } = (await call(server, "GET", `/deliveries?buyer=${behaviour}&state=delivered`)) as {
        data: unknown[];
      };
      return data.length === 3;
    }, `${behaviour} to be delivered to`);
  }
  expect((await residentBytes(server)) - before).toBeLessThan(256 * 1024 * 1024);
  await Promise.all([bad.close(), good.close()]);
  expect(good.seen.badSignatures).toBe(0);
  await server.kill();
  await discardOnceLeft(own);
}, 120_000);

/** What the server keeps in memory, by the process id that it logged last. */
async function residentBytes(server: LeadgateProcess): Promise<number> {
  const pid = [...server.written().matchAll(/"pid":(\d+)/g)].at(-1)?.[1] ?? "";
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
