import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { openDatabase } from "#database/engine/connect.ts";
import { distributeTables } from "#database/spread/distribute.ts";
import { CITUS_URL, citusDatabase } from "../support/citus.ts";
import {
  CAMPAIGNS,
  inManyCampaigns,
  openServersOfNodes,
  type ServersOfNodes,
  sendingTo,
} from "../support/citus-servers.ts";
import { closeUsersOf } from "../support/closing.ts";
import { aDocument, aLead, openLeadgate, testClock } from "../support/leadgate.ts";

const settings = { dataDir: "unused", connections: 4, writers: 4, deadlineMs: 60_000 };

type BuyerCaps = NonNullable<NonNullable<ConfigurationDocument["buyers"]>[number]["caps"]>;

/** Campaigns enough that each node has some, which all offer their leads at 10.00 to `first`, with these caps over all of them, and then to `second`. */
function cappedBuyer(caps: BuyerCaps, timezone = "America/New_York"): ConfigurationDocument {
  return inManyCampaigns(
    aDocument({
      buyers: { first: { caps, timezone } },
      campaign: { returns: { cap: "give_back" } },
      more: { webhooks: [{ id: "ops", url: "http://127.0.0.1:9/", events: ["cap.reached"] }] },
    }),
  );
}

/** TEST_CITUS_URL names the coordinator; without it these are left out. */
describe.skipIf(CITUS_URL === undefined)("a buyer's caps over campaigns of several nodes", () => {
  let opened: ServersOfNodes;
  let { citus, servers, campaigns } = {} as ServersOfNodes;
  const clock = testClock();
  const keys = new Map<string, string>();
  beforeAll(async () => {
    opened = await openServersOfNodes(clock, keys);
    ({ citus, servers, campaigns } = opened);
  }, 60_000);
  afterAll(() => opened.close());
  // Each test has a day of its own.
  beforeEach(() => clock.pass(24 * 60 * 60_000));

  const configure = (caps: BuyerCaps) => servers[0]?.[0]?.configure(cappedBuyer(caps));

  const { ingest, send, sendMany } = sendingTo(() => opened);

  test("are filled exactly by leads that come at once to servers of two nodes", async () => {
    await configure({ day: { leads: 45 } });
    expect(await sendMany(120, (place) => place % 2)).toEqual({ first: 45, second: 75 });
  });

  test("are filled by whichever campaign has leads, though others were given a part and have none", async () => {
    await configure({ day: { leads: 100 } });
    const elsewhere = await sendMany(6, () => 0);
    expect(await sendMany(110, () => 1)).toEqual({ first: 94, second: 16 });
    expect(elsewhere).toEqual({ first: 6 });
    expect(await send(0)).toBe("second");
  });

  test("on money are never exceeded, and filled as long as a lead's price fits", async () => {
    await configure({ day: { amount: "255.00" }, month: { leads: 1_000 } });
    expect(await sendMany(60, (place) => place % 2)).toEqual({ first: 25, second: 35 });
  });

  test("begin anew with the next day", async () => {
    await configure({ day: { leads: 3 } });
    expect(await sendMany(5, (place) => place % 2)).toEqual({ first: 3, second: 2 });
    clock.pass(24 * 60 * 60_000);
    expect(await sendMany(5, (place) => place % 2)).toEqual({ first: 3, second: 2 });
  });

  test("say in a lead's trace that they are reached only when nobody has any left", async () => {
    await configure({ day: { leads: 8 } });
    expect(await send(0)).toBe("first");
    expect(await sendMany(7, () => 1)).toEqual({ first: 7 });
    const reply = await ingest(0, campaigns[0]?.[0] ?? "");
    const { body } = (await servers[0]?.[0]?.admin("GET", `/leads/${reply?.body.data.id}`)) ?? {};
    expect(body.data.trace.at(-1).buyers[0]).toEqual({
      buyer_id: "first",
      reason: "buyer_cap",
      cap: { period: "day", unit: "leads" },
    });
    const { body: usage } = (await servers[1]?.[0]?.admin("GET", "/usage?buyer=first")) ?? {};
    expect(usage.data.find(({ party }: { party: string }) => party === "buyer")).toMatchObject({
      period: "day",
      used: 8,
      limit: 8,
    });
  });

  test("have room again in every campaign for a lead that its buyer gives back in one", async () => {
    await configure({ day: { leads: 2 } });
    const [own, other] = [campaigns[0]?.[0] ?? "", campaigns[1]?.[0] ?? ""];
    const sold = await ingest(0, own);
    expect([await send(1, other), await send(1, other)]).toEqual(["first", "second"]);
    const { body } =
      (await servers[0]?.[0]?.admin("POST", `/leads/${sold?.body.data.id}/returns`, {
        reason: "bad_contact",
      })) ?? {};
    expect((await servers[0]?.[0]?.admin("POST", `/returns/${body.data.id}/accept`))?.status).toBe(200);
    clock.pass(1_000);
    expect([await send(1, other), await send(1, other), await send(0, own)]).toEqual([
      "first",
      "second",
      "second",
    ]);
  });

  test("count what was sold before they were changed", async () => {
    await configure({ day: { leads: 10 } });
    expect(await sendMany(6, (place) => place % 2)).toEqual({ first: 6 });
    await configure({ day: { leads: 4 } });
    expect(await sendMany(4, (place) => place % 2)).toEqual({ second: 4 });
    await configure({ day: { leads: 9 }, hour: { leads: 100 } });
    expect(await sendMany(8, (place) => place % 2)).toEqual({ first: 3, second: 5 });
  });

  test("count by the buyer's new time zone what was sold before it was changed", async () => {
    await configure({ day: { leads: 10 } });
    expect(await sendMany(6, (place) => place % 2)).toEqual({ first: 6 });
    await servers[0]?.[0]?.configure(cappedBuyer({ day: { leads: 10 } }, "America/Los_Angeles"));
    expect(await sendMany(8, (place) => place % 2)).toEqual({ first: 4, second: 4 });
  });

  test("go on from what was sold before tables were spread", async () => {
    const other = await citusDatabase();
    const before = await openDatabase({ ...settings, databaseUrl: other.coordinator });
    const alone = openLeadgate(before, clock);
    await alone.configure(cappedBuyer({ total: { leads: 3 } }));
    for (const id of CAMPAIGNS.slice(0, 2)) await alone.ingest("acme", aLead({ flo_campaign_id: id }));
    const key = alone.keyOf("acme");
    await closeUsersOf(before);
    await before.close();
    await distributeTables(other.coordinator, "yes", () => undefined);
    const node = await other.nodeOf("doors");
    const after = await openDatabase({ ...settings, databaseUrl: other.nodes[node] ?? "" });
    const spread = openLeadgate(after, clock, new Map([["acme", key]]));
    const got = [];
    for (const _ of [1, 2]) {
      const reply = await spread.ingest("acme", aLead({ flo_campaign_id: "doors" }));
      got.push(reply.body.data?.buyer_id ?? reply.body);
    }
    expect(got).toEqual(["first", "second"]);
    await closeUsersOf(after);
    await after.close();
    await other.drop();
  }, 60_000);

  test("lose nothing of what servers left undone between two nodes as they ended", async () => {
    await configure({ day: { leads: 30 } });
    expect(await sendMany(4, (place) => place % 2)).toEqual({ first: 4 });
    const [granted = "", gave = ""] = campaigns[1] ?? [];
    // A grant that its server did not bring to the share, and something given back that no server brought to the grants.
    await citus.ask(0, `update buyer_grants set granted = granted + 5 where campaign_id = '${granted}'`);
    await citus.ask(
      0,
      `update buyer_shares s set given_back = given_back + 1 from campaign_counters c where s.campaign_id = '${gave}'
         and c.campaign_id = '${gave}' and c.party_id = 'first' and s.granted - s.given_back > c.day_leads`,
    );
    expect(await sendMany(40, () => 0)).toEqual({ first: 26, second: 14 });
  }, 30_000);

  test("are told of once as reached, and not while another campaign has some left", async () => {
    await configure({ day: { leads: 5 } });
    const told = async () => {
      const [found] = await citus.ask<{ told: number }>(0, "select count(*)::int as told from alerts");
      return found?.told ?? 0;
    };
    const before = await told();
    expect(await sendMany(5, (place) => place % 2)).toEqual({ first: 5 });
    expect(await told()).toBe(before);
    expect([await send(0), await send(1), await send(0)]).toEqual(["second", "second", "second"]);
    while ((await told()) === before) await Bun.sleep(20);
    expect(await told()).toBe(before + 1);
  });

  test("let a dry run see what other campaigns could give", async () => {
    await configure({ day: { leads: 5 } });
    expect(await sendMany(4, () => 0)).toEqual({ first: 4 });
    const tryOut = async () => {
      const reply = await servers[1]?.[0]?.call("POST", "/api/v1/ingest?dry_run=true", {
        headers: { "x-api-key": keys.get("acme") ?? "", "content-type": "application/json" },
        body: JSON.stringify(aLead({ flo_campaign_id: campaigns[1]?.[0] })),
      });
      return reply?.body.data.buyer_id;
    };
    expect(await tryOut()).toBe("first");
    expect(await send(0)).toBe("first");
    clock.pass(1_000);
    expect(await tryOut()).toBe("second");
  });

  test("are filled exactly while the connections to both nodes are ended again and again", async () => {
    await configure({ day: { leads: 60 } });
    const bought: string[] = [];
    let left = 140;
    async function sendOneAfterAnother(node: number): Promise<void> {
      while (left-- > 0) {
        const [key, campaign] = [crypto.randomUUID(), campaigns[node]?.[left % 2] ?? ""];
        const lead = aLead({ flo_campaign_id: campaign });
        for (;;) {
          const reply = await servers[node]?.[left % 2 === 0 ? 0 : 1]?.ingest("acme", lead, {
            "idempotency-key": key,
          });
          if (reply?.status === 503 || reply?.status === 409) clock.pass(200);
          else {
            bought.push(reply?.body.data?.buyer_id);
            break;
          }
        }
      }
    }
    let isOver = false;
    const sent = Promise.all([0, 1, 0, 1, 0, 1].map(sendOneAfterAnother)).finally(() => {
      isOver = true;
    });
    let ended = 0;
    for (let seen = 0; !isOver; ended += 1) {
      while (!isOver && bought.length < seen + 5) await Bun.sleep(20);
      seen = bought.length;
      await citus.endConnections(ended % 2);
    }
    await sent;
    expect([bought.length, bought.filter((buyer) => buyer === "first").length, ended > 3]).toEqual([
      140,
      60,
      true,
    ]);
    const [counted] = await citus.ask<{ sold: number }>(
      0,
      `select count(*)::int as sold from sales where buyer_id = 'first' and status = 'sold'
         and sold_at > '${new Date(clock.now().getTime() - 60 * 60_000).toISOString()}'`,
    );
    expect(counted).toEqual({ sold: 60 });
  }, 120_000);
});
