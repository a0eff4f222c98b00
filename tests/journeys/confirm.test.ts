import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { violations } from "../support/invariants.ts";
import { aLead, type Leadgate, type Reply } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import {
  type DeliveryJourney,
  delivering,
  deliveryJourneys,
  deliveryOf,
  giveSecret,
  rowsOf,
  startPensiveBuyer,
  webhookTo,
} from "./delivery-journeys.ts";

const RULES = {
  response_rules: [
    { when: { json_path: "$.status", equals: "accepted" }, outcome: "accepted" as const },
    { when: { json_path: "$.status", equals: "rejected" }, outcome: "rejected" as const },
  ],
  response_values: { reference: { json_path: "$.reference" }, reason: { json_path: "$.reason" } },
};

/** Buyers that are asked first, in the order of their priority. */
function asking(
  buyers: Readonly<Record<string, { url(): string }>>,
  over: Parameters<typeof delivering>[1] & { caps?: object } = {},
): ConfigurationDocument {
  const { caps, campaign, ...others } = over;
  const webhooks = Object.entries(buyers).map(([id, buyer]) => [
    id,
    { ...webhookTo(buyer, { confirm: true, ...RULES }), ...(caps && { caps }) },
  ]);
  const contracts = Object.fromEntries(
    ["first", "second", "third"].map((id) => [id, id in buyers ? {} : { status: "paused" as const }]),
  );
  // What a busy machine needs to answer is no time that a buyer took.
  const patient = { confirm_budget_ms: 30_000, ...campaign };
  return delivering(Object.fromEntries(webhooks), { contracts, campaign: patient, ...others });
}

/** Where nobody listens. */
const NOWHERE = { url: () => "http://127.0.0.1:1/" };

interface Line {
  check: string;
  [name: string]: unknown;
}

async function record(leadgate: Leadgate, reply: Reply) {
  const { body } = await leadgate.admin("GET", `/leads/${reply.body.data.id}`);
  const trace: Line[] = body.data.trace;
  const asked = trace.filter(({ check }) => check === "confirmation");
  return { reason: body.data.reason, deliveries: body.data.deliveries, trace, asked };
}

/** How much of each buyer's day is used. */
async function used({ database }: DeliveryJourney): Promise<Record<string, number>> {
  const rows = await database.read((db) =>
    rowsOf<{ buyer_id: string; day_leads: number }>(
      db,
      // Where tables are spread, what a buyer has used stands with its contracts.
      database.isSpread
        ? sql`select party_id as buyer_id, day_leads from campaign_counters where party = 'contract' order by party_id`
        : sql`select buyer_id, day_leads from buyer_counters order by buyer_id`,
    ),
  );
  return Object.fromEntries(rows.map((row) => [row.buyer_id, row.day_leads]));
}

deliveryJourneys("asking first", (journey) => {
  test("a buyer that is asked first gets the lead once it has said yes, and the supplier is told then", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(asking({ first: buyer }));
    await giveSecret(leadgate, "/buyers/first", buyer);
    const reply = await leadgate.ingest("acme", aLead());
    expect([reply.status, reply.body.data]).toMatchObject([201, { status: "ACCEPTED", buyer_id: "first" }]);
    expect(buyer.seen).toMatchObject({ requests: 1, badSignatures: 0 });
    const recorded = () => deliveryOf(leadgate, reply.body.data.id, "delivered");
    // The lead's decision says that it was delivered; its attempt is written down after that.
    await untilTrue(async () => (await recorded()).verdict !== null, "the attempt to be on record");
    const delivery = await recorded();
    expect(delivery).toMatchObject({ verdict: "accepted", reference: "R-1", attempt_count: 1 });
    expect(delivery.attempts).toMatchObject([{ number: 1, http_status: 200 }]);
    expect([...buyer.received.keys()]).toEqual([delivery.id]);
    expect((await record(leadgate, reply)).asked).toEqual([
      { check: "confirmation", result: "passed", buyer_id: "first", answer: "confirmed" },
    ]);
  });

  test("a buyer that is asked first and says no is followed by the next, and keeps nothing of its caps and money", async () => {
    const { leadgate } = journey;
    const [no, yes] = [await journey.buyer({ behaviour: "reject-json" }), await journey.buyer()];
    const caps = { day: { leads: 1, amount: "30.00" }, total: { leads: 1 } };
    await leadgate.configure(asking({ first: no, second: yes }, { caps }));
    const reply = await leadgate.ingest("acme", aLead());
    expect([reply.status, reply.body.data.buyer_id]).toEqual([201, "second"]);
    expect(await used(journey)).toEqual({ first: 0, second: 1 });
    const { asked, trace, deliveries } = await record(leadgate, reply);
    expect(asked).toMatchObject([
      { result: "ended", buyer_id: "first", answer: "refused" },
      { result: "passed", buyer_id: "second", answer: "confirmed" },
    ]);
    expect(trace.filter(({ check }) => check === "buyers").at(-1)).toMatchObject({
      buyers: [{ buyer_id: "first", reason: "refused_lead" }, { buyer_id: "second", chosen: true }, {}],
    });
    await untilTrue(async () => {
      const [refused] = (await record(leadgate, reply)).deliveries;
      return refused.state === "rejected" && refused.reason === "no budget";
    }, "the refusal to be recorded");
    expect(deliveries).toHaveLength(2);
    // The cap of one is free again for the next lead, and it is asked again.
    const next = await leadgate.ingest("acme", aLead());
    expect(next.body.data.status).toBe("UNMATCHED");
    expect(no.seen.requests).toBe(2);
  });

  test("what a wallet paid is given back when the buyer that is asked refuses", async () => {
    const { leadgate } = journey;
    const no = await journey.buyer({ behaviour: "reject-json" });
    const document = asking({ first: no });
    await leadgate.configure({
      ...document,
      buyers: (document.buyers ?? []).map((each) => ({ ...each, billing: { mode: "wallet" as const } })),
    });
    await leadgate.admin("POST", "/buyers/first/deposits", { amount: "10.00" });
    journey.expected.deposits = { first: "10.00" };
    for (let sent = 0; sent < 3; sent++) {
      expect((await leadgate.ingest("acme", aLead())).body.data.status).toBe("UNMATCHED");
    }
    expect(no.seen.requests).toBe(3);
    const { body } = await leadgate.admin("GET", "/buyers/first/balance");
    expect(body.data.balance).toBe("10.00");
    delete journey.expected.deposits;
  });

  test("a buyer that is asked first and cannot be reached is followed by the next", async () => {
    const { leadgate } = journey;
    const yes = await journey.buyer();
    await leadgate.configure(asking({ first: NOWHERE, second: yes }));
    const reply = await leadgate.ingest("acme", aLead());
    expect(reply.body.data.buyer_id).toBe("second");
    expect((await record(leadgate, reply)).asked).toMatchObject([
      { buyer_id: "first", answer: "refused" },
      { buyer_id: "second", answer: "confirmed" },
    ]);
  });

  test("a buyer that is asked first and does not answer in time may have the lead: it goes to nobody else", async () => {
    const { leadgate } = journey;
    const [silent, yes] = [await journey.buyer({ behaviour: "hang" }), await journey.buyer()];
    await leadgate.configure(
      asking({ first: silent, second: yes }, { campaign: { confirm_budget_ms: 200 } }),
    );
    const reply = await leadgate.ingest("acme", aLead());
    expect([reply.status, reply.body.data]).toMatchObject([200, { status: "UNMATCHED", buyer_id: null }]);
    const { reason, asked } = await record(leadgate, reply);
    expect(reason).toBe("unconfirmed");
    expect(asked).toMatchObject([{ buyer_id: "first", answer: "unclear" }]);
    expect(yes.seen.requests).toBe(0);
    // It is given up with its lead, and what the attempt failed of is recorded by itself.
    await untilTrue(async () => {
      const delivery = await deliveryOf(leadgate, reply.body.data.id, "dead");
      return delivery.last_failure === "timeout";
    }, "its failure to be on record");
  });

  test("a buyer that is asked first and breaks off in the middle may have the lead: it goes to nobody else", async () => {
    const { leadgate } = journey;
    const [reset, yes] = [await journey.buyer({ behaviour: "reset" }), await journey.buyer()];
    await leadgate.configure(asking({ first: reset, second: yes }));
    const reply = await leadgate.ingest("acme", aLead());
    expect((await record(leadgate, reply)).reason).toBe("unconfirmed");
    expect(yes.seen.requests).toBe(0);
  });

  test("a buyer that is asked first behind a gateway that answers 504 may have the lead: it goes to nobody else", async () => {
    const { leadgate } = journey;
    const [gateway, yes] = [await journey.buyer({ behaviour: "gateway" }), await journey.buyer()];
    await leadgate.configure(asking({ first: gateway, second: yes }));
    const reply = await leadgate.ingest("acme", aLead());
    const { reason, asked } = await record(leadgate, reply);
    expect([reason, asked]).toMatchObject(["unconfirmed", [{ buyer_id: "first", answer: "unclear" }]]);
    expect(yes.seen.requests).toBe(0);
  });

  test("buyers that refuse until no time is left are not followed by another that wants to be asked", async () => {
    const { leadgate } = journey;
    const never = await journey.buyer();
    await using slow = startPensiveBuyer();
    await leadgate.configure(
      asking({ first: slow, second: never }, { campaign: { confirm_budget_ms: 30_000 } }),
    );
    const told = leadgate.ingest("acme", aLead());
    await slow.asked;
    leadgate.clock.pass(29_950);
    slow.answer("rejected");
    const { trace, reason } = await record(leadgate, await told);
    expect(reason).toBe("no_buyer");
    expect(trace.at(-1)).toMatchObject({
      buyers: [
        { buyer_id: "first", reason: "refused_lead" },
        { buyer_id: "second", reason: "no_time_to_ask" },
        { buyer_id: "third", reason: "contract_paused" },
      ],
    });
    expect(never.seen.requests).toBe(0);
  });

  test("several buyers that are asked first are asked in turn until one takes the lead, or none does", async () => {
    const { leadgate } = journey;
    const no = await journey.buyer({ behaviour: "reject-json" });
    await leadgate.configure(
      asking({ first: no, second: NOWHERE, third: no }, { caps: { total: { leads: 5 } } }),
    );
    const reply = await leadgate.ingest("acme", aLead());
    expect([reply.status, reply.body.data.status]).toEqual([200, "UNMATCHED"]);
    const { asked, reason } = await record(leadgate, reply);
    expect(asked.map(({ buyer_id }) => buyer_id)).toEqual(["first", "second", "third"]);
    expect(reason).toBe("no_buyer");
    expect(await used(journey)).toEqual({ first: 0, second: 0, third: 0 });
  });

  test("a buyer that refuses when asked is followed by one that is not asked at all", async () => {
    const { leadgate } = journey;
    const [no, plain] = [await journey.buyer({ behaviour: "reject-json" }), await journey.buyer()];
    const document = asking({ first: no });
    const [first, second, third] = document.buyers ?? [];
    await leadgate.configure({
      ...document,
      buyers: [first ?? {}, { ...second, ...webhookTo(plain) }, third ?? {}],
      campaigns: (document.campaigns ?? []).map((campaign) => ({
        ...campaign,
        buyers: (campaign.buyers ?? []).map((each) => ({ ...each, status: "active" as const })),
      })),
    });
    const reply = await leadgate.ingest("acme", aLead());
    expect(reply.body.data.buyer_id).toBe("second");
    await untilTrue(() => plain.received.size === 1, "the second buyer to get the lead");
  });

  test("a repeated request waits while the buyer is asked, and gets the same answer", async () => {
    const { leadgate } = journey;
    await using buyer = startPensiveBuyer();
    await leadgate.configure(asking({ first: buyer }, { campaign: { confirm_budget_ms: 30_000 } }));
    const lead = aLead();
    const key = { "idempotency-key": "order-1" };
    const first = leadgate.ingest("acme", lead, key);
    await buyer.asked;
    const meanwhile = await leadgate.ingest("acme", lead, key);
    expect([meanwhile.status, meanwhile.body.error]).toEqual([409, "idempotency_in_flight"]);
    expect(meanwhile.headers.get("retry-after")).toBe("1");
    buyer.answer("accepted");
    const told = await first;
    const again = await leadgate.ingest("acme", lead, key);
    expect([again.status, again.body]).toEqual([told.status, told.body]);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(buyer.requests()).toBe(1);
  });

  test("a buyer that is asked first is asked about two hundred leads at once, and each is settled by its own answer", async () => {
    const { leadgate } = journey;
    const [no, yes] = [await journey.buyer({ behaviour: "reject-json" }), await journey.buyer()];
    await leadgate.configure(asking({ first: no, second: yes }, { caps: { total: { leads: 200 } } }));
    const replies = await Promise.all(Array.from({ length: 200 }, () => leadgate.ingest("acme", aLead())));
    expect(new Set(replies.map(({ body }) => body.data.buyer_id))).toEqual(new Set(["second"]));
    expect([no.received.size, yes.received.size]).toEqual([200, 200]);
    expect(await used(journey)).toEqual({ first: 0, second: 200 });
  });

  test("a buyer that is asked first fills its cap to the last lead and no further, however many are asked about at once", async () => {
    const { leadgate } = journey;
    const yes = await journey.buyer();
    await leadgate.configure(asking({ first: yes }, { caps: { total: { leads: 20 } } }));
    const servers = [leadgate, leadgate.another()];
    const replies = await Promise.all(
      Array.from({ length: 60 }, (_, at) => (servers[at % 2] ?? leadgate).ingest("acme", aLead())),
    );
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(yes.received.size).toBe(20);
  });

  test("a buyer that is asked first and is down is not asked until a probe is due, and then about one lead", async () => {
    const { leadgate } = journey;
    const [failing, yes] = [await journey.buyer({ behaviour: "fail" }), await journey.buyer()];
    await leadgate.configure(asking({ first: failing, second: yes }));
    const to = async () => (await leadgate.ingest("acme", aLead())).body.data.buyer_id;
    for (let sent = 0; sent < 12; sent++) expect(await to()).toBe("second");
    expect(failing.seen.requests).toBe(10);
    leadgate.clock.pass(30_000);
    const together = await Promise.all(Array.from({ length: 20 }, to));
    expect(new Set(together)).toEqual(new Set(["second"]));
    expect(failing.seen.requests).toBe(11);
    failing.behave("accept");
    leadgate.clock.pass(60_000);
    expect(await to()).toBe("first");
    expect(await to()).toBe("first");
  });

  test("a buyer that is asked first may refuse a duplicate of its lead, and the original still counts", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    const duplicates = { action: "route_to_original" as const };
    await leadgate.configure(asking({ first: buyer }, { campaign: { duplicates } }));
    const lead = aLead();
    expect((await leadgate.ingest("acme", lead)).body.data.buyer_id).toBe("first");
    buyer.behave("reject-json");
    expect((await leadgate.ingest("acme", lead)).body.data.status).toBe("DUPLICATE");
    buyer.behave("accept");
    expect((await leadgate.ingest("acme", lead)).body.data).toMatchObject({
      buyer_id: "first",
      duplicate: true,
    });
  });

  test("a lead that its buyer refuses and its campaign would not take any more is unmatched, not turned away", async () => {
    const { leadgate } = journey;
    await using buyer = startPensiveBuyer();
    await leadgate.configure(asking({ first: buyer }, { caps: { total: { leads: 1 } } }));
    const told = leadgate.ingest("acme", aLead());
    await buyer.asked;
    const fields = [{ name: "roof_age", type: "integer" as const, required: true }];
    await leadgate.configure(
      asking({ first: buyer }, { caps: { total: { leads: 1 } }, campaign: { fields } }),
    );
    buyer.answer("rejected");
    const reply = await told;
    expect([reply.status, reply.body.data.status]).toEqual([200, "UNMATCHED"]);
    expect(await used(journey)).toEqual({ first: 0 });
  });

  test("a lead stays on record by the configuration that chose its buyer, when that says yes under another", async () => {
    const { leadgate } = journey;
    await using buyer = startPensiveBuyer();
    await leadgate.configure(asking({ first: buyer }));
    const told = leadgate.ingest("acme", aLead());
    await buyer.asked;
    await leadgate.configure(asking({ first: buyer }, { caps: { day: { leads: 0 } } }));
    buyer.answer("accepted");
    const { data } = (await leadgate.admin("GET", `/leads/${(await told).body.data.id}`)).body;
    expect([data.status, data.revision]).toEqual(["ACCEPTED", 1]);
    expect(await violations(journey.database, {})).toEqual([]);
  });
});

deliveryJourneys("asking several buyers first", (journey) => {
  const sharing = { max_sells: 2 };
  const salesOf = async (leadgate: Leadgate, reply: Reply) => {
    const { body } = await leadgate.admin("GET", `/leads/${reply.body.data.id}`);
    return body.data.sales.map(
      (sale: Record<string, string>) => `${sale["buyer_id"]} ${sale["status"]} ${sale["payout"]}`,
    );
  };

  test("several buyers that share a lead are asked first all at once, and each is sold it once it has said yes", async () => {
    const { leadgate } = journey;
    await using first = startPensiveBuyer();
    await using second = startPensiveBuyer();
    await leadgate.configure(asking({ first, second }, { campaign: sharing }));
    const told = leadgate.ingest("acme", aLead());
    await Promise.all([first.asked, second.asked]);
    second.answer("accepted");
    first.answer("accepted");
    const reply = await told;
    expect([reply.status, reply.body.data.buyer_id]).toEqual([201, "first"]);
    expect(await salesOf(leadgate, reply)).toEqual(["first sold 5.00", "second sold 0.00"]);
    expect([first.requests(), second.requests()]).toEqual([1, 1]);
  });

  test("several buyers that are asked first are followed by the next for each that refuses, and the fixed payout passes on", async () => {
    const { leadgate } = journey;
    const [no, yes] = [await journey.buyer({ behaviour: "reject-json" }), await journey.buyer()];
    const caps = { day: { leads: 1 } };
    await leadgate.configure(asking({ first: no, second: yes, third: yes }, { campaign: sharing, caps }));
    const reply = await leadgate.ingest("acme", aLead());
    expect(reply.body.data).toMatchObject({
      status: "ACCEPTED",
      buyer_id: "second",
      sales: [
        { buyer_id: "second", price: "5.00" },
        { buyer_id: "third", price: "0.00" },
      ],
    });
    expect(await salesOf(leadgate, reply)).toEqual(["second sold 5.00", "third sold 0.00"]);
    expect(await used(journey)).toEqual({ first: 0, second: 1, third: 1 });
    expect((await record(leadgate, reply)).asked).toMatchObject([
      { buyer_id: "first", answer: "refused" },
      { buyer_id: "second", answer: "confirmed" },
      { buyer_id: "third", answer: "confirmed" },
    ]);
  });

  test("a buyer that is not asked first is sold a shared lead with the one that is, and sent it then; who may have it keeps its place", async () => {
    const { leadgate } = journey;
    const [unclear, plain] = [await journey.buyer({ behaviour: "hang" }), await journey.buyer()];
    const document = asking({ first: unclear }, { campaign: { ...sharing, confirm_budget_ms: 200 } });
    const [campaign] = document.campaigns ?? [];
    await leadgate.configure({
      ...document,
      buyers: (document.buyers ?? []).map((each) =>
        each.id === "first" ? each : { ...each, ...webhookTo(plain) },
      ),
      campaigns: [
        {
          ...campaign,
          buyers: (campaign?.buyers ?? []).map((each) => ({ ...each, status: "active" as const })),
        },
      ],
    });
    const reply = await leadgate.ingest("acme", aLead());
    expect([reply.status, reply.body.data.buyer_id]).toEqual([201, "second"]);
    expect(await salesOf(leadgate, reply)).toEqual(["second sold 5.00"]);
    expect((await record(leadgate, reply)).asked).toMatchObject([{ buyer_id: "first", answer: "unclear" }]);
    await untilTrue(() => plain.seen.requests === 1, "the other to be sent it");
  });

  test("a shared lead whose server stands still while its buyers are asked is settled by another, by the answers of all", async () => {
    const { leadgate } = journey;
    let asked = 0;
    const forgetful = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      async fetch() {
        asked += 1;
        if (asked === 1) await new Promise(() => {});
        return Response.json({ status: "accepted" });
      },
    });
    const yes = await journey.buyer();
    const campaign = { ...sharing, confirm_budget_ms: 30_000 };
    await leadgate.configure(asking({ first: { url: () => forgetful.url.href }, second: yes }, { campaign }));
    const told = leadgate.ingest("acme", aLead());
    await untilTrue(() => asked === 1 && yes.seen.requests === 1, "both to be asked");
    const next = leadgate.another();
    leadgate.clock.pass(61_000);
    let lead = { status: "PENDING", sales: [] as { buyer_id: string }[] };
    await untilTrue(async () => {
      [lead] = (await next.admin("GET", "/leads")).body.data;
      return lead.status === "ACCEPTED";
    }, "the lead to be settled");
    expect(lead.sales.map(({ buyer_id }) => buyer_id)).toEqual(["first", "second"]);
    await forgetful.stop(true);
    await told;
  }, 60_000);
});

deliveryJourneys("a server that stands still", (journey) => {
  const LEASE_MS = 60_000;
  const key = { "idempotency-key": "order-1" };

  /** A buyer that never answers the first asking, and every later one with `status`, or fails. */
  function forgetfulBuyer(status: "accepted" | "rejected" | "failed") {
    const ids: string[] = [];
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      async fetch(request) {
        ids.push(request.headers.get("webhook-id") ?? "");
        if (ids.length === 1) await new Promise(() => {});
        return Response.json({ status }, { status: status === "failed" ? 500 : 200 });
      },
    });
    return { ids, url: () => server.url.href, [Symbol.asyncDispose]: () => server.stop(true) };
  }

  test.each([
    ["accepted", 201, "ACCEPTED", "first"],
    ["rejected", 200, "UNMATCHED", null],
  ] as const)(
    "a held lead whose server stands still is asked about again by another under the same id, and ends as its buyer says: %s",
    async (says, httpStatus, status, buyer_id) => {
      const { leadgate } = journey;
      await using buyer = forgetfulBuyer(says);
      const campaign = { confirm_budget_ms: 30_000 };
      await leadgate.configure(asking({ first: buyer }, { campaign, caps: { total: { leads: 1 } } }));
      const lead = aLead();
      const told = leadgate.ingest("acme", lead, key);
      await untilTrue(() => buyer.ids.length === 1, "the buyer to be asked");
      const next = leadgate.another();
      expect((await next.ingest("acme", lead, key)).body.error).toBe("idempotency_in_flight");
      leadgate.clock.pass(LEASE_MS + 1_000);
      const replies = async () => await next.ingest("acme", lead, key);
      await untilTrue(async () => (await replies()).status === httpStatus, "the lead to be settled");
      const settled = await replies();
      expect(settled.body.data).toMatchObject({ status, buyer_id });
      expect(settled.headers.get("idempotent-replayed")).toBe("true");
      expect(buyer.ids).toEqual([buyer.ids[0] ?? "", buyer.ids[0] ?? ""]);
      expect(await used(journey)).toEqual({ first: buyer_id === null ? 0 : 1 });
      // What the first server hears in the end changes nothing, and its supplier is told how the lead stands.
      await buyer[Symbol.asyncDispose]();
      expect((await told).status).toBe(httpStatus);
      expect((await told).body.data).toMatchObject({ status, buyer_id });
    },
    60_000,
  );

  test("a held lead whose server stands still goes to nobody else when its buyer fails to answer once more", async () => {
    const { leadgate } = journey;
    await using buyer = forgetfulBuyer("failed");
    const other = await journey.buyer();
    const campaign = { confirm_budget_ms: 30_000 };
    const buyers = { first: buyer, second: other };
    await leadgate.configure(asking(buyers, { campaign, caps: { total: { leads: 1 } } }));
    const told = leadgate.ingest("acme", aLead(), key);
    await untilTrue(() => buyer.ids.length === 1, "the buyer to be asked");
    const next = leadgate.another();
    leadgate.clock.pass(LEASE_MS + 1_000);
    await untilTrue(async () => {
      leadgate.clock.pass(1_000);
      const [lead] = (await next.admin("GET", "/leads")).body.data;
      return lead?.status === "UNMATCHED" && lead.reason === "unconfirmed";
    }, "the lead to be settled");
    expect(other.seen.requests).toBe(0);
    await buyer[Symbol.asyncDispose]();
    await told;
  }, 120_000);

  test("a held lead whose server stands still lapses when its buyer cannot be asked again", async () => {
    const { leadgate } = journey;
    await using buyer = forgetfulBuyer("accepted");
    const campaign = { confirm_budget_ms: 30_000 };
    await leadgate.configure(asking({ first: buyer }, { campaign, caps: { total: { leads: 1 } } }));
    const told = leadgate.ingest("acme", aLead(), key);
    await untilTrue(() => buyer.ids.length === 1, "the buyer to be asked");
    const at = leadgate.clock.now().toISOString();
    await journey.database.write((tx) =>
      tx.execute(sql`insert into endpoints (recipient, breaker, paused_at)
        values ('buyer:first', '{"state":"closed","recent":[]}', ${at}::text::timestamptz)`),
    );
    const next = leadgate.another();
    leadgate.clock.pass(11 * LEASE_MS);
    // Pending leads are looked for every 15 seconds: the look that was due may have come before the delivery was given up.
    await untilTrue(async () => {
      leadgate.clock.pass(1_000);
      return (await used(journey))["first"] === 0;
    }, "the cap to be given back");
    const { body } = await next.admin("GET", "/leads");
    expect(body.data).toMatchObject([{ status: "UNMATCHED", reason: "unconfirmed" }]);
    await buyer[Symbol.asyncDispose]();
    await told;
  }, 120_000);
});
