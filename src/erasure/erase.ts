import type { Queryable } from "#database/database.ts";
import { personKeysOf } from "#people/person-key.ts";
import {
  cancelDeliveries,
  emptyBidsOf,
  emptyDeliveriesOf,
  emptyLeads,
  emptyReturnsOf,
  emptyUpdatesOf,
  eraseWhenEnded,
  forgetCheckAnswers,
  forgetKeys,
  forgetPersonKeys,
  type LockedLead,
  leadsBeingSent,
  lockLeads,
  readRemembering,
} from "./erase-records.ts";
import { rememberedKeys } from "./remembered-keys.ts";

/**
 * Takes out of leads everything that tells who the person is, wherever it was written: the fields, what was sent of them and answered,
 * free text that suppliers reported. What was decided, by which revision, the source and all money stay, so that counters,
 * caps and reports do.
 */

/** What was erased, in rows. */
export interface Erased {
  leads: number;
  deliveries: number;
  /** Those of the deliveries that had not been made yet. */
  cancelled: number;
  attempts: number;
  updates: number;
  duplicateKeys: number;
}

export interface ErasedBatch {
  erased: Erased;
  /** The leads (UUIDs) that have to wait: they are held, or are just being sent. */
  left: string[];
}

/** By what a person is known who is to be forgotten. */
export interface KnownPerson {
  /** By which leads are compared, and by which leads are found that are not: UUIDs. */
  comparedKeys: readonly string[];
  personKeys: readonly string[];
}

/**
 * Erases leads (UUIDs) whose person is to be forgotten: nothing is sent of them any more, and nothing compared with them. What is erased
 * already no longer says by what it is compared: it is forgotten by what is known of the person.
 */
export async function forgetLeads(
  tx: Queryable,
  ids: readonly string[],
  { pepper, person }: { pepper: Uint8Array; person: KnownPerson },
  now: Date,
): Promise<ErasedBatch> {
  const at = now.toISOString();
  const { free, held } = await locked(tx, ids);
  const cancelled = await cancelDeliveries(tx, idsOf(free), at);
  const beingSent = new Set(await leadsBeingSent(tx, idsOf(free), at));
  const ready = free.filter(({ id }) => !beingSent.has(id));
  const comparedKeys = [...(await keysOf(tx, ready, pepper)), ...person.comparedKeys];
  const duplicateKeys = await forgetKeys(tx, idsOf(ready), comparedKeys);
  await forgetPersonKeys(tx, idsOf(ready), [...personKeysOfLeads(ready, pepper), ...person.personKeys]);
  const erased = await emptied(tx, ready, at);
  return { erased: { ...erased, cancelled, duplicateKeys }, left: [...idsOf(held), ...beingSent] };
}

/**
 * Erases leads (UUIDs) that have become old: what is still to be sent of them goes out, and is erased then; who is to be forgotten
 * meanwhile is found by it. The keyed hashes that later leads are compared with stay.
 */
export async function eraseOldLeads(
  tx: Queryable,
  ids: readonly string[],
  pepper: Uint8Array,
  now: Date,
): Promise<ErasedBatch> {
  const { free, held } = await locked(tx, ids);
  const toBeSent = await eraseWhenEnded(tx, idsOf(free));
  const sent = free.filter(({ id }) => !toBeSent.has(id));
  await forgetPersonKeys(tx, idsOf(sent), personKeysOfLeads(sent, pepper));
  const erased = await emptied(tx, free, now.toISOString());
  return { erased: { ...erased, cancelled: 0, duplicateKeys: 0 }, left: idsOf(held) };
}

async function locked(tx: Queryable, ids: readonly string[]) {
  const leads = await lockLeads(tx, ids);
  return { free: leads.filter((lead) => !lead.isHeld), held: leads.filter((lead) => lead.isHeld) };
}

async function emptied(tx: Queryable, leads: readonly LockedLead[], at: string) {
  const ids = idsOf(leads);
  const { deliveries, attempts } = await emptyDeliveriesOf(tx, ids, at);
  const updates = await emptyUpdatesOf(tx, ids);
  await emptyReturnsOf(tx, ids);
  await emptyBidsOf(tx, ids);
  await forgetCheckAnswers(tx, ids);
  const fresh = leads.filter(({ isErased }) => !isErased);
  await emptyLeads(tx, idsOf(fresh), at);
  return { leads: fresh.length, deliveries, attempts, updates };
}

/** Every key under which the leads may be remembered. Which fields were compared may have changed since, so each value counts. */
async function keysOf(tx: Queryable, leads: readonly LockedLead[], pepper: Uint8Array): Promise<string[]> {
  const remembering = await readRemembering(tx, idsOf(leads));
  return leads.flatMap(({ id, campaignId, fields }) => {
    const of = remembering.filter(({ lead }) => lead === null || lead === id).map((each) => each.buyerId);
    const plain = Object.entries(JSON.parse(fields) as Record<string, unknown>).flatMap(plainEntry);
    const by = { campaigns: [campaignId], buyers: [...new Set(of)] };
    return rememberedKeys(pepper, Object.fromEntries(plain), by);
  });
}

/** The keys by which the people of leads are found that no lead is compared with. */
function personKeysOfLeads(leads: readonly LockedLead[], pepper: Uint8Array): string[] {
  return leads.flatMap(({ fields }) => {
    const { phone, email } = personKeysOf(pepper, JSON.parse(fields) as Record<string, unknown>);
    return [phone, email].filter((key) => key !== null);
  });
}

function plainEntry([field, value]: [string, unknown]): [string, string | number | boolean][] {
  const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isPlain ? [[field, value]] : [];
}

function idsOf(leads: readonly LockedLead[]): string[] {
  return leads.map(({ id }) => id);
}
