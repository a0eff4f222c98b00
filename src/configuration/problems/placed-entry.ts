import { nearest } from "#text/did-you-mean.ts";
import { isMapping, joinPath, type Mapping, type Problem, prefixed } from "#text/problem.ts";
import type { DocumentProblem } from "./schema-problems.ts";

/** One entry of a list of the document, and where it stands. */
export interface PlacedEntry {
  entry: Mapping;
  path: string;
}

export function entriesOf(parent: Mapping, name: string, path: string): PlacedEntry[] {
  const entries = parent[name];
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown, index) =>
    isMapping(entry) ? [{ entry, path: joinPath(joinPath(path, name), index) }] : [],
  );
}

export function idSetOf(parts: PlacedEntry[]): ReadonlySet<unknown> {
  return new Set(parts.map(({ entry }) => entry.id).filter((id) => typeof id === "string"));
}

export function problem(path: string, code: DocumentProblem["code"], message: string): DocumentProblem {
  return { path, code, message };
}

/** What another part says of its own, which has no code. */
export function foundWithin(path: string, found: Problem): DocumentProblem {
  return { ...prefixed(path, found), code: "not_allowed" };
}

/** What was meant, for the end of a sentence. */
export function hint(name: string, names: Iterable<string>): string {
  const meant = nearest(name, [...names]);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}
