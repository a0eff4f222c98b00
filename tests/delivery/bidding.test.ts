import { afterEach, beforeEach, expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { Bidding } from "#delivery/bidding.ts";
import { openRecipients } from "#delivery/recipients/recipients.ts";
import { createSender, type Sender } from "#delivery/transport/send.ts";
import type { Bidders } from "#handover/bidders.ts";
import type { BidRequest } from "#leads/bid.ts";
import { amountOfTenThousandths } from "#money/amount.ts";
import { createLog } from "#telemetry/log.ts";
import { newUuid } from "#text/ids.ts";
import { liveClock } from "../journeys/delivery-journeys.ts";
import { closeUsersOf } from "../support/closing.ts";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, type Leadgate, openLeadgate, type TestClock } from "../support/leadgate.ts";
import { type Behaviour, type PretendBuyer, startPretendBuyer } from "../support/pretend-buyer.ts";
import { untilTrue } from "../support/process.ts";

type BuyerEntry = NonNullable<ConfigurationDocument["buyers"]>[number];
type PingEntry = NonNullable<Extract<BuyerEntry["delivery"], { method: "webhook" }>["ping"]>;

const SECRET_KEY = new Uint8Array(32).fill(7);

onBothDatabases("live bids", (world) => {
  let leadgate: Leadgate;
  let sender: Sender;
  let bidding: Bidders;
  let clock: TestClock;
  let buyer: PretendBuyer;
  /** Only ever asked by those that hang. */
  let hanging: PretendBuyer;
  let revision = 0;
  let logged: string[] = [];

  beforeEach(async () => {
    clock = liveClock();
    leadgate = openLeadgate(world.database, clock);
    sender = createSender({ clock, allowedCidrs: [{ address: "127.0.0.1", prefix: 32, family: "ipv4" }] });
    const log = createLog({
      format: "json",
      level: "warn",
      write: (line) => logged.push(line),
      now: clock.now,
    });
    const recipients = openRecipients({
      database: world.database,
      clock,
      secretKey: SECRET_KEY,
      tellIn: async () => () => undefined,
      log,
    });
    bidding = new Bidding({ recipients, sender, clock, log, userAgent: "Leadgate/test" });
    [buyer, hanging] = await Promise.all([startPretendBuyer(), startPretendBuyer({ behaviour: "hang" })]);
    revision = 0;
    logged = [];
  });
  afterEach(async () => {
    sender.close();
    expect(logged.filter((line) => JSON.parse(line).level === "error")).toEqual([]);
    await closeUsersOf(world.database);
    await Promise.all([buyer.close(), hanging.close()]);
  });

  /** Puts into force how each buyer is pinged; undefined: it isn't. */
  async function pinging(
    pings: Readonly<Record<string, PingEntry | undefined>>,
    legacy_signature_header?: string,
  ): Promise<{ buyerId: string }[]> {
    const url = buyer.url("accept");
    const signed = legacy_signature_header === undefined ? {} : { legacy_signature_header };
    const buyers = Object.entries(pings).map(([id, ping]): BuyerEntry => {
      return { id, delivery: { method: "webhook", url, ...signed, ...(ping && { ping }) } };
    });
    const campaign = { buyers: buyers.map(({ id = "" }) => ({ buyer: id, price: "10.00" })) };
    await leadgate.configure(aDocument({ campaign, more: { buyers } }));
    revision += 1;
    return Object.keys(pings).map((buyerId) => ({ buyerId }));
  }

  function request(fields: Record<string, unknown> = {}): BidRequest {
    return {
      pingId: newUuid(),
      campaignId: "solar",
      revision,
      isTest: false,
      currency: "USD",
      timezone: "UTC",
      fields,
    };
  }

  /** How each buyer's asking ended: its price, or why it has none. */
  async function outcomes(
    asked: readonly { buyerId: string }[],
    budgetMs = 20_000,
  ): Promise<Record<string, unknown>> {
    const answers = await bidding.askForBids(asked, request(), budgetMs);
    return Object.fromEntries(
      Array.from(answers, ([id, answer]) => [id, answer.kind === "bid" ? answer.price : answer.why]),
    );
  }

  function thatDoes(behaviour: Behaviour, more: Partial<PingEntry> = {}): PingEntry {
    return { url: behaviour === "hang" ? hanging.url() : buyer.url(behaviour), ...more };
  }

  test("come from whoever answers; the others are no bid, with the reason", async () => {
    const asked = await pinging({
      bids: { url: buyer.biddingUrl("37.5") },
      zero: { url: buyer.biddingUrl("0") },
      greedy: { url: buyer.biddingUrl("1000001") },
      cents: { url: buyer.biddingUrl("1.00001") },
      babbles: thatDoes("babble"),
      garbage: thatDoes("garbage"),
      fails: thatDoes("fail"),
      redirects: thatDoes("redirect"),
      resets: thatDoes("reset"),
      cut: thatDoes("cut-off"),
      slow: thatDoes("hang", { timeout_ms: 50 }),
      metadata: { url: "http://169.254.169.254/ping" },
      nobody: { url: "http://127.0.0.1:1/ping" },
      unasked: undefined,
    });
    expect(await outcomes([...asked, { buyerId: "unknown" }])).toEqual({
      bids: 375_000,
      zero: "rejected",
      greedy: "bad_price",
      cents: "bad_price",
      babbles: "unreadable",
      garbage: "unreadable",
      fails: "http_status",
      redirects: "http_status",
      resets: "broken_off",
      cut: "broken_off",
      slow: "timed_out",
      metadata: "not_allowed",
      nobody: "unreachable",
      unasked: "not_asked",
      unknown: "not_asked",
    });
    // What is everyday in bidding is in no log.
    const told = logged.map((line) => JSON.parse(line)).map(({ buyer_id, reason }) => [buyer_id, reason]);
    expect(Object.fromEntries(told)).toEqual({
      greedy: "bad_price",
      cents: "bad_price",
      babbles: "unreadable",
      garbage: "unreadable",
      fails: "http_status",
      redirects: "http_status",
      resets: "broken_off",
      cut: "broken_off",
      metadata: "not_allowed",
      nobody: "unreachable",
    });
  });

  test("are read by the buyer's rules, with its reference and its reason", async () => {
    const rules = {
      response_rules: [
        { when: { json_path: "$.status", equals: "accepted" }, outcome: "accepted" as const },
        { when: { json_path: "$.status", equals: "rejected" }, outcome: "rejected" as const },
      ],
    };
    const asked = await pinging({
      yes: { url: buyer.biddingUrl("12.34"), ...rules },
      unpriced: thatDoes("accept", rules),
      no: thatDoes("reject-json", rules),
    });
    const answers = await bidding.askForBids(asked, request(), 5_000);
    expect(Object.fromEntries(answers)).toEqual({
      yes: { kind: "bid", price: amountOfTenThousandths(123_400), reference: "R-12.34" },
      unpriced: { kind: "bid", price: null, reference: "R-1" },
      no: { kind: "no_bid", why: "rejected", reason: "no budget" },
    });
  });

  test("are asked for under the buyer's signature, and each under an id of its own", async () => {
    const url = buyer.biddingUrl("5");
    const ping = { url, headers: { "x-key": "k" }, template: { id: "{ping.id}", zip: "{zip_code}" } };
    const asked = await pinging({ own: ping, usual: { url } }, "x-hub-signature");
    const secrets = await Promise.all(
      asked.map(({ buyerId }) => leadgate.admin("POST", `/buyers/${buyerId}/secret`)),
    );
    buyer.trust(secrets.map(({ body }) => body.secret));
    // What the other server has just made is read with the next revision.
    const asking = { ...request({ zip_code: "78701" }), revision: revision + 1 };
    await bidding.askForBids(asked, asking, 5_000);
    expect(buyer.seen).toMatchObject({ requests: 2, badSignatures: 0 });
    const [one, other] = [...buyer.received.values()].map(({ headers, bodies }) => ({
      headers,
      body: JSON.parse(bodies[0] ?? ""),
    }));
    const ids = [...buyer.received.keys()];
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toStartWith("ask_");
    const [own, usual] = one?.headers["x-key"] === "k" ? [one, other] : [other, one];
    expect(own?.body).toEqual({ id: expect.stringMatching(/^ping_/), zip: "78701" });
    expect(own?.headers["x-hub-signature"]).toMatch(/^[0-9a-f]{64}$/);
    expect(usual?.body).toMatchObject({
      type: "ping",
      data: { ping_id: own?.body.id, campaign_id: "solar", buyer_id: "usual", fields: { zip_code: "78701" } },
    });
  });

  test("of twenty buyers are there in time though five hang and five answer garbage", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `buyer-${index}`);
    const kinds = [
      () => thatDoes("hang", { timeout_ms: 10_000 }),
      () => thatDoes("garbage"),
      (index: number) => ({ url: buyer.biddingUrl(`${index}.50`) }),
      (index: number) => ({ url: buyer.biddingUrl(`${index}.50`) }),
    ];
    const asked = await pinging(
      Object.fromEntries(names.map((name, index) => [name, kinds[index % 4]?.(index)])),
    );
    const answers = await outcomes(asked, 8_000);
    expect(Math.max(...Object.values(answers).map(Number).filter(Number.isFinite))).toBe(195_000);
    const tally = Object.groupBy(Object.values(answers), String);
    expect(tally["out_of_budget"]).toHaveLength(5);
    expect(tally["unreadable"]).toHaveLength(5);
    // What hung was broken off.
    expect(hanging.seen.requests).toBe(5);
    await untilTrue(() => hanging.open() === 0, "the connections to be closed");
  });

  test("leave no connection behind, however many auctions there are", async () => {
    const asked = await pinging({
      ...Object.fromEntries(
        [1, 2, 3, 4, 5].map((price) => [`bids-${price}`, { url: buyer.biddingUrl(String(price)) }]),
      ),
      hangs: thatDoes("hang", { timeout_ms: 50 }),
      garbage: thatDoes("garbage"),
    });
    for (let auction = 0; auction < 300; auction += 1) {
      expect(await outcomes(asked)).toMatchObject({ "bids-5": 50_000 });
    }
    await untilTrue(() => hanging.open() === 0, "the connections to be closed");
    // Those that answer are called on connections that are kept, those that don't are soon left alone.
    expect(buyer.seen.requests).toBeGreaterThan(1_500);
    expect(buyer.seen.connections).toBeLessThan(60);
    expect(hanging.seen.requests).toBeLessThan(20);
  });

  test("are not asked of a buyer for a while when its pings fail, and then of one at a time", async () => {
    const ping = thatDoes("hang", { timeout_ms: 500 });
    const asked = await pinging({ dead: ping });
    await Promise.all(Array.from({ length: 10 }, () => outcomes(asked)));
    expect(await outcomes(asked)).toEqual({ dead: "breaker_open" });
    expect(hanging.seen.requests).toBe(10);

    clock.pass(31_000);
    hanging.behave("babble");
    const both = await Promise.all([outcomes(asked), outcomes(asked)]);
    expect(both).toEqual([{ dead: "unreadable" }, { dead: "breaker_open" }]);
    // It answers, if nothing that is understood.
    expect(await outcomes(asked)).toEqual({ dead: "unreadable" });

    hanging.behave("hang");
    await Promise.all(Array.from({ length: 30 }, () => outcomes(asked)));
    expect(await outcomes(asked)).toEqual({ dead: "breaker_open" });
    // Another address is another chance.
    await pinging({ dead: { url: buyer.biddingUrl("3") } });
    expect(await outcomes(asked)).toEqual({ dead: 30_000 });
  });

  test("are asked of a buyer no more at once than it takes", async () => {
    const asked = await pinging({ small: thatDoes("hang", { timeout_ms: 300, max_in_flight: 2 }) });
    const all = await Promise.all([1, 2, 3].map(() => outcomes(asked)));
    expect(all).toEqual([{ small: "timed_out" }, { small: "timed_out" }, { small: "too_many_in_flight" }]);
    expect(hanging.seen.requests).toBe(2);
  });

  test("are asked for as the campaign's newest revision says", async () => {
    for (const price of ["1", "2", "3"]) {
      const asked = await pinging({ first: { url: buyer.biddingUrl(price) } });
      expect(await outcomes(asked)).toEqual({ first: Number(price) * 10_000 });
    }
  });

  test("are out of the budget where there is none", async () => {
    const asked = await pinging({ first: thatDoes("hang") });
    expect(await outcomes(asked, 0)).toEqual({ first: "out_of_budget" });
    expect(await outcomes(asked, -1)).toEqual({ first: "out_of_budget" });
    expect(await outcomes([], 0)).toEqual({});
    expect(hanging.seen.requests).toBe(0);
  });
});
