import { describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import type { State } from "#telemetry/asked.ts";
import { createMetrics } from "#telemetry/metrics.ts";
import { deliveryJourneys, rowsOf, webhookTo } from "../journeys/delivery-journeys.ts";
import { ping } from "../journeys/pings.ts";
import { aDocument, aLead, openLeadgate, testClock } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import { scrape, seriesIn, sumOf } from "./prometheus.ts";

const PERSON = {
  first_name: "Wilhelmina",
  last_name: "Featherstonehaugh",
  phone: "5125559876",
  email: "wilhelmina.f@example.org",
  source: "billboard-77",
  remark: "prefers evenings",
};

deliveryJourneys("the metrics", (journey) => {
  test("agree with what is on record after leads of every ending, some held for their buyers", async () => {
    const { leadgate } = journey;
    const asked = await journey.buyer();
    const down = await journey.buyer({ behaviour: "fail" });
    await leadgate.configure(
      aDocument({
        buyers: {
          first: webhookTo(asked, { confirm: true }),
          second: webhookTo(down, { retry_schedule: [3_600] }),
        },
        campaign: { filters: { not: { field: "state", op: "eq", value: "NV" } } },
        contracts: {
          first: { states: ["TX"], caps: { total: { leads: 3 } } },
          second: { states: ["TX", "OK"], caps: { total: { leads: 4 } } },
          third: { status: "paused" },
        },
      }),
    );
    const twice = aLead();
    const leads = [
      ...Array.from({ length: 9 }, () => aLead()),
      twice,
      ...Array.from({ length: 2 }, () => aLead({ state: "NV" })),
      ...Array.from({ length: 3 }, () => aLead({ state: "CA" })),
    ];
    const [first = {}, ...others] = leads;
    // Alone, so that it is within the caps: of leads that come together any may be beyond them, and repeats nothing then.
    await leadgate.ingest("acme", first);
    await Promise.all(others.map((lead) => leadgate.ingest("acme", lead)));
    await leadgate.ingest("acme", first);
    await leadgate.ingest("acme", aLead({ phone: "1" }));
    await untilTrue(() => down.seen.requests === 4, "the deliveries were attempted");
    await leadgate.server.stop();

    const { series } = await scrape(leadgate);
    const onRecord = await journey.database.read((db) =>
      rowsOf<{ status: string; count: number }>(
        db,
        sql`select status, count(*)::int as count from leads group by status`,
      ),
    );
    expect(onRecord.map(({ status }) => status).toSorted()).toEqual([
      "ACCEPTED",
      "DUPLICATE",
      "REJECTED",
      "UNMATCHED",
    ]);
    for (const { status, count } of onRecord) {
      const labels = { campaign: "solar", status, test: "false" };
      expect([status, sumOf(series, "leadgate_leads_decided_total", labels)]).toEqual([status, count]);
    }
    expect(sumOf(series, "leadgate_leads_received_total")).toBe(16);
    expect(sumOf(series, "leadgate_leads_decided_total", { status: "PENDING" })).toBe(3);
    expect(sumOf(series, "leadgate_lead_decision_duration_seconds_count")).toBe(16 + 3);
    expect(sumOf(series, "leadgate_lane_batch_leads_sum")).toBe(16 + 3);
    const ingest = { method: "POST", route: "/api/v1/ingest" };
    expect(sumOf(series, "leadgate_http_requests_total", { ...ingest, status: "201" })).toBe(7);
    expect(sumOf(series, "leadgate_http_requests_total", { ...ingest, status: "422" })).toBe(2);
    expect(sumOf(series, "leadgate_http_requests_total", { ...ingest, status: "400" })).toBe(1);
    expect(sumOf(series, "leadgate_http_request_duration_seconds_count", { route: "/api/v1/ingest" })).toBe(
      17,
    );
    const attempts = { recipient_kind: "buyer" };
    expect(
      sumOf(series, "leadgate_delivery_attempts_total", { ...attempts, state: "delivered", failure: "none" }),
    ).toBe(3);
    expect(
      sumOf(series, "leadgate_delivery_attempts_total", {
        ...attempts,
        state: "pending",
        failure: "http_status",
      }),
    ).toBe(4);
    expect(sumOf(series, "leadgate_outbox_deliveries", { state: "pending" })).toBe(4);
    expect(sumOf(series, "leadgate_outbox_deliveries", { state: "due" })).toBe(0);
    expect(sumOf(series, "leadgate_endpoints", { state: "closed" })).toBe(2);
    expect(sumOf(series, "leadgate_deliveries_in_flight")).toBe(0);
    expect(sumOf(series, "leadgate_database_writes_total", { outcome: "committed" })).toBeGreaterThan(3);
    expect(sumOf(series, "leadgate_database_up")).toBe(1);
  });

  test("count a lead that is sent round again as decided, and not as received", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ campaign: { status: "active" }, contracts: PAUSED }));
    const { body } = await leadgate.ingest("acme", aLead());
    await leadgate.configure(aDocument());
    expect((await leadgate.admin("POST", `/leads/${body.data.id}/redistribute`)).status).toBe(201);
    const { series } = await scrape(leadgate);
    expect(sumOf(series, "leadgate_leads_received_total")).toBe(1);
    expect(sumOf(series, "leadgate_leads_decided_total", { status: "UNMATCHED" })).toBe(1);
    expect(sumOf(series, "leadgate_leads_decided_total", { status: "ACCEPTED" })).toBe(1);
    journey.expected = { ...journey.expected, acknowledged: [] };
  });

  test("hold nothing that a supplier or a buyer sent", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer({ behaviour: "fail" });
    await leadgate.configure(aDocument({ buyers: { first: webhookTo(buyer) } }));
    await leadgate.ingest("acme", aLead(PERSON));
    await leadgate.ingest("acme", { ...aLead(PERSON), phone: "not a phone 5125559876" });
    await leadgate.call("GET", `/api/v1/leads/lookup?phone=${PERSON.phone}`);
    await leadgate.call("WILHELMINA", `/${PERSON.email}`);
    await leadgate.call("GET", `/docs/campaigns/${PERSON.email}`);
    await leadgate.admin("GET", `/leads/${PERSON.email}`);
    await untilTrue(() => buyer.seen.requests === 1, "the delivery was attempted");
    const { text } = await scrape(leadgate);
    expect(sumOf(seriesIn(text), "leadgate_leads_received_total")).toBe(1);
    for (const value of [...Object.values(PERSON), "no thanks", "WILHELMINA"]) {
      expect(text.toLowerCase()).not.toContain(value.toLowerCase());
    }
  });

  test("count pings by how they came out, and the bids of buyers that were asked", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    const bids = { delivery: { ...webhookTo(buyer).delivery, ping: { url: buyer.biddingUrl("9.00") } } };
    const silent = { delivery: { ...webhookTo(buyer).delivery, ping: { url: buyer.url("reject-json") } } };
    await leadgate.configure(
      aDocument({
        campaign: { mode: "ping_post", filters: { field: "state", op: "ne", value: "OK" } },
        buyers: { first: bids, second: silent },
      }),
    );
    await ping(leadgate, { state: "TX" });
    await ping(leadgate, { state: "OK" });
    await ping(leadgate, { state: "nowhere" });
    const { series } = await scrape(leadgate);
    const of = (outcome: string) => sumOf(series, "leadgate_pings_total", { campaign: "solar", outcome });
    expect([of("accepted"), of("filtered"), of("refused")]).toEqual([1, 1, 1]);
    expect(sumOf(series, "leadgate_bids_total", { outcome: "bid" })).toBe(1);
    expect(sumOf(series, "leadgate_bids_total")).toBe(2);
  });

  test("count who is over its rate limit, by supplier", async () => {
    const { leadgate } = journey;
    const ingest = { per_second: 1, burst_per_second: 1, burst_seconds: 1 };
    await leadgate.configure(aDocument({ supplier: { rate_limits: { ingest } } }));
    const replies = await Promise.all(Array.from({ length: 30 }, () => leadgate.ingest("acme", aLead())));
    const refused = replies.filter(({ status }) => status === 429).length;
    expect(refused).toBeGreaterThan(0);
    const { series } = await scrape(leadgate);
    expect(sumOf(series, "leadgate_rate_limited_total", { supplier: "acme" })).toBe(refused);
  });

  test("are for operators, unless they are said to be open", async () => {
    const { leadgate } = journey;
    expect((await leadgate.call("GET", "/metrics")).status).toBe(401);
    const open = openLeadgate(journey.database, leadgate.clock, new Map(), { metrics: "open" });
    const reply = await open.call("GET", "/metrics");
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  });
});

const PAUSED = {
  first: { status: "paused" },
  second: { status: "paused" },
  third: { status: "paused" },
} as const;

const IDLE: State = {
  lanes: () => [],
  servers: () => undefined,
  deliveriesInFlight: () => 0,
  endpoints: () => [],
  outbox: async () => ({ pending: 0, due: 0, paused: 0, dead: 0, oldestDueMs: 0 }),
};

describe("metrics of a server", () => {
  const aServer = () => createMetrics({ version: "1.2.3", database: "postgres", clock: testClock() });

  test("give the first 500 campaigns series of their own, and the others one together", async () => {
    const { observer, text } = aServer();
    for (let number = 0; number < 2_000; number += 1) {
      const onRecord = [{ status: "ACCEPTED" as const, isTest: false, prior: null }];
      observer.batchCommitted({ campaignId: `c${number}`, leads: [{ since: 0 }], endedAt: 1, onRecord });
      observer.rateLimited(`s${number}`);
    }
    const series = seriesIn(
      await text({ ...IDLE, lanes: () => manyOf("c"), endpoints: () => downOf("buyer:b") }),
    );
    for (const name of [
      "leadgate_leads_received_total",
      "leadgate_leads_decided_total",
      "leadgate_rate_limited_total",
      "leadgate_lane_queue_leads",
      "leadgate_endpoint_down",
    ]) {
      expect([name, [...series.keys()].filter((key) => key.startsWith(`${name}{`)).length]).toEqual([
        name,
        501,
      ]);
    }
    expect(sumOf(series, "leadgate_leads_received_total")).toBe(2_000);
    expect(sumOf(series, "leadgate_leads_received_total", { campaign: "other" })).toBe(1_500);
    expect(sumOf(series, "leadgate_endpoints", { state: "open" })).toBe(2_000);
  });

  test("put each value into its bucket and all that follow", async () => {
    const { observer, text } = aServer();
    for (const ms of [0.2, 0.5, 0.7, 5, 5_001]) observer.databaseWritten("committed", ms);
    const series = seriesIn(await text(IDLE));
    const name = "leadgate_database_write_duration_seconds";
    const bucket = (le: string) => series.get(`${name}_bucket{le="${le}"}`);
    expect([bucket("0.0005"), bucket("0.001"), bucket("0.0025"), bucket("5"), bucket("+Inf")]).toEqual([
      2, 3, 3, 4, 5,
    ]);
    expect(series.get(`${name}_count`)).toBe(5);
    expect(series.get(`${name}_sum`)).toBeCloseTo(5.0074, 9);
  });

  test("add up the figures of the server's copies, but for what all of them know alike", async () => {
    const copies = [aServer(), aServer()] as const;
    for (const { observer } of copies) {
      observer.databaseWritten("committed", 2);
      observer.rateLimited("acme");
    }
    const state = {
      ...IDLE,
      outbox: async () => ({ pending: 7, due: 0, paused: 0, dead: 0, oldestDueMs: 0 }),
    };
    // As it comes from another process.
    const others = JSON.parse(JSON.stringify(await copies[1].figures(state))) as object[];
    const series = seriesIn(await copies[0].text(state, [others]));
    expect(series.get('leadgate_rate_limited_total{supplier="acme"}')).toBe(2);
    expect(series.get("leadgate_database_write_duration_seconds_count")).toBe(2);
    expect(series.get('leadgate_outbox_deliveries{state="pending"}')).toBe(7);
    expect(series.get("leadgate_database_up")).toBe(1);
  });

  test("say what runs, and how the process does", async () => {
    const series = seriesIn(await aServer().text(IDLE));
    const info = `leadgate_build_info{version="1.2.3",database="postgres",bun="${Bun.version}"}`;
    expect(series.get(info)).toBe(1);
    expect(series.get("process_resident_memory_bytes")).toBeGreaterThan(1_000_000);
    expect(series.get("process_cpu_seconds_total")).toBeGreaterThan(0);
    expect(series.has("nodejs_eventloop_lag_p99_seconds")).toBe(true);
  });

  test("say that the database is away, and nothing of the outbox, while it cannot be asked", async () => {
    const series = seriesIn(await aServer().text({ ...IDLE, outbox: async () => undefined }));
    expect(series.get("leadgate_database_up")).toBe(0);
    expect(sumOf(series, "leadgate_outbox_deliveries")).toBe(0);
    expect(series.has('leadgate_outbox_deliveries{state="due"}')).toBe(false);
    expect(series.get("leadgate_outbox_oldest_due_seconds")).toBeNaN();
  });
});

function manyOf(prefix: string): [string, number][] {
  return Array.from({ length: 2_000 }, (_, number) => [`${prefix}${number}`, 1]);
}

function downOf(prefix: string): [string, "open"][] {
  return Array.from({ length: 2_000 }, (_, number) => [`${prefix}${number}`, "open"]);
}
