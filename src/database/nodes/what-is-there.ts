import { type Database, DatabaseUnavailable, type WhatIsThere } from "#database/database.ts";
import { type CampaignNode, readCampaignsOn, readNodes, viewsOfCampaigns } from "./nodes-records.ts";

/** How often nodes that are away are looked for, in ms. */
const LOOK_EVERY_MS = 5_000;

export interface WhatIsThereParts {
  /** Of all nodes. */
  read: Database["read"];
  /** Whether a node answers. */
  answers(node: CampaignNode): Promise<boolean>;
  /** The same as `read`, on connections of which each was set up by these statements. */
  openReading(setUp: readonly string[]): { read: Database["read"]; close(): Promise<void> };
  elapsedMs(): number;
}

/**
 * Reads of all nodes, and where some are away, of the others: on connections that have, in place of each table that is spread by campaign,
 * a view of those campaigns of it that are on a node that is there.
 */
export function openWhatIsThere(parts: WhatIsThereParts): WhatIsThere & { close(): Promise<void> } {
  let away: readonly CampaignNode[] = [];
  let reading: ReturnType<WhatIsThereParts["openReading"]> | undefined;
  let looking: Promise<void> | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    const nodes = await parts.read(readNodes);
    const there = await Promise.all(nodes.map(parts.answers));
    const found = nodes.filter((_, index) => there[index] === false);
    lookedAt = parts.elapsedMs();
    if (numbersOf(found) === numbersOf(away)) return;
    const before = reading;
    reading =
      found.length === 0
        ? undefined
        : parts.openReading(viewsOfCampaigns(await campaignsBeside(found, nodes)));
    away = found;
    void before?.close().catch(() => undefined);
  }

  async function campaignsBeside(found: readonly CampaignNode[], nodes: readonly CampaignNode[]) {
    const others = nodes.filter((node) => !found.includes(node));
    return await parts.read((db) => readCampaignsOn(db, others));
  }

  /** One look for all who want one. */
  function lookOnce(): Promise<void> {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function readThose<T>(work: Parameters<typeof parts.read<T>>[0]): Promise<T> {
    const of = reading;
    if (of === undefined) return await parts.read(work);
    try {
      return await of.read(work);
    } catch (error) {
      // It was closed under way, as a node came or went.
      if (of === reading || !(error instanceof DatabaseUnavailable)) throw error;
      return await readThose(work);
    }
  }

  return {
    away: () => away.map(({ address }) => address),
    async read(work) {
      if (reading !== undefined) {
        if (parts.elapsedMs() - lookedAt > LOOK_EVERY_MS) void lookOnce().catch(() => undefined);
        return await readThose(work);
      }
      try {
        return await parts.read(work);
      } catch (error) {
        if (!(error instanceof DatabaseUnavailable)) throw error;
        await lookOnce();
        if (reading === undefined) throw error;
        return await readThose(work);
      }
    },
    async close() {
      await looking?.catch(() => undefined);
      await reading?.close();
    },
  };
}

function numbersOf(nodes: readonly CampaignNode[]): string {
  return nodes.map(({ node }) => node).join();
}
