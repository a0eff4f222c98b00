import type { Reading } from "#intake/decide/reading.ts";
import type { CountedLead } from "#intake/decide/state.ts";
import type { States } from "./opening.ts";
import { createRememberedLeads } from "./remembered.ts";

/** What leads that are decided next are decided by, beside the counters. */
export interface Facts {
  /** By the lead's UUID. */
  readings: ReadonlyMap<string, Reading>;
  /** Suppression key → the lists that hold it. */
  suppressed: ReadonlyMap<string, readonly string[]>;
  /** What was remembered before the first lead of all, by key. */
  earlier: ReadonlyMap<string, CountedLead>;
  receivedByBuyer: ReadonlyMap<string, CountedLead>;
}

/** The leads that others are compared with: what was remembered before all of them, and what they have left. */
export function createPeople(states: States) {
  const remembered = createRememberedLeads();
  const [earlier, received] = [pageOf(), pageOf()];

  function pageOf() {
    let sought: ReadonlySet<string> = new Set();
    let [now, was] = [new Map<string, CountedLead>(), new Map<string, CountedLead>()];
    return {
      prepare(keys: Iterable<string>, before: ReadonlyMap<string, CountedLead>): Map<string, CountedLead> {
        sought = new Set(keys);
        was = new Map();
        for (const key of sought) {
          const counted = remembered.get(key) ?? before.get(key);
          if (counted !== undefined) was.set(key, counted);
        }
        now = new Map(was);
        return now;
      },
      /** What nobody seeks, as an unmatched lead where those do not count, is not remembered. */
      settle(): void {
        for (const key of sought) {
          const counted = now.get(key);
          if (counted === was.get(key)) continue;
          if (counted === undefined) remembered.delete(key);
          else remembered.set(key, counted);
        }
      },
    };
  }

  return {
    prepare({ readings, suppressed, earlier: before, receivedByBuyer }: Facts): void {
      const all = [...readings.values()];
      const known = earlier.prepare(all.flatMap(duplicateKeysIn), before);
      const knownToBuyers = received.prepare(all.flatMap(buyerKeysIn), receivedByBuyer);
      for (const state of states.values()) {
        state.suppressed = suppressed;
        state.earlier = known;
        state.receivedByBuyer = knownToBuyers;
        state.redeemed = new Set();
      }
    },
    settle(): void {
      earlier.settle();
      received.settle();
    },
  };
}

/** All that a live lead is compared by with others of its campaign. */
export function duplicateKeysIn({ duplicateKeys, campaign }: Reading): string[] {
  const { fields, countUnmatched } = campaign.duplicates;
  return duplicateKeys
    .filter(({ field }) => fields.includes(field))
    .flatMap(({ accepted, unmatched }) => (countUnmatched ? [accepted, unmatched] : [accepted]));
}

/** The same, with what its buyers received. */
export function buyerKeysIn({ buyerDuplicateKeys }: Reading): string[] {
  return [...buyerDuplicateKeys.values()].flatMap((keys) => keys.map(({ accepted }) => accepted));
}
