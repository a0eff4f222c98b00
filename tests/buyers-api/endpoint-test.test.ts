import { describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { schemaProblems } from "../api-docs/reading.ts";
import {
  arrivals,
  delivering,
  deliveryJourneys,
  giveSecret,
  rowsOf,
  webhookTo,
} from "../journeys/delivery-journeys.ts";
import { aLead, OPERATOR_KEY } from "../support/leadgate.ts";
import type { PretendBuyer } from "../support/pretend-buyer.ts";
import { untilTrue } from "../support/process.ts";

deliveryJourneys("a buyer's own test", (journey) => {
  /** The first buyer with this delivery; answers the query of its link. */
  async function linked(first: object): Promise<string> {
    await journey.leadgate.configure(delivering({ first }));
    const { body } = await journey.leadgate.admin("POST", "/campaigns/solar/docs-link", { buyer: "first" });
    return new URL(body.data.url).search;
  }

  function press(query: string) {
    return journey.leadgate.call("POST", `/docs/webhooks/test${query}`);
  }

  /** A second is over, so the next test is admitted. */
  function pressLater(query: string) {
    journey.leadgate.clock.pass(1_000);
    return press(query);
  }

  /** A buyer's page by its link. */
  async function page(query: string): Promise<string> {
    return (await journey.leadgate.call("GET", `/docs/webhooks${query}`)).body;
  }

  test("a test that a buyer asks for arrives once, signed by the buyer's secret, with nothing of a person in it", async () => {
    const buyer = await journey.buyer();
    const query = await linked(webhookTo(buyer));
    await giveSecret(journey.leadgate, "/buyers/first", buyer);
    const { status, headers, body } = await press(query);
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body.data).toEqual({
      delivery_id: expect.stringMatching(/^delivery_/),
      verdict: "accepted",
      http_status: 200,
      failure: null,
      duration_ms: expect.any(Number),
      excerpt: '{"status":"accepted","reference":"R-1"}',
      message: expect.stringMatching(
        /^The answer was 200, after \d+ ms\. A lead with this answer counts as delivered\.$/,
      ),
    });
    expect([...buyer.received.keys()]).toEqual([body.data.delivery_id]);
    const [arrived] = buyer.received.values();
    expect(arrived?.count).toBe(1);
    expect(JSON.parse(arrived?.bodies[0] ?? "")).toEqual({
      type: "webhook.test",
      timestamp: expect.any(String),
      data: { buyer_id: "first" },
    });
    expect(buyer.seen.badSignatures).toBe(0);
    const document = (await journey.leadgate.call("GET", "/docs/openapi.json")).body;
    expect(schemaProblems(document, document.components.schemas.TestedEndpoint, body.data)).toEqual([]);
  });

  test("a test that a buyer asks for is on record for the operator", async () => {
    const query = await linked(webhookTo(await journey.buyer()));
    const id = (await press(query)).body.data.delivery_id;
    const { data } = (await journey.leadgate.admin("GET", "/deliveries?event=webhook.test")).body;
    expect(data).toMatchObject([{ id, buyer_id: "first", lead_id: null, event: "webhook.test" }]);
  });

  test("a test that a buyer asks for goes to where the configuration in force says, and is read by its response rules", async () => {
    const [old, moved] = [await journey.buyer(), await journey.buyer({ behaviour: "reject-json" })];
    const query = await linked(webhookTo(old));
    await press(query);
    const rules = [{ when: { json_path: "$.status", equals: "rejected" }, outcome: "rejected" as const }];
    await linked(webhookTo(moved, { response_rules: rules }));
    const { data } = (await pressLater(query)).body;
    expect(data).toMatchObject({ verdict: "rejected", http_status: 200, failure: null });
    expect(data.message).toEndWith("A lead with this answer counts as refused.");
    expect([old.seen.requests, moved.seen.requests]).toEqual([1, 1]);
  });

  describe("failures", () => {
    test.each([
      ["fail", 500, "http_status", "Only a 2xx is a yes."],
      ["too-many", 429, "http_status", "Only a 2xx is a yes."],
      ["reset", null, "reset", "The connection ended before the whole answer was there."],
      ["redirect", 302, "redirect", "Redirects are not followed."],
      ["hang", null, "timeout", "The whole answer was not there in time."],
    ] as const)(
      "a test of an endpoint that fails says how, and is not sent again: %s",
      async (behaviour, status, failure, says) => {
        const buyer = await journey.buyer({ behaviour });
        const query = await linked(webhookTo(buyer, { timeout_seconds: 1 }));
        const { data } = (await press(query)).body;
        expect(data).toMatchObject({ verdict: "error", http_status: status, failure });
        expect(data.message).toContain(says);
        await untilTrue(async () => (await pending()) === 0, "it to be on record how that ended");
        journey.leadgate.clock.pass(3_600_000);
        const sold = await lead(buyer);
        expect(sold.received.size).toBe(2);
        expect([...sold.received.values()].map(({ count }) => count)).toEqual([1, 1]);
      },
    );

    test("a test of an endpoint that fails says how, and is not sent again: nobody listens", async () => {
      const buyer = await journey.buyer();
      const query = await linked(webhookTo(buyer));
      await buyer.close();
      const { data } = (await press(query)).body;
      expect(data).toMatchObject({ http_status: null, failure: "connect_failed", excerpt: null });
      expect(data.message).toBe("Nobody listens at the endpoint. A lead would be tried again.");
    });

    test("a test of an endpoint that fails says how, and is not sent again: an address that is never called", async () => {
      const query = await linked({ delivery: { method: "webhook", url: "http://169.254.169.254/latest" } });
      const { data } = (await press(query)).body;
      expect(data).toMatchObject({ http_status: null, failure: "refused_address" });
    });
  });

  /** How many deliveries wait or are under way. */
  async function pending(): Promise<number> {
    const waiting = sql`select id from deliveries where state = 'pending'`;
    return (await journey.database.read((db) => rowsOf(db, waiting))).length;
  }

  /** The endpoint is well again, and a lead arrives: what was to be sent again would have come by then. */
  async function lead(buyer: PretendBuyer): Promise<PretendBuyer> {
    buyer.behave("accept");
    const { leadgate } = journey;
    await leadgate.ingest("acme", aLead());
    await arrivals(buyer, 2);
    return buyer;
  }

  test("a test that a buyer asks for reaches an endpoint that is taken for down, and brings it back", async () => {
    const buyer = await journey.buyer({ behaviour: "fail" });
    const query = await linked(webhookTo(buyer, { when_down: "skip" }));
    for (let count = 0; count < 10; count += 1) {
      await press(query);
      journey.leadgate.clock.pass(10_000);
    }
    expect((await journey.leadgate.ingest("acme", aLead())).body.data.buyer_id).toBe("second");
    buyer.behave("accept");
    expect((await press(query)).body.data).toMatchObject({ verdict: "accepted" });
    expect((await journey.leadgate.ingest("acme", aLead())).body.data.buyer_id).toBe("first");
  });

  test("a test that a buyer asks for reaches an endpoint that is paused, which stays so until the operator resumes it", async () => {
    const buyer = await journey.buyer({ behaviour: "gone" });
    const query = await linked(webhookTo(buyer, { when_down: "skip" }));
    expect((await press(query)).body.data.message).toContain("until the operator resumes it");
    buyer.behave("accept");
    expect((await pressLater(query)).body.data).toMatchObject({ verdict: "accepted" });
    expect((await journey.leadgate.ingest("acme", aLead())).body.data.buyer_id).toBe("second");
  });

  test("a test that a buyer asks for can be had five times in a row, then once in ten seconds, by each buyer for itself", async () => {
    const buyer = await journey.buyer();
    const query = await linked(webhookTo(buyer));
    const doubled = await Promise.all([press(query), press(query), press(query)]);
    expect(doubled.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      200, 429, 429,
    ]);
    for (let count = 1; count < 5; count += 1) expect((await pressLater(query)).status).toBe(200);
    const refused = await pressLater(query);
    expect(refused.status).toBe(429);
    const { error, retry_after: wait } = refused.body;
    expect([error, refused.headers.get("retry-after")]).toEqual(["rate_limited", String(wait)]);
    expect(wait).toBeWithin(1, 11);
    expect(buyer.seen.requests).toBe(5);

    const others = await journey.leadgate.admin("POST", "/campaigns/solar/docs-link", { buyer: "second" });
    expect((await press(new URL(others.body.data.url).search)).status).toBe(409);
    journey.leadgate.clock.pass(wait * 1_000);
    expect((await press(query)).status).toBe(200);
  });

  test("a test that a buyer asks for is nobody's but the buyer's whose link it is, while that is valid", async () => {
    const buyer = await journey.buyer();
    const query = await linked(webhookTo(buyer));
    const stranger = await journey.leadgate.admin("POST", "/campaigns/solar/docs-link", { supplier: "acme" });
    const anybody = await journey.leadgate.admin("POST", "/campaigns/solar/docs-link", {});
    const links = [stranger, anybody].map(({ body }) => `${new URL(body.data.url).search}&campaign=solar`);
    const changed = Object.entries({ buyer: "second", campaign: "other", expires: "9999999999" }).map(
      ([name, value]) => {
        const parameters = new URLSearchParams(query);
        parameters.set(name, value);
        return `?${parameters}`;
      },
    );
    for (const wrong of ["", "?buyer=first&campaign=solar", ...links, ...changed]) {
      const { status, body } = await press(wrong);
      expect([status, body.message]).toEqual([404, "This link is not valid, or it has expired."]);
    }
    const keys = { authorization: `Bearer ${OPERATOR_KEY}`, "x-api-key": journey.leadgate.keyOf("acme") };
    expect((await journey.leadgate.call("POST", "/docs/webhooks/test", { headers: keys })).status).toBe(404);
    expect((await journey.leadgate.call("GET", `/docs/webhooks/test${query}`)).status).toBe(405);
    journey.leadgate.clock.pass(7 * 86_400_000);
    expect((await press(query)).status).toBe(404);
    expect(buyer.seen.requests).toBe(0);
  });

  test("a test that a buyer asks for is over with the campaign, or the buyer's part in it", async () => {
    const buyer = await journey.buyer();
    const query = await linked(webhookTo(buyer));
    const document = delivering({ first: webhookTo(buyer) }, { campaign: { status: "archived" } });
    await journey.leadgate.configure(document);
    expect((await press(query)).status).toBe(404);
    expect((await journey.leadgate.call("GET", `/docs/webhooks${query}`)).status).toBe(404);
    await journey.leadgate.configure(delivering({ first: webhookTo(buyer) }, { campaign: { buyers: [] } }));
    expect((await press(query)).status).toBe(404);
    expect(buyer.seen.requests).toBe(0);
  });

  test("a test that a buyer asks for has a button on the buyer's page and nowhere else, and none while there is no endpoint", async () => {
    const query = await linked(webhookTo(await journey.buyer()));
    expect(await page(query)).toContain(
      `data-address="/docs/webhooks/test${query.replaceAll("&", "&amp;")}"`,
    );
    expect(await page("")).not.toContain("send-test");
    const without = await linked({});
    expect(await page(without)).not.toContain("send-test");
    expect((await press(without)).body).toMatchObject({ error: "conflict" });
  });
});
