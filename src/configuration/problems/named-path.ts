import { isMapping } from "#text/problem.ts";

/**
 * Gives paths of the document with entries of lists by their names instead of their places: `campaigns[0].buyers[2].states[1]` is
 * `campaigns[solar].buyers[sunco].states[1]`. An entry without a name of its own keeps its place.
 */
export function namedPaths(document: unknown): (path: string) => string {
  // A document with thousands of mistakes would go through its longest list for each.
  const lists = new Map<unknown, ReadonlyMap<string, number>>();
  return (path) => {
    let place: unknown = document;
    return path.replaceAll(STEP, (step, inBrackets: string | undefined) => {
      const parent = place;
      place = memberAt(parent, inBrackets ?? step.replace(/^\./, ""));
      if (!Array.isArray(parent)) return step;
      const counts = lists.get(parent) ?? nameCounts(parent);
      lists.set(parent, counts);
      const name = nameOf(place);
      return name !== undefined && counts.get(name) === 1 ? `[${name}]` : step;
    });
  };
}

/** One step of a path: `[2]`, `[sunco]`, `.states` or `states`. */
export const STEP = /\[([^\]]*)\]|\.?[^.[\]]+/g;

/** The entry of a list by its place or its name; undefined when there is none. */
export function entryAt(list: readonly unknown[], step: string): unknown {
  return /^\d+$/.test(step) ? list[Number(step)] : list.find((entry) => nameOf(entry) === step);
}

/** What an entry is known by: a part by its id, a contract by its buyer, a link by its supplier, a field by its name. */
export const NAMING_SETTINGS = ["id", "buyer", "supplier", "name"] as const;

/** Whether this reads as a name in a path, and not as a place, which is all digits. */
export function isPathName(name: unknown): name is string {
  return typeof name === "string" && /^(?!\d+$)[\w-]{1,64}$/.test(name);
}

function nameOf(entry: unknown): string | undefined {
  if (!isMapping(entry)) return undefined;
  const naming = NAMING_SETTINGS.find((setting) => entry[setting] !== undefined);
  const name = naming && entry[naming];
  return isPathName(name) ? name : undefined;
}

function nameCounts(list: readonly unknown[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const entry of list) {
    const name = nameOf(entry);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function memberAt(place: unknown, step: string): unknown {
  if (Array.isArray(place)) return entryAt(place, step);
  return isMapping(place) && Object.hasOwn(place, step) ? place[step] : undefined;
}
