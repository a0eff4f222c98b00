import { joinPath } from "#text/problem.ts";
import { hint, type PlacedEntry, problem } from "./placed-entry.ts";
import type { DocumentProblem } from "./schema-problems.ts";

export function identityProblems(parts: PlacedEntry[]): DocumentProblem[] {
  const ids = new Set<unknown>();
  const namesWithoutId = new Set<unknown>();
  return parts.flatMap(({ entry: { id, name }, path }) => {
    const place = joinPath(path, "id");
    if (id !== undefined) {
      if (ids.has(id)) return [problem(place, "not_allowed", "is the id of an earlier entry too")];
      ids.add(id);
      return [];
    }
    if (name === undefined) return [problem(place, "required", "is required when there is no name")];
    // Without an id the name is what tells whether this is the one that was applied before.
    if (namesWithoutId.has(name)) {
      return [problem(place, "required", "is required: an earlier entry without an id has the same name")];
    }
    namesWithoutId.add(name);
    return [];
  });
}

export function referenceProblems(
  part: PlacedEntry,
  name: string,
  ids: ReadonlySet<unknown>,
  what: string,
): DocumentProblem[] {
  const references = part.entry[name];
  if (!Array.isArray(references)) return [];
  return references.flatMap((id: unknown, index) => {
    if (typeof id !== "string") return [];
    const place = joinPath(joinPath(part.path, name), index);
    if (references.indexOf(id) < index) return [problem(place, "not_allowed", "is listed twice")];
    return ids.has(id) ? [] : [nobody(place, id, ids, what)];
  });
}

/** What a list names twice. */
export function repetitionProblems({ entry, path }: PlacedEntry, name: string): DocumentProblem[] {
  const listed = entry[name];
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((each: unknown, index) =>
    listed.indexOf(each) < index
      ? [problem(joinPath(joinPath(path, name), index), "not_allowed", "is listed twice")]
      : [],
  );
}

export function linkProblems(
  link: PlacedEntry,
  kind: "supplier" | "buyer",
  ids: ReadonlySet<unknown>,
  links: PlacedEntry[],
): DocumentProblem[] {
  const id = link.entry[kind];
  if (typeof id !== "string") return [];
  const place = joinPath(link.path, kind);
  const first = links.find((other) => other.entry[kind] === id);
  if (first !== link)
    return [problem(place, "not_allowed", `is linked twice: one campaign has each ${kind} once`)];
  return ids.has(id) ? [] : [nobody(place, id, ids, kind)];
}

function nobody(place: string, id: string, ids: ReadonlySet<unknown>, what: string): DocumentProblem {
  const known = [...ids].filter((each) => typeof each === "string");
  return problem(place, "not_allowed", `must be the id of a ${what} in this document${hint(id, known)}`);
}
