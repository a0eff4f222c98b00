import type { Clock } from "#time/clock.ts";
import type { OwnerClaim, OwnerRow } from "./peer-records.ts";
import { ownerFor, type Worker } from "./spread.ts";

/**
 * Whose a campaign is, as far as this server knows. A lane is fastest when one server takes all leads of its campaign; who does so without
 * being the owner costs speed and nothing else: the campaign's row is locked either way.
 */
export interface Owners {
  /** The server that a campaign's leads are to be handed to; undefined: this one. `node`: that of Citus with its rows. */
  elsewhere(campaignId: string, node?: number): string | undefined;
  /** Whether this server has the campaign. */
  isOwn(campaignId: string): boolean;
  /** Another server said who has it. */
  learn(campaignId: string, serverId: string): void;
  /** Of what a batch found on record under its campaigns' locks: what it is to claim. */
  claimsFor(campaignIds: readonly string[], found: readonly OwnerRow[]): OwnerClaim[];
  /** A server does not answer: what it has may be taken over. */
  lost(serverId: string): void;
  /** Whether there is any server beside this one. */
  isShared(): boolean;
  /** The servers that were heard of, without this one, which is connected to `node`. */
  others(workers: readonly Worker[], node: number | null): void;
  /** A campaign was handed over. */
  moved(claim: OwnerClaim): void;
  own(): string[];
}

/** How long a claim lasts, in ms; it is renewed in the second half of that, by the next lead. */
export const CLAIM_MS = 10_000;

/** How long a server that did not answer is given no leads, in ms. */
const LOST_MS = 10_000;

export function openOwners(ownId: string, { elapsedMs }: Pick<Clock, "elapsedMs">): Owners {
  const known = new Map<string, { serverId: string; until: number }>();
  const lostUntil = new Map<string, number>();
  let workers: readonly Worker[] = [];
  let ownNode: number | null = null;

  function isThere(serverId: string): boolean {
    return workers.some(({ id }) => id === serverId) && (lostUntil.get(serverId) ?? 0) <= elapsedMs();
  }

  function learn(campaignId: string, serverId: string, restMs = CLAIM_MS): void {
    known.set(campaignId, { serverId, until: elapsedMs() + restMs });
  }

  function holder(campaignId: string): string | undefined {
    const found = known.get(campaignId);
    if (found === undefined) return undefined;
    if (found.until > elapsedMs()) return found.serverId;
    known.delete(campaignId);
    return undefined;
  }

  function countOf(serverId: string): number {
    const now = elapsedMs();
    let count = 0;
    for (const each of known.values()) if (each.serverId === serverId && each.until > now) count++;
    return count;
  }

  /** By what is known now: what servers wrote of themselves is some seconds old. */
  function chosen(): string {
    const asWorker = (worker: Worker) => ({ ...worker, campaigns: countOf(worker.id) });
    const own = asWorker({ id: ownId, campaigns: 0, leadsPerSecond: 0, node: ownNode });
    return ownerFor(own, thereOn(ownNode).map(asWorker));
  }

  function thereOn(node: number | null): Worker[] {
    return workers.filter((each) => each.node === node && isThere(each.id));
  }

  /** Who does not have the node must not take the campaign's leads: of those who do, the one with the least. */
  function chosenOn(node: number): string | undefined {
    const [first, ...others] = thereOn(node);
    return first && ownerFor(first, others);
  }

  return {
    elsewhere(campaignId, node) {
      if (workers.length === 0) return undefined;
      const serverId = holder(campaignId);
      if (serverId !== undefined && serverId !== ownId && isThere(serverId)) return serverId;
      return node === undefined || node === ownNode ? undefined : chosenOn(node);
    },
    isOwn: (campaignId) => holder(campaignId) === ownId,
    learn,
    claimsFor(campaignIds, found) {
      const claims: OwnerClaim[] = [];
      for (const campaignId of campaignIds) {
        const row = found.find((each) => each.campaignId === campaignId);
        const isHeld = row !== undefined && row.restMs > 0;
        const isOwn = isHeld && row.serverId === ownId;
        if (isHeld && (isOwn ? row.restMs > CLAIM_MS / 2 : isThere(row.serverId))) {
          learn(campaignId, row.serverId, row.restMs);
          continue;
        }
        const serverId = isOwn ? ownId : chosen();
        learn(campaignId, serverId);
        claims.push({ campaignId, serverId });
      }
      return claims;
    },
    lost(serverId) {
      lostUntil.set(serverId, elapsedMs() + LOST_MS);
    },
    isShared: () => workers.length > 0,
    others(found, node) {
      workers = found;
      ownNode = node;
      for (const [id, until] of lostUntil) if (until <= elapsedMs()) lostUntil.delete(id);
    },
    moved: ({ campaignId, serverId }) => learn(campaignId, serverId),
    own: () => [...known.keys()].filter((campaignId) => holder(campaignId) === ownId),
  };
}
