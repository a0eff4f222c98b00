import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import postgres from "postgres";
import type { Database } from "#database/database.ts";
import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { closeUsersOf } from "../support/closing.ts";
import { discard, template } from "../support/database.ts";
import { violations } from "../support/invariants.ts";
import { aLead, type Leadgate, openLeadgate, testClock } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import { killInTheMiddle } from "./killed-upgrade.ts";
import { blankSettings, type Kind } from "./round-trip.ts";

/** What the first release told its operators before it was killed. */
interface Told {
  now: string;
  /** The key of the supplier acme. */
  key: string;
  balance: string;
  leads: ({ id: string; campaign_id: string; status: string } & Record<string, unknown>)[];
  counters: Record<string, unknown>[];
}

const FIXTURES = join(import.meta.dir, "fixtures");

async function readTold(kind: Kind): Promise<Told> {
  const packed = await Bun.file(join(FIXTURES, `first-release-${kind}.json.gz`)).bytes();
  return JSON.parse(gunzipSync(packed).toString());
}

/** The database as it lay there when the first release was killed: its folder, or what is in its Postgres. */
async function bringBack({ dataDir, databaseUrl }: DatabaseSettings): Promise<void> {
  if (databaseUrl === undefined) {
    const packed = await Bun.file(join(FIXTURES, "first-release-folder.tar.zst")).bytes();
    await new Bun.Archive(Bun.zstdDecompressSync(packed)).extract(dataDir);
    return;
  }
  const packed = await Bun.file(join(FIXTURES, "first-release.sql.gz")).bytes();
  const client = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  await client.unsafe(gunzipSync(packed).toString());
  await client.end();
}

/** Most of the way of the upgrade, in the middle of what makes the ledger. */
const STEPS_LEFT = 22;

describe.each(["embedded", "postgres"] as const)(
  "what the first release had when it was killed, upgraded after an upgrade was killed in the middle (%s),",
  (kind) => {
    let told: Told;
    let settings: DatabaseSettings;
    let database: Database;
    let leadgate: Leadgate;

    beforeAll(async () => {
      told = await readTold(kind);
      settings = await blankSettings(kind);
      await bringBack(settings);
      await killInTheMiddle(settings, STEPS_LEFT);
      database = await openDatabase(settings, { template: await template() });
      leadgate = openLeadgate(database, testClock(told.now), new Map([["acme", told.key]]));
    }, 120_000);

    afterAll(async () => {
      await closeUsersOf(database);
      await database.close();
      await discard(settings);
    });

    /** The first release kept no history. */
    const wrong = async () =>
      (await violations(database, { deposits: { first: "500.00" } })).filter(
        (sentence) => sentence !== "revision 1: the history has 0 changes",
      );
    const dataOf = async (path: string) => (await leadgate.admin("GET", path)).body.data;

    test("holds together, and has the same counters and balances", async () => {
      expect(await wrong()).toEqual([]);
      const counters = await database.read((db) =>
        db.execute(`select campaign_id, party, party_id, total_leads::int as leads, total_amount::text as amount, day_leads
          from campaign_counters order by 1, 2, 3`),
      );
      expect([...counters]).toEqual(told.counters);
      expect((await dataOf("/buyers/first/balance")).balance).toBe(told.balance);
    });

    test("tells of every lead what it told before", async () => {
      for (const { deliveries: _, ...lead } of told.leads) {
        expect(await dataOf(`/leads/${lead.id}`)).toMatchObject(lead);
      }
    });

    test("knows who repeats an earlier lead, whose turn it is and whose cap is reached, and answers a key as before", async () => {
      const send = async (over: Record<string, unknown>, key = crypto.randomUUID()) =>
        (await leadgate.ingest("acme", aLead({ age: 40, ...over }), { "idempotency-key": key })).body.data;
      expect(await send({ phone: "5125550001" })).toMatchObject({ status: "DUPLICATE" });
      expect(await send({ email: "person.2@example.com" })).toMatchObject({ status: "DUPLICATE" });
      expect(await send({ phone: "5125559999" })).toMatchObject({ status: "REJECTED" });
      const shares = await Promise.all(
        Array.from({ length: 4 }, async () => (await send({ flo_campaign_id: "roofing" })).buyer_id),
      );
      expect(shares.filter((buyer) => buyer === "fourth")).toHaveLength(3);
      expect(await wrong()).toEqual([]);
    });

    test("settles what was held for a buyer's answer", async () => {
      const held = told.leads.find(({ campaign_id }) => campaign_id === "doors");
      await untilTrue(async () => {
        leadgate.clock.pass(60_000);
        return (await dataOf(`/leads/${held?.id}`)).status !== "PENDING";
      }, "it to be settled");
      expect(await wrong()).toEqual([]);
    });
  },
);
