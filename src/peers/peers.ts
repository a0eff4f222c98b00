import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import type { Database } from "#database/database.ts";
import type { Log } from "#telemetry/log.ts";
import { formatHostAndPort, type HostAndPort, parseHostAndPort } from "#text/host-and-port.ts";
import type { Clock } from "#time/clock.ts";
import type { Jobs } from "#time/jobs.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import { openJobsLease } from "./jobs-lease.ts";
import { isGone, type Link, LinkLost, openLink, type PeerPlace } from "./link.ts";
import { type AnswerPeer, type ListeningPlace, listenAt } from "./listening-place.ts";
import { newLocalSocket, removeDeserted } from "./local-socket.ts";
import { openNodes } from "./nodes.ts";
import { type Owners, openOwners } from "./owners.ts";
import {
  deleteServer,
  exchangeServers,
  type KnownServer,
  moveOwner,
  type ServerRow,
} from "./peer-records.ts";
import { campaignToMove } from "./spread.ts";

/** The other servers of the installation. */
export interface Peers extends Running {
  /** As it is known in the database. */
  readonly id: string;
  readonly owners: Owners;
  /** Those of the servers of this version. */
  readonly jobs: Jobs;
  /** `owners.elsewhere` of a campaign, also where its database is spread over nodes of Citus. */
  serverFor(campaignId: string): Promise<string | undefined>;
  /** Asks a server that `owners` named, in JSON; resolves with its answer, parsed. @throws LinkLost */
  ask(serverId: string, question: string): Promise<unknown>;
  /** Has what others ask answered. */
  answer(handler: AnswerPeer): void;
  /** The campaigns that this server has, and the servers there are, with itself. */
  known(): { campaigns: number; servers: number };
  /** This server has decided so many leads of a campaign. */
  decided(campaignId: string, leads: number): void;
}

export interface PeersParts {
  database: Database;
  clock: Clock;
  log: Log;
  /** The installation's key for what its servers say to each other. */
  key: Uint8Array;
  version: string;
  copy: number | null;
  /** Where servers of other machines reach this one; null: they do not. */
  address: HostAndPort | null;
  /** How many leads wait in this server. */
  queue(): number;
}

/** How often a server says that it is there, and for how long one that said nothing is believed to be, in ms. */
const LOOK_EVERY_MS = 10_000;
const THERE_MS = 25_000;

/** The links to other servers, each made when it is first needed. */
function linksTo(key: Uint8Array, clock: Clock) {
  const places = new Map<string, PeerPlace>();
  const links = new Map<string, Link>();
  return {
    isReached: (serverId: string) => places.has(serverId),
    count: () => places.size,
    /** These are all there are: links to others are closed. */
    meet(others: readonly KnownServer[]): void {
      places.clear();
      for (const each of others) {
        const place = placeOf(each);
        if (place !== undefined) places.set(each.id, place);
      }
      for (const [serverId, link] of links) {
        if (places.has(serverId)) continue;
        link.close();
        links.delete(serverId);
      }
    },
    to(serverId: string): Link {
      const known = links.get(serverId);
      if (known !== undefined) return known;
      const place = places.get(serverId);
      if (place === undefined) throw new LinkLost(false);
      const link = openLink(place, key, clock);
      links.set(serverId, link);
      return link;
    },
    close(): void {
      for (const link of links.values()) link.close();
    },
  };
}

/** Counts what a server decides, by campaign. */
function openRates({ elapsedMs }: Clock) {
  const decided = new Map<string, number>();
  let countedAt = elapsedMs();
  return {
    decided: (campaignId: string, leads: number) =>
      void decided.set(campaignId, (decided.get(campaignId) ?? 0) + leads),
    /** Leads a second since this was asked last. */
    take(): ReadonlyMap<string, number> {
      const seconds = Math.max(1, elapsedMs() - countedAt) / 1000;
      const found = new Map([...decided].map(([campaignId, leads]) => [campaignId, leads / seconds]));
      countedAt = elapsedMs();
      decided.clear();
      return found;
    },
  };
}

/** Tells of servers that are heard of no more: one server for all. One that stops as it should is no longer in the database. */
function silenceTeller(log: PeersParts["log"]) {
  let before: ReadonlySet<string> | undefined;
  return (silent: readonly KnownServer[], isTold: boolean): void => {
    const isNew = ({ id }: KnownServer) => before?.has(id) === false;
    for (const { host, version } of isTold ? silent.filter(isNew) : [])
      log.warn("a server of this installation is heard of no more, and has not stopped: the others go on", {
        host,
        version,
      });
    before = new Set(silent.map(({ id }) => id));
  };
}

export function openPeers(parts: PeersParts): Peers {
  const { database, clock, log, key } = parts;
  const id = Bun.randomUUIDv7();
  const owners = openOwners(id, clock);
  const path = newLocalSocket();
  const startedAt = clock.now().toISOString();
  const links = linksTo(key, clock);
  const rates = openRates(clock);
  const jobs = openJobsLease(clock, THERE_MS);
  let handler: AnswerPeer = async () => {
    throw new Error("nobody answers yet");
  };
  let listening: Promise<(ListeningPlace | undefined)[]> = Promise.resolve([]);
  let { address } = parts;
  const tellSilent = silenceTeller(log);
  const nodes = openNodes(database, clock);

  async function look(): Promise<void> {
    const rate = rates.take();
    const leadsPerSecond = [...rate.values()].reduce((sum, each) => sum + each, 0);
    const node = await nodes.own();
    const own = ownRow(parts, { id, path, address, startedAt, leadsPerSecond, node });
    const began = clock.elapsedMs();
    const { there, silent } = await serversThere(own, parts);
    const others = there.filter((each) => each.id !== id);
    links.meet(others);
    const reached = others.filter((each) => links.isReached(each.id));
    owners.others(reached, node);
    // Of each node one has them: what is decided anew is decided on the campaign's own.
    jobs.hold(there.find((each) => each.node === node)?.id === id, began);
    tellSilent(silent, jobs.areOurs());
    const near = reached.filter((each) => each.node === node);
    await handOver(rate, near);
  }

  async function handOver(rate: ReadonlyMap<string, number>, others: readonly KnownServer[]): Promise<void> {
    const own = new Map(owners.own().map((campaignId) => [campaignId, rate.get(campaignId) ?? 0]));
    const move = campaignToMove(own, others);
    if (move === undefined) return;
    const claim = { campaignId: move.campaignId, serverId: move.to };
    await database.write((tx) => moveOwner(tx, claim, id));
    owners.moved(claim);
  }

  /** A server that cannot be reached takes all that comes to it by itself. */
  async function listen(place: PeerPlace): Promise<ListeningPlace | undefined> {
    try {
      return await listenAt(place, key, (question) => handler(question));
    } catch (error) {
      log.error("other servers cannot reach this one: its address cannot be listened on", { error });
      if ("host" in place) address = null;
      return undefined;
    }
  }

  const looking = lookEvery({
    clock,
    who: "each server",
    everyMs: LOOK_EVERY_MS,
    look,
    failed: (error) => log.warn("the other servers cannot be looked for", { error }),
  });

  return {
    id,
    owners,
    jobs,
    async serverFor(campaignId) {
      return owners.elsewhere(campaignId, await nodes.of(campaignId));
    },
    async ask(serverId, question) {
      try {
        return await links.to(serverId).ask(question);
      } catch (error) {
        owners.lost(serverId);
        throw error;
      }
    },
    answer(answering) {
      handler = answering;
    },
    known: () => ({ campaigns: owners.own().length, servers: links.count() + 1 }),
    decided: rates.decided,
    start() {
      const at: PeerPlace[] = [{ path }, ...(parts.address === null ? [] : [parts.address])];
      listening = Promise.all(at.map(listen));
      void listening.then(looking.start);
      void listening.then(() => removeDeserted(path, clock));
    },
    async stop() {
      await looking.stop();
      jobs.hold(false, 0);
      // What is left is believed for some seconds more, and costs the first leads of them a moment.
      await database.write((tx) => deleteServer(tx, id)).catch(() => undefined);
      links.close();
      for (const each of await listening) await each?.close();
      await rm(path, { force: true });
    },
  };
}

/**
 * Writes what this one says, and finds those of its version that are there, itself too, the oldest first; and those that were heard of
 * before, and no longer.
 */
async function serversThere(
  own: ServerRow,
  { database, clock, version }: PeersParts,
): Promise<{ there: KnownServer[]; silent: KnownServer[] }> {
  const known = await database.write((tx) => exchangeServers(tx, own));
  // Another version may mean something else by what it says.
  const heard = known.filter((each) => each.silentMs <= THERE_MS && each.version === version);
  return {
    there: await fromOldestLiving(heard, own.id, clock),
    silent: known.filter((each) => each.silentMs > THERE_MS),
  };
}

/**
 * The servers from the oldest on that has not ended: it has the jobs, which are not to wait until it is silent for long. The others are
 * believed, for who hands a lead to one that has ended notices by that; if each knocked at each, twenty servers with nothing to do would
 * knock forty times a second.
 */
async function fromOldestLiving(
  heard: readonly KnownServer[],
  ownId: string,
  clock: Clock,
): Promise<KnownServer[]> {
  const [oldest, ...others] = heard;
  if (oldest === undefined || oldest.id === ownId || !(await isServerGone(oldest, clock))) return [...heard];
  return await fromOldestLiving(others, ownId, clock);
}

interface OwnFacts extends Pick<ServerRow, "id" | "startedAt" | "leadsPerSecond" | "node"> {
  path: string;
  address: HostAndPort | null;
}

function ownRow(
  { version, copy, queue }: PeersParts,
  { id, path, address, startedAt, leadsPerSecond, node }: OwnFacts,
): ServerRow {
  return {
    id,
    version,
    host: hostname(),
    socket: path,
    address: address === null ? null : formatHostAndPort(address),
    copy,
    startedAt,
    queue: queue(),
    leadsPerSecond,
    node,
  };
}

/** How another server is reached from here; undefined: it is not. Machines may have one name, and containers files of their own. */
function placeOf({ host, socket, address }: KnownServer): PeerPlace | undefined {
  const isHere = host === hostname() && (address === null || existsSync(socket));
  return isHere ? { path: socket } : parseHostAndPort(address ?? "");
}

/** Whether a server that was heard of some seconds ago has ended since. */
async function isServerGone(server: KnownServer, clock: Clock): Promise<boolean> {
  const place = placeOf(server);
  return place !== undefined && (await isGone(place, clock));
}
