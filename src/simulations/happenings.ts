/** What is to happen at a time, in ms since 1970. */
export interface Timed {
  at: number;
}

/** What is yet to happen, in the order of time; of the same moment what was put in first. */
export interface Happenings<Event extends Timed> {
  put(happening: Event): void;
  /** Takes out the next one, unless that is after `until`. */
  takeNext(until: number): Event | undefined;
  /** Those up to `until`, which stay; of many some `most`, and all of the same moment as the last of them. */
  upTo(until: number, most: number): Event[];
}

/** Kept sorted: mostly what is put in belongs near its end, and moving the rest of a million took half a millisecond. */
export function createHappenings<Event extends Timed>(): Happenings<Event> {
  let waiting: Event[] = [];
  let taken = 0;

  function placeFor(at: number): number {
    let [low, high] = [taken, waiting.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((waiting[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    put(happening) {
      waiting.splice(placeFor(happening.at), 0, happening);
    },
    takeNext(until) {
      const next = waiting[taken];
      if (next === undefined || next.at > until) return undefined;
      taken += 1;
      if (taken > waiting.length / 2) [waiting, taken] = [waiting.slice(taken), 0];
      return next;
    },
    upTo(until, most) {
      const found: Event[] = [];
      for (let place = taken; place < waiting.length; place++) {
        const next = waiting[place];
        if (next === undefined || next.at > until) break;
        if (found.length >= most && next.at !== found.at(-1)?.at) break;
        found.push(next);
      }
      return found;
    },
  };
}
