import type { Database } from "#database/database.ts";
import { firstUuidAt, timeOfUuid } from "#text/ids.ts";
import { type RecordedLead, readLeads } from "./lead-records.ts";
import { arrivalsAfter, newestLead, type TailedLead } from "./tail-records.ts";

/** Which leads are followed; what is null does not matter. */
export interface TailFilter {
  campaign: string | null;
  supplier: string | null;
  /** It was sold to this one, also where that was undone. */
  buyer: string | null;
  status: string | null;
}

/**
 * How long after a lead's arrival it may be committed, in ms: its id is of its arrival, and it may wait 5 seconds in its lane and twice
 * as long for the database; the rest is for servers whose clocks differ.
 */
const OVERLAP_MS = 20_000;
/** How often the database is looked at, in ms. */
const LOOK_EVERY_MS = 500;
/** Looking may take this part of the time at most: with thousands of leads a second it is done less often. */
const LARGEST_SHARE = 1 / 20;
/** Leads read at once. */
const AT_ONCE = 500;

/**
 * Follows the leads that any server commits: each once, when it is first known how it ended, and those of one campaign in the order in
 * which they were decided. It looks for ids after the newest one that it has seen, less an overlap for those that were committed late. (A
 * notification would take a lock at every commit.) From `after` on, a lead's UUID, whose overlap is told again; null: from now on.
 * Yields an empty list when there was nothing new; ends with `over`. Throws DatabaseUnavailable.
 */
export async function* tailLeads(
  database: Database,
  filter: TailFilter,
  after: string | null,
  over: AbortSignal,
): AsyncGenerator<RecordedLead[]> {
  const begin = after ?? (await database.read(newestLead)) ?? FIRST;
  const seen = new Set<string>();
  const pending = new Set<string>();
  let newest = begin;
  if (after === null) {
    for (const { id, isPending } of await look()) if (!isPending) seen.add(id);
  }
  while (!over.aborted) {
    const began = performance.now();
    const arrivals = await look();
    const unseen = arrivals.filter(({ id, isPending }) => !isPending && !seen.has(id)).map(({ id }) => id);
    for (const { id, isPending } of arrivals) if (isPending) pending.add(id);
    const fresh = await readEnded([...new Set([...unseen, ...pending])]);
    for (const { id } of fresh) {
      seen.add(id);
      pending.delete(id);
    }
    yield fresh.filter((lead) => isFollowed(lead, filter));
    forgetOld();
    const took = performance.now() - began;
    await pauseUnless(Math.max(LOOK_EVERY_MS, took / LARGEST_SHARE), over);
  }

  async function look(): Promise<TailedLead[]> {
    const arrivals = await database.read((db) => arrivalsAfter(db, earlier(newest), filter.campaign));
    for (const { id } of arrivals) if (id > newest) newest = id;
    return arrivals;
  }

  async function readEnded(ids: readonly string[]): Promise<RecordedLead[]> {
    const leads: RecordedLead[] = [];
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      leads.push(...(await database.read((db) => readLeads(db, ids.slice(from, from + AT_ONCE)))));
    }
    const ended = leads.filter(({ status }) => status !== "PENDING");
    return ended.toSorted((one, other) => one.decidedAt - other.decidedAt || (one.id < other.id ? -1 : 1));
  }

  function forgetOld(): void {
    const oldest = earlier(newest);
    for (const id of seen) if (id <= oldest) seen.delete(id);
  }
}

function isFollowed(lead: RecordedLead, { supplier, buyer, status }: TailFilter): boolean {
  if (status !== null && lead.status !== status) return false;
  if (supplier !== null && lead.supplierId !== supplier) return false;
  return buyer === null || [...lead.sales, ...lead.former].some(({ buyerId }) => buyerId === buyer);
}

const FIRST = "00000000-0000-0000-0000-000000000000";

/** The UUID before all those made within the overlap before this one. */
function earlier(uuid: string): string {
  return firstUuidAt(timeOfUuid(uuid) - OVERLAP_MS);
}

/** Resolves after `ms`, or as soon as `over` is aborted. */
function pauseUnless(ms: number, over: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const timer = setTimeout(end, ms);
  over.addEventListener("abort", end, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    over.removeEventListener("abort", end);
  });
}
