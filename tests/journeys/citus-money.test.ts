import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import type { Database } from "#database/database.ts";
import { openDatabase } from "#database/engine/connect.ts";
import { backedUp, blankSettings, restoreInto } from "../backup/round-trip.ts";
import { CITUS_URL } from "../support/citus.ts";
import {
  inManyCampaigns,
  openServersOfNodes,
  type ServersOfNodes,
  sendingTo,
} from "../support/citus-servers.ts";
import { closeUsersOf } from "../support/closing.ts";
import { discard } from "../support/database.ts";
import { aDocument, aLead, openLeadgate, type Reply, testClock } from "../support/leadgate.ts";

type Buyer = NonNullable<ConfigurationDocument["buyers"]>[number];

/** Campaigns enough that each node has some, which all offer their leads at 10.00 to `first` and then to `second`. */
function payingBuyer(first: Partial<Buyer>): ConfigurationDocument {
  return inManyCampaigns(
    aDocument({
      buyers: { first },
      more: {
        webhooks: [{ id: "ops", url: "http://127.0.0.1:9/", events: ["balance.low", "balance.empty"] }],
      },
    }),
  );
}

/** TEST_CITUS_URL names the coordinator; without it these are left out. */
describe.skipIf(CITUS_URL === undefined)("what a buyer may spend in campaigns of several nodes", () => {
  let opened: ServersOfNodes;
  let { citus, databases, servers, campaigns } = {} as ServersOfNodes;
  const clock = testClock();
  const keys = new Map<string, string>();
  beforeAll(async () => {
    opened = await openServersOfNodes(clock, keys);
    ({ citus, databases, servers, campaigns } = opened);
  }, 60_000);
  afterAll(() => opened.close());
  beforeEach(() => clock.pass(2_000));

  const configure = (first: Partial<Buyer>) => servers[0]?.[0]?.configure(payingBuyer(first));
  /** Asked again while the database is away, or a part of it. */
  async function admin(method: string, path: string, body?: unknown): Promise<Reply> {
    const reply = (await servers[0]?.[0]?.admin(method, path, body)) ?? expect.unreachable();
    if (reply.status !== 503 && !reply.headers.has("leadgate-missing-nodes")) return reply;
    clock.pass(1_000);
    return await admin(method, path, body);
  }
  const pay = (amount: string) => admin("POST", "/buyers/first/deposits", { amount });
  const spendable = async () => (await admin("GET", "/buyers/first/balance")).body.data.spendable;
  const told = async (event: string) => {
    const asked = `select count(*)::int as told from alerts where key like '${event}:%'`;
    return (await citus.ask<{ told: number }>(0, asked))[0]?.told ?? 0;
  };

  const { ingest, send, sendMany } = sendingTo(() => opened);

  test("is spent to the last cent by leads that come at once to servers of two nodes, and no further", async () => {
    await configure({ billing: { mode: "wallet" } });
    await pay("455.00");
    expect(await sendMany(120, (place) => place % 2)).toEqual({ first: 45, second: 75 });
    expect(await spendable()).toBe("5.00");
  });

  test("is found by every campaign once more is paid in", async () => {
    await pay("25.00");
    expect(await sendMany(8, (place) => place % 2)).toEqual({ first: 3, second: 5 });
    expect(await spendable()).toBe("0.00");
  });

  test("is spent by whichever campaign has leads, though others were given a part and have none", async () => {
    await pay("300.00");
    expect(await sendMany(6, () => 0)).toEqual({ first: 6 });
    expect(await sendMany(30, () => 1)).toEqual({ first: 24, second: 6 });
    expect(await send(0)).toBe("second");
  });

  test("is never overdrawn by what is taken out of it", async () => {
    await pay("100.00");
    expect(await sendMany(4, (place) => place % 2)).toEqual({ first: 4 });
    const adjust = (amount: string) =>
      admin("POST", "/buyers/first/adjustments", { amount, note: "taken out" });
    expect((await adjust("-60.01")).status).toBe(409);
    expect((await adjust("-45.00")).status).toBe(201);
    expect(await sendMany(6, (place) => place % 2)).toEqual({ first: 1, second: 5 });
    expect(await spendable()).toBe("5.00");
  });

  test("has what a returned lead cost, for every campaign", async () => {
    await pay("5.00");
    const sold = await ingest(0, campaigns[0]?.[0] ?? "");
    expect(sold?.body.data.buyer_id).toBe("first");
    expect(await send(1)).toBe("second");
    const asked = await admin("POST", `/leads/${sold?.body.data.id}/returns`, { reason: "bad_contact" });
    expect((await admin("POST", `/returns/${asked.body.data.id}/accept`)).status).toBe(200);
    clock.pass(1_000);
    expect([await send(1), await send(1)]).toEqual(["first", "second"]);
    expect(await spendable()).toBe("0.00");
  });

  test("is told of as low and as empty, once for what was paid in", async () => {
    await configure({ billing: { mode: "wallet", low_balance: "50.00" } });
    const [low, empty] = [await told("balance.low"), await told("balance.empty")];
    await pay("100.00");
    expect(await sendMany(12, (place) => place % 2)).toEqual({ first: 10, second: 2 });
    expect(await sendMany(2, (place) => place % 2)).toEqual({ second: 2 });
    while ((await told("balance.empty")) === empty || (await told("balance.low")) === low)
      await Bun.sleep(20);
    expect([await told("balance.low"), await told("balance.empty")]).toEqual([low + 1, empty + 1]);
  });

  test("is as much as the credit over what was paid in, as it is now", async () => {
    await configure({ billing: { mode: "credit", limit: "70.00" } });
    expect(await sendMany(12, (place) => place % 2)).toEqual({ first: 7, second: 5 });
    await configure({ billing: { mode: "credit", limit: "90.00" } });
    expect(await sendMany(5, (place) => place % 2)).toEqual({ first: 2, second: 3 });
    await configure({ billing: { mode: "credit", limit: "20.00" } });
    expect(await send(0)).toBe("second");
    await pay("80.00");
    expect(await sendMany(5, (place) => place % 2)).toEqual({ first: 1, second: 4 });
  });

  test("counts what was sold to the buyer while it was billed by hand", async () => {
    await configure({});
    expect(await sendMany(4, (place) => place % 2)).toEqual({ first: 4 });
    await configure({ billing: { mode: "wallet" } });
    const owed = (await admin("GET", "/buyers/first/balance")).body.data.balance;
    expect(await send(1)).toBe("second");
    await pay(String(20 - Number(owed)));
    expect(await sendMany(5, (place) => place % 2)).toEqual({ first: 2, second: 3 });
    expect(await spendable()).toBe("0.00");
  });

  test("is what the books say it is, also where connections to both nodes are ended again and again", async () => {
    await configure({ billing: { mode: "wallet" } });
    const had = Number(await spendable());
    await pay("605.00");
    const got: string[] = [];
    let left = 120;
    async function sendOneAfterAnother(node: number): Promise<void> {
      while (left-- > 0) {
        const [key, campaign] = [crypto.randomUUID(), campaigns[node]?.[left % 2] ?? ""];
        const lead = aLead({ flo_campaign_id: campaign });
        let reply = await servers[node]?.[left % 2]?.ingest("acme", lead, { "idempotency-key": key });
        while (reply?.status === 503 || reply?.status === 409) {
          clock.pass(200);
          reply = await servers[node]?.[left % 2]?.ingest("acme", lead, { "idempotency-key": key });
        }
        got.push(reply?.body.data?.buyer_id);
      }
    }
    let isOver = false;
    const sent = Promise.all([0, 1, 0, 1].map(sendOneAfterAnother)).finally(() => {
      isOver = true;
    });
    for (let ended = 0, seen = 0; !isOver; ended += 1) {
      while (!isOver && got.length < seen + 5) await Bun.sleep(20);
      seen = got.length;
      await citus.endConnections(ended % 2);
    }
    await sent;
    const bought = got.filter((buyer) => buyer === "first").length;
    expect([got.length, bought]).toEqual([120, Math.floor((605 + had) / 10)]);
    expect(await spendable()).toBe((605 + had - bought * 10).toFixed(2));
    expect((await admin("GET", "/ledger/check")).body.data).toEqual({ in_order: true, flaws: [] });
  }, 120_000);

  test("stands with the buyer again where a backup is restored into one database", async () => {
    await configure({ billing: { mode: "wallet" } });
    await pay("100.00");
    expect(await sendMany(4, (place) => place % 2)).toEqual({ first: 4 });
    const left = await spendable();
    const blank = await blankSettings("embedded");
    await restoreInto(blank, await backedUp(databases[0] as Database));
    const copy = await openDatabase(blank);
    const alone = openLeadgate(copy, clock, keys);
    const { body } = await alone.admin("GET", "/buyers/first/balance");
    expect(body.data.spendable).toBe(left);
    const got = [];
    for (let sent = 0; sent < Math.floor(Number(left) / 10) + 1; sent++) {
      got.push((await alone.ingest("acme", aLead())).body.data.buyer_id);
    }
    expect(got.filter((buyer) => buyer === "first")).toHaveLength(got.length - 1);
    expect((await alone.admin("GET", "/ledger/check")).body.data).toEqual({ in_order: true, flaws: [] });
    await closeUsersOf(copy);
    await copy.close();
    await discard(blank);
  }, 60_000);
});
