import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from "yaml";
import { isPathName, NAMING_SETTINGS, STEP } from "./named-path.ts";

/** A place in a text; both count from 1. */
interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Finds where a path of the document stands in its text, the value or the name of it; of what is missing, where it should have been. */
export type PlaceOf = (path: string, what: "value" | "name") => TextPlace | undefined;

/** Finds places in a YAML text as it was parsed. */
export function placesIn(parsed: Document.Parsed, lines: LineCounter): PlaceOf {
  const namesOf = entriesByName();
  return (path, what) => {
    let found: Found = { value: parsed.contents };
    for (const [step, inBrackets] of path.matchAll(STEP)) {
      const next = memberOf(followed(found.value, parsed), inBrackets ?? step.replace(/^\./, ""), namesOf);
      if (next === undefined) break;
      found = next;
    }
    const node = what === "name" ? (found.name ?? found.value) : found.value;
    const offset = node?.range?.[0];
    if (offset === undefined) return undefined;
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
}

/** A value, and the name by which it stands there when it is a member of a mapping. */
interface Found {
  name?: Node | undefined;
  value: Node | null;
}

type NamesOf = (items: readonly Node[]) => ReadonlyMap<string, Node>;

function memberOf(node: Node | null, step: string, namesOf: NamesOf): Found | undefined {
  if (isSeq<Node>(node)) {
    const item = /^\d+$/.test(step) ? node.items[Number(step)] : namesOf(node.items).get(step);
    return item && { value: item };
  }
  const pair = isMap<Node, Node | null>(node) ? pairNamed(node.items, step) : undefined;
  return pair && { name: pair.key, value: pair.value ?? pair.key };
}

function pairNamed(
  pairs: readonly Pair<Node, Node | null>[],
  name: string,
): Pair<Node, Node | null> | undefined {
  return pairs.find(({ key }) => isScalar(key) && String(key.value) === name);
}

/** Made once for each list: a text can have thousands of mistakes in one. */
function entriesByName(): NamesOf {
  const kept = new Map<readonly Node[], ReadonlyMap<string, Node>>();
  return (items) => {
    const known = kept.get(items) ?? new Map(items.flatMap((item) => withItsName(item)));
    kept.set(items, known);
    return known;
  };
}

function withItsName(item: Node): [string, Node][] {
  if (!isMap(item)) return [];
  const name: unknown = NAMING_SETTINGS.map((setting) => item.get(setting)).find(
    (each) => each !== undefined,
  );
  return isPathName(name) ? [[name, item]] : [];
}

function followed(node: Node | null, parsed: Document.Parsed): Node | null {
  return isAlias(node) ? (node.resolve(parsed) ?? null) : node;
}
