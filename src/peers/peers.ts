import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "#database/database.ts";
import type { Log } from "#telemetry/log.ts";
import type { Clock } from "#time/clock.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import { type Link, LinkLost, openLink, type PeerPlace } from "./link.ts";
import { type ListeningPlace, listenAt } from "./listening-place.ts";
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
  /** Asks a server that `owners` named; resolves with its answer. @throws LinkLost */
  ask(serverId: string, question: string): Promise<string>;
  /** Has what others ask answered. */
  answer(handler: (question: string) => Promise<string>): void;
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
  address: { host: string; port: number } | null;
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

export function openPeers(parts: PeersParts): Peers {
  const { database, clock, log, key } = parts;
  const id = Bun.randomUUIDv7();
  const owners = openOwners(id, clock);
  const path = join(tmpdir(), `leadgate-${randomBytes(9).toString("base64url")}.sock`);
  const startedAt = clock.now().toISOString();
  const links = linksTo(key, clock);
  const rates = openRates(clock);
  let handler: (question: string) => Promise<string> = async () => {
    throw new Error("nobody answers yet");
  };
  let listening: Promise<ListeningPlace[]> = Promise.resolve([]);

  async function look(): Promise<void> {
    const rate = rates.take();
    const leadsPerSecond = [...rate.values()].reduce((sum, each) => sum + each, 0);
    const own = ownRow(parts, { id, path, startedAt, leadsPerSecond });
    const found = await database.write((tx) => exchangeServers(tx, own));
    // Another version may mean something else by what it says.
    const others = found.filter(
      (each) => each.id !== id && each.silentMs <= THERE_MS && each.version === parts.version,
    );
    links.meet(others);
    const reached = others.filter((each) => links.isReached(each.id));
    owners.others(reached);
    await handOver(rate, reached);
  }

  async function handOver(rate: ReadonlyMap<string, number>, others: readonly KnownServer[]): Promise<void> {
    const own = new Map(owners.own().map((campaignId) => [campaignId, rate.get(campaignId) ?? 0]));
    const move = campaignToMove(own, others);
    if (move === undefined) return;
    const claim = { campaignId: move.campaignId, serverId: move.to };
    await database.write((tx) => moveOwner(tx, claim, id));
    owners.moved(claim);
  }

  const looking = lookEvery({
    clock,
    everyMs: LOOK_EVERY_MS,
    look,
    failed: (error) => log.warn("the other servers cannot be looked for", { error }),
  });

  return {
    id,
    owners,
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
      listening = Promise.all(at.map((place) => listenAt(place, key, (question) => handler(question))));
      listening.then(looking.start, (error: unknown) =>
        log.error("other servers cannot reach this one: its address cannot be listened on", { error }),
      );
    },
    async stop() {
      await looking.stop();
      // What is left is believed for some seconds more, and costs the first leads of them a moment.
      await database.write((tx) => deleteServer(tx, id)).catch(() => undefined);
      links.close();
      for (const each of await listening.catch(() => [])) await each.close();
      await rm(path, { force: true });
    },
  };
}

function ownRow(
  { version, copy, address, queue }: PeersParts,
  {
    id,
    path,
    startedAt,
    leadsPerSecond,
  }: { id: string; path: string; startedAt: string; leadsPerSecond: number },
): ServerRow {
  return {
    id,
    version,
    host: hostname(),
    socket: path,
    address: address === null ? null : `${address.host}:${address.port}`,
    copy,
    startedAt,
    queue: queue(),
    leadsPerSecond,
  };
}

/** How another server is reached from here; undefined: it is not. */
function placeOf({ host, socket, address }: KnownServer): PeerPlace | undefined {
  if (host === hostname()) return { path: socket };
  const [, name = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(address ?? "") ?? [];
  return name === "" ? undefined : { host: name, port: Number(port) };
}
