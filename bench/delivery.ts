import type { ConfigurationDocument } from "#campaigns/document.ts";
import type { Database } from "#database/database.ts";
import { openPostgres } from "#database/engine/postgres.ts";
import { claim, whatIsDue } from "#delivery/outbox/outbox-records.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import { newUuid, uuidOfDelivery } from "#text/ids.ts";
import { CAMPAIGN, hotCampaign } from "./campaign.ts";
import { type Ground, onGround, query } from "./database.ts";
import { median, table, verdict, whole } from "./figures.ts";
import type { Received } from "./receiver.ts";
import { ask, measure, type Server, setUp, startBeside, startLeadgate, type Window } from "./servers.ts";

/**
 * `bun bench/delivery.ts`, or `bun run bench --delivery`: how soon and how fast leads reach their buyer, and whether a dead buyer is in
 * anybody's way. Server, load, buyers and Postgres are processes of their own. What is compared is measured in turn.
 *
 * How late a webhook is counts from when its lead was decided, before anything of it was written, to when the buyer had read all of it
 * and verified the signature, by the one clock of the machine: the time from the commit to the first byte is shorter than that by the
 * writing, the disk and the reading.
 */

const BUYER = "sunco";
const DEAD = "lone-star";
const PACE = 500;
const PACED_CONNECTIONS = 64;
/** The p99 of one load is that of its twenty latest leads, and varies by half: its median needs more loads than that of a rate. */
const PACED_TIMES = 4;
const CONNECTIONS = 64;
const WAITING = 100_000;
const CLAIMS = 50;
const CLAIMED = 100;
/** How long a backlog may take to be delivered, in ms. */
const PATIENCE_MS = 120_000;

export async function measureDelivery(ground: Ground, window: Window, rounds: number): Promise<void> {
  await throughput(ground, window, rounds);
  await punctuality(ground, window, rounds * PACED_TIMES);
}

/** Leads in as fast as they can be without delivery and with it, and until the last one has arrived. */
async function throughput(ground: Ground, window: Window, rounds: number): Promise<void> {
  const receiver = await startBeside("receiver.ts", "");
  const silent = await leadgate("silent", ground, {});
  const delivering = await leadgate("delivering", ground, { [BUYER]: addressOf(receiver) });
  await arrived(receiver, await acceptedIn(delivering.url));
  const rates = { silent: [] as number[], delivering: [] as number[], delivered: [] as number[] };
  for (let round = 1; round <= rounds; round++) {
    rates.silent.push((await measure(silent.server.port, CONNECTIONS, window)).leadsPerSecond);
    const { leadsPerSecond, answers } = await measure(delivering.server.port, CONNECTIONS, window);
    rates.delivering.push(leadsPerSecond);
    rates.delivered.push(deliveredPerSecond(await arrived(receiver, answers["201"] ?? 0)));
    console.error(`throughput, round ${round} of ${rounds} is done`);
  }
  for (const server of [silent.server, delivering.server, receiver]) await server.stop();
  console.log(
    table([
      [`one fast buyer, ${CONNECTIONS} connections`, "per second"],
      ["leads in, nothing delivered", whole(median(rates.silent))],
      ["leads in while they are delivered", whole(median(rates.delivering))],
      ["delivered, from the first to the last", whole(median(rates.delivered))],
    ]),
  );
  console.log();
  console.log(
    table([
      verdict({
        says: "Delivered to leads in, per second",
        figure: median(rates.delivered) / median(rates.delivering),
        atLeast: 0.5,
      }),
      [
        "Delivered to leads in while nothing is delivered, per second",
        (median(rates.delivered) / median(rates.silent)).toFixed(2),
        "",
        "",
      ],
    ]),
  );
  console.log();
}

/** The lateness of webhooks at a steady pace, with and without a dead buyer's deliveries in the same outbox. */
async function punctuality(ground: Ground, window: Window, rounds: number): Promise<void> {
  const calm = await punctual("calm", ground);
  const crowded = await punctual("crowded", ground);
  await query(crowded.url, waitingFor(`buyer:${DEAD}`));
  await query(crowded.url, "vacuum analyze deliveries");
  const claims = await claimTimes(crowded.url);
  const before: Lateness[] = [];
  const beside: Lateness[] = [];
  for (let round = 1; round <= rounds; round++) {
    // In turns the first: what a load leaves behind for the next one hits both alike.
    if (round % 2 === 0) beside.push(await lateness(crowded, window));
    before.push(await lateness(calm, window));
    if (round % 2 === 1) beside.push(await lateness(crowded, window));
    console.error(`punctuality, round ${round} of ${rounds} is done`);
  }
  for (const { server, buyer, dead } of [calm, crowded]) {
    for (const each of [server, buyer, dead]) await each.stop();
  }
  const middle = (all: readonly Lateness[], name: keyof Lateness) => median(all.map((each) => each[name]));
  const row = (says: string, all: readonly Lateness[]) => [
    says,
    middle(all, "p50").toFixed(2),
    middle(all, "p99").toFixed(2),
  ];
  const waiting = `${whole(WAITING)} waiting for a dead buyer`;
  console.log(
    table([
      [`decided to verified by the buyer, ${PACE} leads/s`, "p50 ms", "p99 ms"],
      row("one buyer", before),
      row(`beside ${waiting}`, beside),
    ]),
  );
  console.log();
  console.log(
    table([
      verdict({ says: "Lateness, p50 ms", figure: middle(before, "p50"), atMost: 10 }),
      verdict({ says: "Lateness, p99 ms", figure: middle(before, "p99"), atMost: 50 }),
      verdict({
        says: `p99 beside ${waiting} to p99 without`,
        figure: middle(beside, "p99") / middle(before, "p99"),
        atMost: 1.1,
      }),
      verdict({ says: `Claiming beside ${waiting}, ms`, figure: claims.beside, atMost: 5 }),
      verdict({ says: `Claiming ${CLAIMED} of ${waiting}, ms`, figure: claims.own, atMost: 5 }),
      verdict({ says: `Looking for what is due beside ${waiting}, ms`, figure: claims.due, atMost: 5 }),
    ]),
  );
  console.log();
}

interface Installation {
  url: string;
  server: Server;
}

async function leadgate(
  name: string,
  ground: Ground,
  addresses: Readonly<Record<string, string>>,
): Promise<Installation> {
  const url = await ground.createDatabase(name);
  const server = await startLeadgate({ databaseUrl: url }, ground.folder);
  await setUp(server, soldToOne(addresses));
  return { url, server };
}

/** The hot campaign with a single buyer; those with an address are sent what is theirs. */
function soldToOne(addresses: Readonly<Record<string, string>>): ConfigurationDocument {
  return {
    ...hotCampaign,
    buyers: (hotCampaign.buyers ?? []).map((buyer) => {
      const url = addresses[buyer.id ?? ""];
      return url === undefined ? buyer : { ...buyer, delivery: { method: "webhook", url } };
    }),
    campaigns: (hotCampaign.campaigns ?? []).map((campaign) => ({
      ...campaign,
      buyers: (campaign.buyers ?? []).filter(({ buyer }) => buyer === BUYER),
    })),
  };
}

/** An installation with a buyer that verifies what it gets, and another one that takes requests and never answers. */
interface Punctual extends Installation {
  buyer: Server;
  dead: Server;
}

async function punctual(name: string, ground: Ground): Promise<Punctual> {
  const buyer = await startBeside(PRETEND_BUYER, "");
  const dead = await startBeside(PRETEND_BUYER, "", ["--behave", "hang"]);
  const installation = await leadgate(name, ground, { [BUYER]: addressOf(buyer), [DEAD]: addressOf(dead) });
  // Before the secret is another one: what is on its way is signed with the first.
  await untilArrived(buyer, await acceptedIn(installation.url));
  const { secret } = (await ask(installation.server.port, "POST", `buyers/${BUYER}/secret`, {
    overlap_seconds: 0,
  })) as { secret: string };
  await fetch(`${addressOf(buyer)}_trust`, { method: "POST", body: JSON.stringify([secret]) });
  return { ...installation, buyer, dead };
}

const PRETEND_BUYER = "../tests/support/pretend-buyer.ts";

function addressOf({ port }: Server): string {
  return `http://127.0.0.1:${port}/`;
}

/** Deliveries like the one that is there, all due for somebody else. */
function waitingFor(recipient: Recipient): string {
  return `insert into deliveries
      (id, campaign_id, lead_id, recipient, event, content_type, body, state, attempts, next_at, give_up_at, created_at)
    select gen_random_uuid(), campaign_id, lead_id, '${recipient}', event, content_type, body, 'pending', 0,
      created_at - number * interval '1 millisecond', give_up_at, created_at
    from (select * from deliveries limit 1) as one, generate_series(1, ${WAITING}) as number`;
}

/** How long the dispatcher's statements take, in ms, on connections set up as the server's are; each the median of 50. */
async function claimTimes(url: string): Promise<{ beside: number; own: number; due: number }> {
  const database = openPostgres({
    url,
    connections: 1,
    writers: 1,
    deadlineMs: 5_000,
    onProblem: () => undefined,
  });
  try {
    return {
      beside: await claimTime(database, `buyer:${BUYER}`),
      own: await claimTime(database, `buyer:${DEAD}`),
      due: await medianOf(CLAIMS, () =>
        timed(() => database.read((db) => whatIsDue(db, new Date().toISOString()))),
      ),
    };
  } finally {
    await database.close();
  }
}

async function claimTime(database: Database, recipient: Recipient): Promise<number> {
  return medianOf(CLAIMS, async () => {
    const at = new Date();
    const lease = {
      id: newUuid(),
      at: at.toISOString(),
      endsAt: new Date(at.getTime() + 1).toISOString(),
      limit: CLAIMED,
    };
    return database.write((db) => timed(() => claim(db, { campaignId: CAMPAIGN, recipient }, lease)));
  });
}

async function medianOf(times: number, measureOne: () => Promise<number>): Promise<number> {
  const figures: number[] = [];
  for (let time = 0; time < times; time++) figures.push(await measureOne());
  return median(figures);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

interface Lateness {
  p50: number;
  p99: number;
}

/** Throws unless each lead arrived with a signature that fits. */
async function lateness({ server, buyer, url }: Punctual, window: Window): Promise<Lateness> {
  const before = await arrivals(buyer);
  const { answers } = await measure(server.port, PACED_CONNECTIONS, { ...window, pace: PACE });
  const after = await untilArrived(buyer, before.size + (answers["201"] ?? 0));
  return await latenessOf(
    [...after].filter(([id]) => !before.has(id)),
    url,
  );
}

async function untilArrived(buyer: Server, count: number): Promise<Map<string, number>> {
  for (const giveUp = Date.now() + PATIENCE_MS; Date.now() < giveUp; await Bun.sleep(100)) {
    const { distinct, badSignatures } = (await (await fetch(`${addressOf(buyer)}_report`)).json()) as {
      distinct: number;
      badSignatures: number;
    };
    if (badSignatures > 0) throw new Error(`${badSignatures} webhooks were not signed as they must be`);
    if (distinct >= count) return arrivals(buyer);
  }
  throw new Error("not every lead has arrived");
}

/** By `webhook-id`, when it first came. */
async function arrivals(buyer: Server): Promise<Map<string, number>> {
  const lines = (await (await fetch(`${addressOf(buyer)}_received`)).text()).split("\n").filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [id = "", , firstAt] = line.split(",");
      return [id, Number(firstAt)];
    }),
  );
}

async function latenessOf(arrived: readonly (readonly [string, number])[], url: string): Promise<Lateness> {
  const rows = await query(
    url,
    `select id::text as id, (extract(epoch from created_at) * 1000)::float8 as at from deliveries where recipient = 'buyer:${BUYER}'`,
  );
  const decided = new Map((rows as { id: string; at: number }[]).map(({ id, at }) => [id, at]));
  const sorted = arrived
    .map(([id, at]) => at - (decided.get(uuidOfDelivery(id) ?? "") ?? Number.NaN))
    .toSorted((one, other) => one - other);
  const quantile = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50: quantile(0.5), p99: quantile(0.99) };
}

async function acceptedIn(url: string): Promise<number> {
  const [found] = await query(url, "select count(*)::int as count from leads where status = 'ACCEPTED'");
  return (found as { count: number }).count;
}

/** What has come since it was last asked, as soon as that is `count` webhooks that differ. */
async function arrived(receiver: Server, count: number): Promise<Received> {
  let all: Received = { requests: 0, distinct: 0, firstAt: Number.NaN, lastAt: Number.NaN };
  for (const giveUp = Date.now() + PATIENCE_MS; Date.now() < giveUp; await Bun.sleep(250)) {
    const more = (await (await fetch(`${addressOf(receiver)}report`)).json()) as Received;
    all = joined(all, more);
    if (all.distinct >= count) return all;
  }
  throw new Error(`of ${count} leads, ${all.distinct} have arrived`);
}

function joined(one: Received, other: Received): Received {
  if (other.requests === 0) return one;
  return {
    requests: one.requests + other.requests,
    distinct: one.distinct + other.distinct,
    firstAt: one.requests === 0 ? other.firstAt : one.firstAt,
    lastAt: other.lastAt,
  };
}

function deliveredPerSecond({ distinct, firstAt, lastAt }: Received): number {
  return (distinct / (lastAt - firstAt)) * 1000;
}

if (import.meta.main) {
  await onGround((ground) => measureDelivery(ground, { seconds: 4, warmUpSeconds: 1 }, 3));
}
