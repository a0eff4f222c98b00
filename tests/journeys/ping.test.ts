import { describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { aDocument, aLead, type Leadgate, type Reply } from "../support/leadgate.ts";
import { rowsOf } from "./delivery-journeys.ts";
import { journeys } from "./journeys.ts";
import { ping } from "./pings.ts";

type Over = NonNullable<Parameters<typeof aDocument>[0]>;

/** The campaign in ping-post mode: the supplier is paid the price less 2.00. */
function pingPost(over: Over = {}) {
  return aDocument({
    ...over,
    supplier: { rate_limits: FAST, ...over.supplier },
    link: { payout: { mode: "margin" }, ...over.link },
    campaign: { mode: "ping_post", margin: { flat: "2.00" }, ...over.campaign },
  });
}

const FAST = {
  ingest: { per_second: 100_000, burst_per_second: 100_000 },
  ping: { per_second: 100_000, burst_per_second: 100_000 },
};

const fieldErrors = ({ body }: Reply) =>
  (body.field_errors ?? []).map(({ field, code }: { field: string; code: string }) => `${field} ${code}`);

const bidsOf = ({ body }: Reply) =>
  body.bids.map((bid: { buyer_id: string; price: string }) => [bid.buyer_id, bid.price]);

async function post(leadgate: Leadgate, pingId: string, over: Record<string, unknown> = {}): Promise<Reply> {
  return leadgate.ingest("acme", aLead({ flo_ping_id: pingId, ...over }));
}

journeys("pings", (journey) => {
  test("a ping is answered with all who would take the lead, best first, at what the supplier is paid for it", async () => {
    const { leadgate } = journey;
    await leadgate.configure(pingPost({ contracts: { second: { states: ["OK"] } } }));
    const reply = await ping(leadgate, { state: "tx", zip_code: "78701" });
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      accepted: true,
      ping_id: expect.stringMatching(/^v1\.[0-9a-f]{8}\.[\w-]+\.[\w-]{43}$/),
      message: expect.any(String),
      price: "28.00",
      currency: "USD",
      expires_at: "2026-01-13T17:30:00.000Z",
      bids: [
        { buyer_id: "third", price: "28.00" },
        { buyer_id: "first", price: "8.00" },
      ],
    });
    expect(reply.headers.get("ratelimit-policy")).toContain("burst");
  });

  test("a ping, its post, a suppression list, duplicates and look-ups read a value the same, however it is written", async () => {
    const { leadgate } = journey;
    const filters = { field: "zip_code", op: "in" as const, value: ["02134"] };
    const over = { campaign: { suppression_lists: ["dnc"], filters } };
    await leadgate.configure(
      pingPost({ ...over, more: { suppression_lists: [{ id: "dnc", name: "None" }] } }),
    );
    await leadgate.admin("POST", "/suppression-lists/dnc/entries", {
      entries: [{ phone: "5126664321" }, { email: "jörg@xn--mller-kva.de" }],
    });
    const place = { state: "Texas", zip_code: "02134-1234" };
    expect((await ping(leadgate, { ...place, phone: "+5126664321" })).body.reason).toBe("suppressed");
    expect((await ping(leadgate, { ...place, email: "JÖRG@müller.de" })).body.reason).toBe("suppressed");
    const { ping_id } = (await ping(leadgate, { ...place, phone: "+5126664322" })).body;
    const person = {
      phone: "(512) 666-4322",
      email: "ann@xn--mller-kva.de",
      state: "US-TX",
      zip_code: "02134",
    };
    const posted = await post(leadgate, ping_id, person);
    expect(posted.status).toBe(201);
    expect((await ping(leadgate, { ...place, phone: "tel:+5126664322" })).body.reason).toBe("duplicate");
    expect((await ping(leadgate, { ...place, email: "Ann@MÜLLER.de" })).body.reason).toBe("duplicate");
    for (const query of ["phone=%2B5126664322", `email=${encodeURIComponent("ann@müller.de")}`]) {
      const found = await leadgate.admin("GET", `/leads?${query}`);
      expect(found.body.data.map(({ id }: { id: string }) => id)).toEqual([posted.body.data.id]);
    }
  });

  test("a ping leaves nothing on record, and takes from no cap", async () => {
    const { leadgate, database } = journey;
    await leadgate.configure(pingPost({ contracts: { third: { caps: { total: { leads: 1 } } } } }));
    for (let count = 0; count < 3; count++) {
      expect((await ping(leadgate, { phone: "5125550100", state: "TX" })).body.bids[0].buyer_id).toBe(
        "third",
      );
    }
    const counts = await database.read((db) =>
      rowsOf(
        db,
        sql`select (select count(*) from leads)::int as leads, (select count(*) from redeemed_pings)::int as pings,
          (select count(*) from lead_keys)::int as keys, (select count(*) from campaign_counters)::int as counters`,
      ),
    );
    expect(counts).toEqual([{ leads: 0, pings: 0, keys: 0, counters: 0 }]);
  });

  test("a ping tells of every reason for which its lead would not be taken", async () => {
    const { leadgate } = journey;
    await leadgate.configure(
      pingPost({
        campaign: {
          mode: "ping_post",
          fields: [{ name: "roof_age", type: "integer" }],
          filters: { field: "roof_age", op: "gte", value: 5 },
          suppression_lists: ["dnc"],
        },
        more: { suppression_lists: [{ id: "dnc" }] },
        contracts: { first: { states: ["OK"] }, second: { states: ["OK"] }, third: { states: ["OK"] } },
      }),
    );
    await leadgate.admin("POST", "/suppression-lists/dnc/entries", { entries: [{ phone: "5125550100" }] });
    const reasonOf = async (fields: object) => {
      const { status, body } = await ping(leadgate, { ...fields });
      return [status, body.accepted, body.reason];
    };
    expect(await reasonOf({ roof_age: 2 })).toEqual([200, false, "filtered"]);
    expect(await reasonOf({ phone: "(512) 555-0100" })).toEqual([200, false, "suppressed"]);
    expect(await reasonOf({ state: "TX" })).toEqual([200, false, "no_buyer"]);
    const [campaign] = pingPost().campaigns ?? [];
    await leadgate.configure({ ...pingPost(), campaigns: [{ ...campaign, status: "paused" }] });
    expect(await reasonOf({ state: "TX" })).toEqual([200, false, "inactive"]);
  });

  test("a ping of part of a lead is judged by that part: what is missing fails no filter", async () => {
    const { leadgate } = journey;
    await leadgate.configure(
      pingPost({
        campaign: {
          mode: "ping_post",
          fields: [
            { name: "roof_age", type: "integer" },
            { name: "income", type: "integer" },
          ],
          filters: {
            any: [
              { field: "roof_age", op: "gte", value: 5 },
              { field: "income", op: "gte", value: 100 },
            ],
          },
        },
        contracts: { third: { states: ["TX"] } },
      }),
    );
    expect((await ping(leadgate)).body).toMatchObject({ accepted: true, price: "28.00" });
    expect((await ping(leadgate, { roof_age: 2 })).body.accepted).toBe(true);
    expect((await ping(leadgate, { roof_age: 2, income: 50 })).body.reason).toBe("filtered");
  });

  test("a ping that is malformed, of a stranger or of no campaign is refused as a lead is", async () => {
    const { leadgate } = journey;
    await leadgate.configure(
      pingPost({
        campaign: { mode: "ping_post", fields: [{ name: "zip_code", type: "zip", required_for_ping: true }] },
      }),
    );
    const missing = await ping(leadgate, { email: "nobody" });
    expect([missing.status, fieldErrors(missing)]).toEqual([
      400,
      ["email invalid_format", "zip_code required"],
    ]);
    expect((await ping(leadgate, { flo_campaign_id: "wind" })).body.error).toBe("campaign_not_found");
    expect((await ping(leadgate, { flo_supplier_id: "other" })).status).toBe(403);
    const stranger = await leadgate.call("POST", "/api/v1/ping", { body: "{}" });
    expect(stranger.status).toBe(401);
  });

  test("a ping is not for a campaign that takes leads directly", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    expect(fieldErrors(await ping(leadgate))).toEqual(["flo_campaign_id not_allowed"]);
  });

  test("a ping has a rate limit of its own", async () => {
    const { leadgate } = journey;
    const limit = { per_second: 1, burst_per_second: 2, burst_seconds: 1 };
    await leadgate.configure(pingPost({ supplier: { rate_limits: { ...FAST, ping: limit } } }));
    const statuses = [];
    for (let count = 0; count < 4; count++) statuses.push((await ping(leadgate)).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    expect((await leadgate.ingest("acme", aLead())).status).toBe(400);
  });

  test("a ping tried out tells the checks and gives no token", async () => {
    const { leadgate } = journey;
    await leadgate.configure(pingPost());
    const { body } = await ping(leadgate, { state: "TX" }, "?dry_run=true");
    expect(body).toMatchObject({ accepted: true, ping_id: null, dry_run: true, price: "28.00" });
    expect(
      body.trace.map(({ check, result }: { check: string; result: string }) => `${check} ${result}`),
    ).toEqual([
      "access passed",
      "fields passed",
      "filters passed",
      "suppression passed",
      "duplicates passed",
      "buyers passed",
    ]);
    expect(JSON.stringify(body.trace)).not.toContain("third");
  });

  describe("hashes", () => {
    const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");
    const md5 = (text: string) => new Bun.CryptoHasher("md5").update(text).digest("hex");

    test("a ping with a phone or an e-mail hashed is known for the person who came before, however it was hashed", async () => {
      const { leadgate } = journey;
      await leadgate.configure(pingPost());
      const first = await ping(leadgate);
      await post(leadgate, first.body.ping_id, { phone: "5125550100", email: "Ada@Example.com" });
      for (const hashed of [
        { phone_sha256: sha256("+15125550100") },
        { phone_sha256: sha256("5125550100").toUpperCase() },
        { phone_md5: md5("15125550100") },
        { email_sha256: sha256("ada@example.com") },
        { email_md5: md5("ada@example.com") },
        { phone: "512-555-0100" },
      ]) {
        expect((await ping(leadgate, hashed)).body).toMatchObject({ accepted: false, reason: "duplicate" });
      }
      expect((await ping(leadgate, { phone_md5: md5("+15125550101") })).body.accepted).toBe(true);
    });

    test("a ping with a phone or an e-mail hashed is on a list that holds the same hash", async () => {
      const { leadgate } = journey;
      await leadgate.configure(
        pingPost({
          campaign: { mode: "ping_post", suppression_lists: ["dnc"] },
          more: { suppression_lists: [{ id: "dnc" }] },
        }),
      );
      const entries = [{ phone_sha256: sha256("+15125550100") }];
      await leadgate.admin("POST", "/suppression-lists/dnc/entries", { entries });
      expect((await ping(leadgate, { phone_sha256: sha256("+15125550100") })).body.reason).toBe("suppressed");
      expect((await ping(leadgate, { phone: "5125550100" })).body.reason).toBe("suppressed");
    });

    test("a ping with a hash is redeemed by a post with the phone or e-mail that was hashed, and by no other", async () => {
      const { leadgate } = journey;
      await leadgate.configure(pingPost());
      const hashes = { phone_sha256: sha256("5125550100"), email_md5: md5("ada@example.com") };
      const { body } = await ping(leadgate, hashes);
      const other = await post(leadgate, body.ping_id, { phone: "5125550101", email: "ada@example.com" });
      expect(fieldErrors(other)).toEqual(["flo_ping_id mismatch"]);
      expect(other.body.field_errors[0].message).toContain("phone_sha256");
      const same = await post(leadgate, body.ping_id, { phone: "+1 512 555 0100", email: "ADA@example.com" });
      expect([same.status, same.body.data.status]).toEqual([201, "ACCEPTED"]);
    });
  });
});

journeys("posts after pings", (journey) => {
  async function pinged(
    leadgate: Leadgate,
    over: Over = {},
    fields: Record<string, unknown> = { state: "TX" },
  ) {
    await leadgate.configure(pingPost(over));
    return (await ping(leadgate, fields)).body.ping_id as string;
  }

  test("a post after a ping is sold to the best bid at the promised price", async () => {
    const { leadgate } = journey;
    const pingId = await pinged(leadgate);
    const { status, body } = await post(leadgate, pingId);
    expect(status).toBe(201);
    expect(body.data).toEqual({
      id: expect.any(String),
      status: "ACCEPTED",
      buyer_id: "third",
      campaign_id: "solar",
      price: "28.00",
      currency: "USD",
    });
    const { body: record } = await leadgate.admin("GET", `/leads/${body.data.id}`);
    expect(record.data).toMatchObject({ price: "30.00", payout: "28.00" });
    expect(record.data.trace.slice(-2)).toEqual([
      { check: "ping", result: "passed", detail: { ping_id: expect.stringMatching(/^ping_/) } },
      {
        check: "buyers",
        result: "passed",
        method: "quoted_bids",
        buyers: [
          { buyer_id: "first", reason: "outranked" },
          { buyer_id: "second", reason: "outranked" },
          { buyer_id: "third", chosen: true, price: "30.00" },
        ],
      },
    ]);
  });

  test("a post after a ping is sold at the promised price although prices, margin and payout have changed since", async () => {
    const { leadgate } = journey;
    const pingId = await pinged(leadgate);
    await leadgate.configure(
      pingPost({
        campaign: { mode: "ping_post", margin: { percent: 50 }, min_price: "35.00" },
        link: { payout: { mode: "fixed", amount: "1.00" } },
        contracts: { third: { price: "99.00" } },
      }),
    );
    const { body } = await post(leadgate, pingId);
    expect(body.data).toMatchObject({ buyer_id: "third", price: "28.00" });
    expect((await leadgate.admin("GET", `/leads/${body.data.id}`)).body.data).toMatchObject({
      price: "30.00",
    });
  });

  test("a post after a ping goes to the bid that its supplier chose, and to none that was not made", async () => {
    const { leadgate } = journey;
    const pingId = await pinged(leadgate, { contracts: { third: { states: ["OK"] } } });
    const unbid = await post(leadgate, pingId, { flo_buyer_id: "third" });
    expect([unbid.status, fieldErrors(unbid)]).toEqual([400, ["flo_buyer_id not_allowed"]]);
    const { body } = await post(leadgate, pingId, { flo_buyer_id: "first" });
    expect(body.data).toMatchObject({ buyer_id: "first", price: "8.00" });
  });

  test("a post after a ping goes to the next bid when the chosen buyer can no longer take it, and then to nobody", async () => {
    const { leadgate } = journey;
    const capped = { caps: { day: { leads: 1 } } };
    const over = { contracts: { first: { states: ["OK"] }, second: capped, third: capped } };
    await leadgate.configure(pingPost(over));
    const pings = [];
    for (let count = 0; count < 3; count++) pings.push((await ping(leadgate, { state: "TX" })).body.ping_id);
    const told = [];
    for (const pingId of pings)
      told.push((await post(leadgate, pingId, { flo_buyer_id: "third" })).body.data);
    expect(told.map(({ status, buyer_id, price }) => [status, buyer_id, price])).toEqual([
      ["ACCEPTED", "third", "28.00"],
      ["ACCEPTED", "second", "18.00"],
      ["UNMATCHED", null, undefined],
    ]);
    const { body } = await leadgate.admin("GET", `/leads/${told[2].id}`);
    expect(body.data.trace.at(-1).buyers).toEqual([
      { buyer_id: "first", reason: "state_not_listed" },
      { buyer_id: "second", reason: "contract_cap", cap: { period: "day", unit: "leads" } },
      { buyer_id: "third", reason: "contract_cap", cap: { period: "day", unit: "leads" } },
    ]);
  });

  test("a post after a ping needs the ping's token, and says so with all that is wrong", async () => {
    const { leadgate } = journey;
    await pinged(leadgate);
    for (const missing of [{}, { flo_ping_id: "" }, { flo_ping_id: null }]) {
      const reply = await leadgate.ingest("acme", aLead({ ...missing, email: "nobody" }));
      expect([reply.status, fieldErrors(reply)]).toEqual([
        400,
        ["email invalid_format", "flo_ping_id required"],
      ]);
    }
  });

  test("a post after a ping with a token that is tampered with, cut, of another kind or another's is refused by name", async () => {
    const { leadgate } = journey;
    const pingId = await pinged(leadgate);
    const tampered = `${pingId.slice(0, 40)}${pingId[40] === "A" ? "B" : "A"}${pingId.slice(41)}`;
    for (const bad of [
      tampered,
      pingId.slice(0, -1),
      `${pingId}A`,
      "v1.x.y.z",
      "nonsense",
      7,
      {},
      "x".repeat(60_000),
    ]) {
      const reply = await leadgate.ingest("acme", aLead({ flo_ping_id: bad }));
      expect([reply.status, fieldErrors(reply)]).toEqual([400, ["flo_ping_id invalid"]]);
    }
    const [campaign] = pingPost().campaigns ?? [];
    const other = { ...campaign, id: "wind", name: "Wind" };
    await leadgate.configure({ ...pingPost(), campaigns: [...(pingPost().campaigns ?? []), other] });
    expect(fieldErrors(await post(leadgate, pingId, { flo_campaign_id: "wind" }))).toEqual([
      "flo_ping_id mismatch",
    ]);
  });

  test("a post after a ping with a ping of another supplier is refused", async () => {
    const { leadgate } = journey;
    const document = pingPost();
    const [campaign] = document.campaigns ?? [];
    const suppliers = [...(campaign?.suppliers ?? []), { supplier: "beta" }];
    await leadgate.configure({
      ...document,
      suppliers: [...(document.suppliers ?? []), { id: "beta", name: "Beta" }],
      campaigns: [{ ...campaign, suppliers }],
    });
    const { body } = await ping(leadgate);
    const reply = await leadgate.ingest(
      "beta",
      aLead({ flo_ping_id: body.ping_id, flo_supplier_id: "beta" }),
    );
    expect(fieldErrors(reply)).toEqual(["flo_ping_id mismatch"]);
  });

  test("a post after a ping comes within 30 minutes, to the moment", async () => {
    const { leadgate } = journey;
    const pingId = await pinged(leadgate);
    leadgate.clock.pass(30 * 60_000);
    expect(fieldErrors(await post(leadgate, pingId))).toEqual(["flo_ping_id expired"]);
    leadgate.clock.pass(-1);
    expect((await post(leadgate, pingId)).status).toBe(201);
  });

  test("a post after a ping repeats what was pinged, in whatever spelling; what was not pinged is new", async () => {
    const { leadgate } = journey;
    const fields = { state: "tx", zip_code: "78701", sent_at: "10:00" };
    const pingId = await pinged(leadgate, {}, fields);
    const changed = await post(leadgate, pingId, { state: "OK", zip_code: "78701" });
    expect(fieldErrors(changed)).toEqual(["flo_ping_id mismatch"]);
    expect(changed.body.field_errors[0].message).toBe("not as it was pinged: state");
    expect(fieldErrors(await post(leadgate, pingId, { state: "TX" }))).toEqual(["flo_ping_id mismatch"]);
    expect(
      (await post(leadgate, pingId, { state: " Tx ", zip_code: "78701", sent_at: "10:05" })).status,
    ).toBe(201);
  });

  test("a post after a ping buys one lead: the second is a replay, and a lead that never came to its token leaves it good", async () => {
    const { leadgate } = journey;
    const filters = { field: "state", op: "eq", value: "TX" } as const;
    const pingId = await pinged(leadgate, { campaign: { mode: "ping_post", filters } }, {});
    expect((await post(leadgate, pingId, { state: "OK" })).status).toBe(422);
    expect((await post(leadgate, pingId, { email: "nobody" })).status).toBe(400);
    expect((await post(leadgate, pingId)).status).toBe(201);
    const again = await post(leadgate, pingId);
    expect([again.status, fieldErrors(again)]).toEqual([400, ["flo_ping_id replayed"]]);
  });

  test("a post after a ping is answered again for the same Idempotency-Key, although its token is used up", async () => {
    const { leadgate } = journey;
    const pingId = await pinged(leadgate);
    const lead = aLead({ flo_ping_id: pingId });
    const first = await leadgate.ingest("acme", lead, { "idempotency-key": "k" });
    const second = await leadgate.ingest("acme", lead, { "idempotency-key": "k" });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
  });

  test("a post after a ping, sent 200 times at once on two servers, is one lead", async () => {
    const { leadgate } = journey;
    const pingId = await pinged(leadgate);
    const servers = [leadgate, leadgate.another()];
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, index) => post(servers[index % 2] ?? leadgate, pingId)),
    );
    const codes = replies.map((reply) => (reply.status === 201 ? "sold" : fieldErrors(reply)[0]));
    expect(codes.filter((code) => code === "sold")).toHaveLength(1);
    expect(codes.filter((code) => code === "flo_ping_id replayed")).toHaveLength(199);
  });

  test("a post after a ping of a test supplier is a test", async () => {
    const { leadgate } = journey;
    const pingId = await pinged(leadgate, { supplier: { test_mode: true, rate_limits: FAST } });
    expect((await ping(leadgate)).body.is_test).toBe(true);
    expect((await post(leadgate, pingId)).body.data).toMatchObject({ is_test: true, status: "ACCEPTED" });
  });

  test("a post after a ping is refused when what was promised was in another currency, or to a test", async () => {
    const { leadgate } = journey;
    for (const before of [
      { campaign: { mode: "ping_post" as const, currency: "CAD" } },
      { supplier: { test_mode: true, rate_limits: FAST } },
    ]) {
      const earlier = await pinged(leadgate, before);
      const pingId = await pinged(leadgate);
      const refused = await post(leadgate, earlier);
      expect([refused.status, fieldErrors(refused)]).toEqual([400, ["flo_ping_id mismatch"]]);
      expect((await post(leadgate, pingId)).body.data).toMatchObject({ status: "ACCEPTED" });
    }
  });

  test("a post after a ping goes back to the original buyer of a duplicate only when that has bid", async () => {
    const { leadgate } = journey;
    const duplicates = { action: "route_to_original" as const };
    const person = { phone: "5125550100" };
    const first = await pinged(leadgate, { campaign: { mode: "ping_post", duplicates } }, person);
    expect((await post(leadgate, first, { ...person, flo_buyer_id: "first" })).body.data.buyer_id).toBe(
      "first",
    );
    const second = await ping(leadgate, person);
    expect(bidsOf(second)).toEqual([["first", "8.00"]]);
    const back = await post(leadgate, second.body.ping_id, person);
    expect(back.body.data).toMatchObject({ buyer_id: "first", duplicate: true, price: "8.00" });
  });
});
