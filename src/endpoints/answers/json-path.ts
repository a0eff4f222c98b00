import { type JsonValue, query } from "jsonpath-rfc9535";
import parse from "jsonpath-rfc9535/parser";

const MAX_LENGTH = 200;

/** Finds what a path leads to in a parsed JSON document. Never throws; a document that is too deep to be walked holds nothing. */
export type JsonPath = (document: unknown) => readonly unknown[];

/**
 * A JSONPath of RFC 9535, without what would let a small answer cost long work: at most one `..` and one filter, one selector
 * in each pair of brackets, no `$` within a filter, no `match` or `search` (they run on a backtracking engine). So the
 * work is at most the size of the document times its depth. Throws a RangeError whose message ends a sentence: "must be …".
 */
export function compileJsonPath(source: string): JsonPath {
  if (source.length > MAX_LENGTH) throw new RangeError(`must be a path of at most ${MAX_LENGTH} characters`);
  const counted = countParts(parsePath(source));
  if (counted.descents > 1 || counted.filters > 1)
    throw new RangeError("must have at most one .. and one filter");
  if (counted.unions > 0) throw new RangeError("must have one selector in each pair of brackets");
  if (counted.roots > 1) throw new RangeError("must not use $ within a filter");
  if (counted.patterns > 0)
    throw new RangeError("must not use match or search; matches is there for patterns");
  return (document) => {
    try {
      return query(document as JsonValue, source);
    } catch {
      return [];
    }
  };
}

function parsePath(source: string): unknown {
  try {
    return parse(source);
  } catch (error) {
    throw new RangeError("must be a JSONPath of RFC 9535, such as $.status", { cause: error });
  }
}

interface PartCounts {
  descents: number;
  filters: number;
  unions: number;
  roots: number;
  patterns: number;
}

function countParts(tree: unknown): PartCounts {
  const counted: PartCounts = { descents: 0, filters: 0, unions: 0, roots: 0, patterns: 0 };
  function visit(part: unknown): void {
    if (typeof part !== "object" || part === null) return;
    const { type, selectors, name } = part as { type?: unknown; selectors?: unknown; name?: unknown };
    if (type === "DescendantSegment") counted.descents += 1;
    if (type === "FilterSelector") counted.filters += 1;
    if (type === "JsonPathQuery" || type === "AbsSingularQuery") counted.roots += 1;
    if (type === "BracketedSelection" && Array.isArray(selectors) && selectors.length > 1)
      counted.unions += 1;
    if (type === "FunctionExpr" && (name === "match" || name === "search")) counted.patterns += 1;
    for (const child of Object.values(part)) visit(child);
  }
  visit(tree);
  return counted;
}
