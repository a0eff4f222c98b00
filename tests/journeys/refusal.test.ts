import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { uuidOfLead } from "#text/ids.ts";
import { aLead, type Leadgate } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import {
  arrivals,
  type DeliveryJourney,
  delivering,
  deliveryJourneys,
  rowsOf,
  send,
  webhookTo,
} from "./delivery-journeys.ts";

const RULES = {
  response_rules: [
    { when: { json_path: "$.status", equals: "rejected" }, outcome: "rejected" as const },
    { when: { json_path: "$.status", equals: "duplicate" }, outcome: "duplicate" as const },
    { when: { status: 200 }, outcome: "accepted" as const },
  ],
};
const WALLET = { billing: { mode: "wallet" as const } };

async function show(leadgate: Leadgate, id: string) {
  return (await leadgate.admin("GET", `/leads/${id}`)).body.data;
}

/** The lead once one of its sales is undone and none is being asked about. */
async function settled(leadgate: Leadgate, id: string) {
  let lead = await show(leadgate, id);
  await untilTrue(async () => {
    lead = await show(leadgate, id);
    return (
      lead.trace.some(({ check }: { check: string }) => check === "refusal") && lead.status !== "PENDING"
    );
  }, "the refusal to be settled");
  // What suppliers were told at first is not how these leads stand any more.
  leadgate.acknowledged.length = 0;
  return lead;
}

const salesOf = (lead: { sales: Record<string, string>[] }) =>
  lead.sales.map(({ buyer_id, status, payout }) => `${buyer_id} ${status} ${payout}`);

async function balance(leadgate: Leadgate, buyer: string): Promise<string> {
  return (await leadgate.admin("GET", `/buyers/${buyer}/balance`)).body.data.balance;
}

/** A buyer that says something else to each request. */
function answering(...statuses: string[]) {
  const left = [...statuses];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => {
      const status = left.shift() ?? "accepted";
      return status === "timeout" ? new Response("", { status: 504 }) : Response.json({ status });
    },
  });
  return { url: () => server.url.href, [Symbol.asyncDispose]: () => server.stop(true) };
}

deliveryJourneys("a buyer that refuses what it was sold", (journey) => {
  test("a buyer that refuses what it was sold is not billed, and the next one has it, as trace, look-up and operators see", async () => {
    const { leadgate } = journey;
    const [no, yes, books] = [
      await journey.buyer({ behaviour: "reject-json" }),
      await journey.buyer(),
      await journey.buyer(),
    ];
    const capped = { ...WALLET, caps: { day: { leads: 1, amount: "20.00" } } };
    await leadgate.configure(
      delivering(
        { first: { ...webhookTo(no, RULES), ...capped }, second: { ...webhookTo(yes), ...capped } },
        {
          link: { caps: { day: { leads: 1 } } },
          more: {
            webhooks: [{ id: "books", url: books.url(), events: ["lead.accepted", "lead.refused"] }],
          },
        },
      ),
    );
    for (const buyer of ["first", "second"])
      await leadgate.admin("POST", `/buyers/${buyer}/deposits`, { amount: "20.00" });
    const sold = await send(leadgate);
    expect(sold.buyer_id).toBe("first");
    const lead = await settled(leadgate, sold.id);
    expect(lead).toMatchObject({ status: "ACCEPTED", buyer_id: "second", price: "20.00", payout: "5.00" });
    expect(salesOf(lead)).toEqual(["first refused 5.00", "second sold 5.00"]);
    expect(lead.sales.map(({ place }: { place: number }) => place)).toEqual([1, 2]);
    expect(lead.trace.filter(({ check }: { check: string }) => check === "refusal")).toEqual([
      { check: "refusal", result: "ended", buyer_id: "first", answer: "rejected", follows: "next_buyer" },
    ]);
    expect(lead.trace.at(-1).buyers.slice(0, 2)).toEqual([
      { buyer_id: "first", reason: "refused_lead" },
      { buyer_id: "second", chosen: true },
    ]);
    expect([await balance(leadgate, "first"), await balance(leadgate, "second")]).toEqual(["20.00", "0.00"]);
    await arrivals(yes, 1);
    const told = (await arrivals(books, 3)).map(({ bodies }) => JSON.parse(bodies[0] ?? ""));
    expect(told.map(({ type, data }) => `${type} ${data.buyer_id}`).toSorted()).toEqual([
      "lead.accepted first",
      "lead.accepted second",
      "lead.refused second",
    ]);
    expect(told.find(({ type }) => type === "lead.refused").data).toMatchObject({
      refusal: { buyer_id: "first", answer: "rejected", follows: "next_buyer" },
      sales: [
        { buyer_id: "first", status: "refused" },
        { buyer_id: "second", status: "sold" },
      ],
    });
    const own = await leadgate.call("GET", `/api/v1/leads/${sold.id}`, {
      headers: { "x-api-key": leadgate.keyOf("acme") },
    });
    expect(own.body.data).toMatchObject({ status: "ACCEPTED", buyer_id: "second", payout: "5.00" });
    // It cannot be sent again to the one that refused it.
    const [{ id: delivery }] = lead.deliveries;
    expect((await leadgate.admin("POST", `/deliveries/${delivery}/redeliver`)).status).toBe(409);
    expect(no.seen.requests).toBe(1);
  });

  test("a lead that nobody else can take is unmatched for being refused, costs nobody anything, and its person may come again", async () => {
    const { leadgate } = journey;
    await using buyer = answering("duplicate");
    const paused = { second: { status: "paused" as const }, third: { status: "paused" as const } };
    await leadgate.configure(
      delivering({ first: { ...webhookTo(buyer, RULES), ...WALLET } }, { contracts: paused }),
    );
    await leadgate.admin("POST", "/buyers/first/deposits", { amount: "10.00" });
    const person = aLead();
    const { data: sold } = (await leadgate.ingest("acme", person)).body;
    const lead = await settled(leadgate, sold.id);
    expect(lead).toMatchObject({
      status: "UNMATCHED",
      reason: "refused",
      buyer_id: null,
      price: null,
      payout: null,
    });
    expect(salesOf(lead)).toEqual(["first refused 5.00"]);
    const own = await leadgate.call("GET", `/api/v1/leads/${sold.id}`, {
      headers: { "x-api-key": leadgate.keyOf("acme") },
    });
    expect(own.body.data).toMatchObject({ status: "UNMATCHED", reason: "refused", payout: null });
    expect((await leadgate.ingest("acme", person)).body.data.status).toBe("ACCEPTED");
  });

  test("of a shared lead only the sale that is refused is undone and filled, and the fixed payout is paid once", async () => {
    const { leadgate } = journey;
    const [no, yes] = [await journey.buyer({ behaviour: "reject-json" }), await journey.buyer()];
    await leadgate.configure(
      delivering(
        { first: webhookTo(no, RULES), second: webhookTo(yes, RULES), third: webhookTo(yes, RULES) },
        { campaign: { max_sells: 2 } },
      ),
    );
    const sold = await send(leadgate);
    const lead = await settled(leadgate, sold.id);
    expect(lead).toMatchObject({ status: "ACCEPTED", buyer_id: "second", price: "50.00", payout: "5.00" });
    expect(salesOf(lead)).toEqual(["first refused 5.00", "second sold 0.00", "third sold 0.00"]);
    expect(lead.trace.at(-1).buyers).toEqual([
      { buyer_id: "first", reason: "refused_lead" },
      { buyer_id: "second", reason: "has_lead" },
      { buyer_id: "third", chosen: true },
    ]);
  });

  test("a shared lead that all its buyers refuse pays its supplier nothing", async () => {
    const { leadgate } = journey;
    const no = await journey.buyer({ behaviour: "reject-json" });
    await leadgate.configure(
      delivering(
        { first: webhookTo(no, RULES), second: webhookTo(no, RULES), third: webhookTo(no, RULES) },
        { campaign: { max_sells: 2 }, link: { caps: { total: { leads: 1, amount: "5.00" } } } },
      ),
    );
    const sold = await send(leadgate);
    await untilTrue(async () => (await show(leadgate, sold.id)).status === "UNMATCHED", "all to refuse");
    const lead = await settled(leadgate, sold.id);
    expect(lead).toMatchObject({ reason: "refused", payout: null });
    // Nothing of the supplier's cap is used.
    no.behave("accept");
    expect((await send(leadgate)).status).toBe("ACCEPTED");
  });

  test.each([
    ["reverse", {}, "UNMATCHED", "first refused 5.00"],
    ["keep", {}, "ACCEPTED", "first sold 5.00"],
    ["too_late", { on_refusal: "next_buyer", refusal_minutes: 0 }, "UNMATCHED", "first refused 5.00"],
  ] as const)(
    "a contract says what follows when its buyer refuses: %s",
    async (follows, over, status, sale) => {
      const { leadgate } = journey;
      const [no, other] = [await journey.buyer({ behaviour: "reject-json" }), await journey.buyer()];
      const contract = follows === "too_late" ? over : { on_refusal: follows };
      await leadgate.configure(
        delivering(
          { first: webhookTo(no, RULES), second: webhookTo(other) },
          { contracts: { first: contract } },
        ),
      );
      const sold = await send(leadgate);
      const lead = await settled(leadgate, sold.id);
      expect([lead.status, ...salesOf(lead)]).toEqual([status, sale]);
      expect(lead.trace.at(-1)).toMatchObject({ check: "refusal", answer: "rejected", follows });
      expect(other.seen.requests).toBe(0);
    },
  );

  test("a buyer that may have had a lead from an earlier attempt does not refuse it by calling it a duplicate", async () => {
    const { leadgate } = journey;
    await using buyer = answering("timeout", "duplicate");
    await leadgate.configure(delivering({ first: webhookTo(buyer, { ...RULES, retry_schedule: [1] }) }));
    const sold = await send(leadgate);
    const attempts = async () => (await show(leadgate, sold.id)).deliveries[0].attempt_count;
    await untilTrue(async () => (await attempts()) === 1, "the first attempt to be on record");
    leadgate.clock.pass(5_000);
    await untilTrue(
      async () => (await show(leadgate, sold.id)).deliveries[0].state === "delivered",
      "the second",
    );
    const lead = await show(leadgate, sold.id);
    expect(lead.deliveries[0].verdict).toBe("duplicate");
    expect(salesOf(lead)).toEqual(["first sold 5.00"]);
  });

  test("a refusal whose settling failed or whose server died is settled once by the next that looks", async () => {
    const { leadgate, database } = journey;
    const [no, yes] = [await journey.buyer({ behaviour: "reject-json" }), await journey.buyer()];
    await leadgate.configure(
      delivering({ first: { ...webhookTo(no, RULES), ...WALLET }, second: webhookTo(yes) }),
    );
    await leadgate.admin("POST", "/buyers/first/deposits", { amount: "10.00" });
    await database.write(async (tx) => {
      await tx.execute(sql`create function refuse_undoing() returns trigger language plpgsql as
        $$ begin raise exception 'not now' using errcode = '23514'; end $$`);
      await tx.execute(
        sql`create trigger refuse_undoing before update on sales execute function refuse_undoing()`,
      );
    });
    const sold = await send(leadgate);
    await untilTrue(() => isMarked(journey, sold.id), "the refusal to be recorded");
    await leadgate.server.stop();
    await database.write(async (tx) => {
      await tx.execute(sql`drop trigger refuse_undoing on sales`);
      await tx.execute(sql`drop function refuse_undoing`);
    });
    const next = leadgate.another();
    expect(salesOf(await show(next, sold.id))[0]).toBe("first sold 5.00");
    leadgate.another();
    const lead = await settled(next, sold.id);
    expect(salesOf(lead)).toEqual(["first refused 5.00", "second sold 5.00"]);
    await untilTrue(async () => !(await isMarked(journey, sold.id)), "the mark to be gone");
    expect(await balance(next, "first")).toBe("10.00");
  });

  test("a refused sale of a shared lead can be sent round again by hand where its contract keeps it, and the others stand", async () => {
    const { leadgate } = journey;
    const [no, yes] = [await journey.buyer({ behaviour: "reject-json" }), await journey.buyer()];
    await leadgate.configure(
      delivering(
        { first: webhookTo(no, RULES), second: webhookTo(yes), third: webhookTo(yes) },
        { campaign: { max_sells: 2 }, contracts: { first: { on_refusal: "keep" } } },
      ),
    );
    const sold = await send(leadgate);
    await settled(leadgate, sold.id);
    const { body } = await leadgate.admin("POST", `/leads/${sold.id}/redistribute`);
    expect(body.data).toMatchObject({ status: "ACCEPTED", buyer_id: "second" });
    expect(salesOf(await show(leadgate, sold.id))).toEqual([
      "first returned 5.00",
      "second sold 0.00",
      "third sold 0.00",
    ]);
  });

  test("many leads that buyers refuse, redistribute and resell at once on two servers leave every sum right", async () => {
    const { leadgate } = journey;
    const moody = answering(
      ...Array.from({ length: 400 }, (_, at) => ["rejected", "accepted", "duplicate"][at % 3] ?? ""),
    );
    await leadgate.configure(
      delivering(
        {
          first: { ...webhookTo(moody, RULES), ...WALLET },
          second: { ...webhookTo(moody, RULES), caps: { day: { leads: 30 } } },
          third: webhookTo(moody, RULES),
        },
        { campaign: { max_sells: 2 }, link: { caps: { day: { leads: 50 } } } },
      ),
    );
    await leadgate.admin("POST", "/buyers/first/deposits", { amount: "250.00" });
    const servers = [leadgate, leadgate.another()];
    const replies = await Promise.all(
      Array.from({ length: 60 }, (_, at) => (servers[at % 2] ?? leadgate).ingest("acme", aLead())),
    );
    await Promise.all(
      replies.map(({ body }) => leadgate.admin("POST", `/leads/${body.data.id}/redistribute`)),
    );
    await untilTrue(async () => {
      const [open] = await journey.database.read((db) =>
        rowsOf<{ open: number }>(
          db,
          sql`select count(*)::int as open from deliveries where refusal_due or state = 'pending'`,
        ),
      );
      return open?.open === 0;
    }, "all refusals to be settled");
    leadgate.acknowledged.length = 0;
    await moody[Symbol.asyncDispose]();
  });
});

async function isMarked({ database }: DeliveryJourney, lead: string): Promise<boolean> {
  const rows = await database.read((db) =>
    rowsOf(
      db,
      sql`select id from deliveries where refusal_due and lead_id = ${uuidOfLead(lead) ?? ""}::text::uuid`,
    ),
  );
  return rows.length > 0;
}
