import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { type Database, DatabaseRefused } from "#database/database.ts";
import { openDatabase } from "#database/engine/connect.ts";
import { distributeTables } from "#database/spread/distribute.ts";
import { leadIdOf } from "#text/ids.ts";
import { backedUp, blankSettings, restoreInto } from "../backup/round-trip.ts";
import { CITUS_URL, type CitusDatabase, citusDatabase } from "../support/citus.ts";
import { CAMPAIGNS, inManyCampaigns } from "../support/citus-servers.ts";
import { closeUsersOf } from "../support/closing.ts";
import { discard, failureOf } from "../support/database.ts";
import { aDocument, aLead, type Leadgate, openLeadgate, PEPPER, testClock } from "../support/leadgate.ts";
import { startPretendBuyer } from "../support/pretend-buyer.ts";

const settings = { dataDir: "unused", connections: 4, writers: 4, deadlineMs: 60_000 };

/** Campaigns enough that each node has some, each with a buyer that takes two leads a day, and none that takes any of New York. */
function manyCampaigns(): ConfigurationDocument {
  const exclude_states = ["NY"];
  const first = { exclude_states, caps: { day: { leads: 2 } } };
  return inManyCampaigns(
    aDocument({
      contracts: { first, second: { exclude_states }, third: { exclude_states } },
      campaign: { duplicates: { fields: ["phone"], window_days: 30 } },
    }),
  );
}

function withCapOfBuyer(document: ConfigurationDocument): ConfigurationDocument {
  const buyers = document.buyers?.map((buyer) =>
    buyer.id === "second" ? { ...buyer, caps: { total: { leads: 1_000_000 } } } : buyer,
  );
  return { ...document, ...(buyers && { buyers }) };
}

/** Nodes that are back are found by a look every few seconds. */
async function untilAllAreShown(server: Leadgate): Promise<void> {
  await until(
    async () => (await server.admin("GET", "/leads")).headers.get("leadgate-missing-nodes") === null,
  );
}

/** What operators look at, over all campaigns. */
const SHOWN = [
  "/leads",
  "/leads?phone=5125550000",
  "/leads?format=csv",
  "/deliveries",
  "/returns",
  "/suppliers/acme/balance",
  "/buyers/first/balance",
  "/ledger",
  "/endpoints",
  "/condition",
  "/servers",
  "/reports/pnl?from=2026-01-01",
  "/reports/leads?from=2026-01-01",
  "/usage?campaign=solar",
  "/history",
  "/buyers",
];

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await Bun.sleep(20);
}

/** TEST_CITUS_URL names the coordinator; without it these are left out. */
describe.skipIf(CITUS_URL === undefined)("an installation on the nodes of Citus", () => {
  let citus: CitusDatabase;
  let databases: Database[];
  let servers: Leadgate[];
  const keys = new Map<string, string>();

  beforeAll(async () => {
    citus = await citusDatabase();
    await distributeTables(citus.coordinator, "yes", () => undefined);
    const urls = citus.nodes.slice(0, 2);
    databases = await Promise.all(urls.map((databaseUrl) => openDatabase({ ...settings, databaseUrl })));
    const clock = testClock();
    const peers = { key: PEPPER, copy: null, address: null };
    servers = databases.map((database) => openLeadgate(database, clock, keys, { peers }));
    await servers[0]?.configure(manyCampaigns());
  });
  afterAll(async () => {
    for (const database of databases) {
      await closeUsersOf(database);
      await database.close();
    }
    await citus.drop();
  });

  const send = async (server: number, campaign: string, over = {}) => {
    const reply = await servers[server]?.ingest("acme", aLead({ flo_campaign_id: campaign, ...over }));
    return reply?.body.data?.buyer_id ?? reply?.body.data?.status ?? reply?.status;
  };
  const onNode = async (node: number) => {
    const nodes = await Promise.all(CAMPAIGNS.map((id) => citus.nodeOf(id)));
    return CAMPAIGNS.filter((_, index) => nodes[index] === node);
  };

  test("is spread once, and has nothing to be done after that", async () => {
    expect(await distributeTables(citus.coordinator, "yes", () => undefined)).toBe(0);
    expect(await failureOf(distributeTables(citus.nodes[0] ?? "", "plan", () => undefined))).toBeInstanceOf(
      DatabaseRefused,
    );
  });

  test("has leads of a campaign decided on its node alone, by its caps and duplicates", async () => {
    for (const node of [0, 1]) {
      const [campaign = ""] = await onNode(node);
      const phone = `51255500${node}0`;
      expect(await send(node, campaign, { phone })).toBe("first");
      expect(await send(node, campaign, { phone })).toBe("DUPLICATE");
      expect(await send(node, campaign)).toBe("first");
      expect(await send(node, campaign)).toBe("second");
    }
  });

  test("refuses a lead that its node does not have, and hands it to a server that does once it knows of one", async () => {
    const [, campaign = ""] = await onNode(1);
    const [first, second] = servers as [Leadgate, Leadgate];
    const alone = openLeadgate(databases[0] as Database, testClock(), keys);
    const refused = await alone.ingest("acme", aLead({ flo_campaign_id: campaign }));
    expect([refused.status, refused.body.message]).toEqual([
      503,
      "This server is connected to a node of the database that does not have the campaign.",
    ]);
    await until(async () => {
      first.clock.pass(10_000);
      const { body } = await first.admin("GET", "/servers");
      return body.data.length === 2 && (await send(0, campaign)) === "first";
    });
    const { body } = await second.admin("GET", `/leads?campaign=${campaign}`);
    expect(body.data.map(({ status }: { status: string }) => status)).toEqual(["ACCEPTED"]);
  });

  test("has what operators decide anew decided by a server of the campaign's node", async () => {
    const [, campaign = ""] = await onNode(1);
    const lead = aLead({ flo_campaign_id: campaign, state: "NY" });
    const { body } = (await servers[1]?.ingest("acme", lead)) ?? {};
    expect(body.data.status).toBe("UNMATCHED");
    const path = `/leads/${body.data.id}/redistribute`;
    const alone = openLeadgate(databases[0] as Database, testClock(), keys);
    expect((await alone.admin("POST", path)).status).toBe(503);
    const again = await servers[0]?.admin("POST", path);
    expect([again?.status, again?.body.data.status]).toEqual([200, "UNMATCHED"]);
    const held = await servers[0]?.admin("POST", `/leads/${body.data.id}/release`);
    expect(held?.status).toBe(409);
  });

  test("shows operators what is on the other nodes while one is away, and names it", async () => {
    const [first] = servers as [Leadgate];
    const there = await onNode(0);
    const { body: before } = await first.admin("GET", "/leads?limit=100");
    const elsewhere = before.data.find(({ campaign_id: id }: { campaign_id: string }) => !there.includes(id));
    await citus.letIn(1, "nobody");
    // That it is away is known by what cannot be read.
    await first.admin("GET", "/leads");
    const answers = await Promise.all(
      SHOWN.map(async (path) => {
        const { status, headers, body } = await first.admin("GET", path);
        return { path, status, isMissing: headers.get("leadgate-missing-nodes") !== null, why: body.message };
      }),
    );
    expect(answers.filter(({ status, isMissing }) => status !== 200 || !isMissing)).toEqual([]);
    const { body: now } = await first.admin("GET", "/leads?limit=100");
    const seen = now.data.map(({ campaign_id: id }: { campaign_id: string }) => id);
    expect([...new Set(seen)].filter((id) => !there.includes(String(id)))).toEqual([]);
    expect(seen.length).toBeGreaterThan(0);
    expect((await first.admin("GET", `/leads/${now.data[0].id}`)).status).toBe(200);
    expect((await first.admin("GET", `/leads/${elsewhere.id}`)).status).toBe(503);
    await citus.letIn(1, "all");
    await untilAllAreShown(first);
    expect((await first.admin("GET", `/leads/${elsewhere.id}`)).status).toBe(200);
  });

  test("sends what is to be sent once more while another node is away", async () => {
    const buyer = await startPretendBuyer({ behaviour: "fail" });
    const delivery = { method: "webhook" as const, url: buyer.url() };
    const document = manyCampaigns();
    const buyers = document.buyers?.map((each) => (each.id === "second" ? { ...each, delivery } : each));
    await servers[0]?.configure({ ...document, ...(buyers && { buyers }) });
    const campaign = (await onNode(0)).at(-1) ?? "";
    while ((await send(0, campaign)) !== "second") continue;
    await until(async () => buyer.seen.requests > 0);
    await citus.letIn(1, "nobody");
    buyer.behave("accept");
    const before = buyer.seen.requests;
    await until(async () => {
      servers[0]?.clock.pass(60_000);
      return buyer.seen.requests > before;
    });
    await citus.letIn(1, "all");
    for (const server of servers) await untilAllAreShown(server);
    await servers[0]?.configure(manyCampaigns());
    await buyer.close();
  });

  test("sends leads of other nodes round again while one is away", async () => {
    const [first] = servers as [Leadgate];
    const campaign = (await onNode(0)).at(-1) ?? "";
    const { body } = await first.ingest("acme", aLead({ flo_campaign_id: campaign, state: "NY" }));
    await citus.letIn(1, "nobody");
    const again = await first.admin("POST", `/leads/${body.data.id}/redistribute`);
    expect([again.status, again.body.data?.status]).toEqual([200, "UNMATCHED"]);
    await citus.letIn(1, "all");
    for (const server of servers) await untilAllAreShown(server);
  });

  test("delivers, lists and reports what is on all nodes", async () => {
    for (const server of servers) {
      const { body } = await server.admin("GET", "/leads?limit=100");
      const campaigns = new Set<string>(body.data.map((lead: { campaign_id: string }) => lead.campaign_id));
      expect(await Promise.all([...campaigns].map(citus.nodeOf))).toEqual(expect.arrayContaining([0, 1]));
      expect((await server.admin("GET", "/deliveries")).status).toBe(200);
    }
  });

  test("loses no lead that was acknowledged, and counts none twice, while a node's connections are ended again and again", async () => {
    const [campaign = ""] = await onNode(0);
    const acknowledged: string[] = [];
    let left = 120;
    async function sendOneAfterAnother(): Promise<void> {
      while (left-- > 0) {
        const [key, lead] = [crypto.randomUUID(), aLead({ flo_campaign_id: campaign })];
        for (;;) {
          const reply = await servers[0]?.ingest("acme", lead, { "idempotency-key": key });
          if (reply?.status === 503 || reply?.status === 409) continue;
          acknowledged.push(reply?.body.data.id);
          break;
        }
      }
    }
    let isOver = false;
    const sent = Promise.all(Array.from({ length: 8 }, sendOneAfterAnother)).finally(() => {
      isOver = true;
    });
    let ended = 0;
    for (let seen = 0; !isOver; ) {
      await until(async () => isOver || acknowledged.length > seen);
      seen = acknowledged.length;
      await citus.endConnections(0);
      ended += 1;
    }
    await sent;
    expect([acknowledged.length, new Set(acknowledged).size, ended > 3]).toEqual([120, 120, true]);
    const [counted] = await citus.ask<Record<"leads" | "accepted" | "counted", number>>(
      0,
      `select (select count(*)::int from leads where campaign_id = '${campaign}') as leads,
         (select count(*)::int from leads where campaign_id = '${campaign}' and status = 'ACCEPTED') as accepted,
         (select sum(total_leads)::int from campaign_counters where campaign_id = '${campaign}' and party = 'contract') as counted`,
    );
    const { body } = (await servers[0]?.admin("GET", `/leads?campaign=${campaign}&limit=200`)) ?? {};
    const onRecord = new Set(body.data.map(({ id }: { id: string }) => id));
    expect(acknowledged.filter((id) => !onRecord.has(id))).toEqual([]);
    expect(counted).toEqual({
      leads: onRecord.size,
      accepted: counted?.counted ?? 0,
      counted: counted?.accepted ?? 0,
    });
  }, 120_000);

  test.each(["block_writes", "force_logical"] as const)(
    "loses no lead that was acknowledged while its campaign is moved to another node: %s",
    async (how) => {
      const [campaign = ""] = await onNode(0);
      const acknowledged: string[] = [];
      let isMoved = false;
      async function sendOneAfterAnother(): Promise<void> {
        for (let sent = 0; !isMoved || sent < 5; sent++) {
          const [key, lead] = [crypto.randomUUID(), aLead({ flo_campaign_id: campaign })];
          for (let at = 0; ; at = 1 - at) {
            const reply = await servers[at]?.ingest("acme", lead, { "idempotency-key": key });
            if (reply?.status === 503 || reply?.status === 409) {
              servers[0]?.clock.pass(500);
              continue;
            }
            acknowledged.push(reply?.body.data.id);
            break;
          }
        }
      }
      const sent = Promise.all(Array.from({ length: 4 }, sendOneAfterAnother));
      await until(async () => acknowledged.length > 10);
      await citus.move(campaign, 1, how);
      isMoved = true;
      await sent;
      expect(await citus.nodeOf(campaign)).toBe(1);
      const found = await citus.ask<{ id: string }>(
        1,
        `select id::text as id from leads where campaign_id = '${campaign}'`,
      );
      const onRecord = new Set(found.map(({ id }) => leadIdOf(id)));
      expect(acknowledged.filter((id) => !onRecord.has(id))).toEqual([]);
      const [counted] = await citus.ask<{ sold: number; counted: number }>(
        1,
        `select (select count(*)::int from sales where campaign_id = '${campaign}') as sold,
           (select sum(total_leads)::int from campaign_counters where campaign_id = '${campaign}' and party = 'contract') as counted`,
      );
      expect(counted?.sold).toBe(counted?.counted ?? -1);
      await citus.move(campaign, 0, "block_writes");
    },
    120_000,
  );

  test("is backed up, each campaign as at one moment, and restored with what buyers have used counted anew", async () => {
    const [first] = databases as [Database];
    await servers[0]?.configure(withCapOfBuyer(manyCampaigns()));
    for (const node of [0, 1]) for (const campaign of await onNode(node)) await send(node, campaign);
    const bytes = await backedUp(first);
    const settings = await blankSettings("embedded");
    await restoreInto(settings, bytes);
    const copy = await openDatabase(settings);
    const [found] = await copy.read((db) =>
      db.execute<Record<"used" | "sold" | "leads", number>>(
        `select (select total_leads::int from buyer_counters where buyer_id = 'second') as used,
           (select sum(total_leads)::int from campaign_counters where party = 'contract' and party_id = 'second') as sold,
           (select count(*)::int from leads) as leads`,
      ),
    );
    await copy.close();
    await discard(settings);
    const [there] = await citus.ask<{ leads: number }>(0, "select count(*)::int as leads from leads");
    expect(found?.leads).toBe(there?.leads ?? -1);
    expect(found?.used).toBe(found?.sold ?? -1);
    expect(found?.used).toBeGreaterThan(0);
  });

  test("refuses to be spread while months are dropped", async () => {
    const other = await citusDatabase();
    const database = await openDatabase({ ...settings, databaseUrl: other.coordinator });
    const leadgate = openLeadgate(database, testClock(), keys);
    await leadgate.configure({ ...aDocument(), records_days: 400 });
    await closeUsersOf(database);
    await database.close();
    const spreading = async () =>
      String(await failureOf(distributeTables(other.coordinator, "yes", () => undefined)));
    expect(await spreading()).toContain("records_days is in force");
    await other.drop();
  });

  test("refuses to try a document on past leads", async () => {
    const asked = { document: manyCampaigns(), since: "2026-01-01" };
    expect(await servers[0]?.admin("POST", "/simulations", asked)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining("nodes of Citus") },
    });
  });

  test("takes no buyer whose own duplicate window counts over campaigns of several nodes", async () => {
    const document = manyCampaigns();
    const duplicates = { fields: ["phone"], window_days: 30 };
    const buyers = (document.buyers ?? []).map((buyer) => ({ ...buyer, duplicates }));
    const refused = await servers[0]?.admin("PUT", "/config", { ...document, buyers });
    expect(refused?.status).toBe(400);
    expect(refused?.body.field_errors[0]).toEqual({
      field: "buyers[first].duplicates",
      code: "not_allowed",
      message:
        "must not count over campaigns, as these are on several nodes of the database: give its campaigns a duplicate window",
    });
  });
});
