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
/** But so often in any case, in ms: proxies cut what is silent, and the first look may be at all that came since long ago. */
const LEAST_OFTEN_MS = 10_000;
/** Leads read at once, and ids of leads. */
const AT_ONCE = 500;
const IDS_AT_ONCE = 5_000;
/** So many leads are told together at most: who follows from long ago is told piece by piece. */
const TOLD_AT_ONCE = 5_000;

/**
 * Follows the leads that any server commits: each once, when it is first known how it ended, and those of one campaign in the order in
 * which they were decided. It looks for ids after the newest one that it has seen, less an overlap for those that were committed late. (A
 * notification would take a lock at every commit.) From `after` on, a lead's UUID, whose overlap is told again; null: from now on.
 * Yields an empty list when there was nothing new; ends with `over`. Of very many that came before it holds a piece at a time, in the
 * order in which they came. Throws DatabaseUnavailable.
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
    for await (const page of look()) for (const { id, isPending } of page) if (!isPending) seen.add(id);
  }
  while (!over.aborted) {
    const began = performance.now();
    let unseen: string[] = [];
    for await (const page of look()) {
      for (const { id, isPending } of page) {
        if (isPending) pending.add(id);
        else if (!seen.has(id)) unseen.push(id);
      }
      if (unseen.length < TOLD_AT_ONCE) continue;
      yield await tell(unseen);
      unseen = [];
    }
    yield await tell(unseen);
    const took = performance.now() - began;
    await pauseUnless(Math.min(Math.max(LOOK_EVERY_MS, took / LARGEST_SHARE), LEAST_OFTEN_MS), over);
  }

  async function* look(): AsyncGenerator<TailedLead[]> {
    let [from, isMore] = [earlier(newest), true];
    while (isMore && !over.aborted) {
      const asked = { after: from, campaign: filter.campaign, limit: IDS_AT_ONCE };
      const page = await database.read((db) => arrivalsAfter(db, asked));
      isMore = page.length === IDS_AT_ONCE;
      from = page.at(-1)?.id ?? from;
      if (from > newest) newest = from;
      yield page;
    }
  }

  /** Those of them that are to be told, and of the pending ones those that have ended. */
  async function tell(unseen: readonly string[]): Promise<RecordedLead[]> {
    const ended = await readEnded([...new Set([...unseen, ...pending])]);
    for (const { id } of ended) {
      seen.add(id);
      pending.delete(id);
    }
    forgetOld();
    return ended.filter((lead) => isFollowed(lead, filter));
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
