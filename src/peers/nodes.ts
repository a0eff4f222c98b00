import type { Database } from "#database/database.ts";
import { readNodeOf, readOwnNode } from "#database/nodes/nodes-records.ts";
import type { Clock } from "#time/clock.ts";

/** Which node of Citus this server is connected to, and which one has a campaign; nothing on a database that is not spread. */
export interface Nodes {
  own(): Promise<number | null>;
  of(campaignId: string): Promise<number | undefined>;
}

/** For so long what was read of where a campaign is is good, in ms: the lane reads it anew for each batch. */
const GOOD_MS = 10_000;

/** Anybody may name campaigns that there are not. */
const MOST_KNOWN = 10_000;

export function openNodes(database: Database, { elapsedMs }: Pick<Clock, "elapsedMs">): Nodes {
  const known = new Map<string, { node: number | undefined; until: number }>();
  let own: number | undefined;
  return {
    async own() {
      return database.isSpread ? (own ??= await database.read(readOwnNode)) : null;
    },
    async of(campaignId) {
      if (!database.isSpread) return undefined;
      const found = known.get(campaignId);
      if (found !== undefined && found.until > elapsedMs()) return found.node;
      const node = await database.read((db) => readNodeOf(db, campaignId));
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(campaignId, { node, until: elapsedMs() + GOOD_MS });
      return node;
    },
  };
}
