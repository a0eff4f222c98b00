import type { CountedLead } from "#intake/decide/state.ts";

/** The leads that later ones are compared with, by keyed hashes, in some 40 bytes a key: the leads of months fit into memory. */
export interface RememberedLeads {
  get(key: string): CountedLead | undefined;
  set(key: string, counted: CountedLead): void;
  delete(key: string): void;
}

/** Of 128 bits of a hash 64 are kept: that two of ten million keys are taken for one has a chance of one in 100,000. */
const PARTS = 2;
const FIRST_SIZE = 1024;
/** Slots that stand for no key: 0 never did, the other did before it was deleted. */
const [EMPTY, DELETED] = [0, -1];

/** Open addressing with linear probing, over arrays of numbers: a `Map` of objects took ten times as much. */
export function createRememberedLeads(): RememberedLeads {
  const leads = leadRows();
  let hashes = new Uint32Array(FIRST_SIZE * PARTS);
  let slots = new Int32Array(FIRST_SIZE);
  let used = 0;

  /** The slot of the key, or the first free one behind where it would be. */
  function slotOf(high: number, low: number): { slot: number; isFound: boolean } {
    const mask = slots.length - 1;
    let free = -1;
    for (let slot = (high ^ (low >>> 4)) & mask; ; slot = (slot + 1) & mask) {
      if (slots[slot] === EMPTY) return { slot: free < 0 ? slot : free, isFound: false };
      if (slots[slot] === DELETED) free = free < 0 ? slot : free;
      else if (hashes[slot * PARTS] === high && hashes[slot * PARTS + 1] === low)
        return { slot, isFound: true };
    }
  }

  function put(high: number, low: number, row: number): void {
    const { slot } = slotOf(high, low);
    if (slots[slot] === EMPTY) used += 1;
    hashes[slot * PARTS] = high;
    hashes[slot * PARTS + 1] = low;
    slots[slot] = row;
  }

  function grow(): void {
    const [oldHashes, oldSlots] = [hashes, slots];
    hashes = new Uint32Array(oldHashes.length * 2);
    slots = new Int32Array(oldSlots.length * 2);
    used = 0;
    for (const [slot, row] of oldSlots.entries()) {
      if (row > 0) put(oldHashes[slot * PARTS] ?? 0, oldHashes[slot * PARTS + 1] ?? 0, row);
    }
  }

  return {
    get(key) {
      const { slot, isFound } = slotOf(...hashOf(key));
      return isFound ? leads.read(slots[slot] ?? 0) : undefined;
    },
    set(key, counted) {
      if (used * 2 >= slots.length) grow();
      put(...hashOf(key), leads.rowOf(counted));
    },
    delete(key) {
      const { slot, isFound } = slotOf(...hashOf(key));
      if (isFound) slots[slot] = DELETED;
    },
  };
}

/** Keys are hashes written as UUIDs; the last digit says what kind of leads they compare with. */
function hashOf(key: string): [high: number, low: number] {
  return [Number.parseInt(key.slice(0, 8), 16), Number.parseInt(key.slice(28), 16)];
}

const UUID_PARTS = 4;

/** Leads in rows of numbers, from 1; the same lead twice in a row is one. */
function leadRows() {
  const buyers: (string | null)[] = [];
  const places = new Map<string | null, number>();
  let ids = new Uint32Array(FIRST_SIZE * UUID_PARTS);
  let times = new Float64Array(FIRST_SIZE);
  let buyerOf = new Uint16Array(FIRST_SIZE);
  let rows = 0;
  let last: CountedLead | undefined;

  function placeOf(buyerId: string | null): number {
    const known = places.get(buyerId);
    if (known !== undefined) return known;
    places.set(buyerId, buyers.length);
    return buyers.push(buyerId) - 1;
  }

  function grow(): void {
    ids = copied(ids, new Uint32Array(ids.length * 2));
    times = copied(times, new Float64Array(times.length * 2));
    buyerOf = copied(buyerOf, new Uint16Array(buyerOf.length * 2));
  }

  return {
    rowOf(counted: CountedLead): number {
      const isLast = last?.leadId === counted.leadId && last.buyerId === counted.buyerId;
      if (isLast && last?.countedAt === counted.countedAt) return rows;
      if (rows + 1 >= times.length) grow();
      rows += 1;
      last = counted;
      ids.set(numbersOf(counted.leadId), rows * UUID_PARTS);
      times[rows] = counted.countedAt;
      buyerOf[rows] = placeOf(counted.buyerId);
      return rows;
    },
    read(row: number): CountedLead {
      const leadId = uuidOfNumbers(ids.subarray(row * UUID_PARTS, (row + 1) * UUID_PARTS));
      return { leadId, buyerId: buyers[buyerOf[row] ?? 0] ?? null, countedAt: times[row] ?? 0 };
    },
  };
}

function copied<Numbers extends Uint32Array | Float64Array | Uint16Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from);
  return to;
}

function numbersOf(uuid: string): number[] {
  const hex = uuid.replaceAll("-", "");
  return [0, 8, 16, 24].map((at) => Number.parseInt(hex.slice(at, at + 8), 16));
}

function uuidOfNumbers(numbers: Uint32Array): string {
  const hex = [...numbers].map((each) => each.toString(16).padStart(8, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
