import { afterEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { rename, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { openLink } from "#peers/link.ts";
import { listenAt } from "#peers/listening-place.ts";
import { newLocalSocket } from "#peers/local-socket.ts";
import { formatHostAndPort } from "#text/host-and-port.ts";
import { aDocument, aLead, type Leadgate, openLeadgate, PEPPER, testClock } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import { journeys } from "./journeys.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Two servers of one database that know each other. */
async function twoServers(database: Database): Promise<[Leadgate, Leadgate]> {
  const peers = { key: PEPPER, copy: null, address: null };
  const first = openLeadgate(database, testClock(), new Map(), { peers });
  await first.configure(aDocument({ contracts: { first: { caps: { day: { leads: 30 } } } } }));
  const second = first.another();
  await meet(first, second);
  return [first, second];
}

/** The first of two servers is of another machine from now on, at that address. */
async function moveAway(database: Database, second: Leadgate, address: string): Promise<void> {
  await database.write(async (tx) => {
    await tx.execute(sql`update running.servers set host = 'elsewhere', address = ${address}
      where id = (select id from running.servers order by started_at, id limit 1)`);
  });
  second.clock.pass(10_000);
}

/** Lets them look for each other until both have seen as many servers as there are. */
async function meet(first: Leadgate, second: Leadgate, count = 2): Promise<void> {
  const known = async () => [
    await metric(first, "leadgate_servers"),
    await metric(second, "leadgate_servers"),
  ];
  while ((await known()).some((servers) => servers < count)) {
    first.clock.pass(10_000);
    await Bun.sleep(5);
  }
}

async function metric(leadgate: Leadgate, name: string): Promise<number> {
  const { body } = await leadgate.admin("GET", "/../../../metrics");
  const lines = String(body)
    .split("\n")
    .filter((line) => line.startsWith(name) && !line.startsWith("#"));
  return lines.map((line) => Number(line.split(" ").at(-1))).reduce((sum, each) => sum + each, 0);
}

const rowsOf = <Row>(database: Database, text: string) =>
  database.read((db) => db.execute<Row>(sql.raw(text)));

async function sendTo(leadgate: Leadgate, count: number): Promise<string[]> {
  const replies = await Promise.all(Array.from({ length: count }, () => leadgate.ingest("acme", aLead())));
  return replies.map(({ status, body }) => body.data?.buyer_id ?? body.data?.status ?? String(status));
}

journeys("campaigns with owners", (journey) => {
  test("a server that starts removes the sockets of servers that were killed", async () => {
    const [listened, deserted] = [newLocalSocket(), newLocalSocket()];
    const listening = await listenAt({ path: listened }, PEPPER, async () => "null");
    await rename(listened, deserted);
    await listening.close();
    await utimes(deserted, 0, 0);
    openLeadgate(journey.database, testClock(), new Map(), {
      peers: { key: PEPPER, copy: null, address: null },
    });
    await untilTrue(async () => !existsSync(deserted), "the socket to go");
  });

  test("leads that come to another server are handed to the campaign's owner, and decided as if they had come to it", async () => {
    const { database } = journey;
    const [first, second] = await twoServers(database);
    journey.expected = { acknowledged: first.acknowledged };
    const taken = [
      ...(await sendTo(first, 10)),
      ...(await sendTo(second, 10)),
      ...(await sendTo(second, 20)),
    ];
    expect(taken.filter((buyer) => buyer === "first")).toHaveLength(30);
    expect(taken.filter((buyer) => buyer === "second")).toHaveLength(10);
    const forwarded = await metric(second, 'leadgate_leads_forwarded_total{outcome="answered"}');
    expect(forwarded).toBeGreaterThanOrEqual(20);
    expect(await metric(second, "leadgate_leads_received_total")).toBeLessThanOrEqual(10);
    const { body } = await second.admin("GET", "/servers");
    expect(body.data.map(({ campaigns }: { campaigns: number }) => campaigns).toSorted()).toEqual([0, 1]);
  });

  test("a server that stops leaves its campaigns to the others, with no lead lost or refused", async () => {
    const { database } = journey;
    const [first, second] = await twoServers(database);
    journey.expected = { acknowledged: first.acknowledged };
    await sendTo(first, 1);
    await sendTo(second, 2);
    await first.server.stop();
    expect(await rowsOf(database, "select 1 from running.owners")).toEqual([]);
    expect(await sendTo(second, 3)).toEqual(["first", "first", "first"]);
    expect(await rowsOf(database, "select count(*)::int as n from running.owners")).toEqual([{ n: 1 }]);
  });

  test("leads go to the campaign's owner on another machine by its address, and are taken where they came when that is not reached", async () => {
    const { database } = journey;
    const [first, second] = await twoServers(database);
    journey.expected = { acknowledged: first.acknowledged };
    await sendTo(first, 1);
    const [own] = await rowsOf<{ socket: string }>(
      database,
      "select socket from running.servers order by started_at, id limit 1",
    );
    // What reaches the address goes to the first server.
    const gate = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    const place = { host: "127.0.0.1", port: gate.port };
    gate.stop(true);
    const link = openLink({ path: own?.socket ?? "" }, PEPPER, first.clock);
    const handOn = async (question: unknown) => JSON.stringify(await link.ask(JSON.stringify(question)));
    const listening = await listenAt(place, PEPPER, handOn);
    ends.push(async () => {
      link.close();
      await listening.close();
    });
    await moveAway(database, second, formatHostAndPort(place));
    const forwarded = () => metric(second, 'leadgate_leads_forwarded_total{outcome="answered"}');
    while ((await forwarded()) === 0) await sendTo(second, 1);
    const before = await forwarded();
    await listening.close();
    expect(await sendTo(second, 3)).toEqual(["first", "first", "first"]);
    expect(await forwarded()).toBe(before);
    await moveAway(database, second, "10.255.255.1:1");
    expect(await sendTo(second, 3)).toEqual(["first", "first", "first"]);
  });

  test("a lead whose owner took it in and died before it said so is answered as it is on record, once", async () => {
    const { database } = journey;
    const [first, second] = await twoServers(database);
    journey.expected = { acknowledged: first.acknowledged };
    const [own] = await rowsOf<{ socket: string }>(
      database,
      "select socket from running.servers order by started_at, id limit 1",
    );
    // A third one, which hands what it is asked to the first, and dies when that has taken it in.
    const path = join(tmpdir(), `leadgate-test-${crypto.randomUUID().slice(0, 8)}.sock`);
    const { clock } = first;
    const link = openLink({ path: own?.socket ?? "" }, PEPPER, clock);
    let handedOn = 0;
    const dying = await listenAt({ path }, PEPPER, async (question) => {
      handedOn++;
      await link.ask(JSON.stringify(question));
      throw new Error("dies");
    });
    ends.push(async () => {
      link.close();
      await dying.close();
    });
    const id = Bun.randomUUIDv7();
    await database.write(async (tx) => {
      await tx.execute(
        sql`insert into running.servers (id, version, host, socket, started_at, seen_at, queue, leads_per_second)
          select ${id}, version, host, ${path}, now(), now(), 0, 0 from running.servers limit 1`,
      );
      await tx.execute(
        sql`insert into running.owners (campaign_id, server_id, ends_at) values ('solar', ${id}, now() + interval '1 hour')
          on conflict (campaign_id) do update set server_id = excluded.server_id, ends_at = excluded.ends_at`,
      );
    });
    // It is nobody's to take away when it is gone.
    ends.push(() =>
      database.write(
        async (tx) => void (await tx.execute(sql`delete from running.servers where id = ${id}`)),
      ),
    );
    await meet(first, second, 3);
    // The first lead finds out whose the campaign is.
    await sendTo(second, 1);
    expect(await sendTo(second, 1)).toEqual(["first"]);
    expect(handedOn).toBe(1);
    expect(await rowsOf(database, "select count(*)::int as n from leads")).toEqual([{ n: 2 }]);
    // It is taken over from who does not answer.
    expect(await sendTo(second, 2)).toEqual(["first", "first"]);
    expect(handedOn).toBe(1);
  });
});
