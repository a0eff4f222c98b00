import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import type { Database, Queryable } from "#database/database.ts";
import { startPensiveBuyer } from "../journeys/delivery-journeys.ts";
import { ping } from "../journeys/pings.ts";
import { closeUsersOf } from "../support/closing.ts";
import { discard, embeddedSettings, onBothDatabases, openFresh } from "../support/database.ts";
import { aLead, type Leadgate, openLeadgate, type TestClock, testClock } from "../support/leadgate.ts";
import { type PretendBuyer, startPretendBuyer } from "../support/pretend-buyer.ts";
import { untilTrue } from "../support/process.ts";
import { randomFrom } from "../support/random.ts";

type Json = Record<string, unknown>;

/** The first lead comes at noon; the last most of a day later. */
const SINCE = "2026-01-13T17:00:00.000Z";
/** After all that other tests did. */
const LATER = "2026-02-10T17:00:00.000Z";
/** Forty seconds before midnight of the supplier. */
const LATE_IN_THE_DAY = "2026-02-12T04:59:20.000Z";
const LEADS = 160;
const PAUSE_MS = 8 * 60_000;

/** Four campaigns, one of each kind, with buyers that they share: one with a wallet, one with a cap over all of them. */
function market(bidder: PretendBuyer, over: Over = {}): ConfigurationDocument {
  const suppliers = [
    { supplier: "acme", payout: { mode: "revenue_share" as const, percent: "60" } },
    { supplier: "beta", payout: { mode: "fixed" as const, amount: "4.00" }, caps: { day: { leads: 18 } } },
  ];
  const contract = (buyer: string, price: string, more: object = {}) => ({ buyer, price, ...more });
  const bids = { response_values: { bid_price: { json_path: "$.bid_price" } }, response_rules: [] };
  return {
    version: 1,
    suppliers: [
      { id: "acme", name: "Acme", rate_limits: FAST },
      { id: "beta", name: "Beta", rate_limits: FAST },
    ],
    buyers: [
      { id: "one", name: "One", timezone: "America/New_York" },
      { id: "two", name: "Two", timezone: "America/Denver", caps: { day: { leads: 16 } } },
      { id: "three", name: "Three", timezone: "Europe/Berlin", billing: { mode: "wallet" } },
      {
        id: "four",
        name: "Four",
        timezone: "America/New_York",
        duplicates: { fields: ["phone"], window_days: 1 },
      },
      {
        id: "live",
        name: "Live",
        timezone: "America/New_York",
        delivery: {
          method: "webhook",
          url: bidder.url(),
          ping: { url: bidder.biddingUrl("21.50"), timeout_ms: 10_000, ...bids },
        },
      },
    ],
    campaigns: [
      {
        id: "direct",
        name: "Direct",
        filters: { field: "state", op: "in", value: over.states ?? ["TX", "OK", "NM"] },
        suppliers,
        buyers: [
          contract("one", over.price ?? "20.00", {
            priority: 1,
            caps: { hour: { leads: 2 }, day: { leads: over.cap ?? 9 } },
          }),
          contract("two", "15.00", { priority: 2, states: ["TX", "OK"] }),
          contract("three", "12.00", { priority: 3, caps: { total: { leads: 8 } } }),
        ],
      },
      {
        id: "weighted",
        name: "Weighted",
        distribution: "weighted",
        duplicates: { action: "route_to_original" },
        suppliers,
        buyers: [
          contract("one", "18.00", { weight: 5 }),
          contract("two", "17.00", { weight: 3 }),
          contract("four", "16.00", { weight: 2, exclude_states: ["OK"] }),
        ],
      },
      {
        id: "shared",
        name: "Shared",
        distribution: "round_robin",
        max_sells: 2,
        suppliers,
        buyers: [
          contract("one", "9.00"),
          contract("three", "8.00"),
          contract("four", "7.00"),
          contract("two", "6.50"),
        ],
      },
      {
        id: "pinged",
        name: "Pinged",
        mode: "ping_post",
        ping_budget_ms: 10_000,
        suppliers,
        buyers: [
          contract("live", "1.00", { caps: { day: { leads: 20 } } }),
          contract("one", over.pingedPrice ?? "19.00"),
          contract("three", "14.00"),
        ],
      },
    ],
  };
}

interface Over {
  states?: string[];
  price?: string;
  pingedPrice?: string;
  cap?: number;
}

const FAST = {
  ingest: { per_second: 100_000, burst_per_second: 100_000 },
  ping: { per_second: 100_000, burst_per_second: 100_000 },
};

/** Sends the same leads at the same times, whoever takes them in; some repeat a person. */
async function sendLeads(leadgate: Leadgate): Promise<void> {
  const random = randomFrom(7);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  await leadgate.admin("POST", "/buyers/three/deposits", { amount: "60.00" });
  for (let count = 0; count < LEADS; count++) {
    if (count === LEADS / 2) await leadgate.admin("POST", "/buyers/three/deposits", { amount: "40.00" });
    const [campaign, supplier, state] = [pick(KINDS), pick(["acme", "beta"]), pick(["TX", "OK", "NM", "CA"])];
    const person = Math.floor(random() * LEADS * 0.7);
    const addressed = { flo_campaign_id: campaign, flo_supplier_id: supplier };
    const fields = {
      first_name: "Ada",
      last_name: "Lovelace",
      phone: `512${String(2_000_000 + person)}`,
      email: `ada.${person}@example.com`,
      state,
    };
    if (campaign === "pinged") {
      const { first_name: _, last_name: __, ...pinged } = fields;
      const headers = { "x-api-key": leadgate.keyOf(supplier), "content-type": "application/json" };
      const body = JSON.stringify({ ...addressed, ...pinged });
      const asked = await leadgate.call("POST", "/api/v1/ping", { headers, body });
      if (asked.body.accepted === true) {
        const chosen = random() < 0.3 ? { flo_buyer_id: "one" } : {};
        await leadgate.ingest(supplier, {
          ...addressed,
          ...fields,
          ...chosen,
          flo_ping_id: asked.body.ping_id,
        });
      } else random();
    } else await leadgate.ingest(supplier, { ...addressed, ...fields });
    leadgate.clock.pass(PAUSE_MS);
  }
}

const KINDS = ["direct", "direct", "weighted", "shared", "pinged"];

/** Tries a document on what a server has on record, until that is done. */
async function simulate(leadgate: Leadgate, document: unknown, over: Json = {}) {
  const started = await leadgate.admin("POST", "/simulations", { document, since: SINCE, ...over });
  expect([started.status, started.body]).toEqual([202, expect.anything()]);
  for (;;) {
    const { data } = (await leadgate.admin("GET", `/simulations/${started.body.data.id}`)).body;
    if (data.state !== "waiting" && data.state !== "running") return data;
    await Bun.sleep(20);
  }
}

/** A millisecond for each turn of the event loop: batches that are decided in the same one cannot be told apart on record. */
async function whileTimePasses(clock: TestClock, work: Promise<unknown>): Promise<void> {
  let isOver = false;
  const ended = work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    clock.pass(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
}

/** The figures of one side, of those that have any. */
function sides(rows: Json[], side: "before" | "after"): Json[] {
  const ofSide = rows.map(({ before, after, differing: _, ...row }): Json & { figures: Json } => ({
    ...row,
    figures: (side === "before" ? before : after) as Json,
  }));
  return ofSide.filter(({ figures }) => figures.leads !== 0);
}

/** What another installation, in memory, makes of the same leads; asked once for both databases. */
let anew: Promise<Json> | undefined;
let bidder: PretendBuyer;
beforeAll(async () => {
  bidder = await startPretendBuyer();
});
afterAll(() => bidder.close());

async function takenInAnew(document: ConfigurationDocument): Promise<Json> {
  const settings = await embeddedSettings();
  const database = await openFresh(settings);
  try {
    const second = openLeadgate(database, testClock(SINCE));
    await second.configure(document);
    await sendLeads(second);
    const { result } = await simulate(second, document);
    expect(result.differing).toBe(0);
    return result;
  } finally {
    await closeUsersOf(database);
    await database.close();
    await discard(settings);
  }
}

onBothDatabases("a simulation", (world) => {
  test("of what is in force it changes nothing, of another document it brings what another installation makes of the same leads", async () => {
    const leadgate = openLeadgate(world.database, testClock(SINCE));
    const document = market(bidder);
    await leadgate.configure(document);
    await sendLeads(leadgate);
    const same = await simulate(leadgate, document);
    expect([same.failure, same.state, same.result?.differing]).toEqual([null, "done", 0]);
    // However few leads they are: a run that is over sooner than progress is told again has them all.
    expect(same.progress.leads).toBe(same.progress.of);
    const [all] = same.result.totals;
    expect(all.after).toEqual(all.before);
    for (const counted of ["accepted", "unmatched", "duplicates", "rejected", "sales"])
      expect([counted, all.before[counted] > 2]).toEqual([counted, true]);

    const changed = market(bidder, CHANGES);
    const tried = await simulate(leadgate, changed);
    anew ??= takenInAnew(changed);
    const taken = await anew;
    expect(tried.result.differing).toBeGreaterThan(10);
    for (const party of ["totals", "campaigns", "suppliers", "buyers"]) {
      const would = sides(tried.result[party], "after");
      expect([party, would]).toEqual([party, sides(taken[party] as Json[], "before")]);
    }

    const { data: leads } = (await leadgate.admin("GET", `/simulations/${tried.id}/leads?limit=200`)).body;
    expect(leads).toHaveLength(tried.result.differing);
    expect(leads[0]).toMatchObject({
      before: { trace: expect.any(Array) },
      after: { trace: expect.any(Array) },
    });
    expect((await leadgate.admin("POST", `/simulations/${tried.id}/stop`)).status).toBe(409);

    // From the middle on, caps, turns, debts, balances and people are what the leads before have left; some are given back later.
    const middle = new Date(Date.parse(SINCE) + (LEADS / 2) * PAUSE_MS).toISOString();
    await giveBack(leadgate);
    const half = await simulate(leadgate, document, { since: middle });
    expect([half.failure, half.result?.differing]).toEqual([null, 0]);
    expect(half.result.totals[0].before.undone).toBeGreaterThan(2);
  }, 240_000);

  test("begins from whose turn it was and what was used up, though a lead comes as soon as counters were read", async () => {
    const clock = testClock(SINCE);
    const taking = openLeadgate(world.database, clock);
    const document = market(bidder);
    await taking.configure(document);
    await taking.admin("POST", "/buyers/three/deposits", { amount: "400.00" });
    const oneMore = (place: number) =>
      taking.ingest(
        "acme",
        aLead({
          flo_campaign_id: place % 4 === 0 ? "direct" : "weighted",
          flo_supplier_id: "acme",
          state: "TX",
        }),
      );
    for (let place = 0; place < 40; place++) {
      await oneMore(place);
      clock.pass(PAUSE_MS);
    }
    const since = new Date(Date.parse(SINCE) + 20 * PAUSE_MS).toISOString();

    let between = 0;
    const reading = asking(world.database, async (name, ask, sent) => {
      const answer = await ask();
      if (name === "read" && sent().includes("from campaign_counters")) {
        clock.pass(1000);
        await oneMore(++between);
      }
      return answer;
    });
    const simulating = openLeadgate(reading, clock);
    const { result, failure } = await simulate(simulating, document, { since });
    expect([failure, result?.differing]).toEqual([null, 0]);
    expect([result.leads, between > 0]).toEqual([20, true]);
  }, 120_000);

  test("begins from what buyers were owed by the weights of then, where these have changed since", async () => {
    const leadgate = openLeadgate(world.database, testClock(SINCE));
    await leadgate.configure(weighted(1, 1));
    await sendSome(leadgate, 40);
    const since = leadgate.clock.now().toISOString();
    await sendSome(leadgate, 40);
    await leadgate.configure(weighted(9, 1));
    await sendSome(leadgate, 10);
    const shares = async (document: ConfigurationDocument) => {
      const { result, failure } = await simulate(leadgate, document, { since });
      expect([failure, result?.leads]).toEqual([null, 50]);
      return result.buyers.map(({ before, after }: Record<string, Json>) => [before?.sales, after?.sales]);
    };
    expect(await shares(weighted(9, 1))).toEqual([
      [29, 45],
      [21, 5],
    ]);
    expect(await shares(weighted(1, 1))).toEqual([
      [29, 25],
      [21, 25],
    ]);
  }, 120_000);

  test("begins from what buyers were owed among rivals, where price or who wants a lead alone decided first", async () => {
    const leadgate = openLeadgate(world.database, testClock(SINCE));
    const document = rivals();
    await leadgate.configure(document);
    const send = async (leads: number) => {
      for (let sent = 0; sent < leads; sent++) {
        const { ping_id: flo_ping_id } = (
          await ping(leadgate, { flo_campaign_id: "priced", flo_supplier_id: "acme" })
        ).body;
        const addressed = { flo_campaign_id: "priced", flo_supplier_id: "acme", flo_ping_id };
        expect((await leadgate.ingest("acme", aLead(addressed))).status).toBe(201);
        await sendSome(leadgate, 1, "alone");
      }
    };
    await send(6);
    const since = leadgate.clock.now().toISOString();
    await send(9);
    const { result, failure } = await simulate(leadgate, document, { since });
    expect([failure, result?.leads, result?.differing]).toEqual([null, 18, 0]);
  }, 60_000);

  test("is of campaigns that the document has or leaves out, and of no others", async () => {
    const leadgate = openLeadgate(world.database, testClock(SINCE));
    const document = weighted(1, 1);
    await leadgate.configure(document);
    await sendSome(leadgate, 3);
    const without = { ...document, campaigns: [] };
    const { result } = await simulate(leadgate, without, { campaigns: ["weighted"] });
    expect(result.campaigns).toMatchObject([
      { campaign_id: "weighted", before: { accepted: 3 }, after: { accepted: 0, not_taken: 3 } },
    ]);
    const asked = { document: without, since: SINCE, campaigns: ["weighted", "weigthed", "1"] };
    const { status, body } = await leadgate.admin("POST", "/simulations", asked);
    const unknown = "there is no such campaign in the document, nor in force";
    expect([status, body.field_errors]).toEqual([
      400,
      [
        { field: "campaigns[1]", code: "not_allowed", message: `${unknown}; did you mean weighted?` },
        { field: "campaigns[2]", code: "not_allowed", message: unknown },
      ],
    ]);
  }, 60_000);

  test("whose server freezes or dies is made by another from its beginning, once that was not heard of, and never by two", async () => {
    const clock = testClock(SINCE);
    const frozen = freezing(world.database);
    const first = openLeadgate(frozen.database, clock);
    const document = market(bidder);
    await first.configure(document);
    const atOnce = Array.from({ length: 60 }, (_, place) => {
      const supplier = place % 4 === 0 ? "beta" : "acme";
      const flo_campaign_id = ["shared", "weighted", "direct", "shared", "weighted"][place % 5];
      return first.ingest(supplier, aLead({ flo_campaign_id, flo_supplier_id: supplier, state: "TX" }));
    });
    await whileTimePasses(clock, Promise.all(atOnce));
    clock.pass(PAUSE_MS);
    expect((await simulate(first, document)).result.differing).toBe(0);
    frozen.asSoonAs(async () => (await differingOnRecord(world.database)) > 0);
    const changed = { document: market(bidder, { states: ["NM"] }), since: SINCE };
    const id = (await first.admin("POST", "/simulations", changed)).body.data.id;
    await frozen.isFrozen;

    const other = openLeadgate(world.database, clock);
    const stateOf = async (of: string) => (await other.admin("GET", `/simulations/${of}`)).body.data.state;
    const next = (await other.admin("POST", "/simulations", changed)).body.data.id;
    expect(await Promise.all([id, next].map(stateOf))).toEqual(["running", "waiting"]);
    clock.pass(31_000);
    await untilTrue(async () => (await stateOf(next)) === "done", "both to be made");
    const whole = async (of: string) => (await other.admin("GET", `/simulations/${of}`)).body.data;
    const made = await whole(id);
    expect([made.state, made.result]).toEqual(["done", (await whole(next)).result]);
    expect(made.result.differing).toBeGreaterThan(2);
    const { data: leads } = (await other.admin("GET", `/simulations/${id}/leads`)).body;
    expect(leads).toHaveLength(made.result.differing);

    // Whoever held it goes on, and has lost it.
    frozen.thaw();
    await first.server.stop();
    expect(await whole(id)).toEqual(made);
  }, 120_000);

  test("begins from what buyers were owed where leads of before went to the next buyer since", async () => {
    // Servers of the tests before would deliver and settle too, each by its own clock.
    await closeUsersOf(world.database);
    const leadgate = openLeadgate(world.database, testClock(LATER));
    const buyer = await startPretendBuyer();
    buyer.behave("fail");
    const document = refusing(buyer);
    await leadgate.configure(document);
    await sendSome(leadgate, 8, "refusing");
    await untilTrue(async () => buyer.received.size === 6, "the leads to arrive");
    const since = leadgate.clock.now().toISOString();
    buyer.behave("reject-json");
    // What failed may be on record only after this, and waits from then on; of a second time for minutes.
    await untilTrue(async () => {
      leadgate.clock.pass(5000);
      return (await soldTo(leadgate, "refusing", "two")) === 8;
    }, "the leads to be with the next buyer");
    buyer.behave("accept");
    await sendSome(leadgate, 12, "refusing");
    const { result, failure } = await simulate(leadgate, document, { since });
    expect([failure, result?.leads, result?.differing]).toEqual([null, 12, 0]);
    await buyer.close();
  }, 30_000);

  test("begins with a refused lead counted for its supplier when it was sold again", async () => {
    await closeUsersOf(world.database);
    const leadgate = openLeadgate(world.database, testClock(LATE_IN_THE_DAY));
    await using buyer = startPensiveBuyer();
    const caps = { hour: { leads: 3 }, day: { leads: 4 } };
    const document = capped("resold", caps, [
      { id: "one", delivery: { method: "webhook", url: buyer.url(), response_rules: REFUSES } },
      { id: "two" },
    ]);
    await leadgate.configure(document);
    await sendSome(leadgate, 2, "resold");
    await untilTrue(async () => buyer.requests() === 2, "the leads to arrive");
    leadgate.clock.pass(45_000);
    buyer.answer("rejected");
    await untilTrue(
      async () => (await soldTo(leadgate, "resold", "two")) === 2,
      "the next buyer to have them",
    );
    const since = leadgate.clock.now().toISOString();
    await sendSome(leadgate, 5, "resold");
    const { result, failure } = await simulate(leadgate, document, { since });
    expect([failure, result?.leads, result?.differing]).toEqual([null, 5, 0]);
    // Of the hour of then three: two that were refused in the hour before, and one.
    expect(result.totals[0].before.sales).toBe(1);
  }, 30_000);

  test("begins with a lead of two buyers counted once in its supplier's total, though one gave it back since", async () => {
    const leadgate = openLeadgate(world.database, testClock(LATER));
    const document = capped("twofold", { total: { leads: 4 } }, [{ id: "one" }, { id: "two" }], 2);
    await leadgate.configure(document);
    await sendSome(leadgate, 3, "twofold");
    const { data } = (await leadgate.admin("GET", "/leads?campaign=twofold&limit=3")).body;
    const since = leadgate.clock.now().toISOString();
    leadgate.clock.pass(1000);
    const accept = async (lead: { id: string; sales: { buyer_id: string }[] }, place: number) => {
      const of = { buyer_id: lead.sales[place]?.buyer_id, reason: "bad_contact" };
      const asked = await leadgate.admin("POST", `/leads/${lead.id}/returns`, of);
      const accepted = await leadgate.admin("POST", `/returns/${asked.body.data.id}/accept`);
      expect(accepted.status).toBe(200);
    };
    await sendSome(leadgate, 2, "twofold");
    await accept(data[0], 0);
    await accept(data[1], 0);
    await sendSome(leadgate, 1, "twofold");
    // The last of its buyers makes room for another lead.
    await accept(data[0], 1);
    await sendSome(leadgate, 2, "twofold");
    leadgate.clock.pass(120_000);
    const { result, failure } = await simulate(leadgate, document, { since });
    expect([failure, result?.leads, result?.differing]).toEqual([null, 5, 0]);
    expect(result.totals[0].before.accepted).toBe(2);
  }, 30_000);

  test("begins with what was held for a buyer that declined it after that", async () => {
    const leadgate = openLeadgate(world.database, testClock(LATER));
    await using buyer = startPensiveBuyer();
    const once = { caps: { total: { leads: 1 } } };
    const delivery = { method: "webhook" as const, url: buyer.url(), confirm: true, response_rules: REFUSES };
    const document = capped("held", {}, [
      { id: "one", delivery, contract: once },
      { id: "two", contract: once },
    ]);
    await leadgate.configure(document);
    const asked = leadgate.ingest("acme", aLead({ flo_campaign_id: "held", flo_supplier_id: "acme" }));
    await buyer.asked;
    leadgate.clock.pass(1000);
    const since = leadgate.clock.now().toISOString();
    // One is held for the first buyer; the second takes the next, and nobody the one behind that.
    await sendSome(leadgate, 2, "held");
    buyer.answer("rejected");
    expect((await asked).body.data.status).toBe("UNMATCHED");
    leadgate.clock.pass(1000);
    await sendSome(leadgate, 1, "held");
    leadgate.clock.pass(120_000);
    const { result, failure } = await simulate(leadgate, document, { since });
    expect([failure, result?.leads, result?.differing]).toEqual([null, 3, 0]);
  }, 30_000);
});

/** A supplier with these caps, and buyers in the order of their priority. */
function capped(
  id: string,
  caps: object,
  buyers: { id: string; delivery?: object; contract?: object }[],
  max_sells = 1,
): ConfigurationDocument {
  return {
    version: 1,
    suppliers: [{ id: "acme", name: "Acme", timezone: "America/New_York", rate_limits: FAST }],
    buyers: buyers.map(({ id, delivery }) => ({
      id,
      name: id,
      returns: { max_percent: 100 },
      ...(delivery && { delivery }),
    })),
    campaigns: [
      {
        id,
        name: id,
        max_sells,
        confirm_budget_ms: 30_000,
        returns: { payout: "reverse", cap: "give_back" },
        suppliers: [{ supplier: "acme", payout: { mode: "fixed", amount: "1.00" }, caps }],
        buyers: buyers.map(({ id, contract }, place) => ({
          buyer: id,
          price: "2.00",
          priority: place + 1,
          ...contract,
        })),
      },
    ],
  } as ConfigurationDocument;
}

async function soldTo(leadgate: Leadgate, campaign: string, buyer: string): Promise<number> {
  const { body } = await leadgate.admin(
    "GET",
    `/leads?status=ACCEPTED&campaign=${campaign}&buyer=${buyer}&limit=50`,
  );
  return body.data.length;
}

/** Two buyers that share the leads of a campaign by these weights. */
function weighted(one: number, two: number): ConfigurationDocument {
  return {
    version: 1,
    suppliers: [{ id: "acme", name: "Acme", rate_limits: FAST }],
    buyers: [
      { id: "one", name: "One" },
      { id: "two", name: "Two" },
    ],
    campaigns: [
      {
        id: "weighted",
        name: "Weighted",
        distribution: "weighted",
        suppliers: [{ supplier: "acme" }],
        buyers: [
          { buyer: "one", price: "2.00", weight: one },
          { buyer: "two", price: "2.00", weight: two },
        ],
      },
    ],
  };
}

/** Two buyers that share leads by weight, and a third that is behind them by its price, and by sharing what they want alone. */
function rivals(): ConfigurationDocument {
  const document = weighted(5, 2);
  const campaign = { distribution: "weighted" as const, suppliers: [{ supplier: "acme" }] };
  const buyers = (exclusive: boolean) => [
    { buyer: "one", price: "2.00", weight: 5, exclusive },
    { buyer: "two", price: "2.00", weight: 2, exclusive },
    { buyer: "three", price: "1.00", weight: 9 },
  ];
  return {
    ...document,
    buyers: ["one", "two", "three"].map((id) => ({ id, name: id })),
    campaigns: [
      { ...campaign, id: "priced", name: "Priced", mode: "ping_post", buyers: buyers(false) },
      { ...campaign, id: "alone", name: "Alone", max_sells: 2, buyers: buyers(true) },
    ],
  };
}

/** The same, of which one refuses by its answer what then goes to the other. */
function refusing(buyer: PretendBuyer): ConfigurationDocument {
  const document = weighted(3, 1);
  const url = buyer.url();
  const [one, two] = document.buyers ?? [];
  if (one === undefined || two === undefined) throw new Error("there are two buyers");
  const campaigns = document.campaigns?.map((campaign) => ({ ...campaign, id: "refusing" })) ?? [];
  return {
    ...document,
    campaigns,
    buyers: [{ ...one, delivery: { method: "webhook", url, response_rules: REFUSES } }, two],
  };
}

const REFUSES = [
  { when: { json_path: "$.status", equals: "rejected" }, outcome: "rejected" as const },
  { when: { status: "2xx" as const }, outcome: "accepted" as const },
];

async function sendSome(leadgate: Leadgate, leads: number, campaign = "weighted"): Promise<void> {
  for (let sent = 0; sent < leads; sent++) {
    await leadgate.ingest("acme", aLead({ flo_campaign_id: campaign, flo_supplier_id: "acme" }));
    leadgate.clock.pass(1000);
  }
}

/** A database whose questions wait from some moment on, as those of a server do that is stopped or dead, until it is thawed. */
function freezing(database: Database) {
  const [frozen, thawed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let [isFrozen, isDue] = [false, async () => false];
  const askedHere = asking(database, async (name, ask) => {
    if (isFrozen) await thawed.promise;
    const answer = await ask();
    if (!isFrozen && name === "write" && (await isDue())) {
      isFrozen = true;
      frozen.resolve();
    }
    if (isFrozen) await thawed.promise;
    return answer;
  });
  return {
    database: askedHere,
    isFrozen: frozen.promise,
    asSoonAs(due: () => Promise<boolean>): void {
      isDue = due;
    },
    thaw(): void {
      isFrozen = false;
      isDue = async () => false;
      thawed.resolve();
    },
  };
}

type Question = "read" | "lookUp" | "survey" | "write";

/** A database of which each question is asked by `around`, with the statements that it sent. */
function asking(
  database: Database,
  around: (name: Question, ask: () => Promise<unknown>, sent: () => string) => Promise<unknown>,
): Database {
  const asked = (name: Question) => (work: (db: Queryable) => Promise<unknown>) => {
    const texts: string[] = [];
    const noted = (db: Queryable): Queryable => ({
      ...db,
      send(...statement) {
        texts.push(statement[0]);
        return db.send(...statement);
      },
    });
    const ask = () => database[name]((db) => work(noted(db)));
    return around(name, ask, () => texts.join());
  };
  const questions = new Map(
    (["read", "lookUp", "survey", "write"] as const).map((name) => [name as string | symbol, asked(name)]),
  );
  return new Proxy(database, {
    get(target, name) {
      const own: unknown = Reflect.get(target, name);
      return questions.get(name) ?? (typeof own === "function" ? own.bind(target) : own);
    },
  });
}

async function differingOnRecord(database: Database): Promise<number> {
  const [row] = await database.read((db) =>
    db.execute<{ leads: number }>(sql`select count(*)::int as leads from simulated_leads`),
  );
  return row?.leads ?? 0;
}

const CHANGES = { cap: 5, price: "25.00", pingedPrice: "22.00", states: ["TX", "NM", "CA"] };

/** Gives some sales back an hour later. */
async function giveBack(leadgate: Leadgate): Promise<void> {
  leadgate.clock.pass(3_600_000);
  const { data } = (await leadgate.admin("GET", "/leads?status=ACCEPTED&limit=30")).body;
  for (const { id, sales } of data.filter((_: unknown, place: number) => place % 4 === 0)) {
    const asked = await leadgate.admin("POST", `/leads/${id}/returns`, {
      buyer_id: sales[0].buyer_id,
      reason: "bad_contact",
    });
    if (asked.status === 201) await leadgate.admin("POST", `/returns/${asked.body.data.id}/accept`);
  }
}
