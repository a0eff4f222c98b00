import { expect, test } from "bun:test";
import type { Database } from "#database/database.ts";
import { rejectAskedReturn } from "#returns/decide-return.ts";
import { uuidOfReturn } from "#text/ids.ts";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import { arrivals, delivering, deliveryJourneys, send, webhookTo } from "./delivery-journeys.ts";
import { journeys } from "./journeys.ts";

const WALLET = { billing: { mode: "wallet" as const } };
const BAD = { reason: "bad_contact" };

async function show(leadgate: Leadgate, id: string) {
  return (await leadgate.admin("GET", `/leads/${id}`)).body.data;
}

async function balanceOf(leadgate: Leadgate, buyer: string): Promise<string> {
  return (await leadgate.admin("GET", `/buyers/${buyer}/balance`)).body.data.balance;
}

journeys("a lead that its buyer gives back", (journey) => {
  async function sell(over: Parameters<typeof aDocument>[0] = {}) {
    const { leadgate } = journey;
    const document = aDocument(over);
    const buyers = (document.buyers ?? []).map((buyer) => ({ ...buyer, ...WALLET }));
    await leadgate.configure({ ...document, buyers });
    for (const { id } of buyers) await leadgate.admin("POST", `/buyers/${id}/deposits`, { amount: "100.00" });
    const { id } = (await leadgate.ingest("acme", aLead())).body.data;
    leadgate.acknowledged.length = 0;
    return id as string;
  }

  test("is returned when that is accepted: the buyer is credited and the lead has no sale left", async () => {
    const { leadgate } = journey;
    const id = await sell();
    expect(await balanceOf(leadgate, "first")).toBe("90.00");
    const asked = await leadgate.admin("POST", `/leads/${id}/returns`, { ...BAD, note: "wrong number" });
    expect(asked.status).toBe(201);
    const { data } = asked.body;
    expect(data).toMatchObject({
      lead_id: id,
      buyer_id: "first",
      reason: "bad_contact",
      note: "wrong number",
      status: "pending",
      amount: "10.00",
      currency: "USD",
    });
    expect(data.id).toStartWith("return_");
    expect(await balanceOf(leadgate, "first")).toBe("90.00");
    const accepted = await leadgate.admin("POST", `/returns/${data.id}/accept`);
    expect(accepted.body.data).toMatchObject({ id: data.id, status: "accepted" });
    expect(await balanceOf(leadgate, "first")).toBe("100.00");
    const lead = await show(leadgate, id);
    expect(lead).toMatchObject({ status: "RETURNED", sales: [{ buyer_id: "first", status: "returned" }] });
    expect(lead.trace.at(-1)).toMatchObject({ check: "return", buyer_id: "first" });
    expect((await leadgate.admin("GET", "/returns?status=accepted&buyer=first")).body.data).toHaveLength(1);
    expect((await leadgate.admin("GET", `/returns/${data.id}`)).body.data.status).toBe("accepted");
  });

  test("is returned once, however often and by however many that is accepted", async () => {
    const { leadgate } = journey;
    const id = await sell();
    const { data } = (await leadgate.admin("POST", `/leads/${id}/returns`, BAD)).body;
    const accepted = await Promise.all(
      Array.from({ length: 20 }, () => leadgate.admin("POST", `/returns/${data.id}/accept`)),
    );
    expect(new Set(accepted.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await balanceOf(leadgate, "first")).toBe("100.00");
    const again = await leadgate.admin("POST", `/leads/${id}/returns`, BAD);
    expect([again.status, again.body.message]).toEqual([409, "This sale was returned already."]);
    expect((await leadgate.admin("POST", `/returns/${data.id}/reject`, { note: "no" })).status).toBe(409);
  });

  test("is either returned or kept when it is accepted and rejected at once, and the history says which", async () => {
    const { leadgate } = journey;
    const id = await sell();
    const { data } = (await leadgate.admin("POST", `/leads/${id}/returns`, BAD)).body;
    const calls = Array.from({ length: 12 }, (_, at) =>
      at % 2 === 0
        ? leadgate.admin("POST", `/returns/${data.id}/accept`)
        : leadgate.admin("POST", `/returns/${data.id}/reject`, { note: "no" }),
    );
    const statuses = new Set((await Promise.all(calls)).map(({ status }) => status));
    expect(statuses).toEqual(new Set([200, 409]));
    const { status } = (await leadgate.admin("GET", `/returns/${data.id}`)).body.data;
    const [sale] = (await show(leadgate, id)).sales;
    expect([status, sale.status]).toEqual(
      status === "accepted" ? ["accepted", "returned"] : ["rejected", "sold"],
    );
    expect(await balanceOf(leadgate, "first")).toBe(status === "accepted" ? "100.00" : "90.00");
    const history = (await leadgate.admin("GET", "/history?buyer=first&limit=50")).body.data;
    const told = history.flatMap(({ changes }: { changes: { action: string; differences: object[] }[] }) =>
      changes.filter(({ action }) => action.startsWith("return_")),
    );
    expect(told).toMatchObject([
      { action: `return_${status}`, differences: [{ path: `returns[${data.id}]`, to: id }] },
    ]);
  });

  test("stays sold, and paid for, when its return is accepted while that is just being rejected", async () => {
    const { leadgate, database } = journey;
    // On the embedded database one comes after the other.
    if (database.kind === "embedded") return;
    const id = await sell();
    const { data } = (await leadgate.admin("POST", `/leads/${id}/returns`, BAD)).body;
    const [rejected, mayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow: Pick<Database, "read" | "write"> = {
      read: (work) => database.read(work),
      write: (work) =>
        database.write(async (tx) => {
          const done = await work(tx);
          rejected.resolve();
          await mayCommit.promise;
          return done;
        }),
    };
    const author = { by: "Ada", now: leadgate.clock.now() };
    const rejecting = rejectAskedReturn(uuidOfReturn(data.id) ?? "", "no", author, {
      database: slow as Database,
    });
    await rejected.promise;
    let isAnswered = false;
    const accepting = leadgate.admin("POST", `/returns/${data.id}/accept`).finally(() => (isAnswered = true));
    const waiting =
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    const isWaiting = async () => (await database.read((db) => db.execute(waiting))).length > 0;
    await untilTrue(async () => isAnswered || (await isWaiting()), "the rejection to be waited for");
    mayCommit.resolve();
    expect(await rejecting).toMatchObject({ status: "rejected" });
    const accepted = await accepting;
    expect([accepted.status, accepted.body.message]).toEqual([409, "This return was rejected already."]);
    expect(await show(leadgate, id)).toMatchObject({ status: "ACCEPTED", sales: [{ status: "sold" }] });
    expect(await balanceOf(leadgate, "first")).toBe("90.00");
  });

  test("stays sold when that is rejected, and is not to be asked for again", async () => {
    const { leadgate } = journey;
    const id = await sell();
    const { data } = (await leadgate.admin("POST", `/leads/${id}/returns`, BAD)).body;
    const rejected = await leadgate.admin("POST", `/returns/${data.id}/reject`, { note: "it was reached" });
    expect(rejected.body.data).toMatchObject({ status: "rejected", decision_note: "it was reached" });
    expect((await show(leadgate, id)).status).toBe("ACCEPTED");
    expect((await leadgate.admin("POST", `/leads/${id}/returns`, BAD)).status).toBe(409);
    expect((await leadgate.admin("POST", `/returns/${data.id}/accept`)).status).toBe(409);
  });

  test("leaves the supplier its payout and gives the caps back, where the campaign says so", async () => {
    const { leadgate } = journey;
    const day = { day: { leads: 1 } };
    const id = await sell({
      campaign: { returns: { payout: "keep", cap: "give_back" } },
      contracts: { first: { caps: day } },
    });
    const { data } = (await leadgate.admin("POST", `/leads/${id}/returns`, BAD)).body;
    await leadgate.admin("POST", `/returns/${data.id}/accept`);
    const next = await leadgate.ingest("acme", aLead());
    expect(next.body.data.buyer_id).toBe("first");
    const pnl = (await leadgate.admin("GET", "/reports/pnl?from=2026-01-13")).body.data.totals;
    expect(pnl).toMatchObject([{ payouts: "10.00" }]);
    // What moved the supplier nothing is on no page of the supplier's.
    const ledger = (asked: string) => leadgate.admin("GET", `/ledger?kind=return&limit=1&${asked}`);
    expect((await ledger("supplier=acme")).body).toEqual({ data: [], next_cursor: null });
    expect((await ledger("supplier=acme&buyer=first")).body.data).toHaveLength(1);
  });

  test("is refused with the term that is against it, and with what is wrong in what was asked", async () => {
    const { leadgate } = journey;
    const id = await sell({
      campaign: {},
      contracts: { first: { returns: { reasons: ["duplicate"], window_days: 1 } } },
    });
    const ask = async (body: object) => {
      const { status, body: said } = await leadgate.admin("POST", `/leads/${id}/returns`, body);
      return [
        status,
        said.message,
        ...(said.field_errors ?? []).map(({ field }: { field: string }) => field),
      ];
    };
    expect(await ask(BAD)).toEqual([
      409,
      "This buyer may not return leads for this reason; it may for duplicate.",
    ]);
    expect((await ask({ reason: "other" })).at(-1)).toBe("note");
    expect((await ask({ reason: "bored" })).at(-1)).toBe("reason");
    expect((await ask({ reason: "duplicate", buyer_id: "second" }))[1]).toBe(
      "The lead was not sold to this buyer.",
    );
    expect((await leadgate.admin("POST", "/leads/lead_x/returns", BAD)).status).toBe(404);
    leadgate.clock.set("2026-01-14T17:00:00.000Z");
    expect((await ask({ reason: "duplicate" }))[1]).toBe(
      "The lead could be returned for a day after its sale.",
    );
  });

  test("counts in its buyer's share exactly, also when many are asked for at once", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const sent = await Promise.all(Array.from({ length: 30 }, () => leadgate.ingest("acme", aLead())));
    const ids = sent.map(({ body }) => body.data.id as string);
    const asked = await Promise.all(ids.map((id) => leadgate.admin("POST", `/leads/${id}/returns`, BAD)));
    const statuses = asked.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(6);
    expect(statuses.filter((status) => status === 409)).toHaveLength(24);
  });

  test("does not count in its buyer's share when it is a test", async () => {
    const { leadgate } = journey;
    const buyers = { first: { returns: { allowed: true } } };
    await leadgate.configure(aDocument({ supplier: { test_mode: true }, buyers }));
    const giveBack = async () => {
      const { id } = (await leadgate.ingest("acme", aLead())).body.data;
      return (await leadgate.admin("POST", `/leads/${id}/returns`, BAD)).status;
    };
    expect([await giveBack(), await giveBack()]).toEqual([201, 201]);
    await leadgate.configure(aDocument({ buyers }));
    expect([await giveBack(), await giveBack()]).toEqual([201, 409]);
  });

  test("is returned by itself after the hours that were agreed, when nobody decides", async () => {
    const { leadgate } = journey;
    const id = await sell({ contracts: { first: { returns: { auto_accept_hours: 2 } } } });
    const { data } = (await leadgate.admin("POST", `/leads/${id}/returns`, BAD)).body;
    expect(data).toMatchObject({ status: "pending", accepted_at: "2026-01-13T19:00:00.000Z" });
    leadgate.clock.set("2026-01-13T19:00:00.000Z");
    leadgate.another();
    let asked = data;
    await untilTrue(async () => {
      asked = (await leadgate.admin("GET", `/returns/${data.id}`)).body.data;
      return asked.status === "accepted";
    }, "the return to be accepted");
    expect(asked).toMatchObject({ decided_by: "leadgate", decided_at: "2026-01-13T19:00:00.000Z" });
    expect(await balanceOf(leadgate, "first")).toBe("100.00");
  });

  test("is given back by the buyer's own key, and no other buyer's lead is", async () => {
    const { leadgate } = journey;
    const id = await sell();
    const key = async (buyer: string) =>
      (await leadgate.admin("POST", `/buyers/${buyer}/keys`, { name: "crm" })).body.data.key as string;
    const [own, other] = [await key("first"), await key("second")];
    const call = (method: string, apiKey: string, body?: object) =>
      leadgate.call(method, "/api/v1/buyer/returns", {
        headers: { "x-api-key": apiKey, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    expect((await call("POST", other, { lead_id: id, ...BAD })).status).toBe(404);
    const asked = await call("POST", own, { lead_id: id, ...BAD });
    expect(asked.status).toBe(201);
    expect(asked.body.data).not.toContainKeys(["asked_by", "decided_by"]);
    expect((await call("GET", own)).body.data).toMatchObject([{ lead_id: id, status: "pending" }]);
    expect((await call("GET", other)).body.data).toEqual([]);
    expect((await leadgate.admin("GET", "/returns?buyer=first")).body.data[0].asked_by).toBe("buyer:first");
  });
});

deliveryJourneys("the return of a lead", (journey) => {
  test("the return of a lead is told to operators' webhooks and to the buyer that subscribed", async () => {
    const { leadgate } = journey;
    const [buyer, books] = [await journey.buyer(), await journey.buyer()];
    const webhook = webhookTo(buyer);
    await leadgate.configure(
      delivering(
        { first: { ...webhook, delivery: { ...webhook.delivery, events: ["lead.returned"] } } },
        { more: { webhooks: [{ id: "books", url: books.url(), events: ["lead.returned"] }] } },
      ),
    );
    const { id } = await send(leadgate);
    leadgate.acknowledged.length = 0;
    await arrivals(buyer, 1);
    const { data } = (await leadgate.admin("POST", `/leads/${id}/returns`, BAD)).body;
    await leadgate.admin("POST", `/returns/${data.id}/accept`);
    const [, own] = (await arrivals(buyer, 2)).map(({ bodies }) => JSON.parse(bodies[0] ?? ""));
    expect(own).toMatchObject({ type: "lead.returned", data: { lead_id: id, buyer_id: "first" } });
    expect(JSON.stringify(own)).not.toContain("payout");
    const [told] = (await arrivals(books, 1)).map(({ bodies }) => JSON.parse(bodies[0] ?? ""));
    expect(told).toMatchObject({ type: "lead.returned", data: { status: "RETURNED" } });
  });
});
