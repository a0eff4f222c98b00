import { isMapping } from "#text/problem.ts";

/** One step of an alias that is a path: to a key, to a place in a list, or to the items of a list that have a value under a key. */
type Step = { key: string } | { place: number } | { of: string; is: string };

/** An alias that leads into the values of a body. */
export interface AliasPath {
  /** The key of the body at which it begins. */
  readonly begins: string;
  readonly steps: readonly Step[];
}

const KEY = /^[^.[\]=]+/;
const STEP = /\.(?<key>[^.[\]=]+)|\[(?:(?<place>\d{1,4})|(?<of>[^.[\]=]+)=(?<is>[^\]]*))\]/gy;

/** `data.email[0]` or `user_column_data[column_id=EMAIL].string_value` as steps; undefined for an alias that can be a key only. */
export function aliasPath(alias: string): AliasPath | undefined {
  const [begins] = KEY.exec(alias) ?? [];
  if (begins === undefined || begins.length === alias.length) return undefined;
  const steps: Step[] = [];
  STEP.lastIndex = begins.length;
  let end = begins.length;
  for (let found = STEP.exec(alias); found !== null; found = STEP.exec(alias)) {
    const { key, place, of, is } = found.groups ?? {};
    if (key !== undefined) steps.push({ key });
    else if (place !== undefined) steps.push({ place: Number(place) });
    else if (of !== undefined && is !== undefined) steps.push({ of, is });
    end = STEP.lastIndex;
  }
  return end === alias.length ? { begins, steps } : undefined;
}

/** All that a body holds where the path leads: several values where items of a list share what is asked for. */
export function valuesAt({ begins, steps }: AliasPath, body: Readonly<Record<string, unknown>>): unknown[] {
  if (!Object.hasOwn(body, begins)) return [];
  return steps.reduce<unknown[]>(
    (found, step) => found.flatMap((value) => follow(step, value)),
    [body[begins]],
  );
}

/** A list of one item is that item to a step that asks for a key. */
function follow(step: Step, value: unknown): unknown[] {
  if ("place" in step) return Array.isArray(value) && step.place < value.length ? [value[step.place]] : [];
  if ("of" in step) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    return items.filter((item) => isMapping(item) && String(ownOf(item, step.of)) === step.is);
  }
  const holder: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return isMapping(holder) && Object.hasOwn(holder, step.key) ? [holder[step.key]] : [];
}

function ownOf(item: Readonly<Record<string, unknown>>, key: string): unknown {
  const value = Object.hasOwn(item, key) ? item[key] : undefined;
  return typeof value === "object" ? undefined : value;
}
